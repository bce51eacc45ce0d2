import type { Profiles } from '../../../shared/customer/profile-store.ts';
import { type ReadTasksToDoPorts, viewTasksToDo } from '../../../shared/history/read-tasks-to-do.ts';
import { maySee, type Reader } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId, PolicyId } from '../../../shared/platform/ids.ts';
import { DAY, formatInstant, type Instant, MINUTE, parseInstant } from '../../../shared/platform/time.ts';
import type { Policies } from '../../../shared/policy/policy-store.ts';
import { type AnswerSurveyPorts, answerSurvey } from '../../../shared/survey/answer-survey.ts';
import type { AskedAbout } from '../../../shared/survey/asked-about.ts';
import type { Asked } from '../../../shared/survey/asked-store.ts';
import {
  callListAnswer,
  callListQuery,
  enterAnswer,
  enterRequest,
  idParams,
} from '../../../shared/survey/manage-contract.ts';
import type { Surveys } from '../../../shared/survey/survey.ts';
import type { SurveyModels } from '../../../shared/survey/survey-model.ts';
import type { Task } from '../../../shared/task/task.ts';
import type { Tasks } from '../../../shared/task/task-store.ts';
import type { CloseCall } from '../close-call.ts';
import { type FindInvitation, versionOf } from '../find-invitation.ts';

export interface AnswerRoutesPorts extends ReadTasksToDoPorts {
  readonly surveys: Pick<Surveys, 'current' | 'load'>;
  readonly models: SurveyModels;
  readonly profiles: Pick<Profiles, 'get' | 'getMany'>;
  readonly policies: Pick<Policies, 'get' | 'getMany'>;
  readonly tasks: Pick<Tasks, 'list'>;
  readonly asked: Pick<Asked, 'of'>;
  readonly findInvitation: FindInvitation;
  readonly closeCall: CloseCall;
  readonly askedAbout: (given: 'phone' | 'reply-slip') => AskedAbout;
  readonly answering: AnswerSurveyPorts;
  /** All scopes of the house. */
  readonly scopes: readonly string[];
}

/** Who enters what customers said. */
const ENTERERS = ['manager', 'marketing'] as const;
/** Who calls customers; account managers and heads see their numbers in full. */
const CALLERS = ['manager', 'head', 'marketing'] as const;
/** Slips lie about; what is older says nothing about today. */
const OLDEST = 90 * DAY;
/** Clocks of people's machines differ. */
const AHEAD = 5 * MINUTE;
/** Tasks that are read in search of a survey's calls. */
const MAX_READ = 5_000;

const wrong = (message: string, problems: readonly { path: string; message: string }[] = []): Reply<never> => ({
  kind: 'refused',
  status: 400,
  code: 'bad-input',
  message,
  ...(problems.length === 0 ? {} : { problems: problems.map((problem) => ({ ...problem })) }),
});

/** Answers that staff enter from calls and reply slips, and whom to call. */
export const answerRoutes = (ports: AnswerRoutesPorts): readonly Route[] => {
  const callsOf = async (reader: Reader, survey: string, limit: number): Promise<{ tasks: Task[]; more: boolean }> => {
    const tasks: Task[] = [];
    let read = 0;
    for (const scope of ports.scopes.filter((one) => maySee(reader, one))) {
      let after: string | undefined;
      do {
        const page = await ports.tasks.list(scope, 'open', { limit: 100, ...(after === undefined ? {} : { after }) });
        tasks.push(...page.tasks.filter(({ kind, details }) => kind === 'survey-call' && details?.survey === survey));
        read += page.tasks.length;
        if (read >= MAX_READ) return { tasks, more: true };
        after = page.next;
      } while (after !== undefined && tasks.length <= limit);
    }
    tasks.sort((a, b) => (a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : 0));
    return { tasks: tasks.slice(0, limit), more: tasks.length > limit };
  };

  return [
    route({
      method: 'post',
      path: '/api/surveys/{id}/answers',
      summary: 'Enter what a customer answered by telephone or on a reply slip',
      roles: ENTERERS,
      params: idParams,
      body: enterRequest,
      answer: enterAnswer,
      handle: async ({ params: { id }, body, reader }) => {
        const now = ports.now();
        const at = body.at === undefined ? now : (parseInstant(body.at) as Instant);
        if (at > now + AHEAD || at < now - OLDEST)
          return wrong('body.at: lies ahead or more than 90 days back: say when it was answered');
        const [profile, policy] = await Promise.all([
          ports.profiles.get(body.customerId as PartyId),
          body.policyId === undefined ? undefined : ports.policies.get(body.policyId as PolicyId),
        ]);
        if (profile === undefined || !maySee(reader, profile.scope)) return { kind: 'not-found' };
        const { partyId } = profile;
        if (body.policyId !== undefined && policy?.partyId !== partyId)
          return wrong('body.policyId: is no policy of this customer: take one from the customer page');

        const asked = await ports.findInvitation({ ...body, survey: id, partyId, at });
        const version = body.version ?? versionOf(asked);
        const survey = await (version === undefined ? ports.surveys.current(id) : ports.surveys.load(id, version));
        if (survey === undefined) return { kind: 'not-found' };

        const check = ports.models.of(survey).check(body.values, 'en');
        if (check.kind === 'wrong')
          return wrong(
            'body.values: the answers are not complete: see "problems"',
            check.errors.map(({ question, message }) => ({ path: `values.${question}`, message })),
          );
        const heardAt = Math.min(at, now) as Instant;
        const invitation = { ...asked.invitation, surveyVersion: survey.version };
        const outcome = await answerSurvey(ports.answering, {
          ...(await ports.askedAbout(body.given)(invitation, profile)),
          invitation,
          survey,
          values: check.values,
          score: check.score,
          low: check.low,
          given: body.given,
          enteredBy: reader.id,
          now: heardAt,
        });
        if (body.taskId !== undefined) {
          const call = { taskId: body.taskId, survey: id, partyId, by: reader.id };
          const reached = outcome.kind === 'recorded' && body.given === 'phone';
          await ports.closeCall(reached ? { ...call, reachedAt: heardAt } : call, now);
        }
        if (outcome.kind === 'answered')
          return {
            kind: 'refused',
            status: 409,
            code: 'answered',
            message: 'the customer has answered this already: the first answer counts',
          };
        const { answer } = outcome;
        return {
          kind: 'ok',
          body: {
            answerId: answer.id,
            version: answer.version,
            low: answer.low,
            ...(answer.score === undefined ? {} : { score: answer.score }),
          },
        };
      },
    }),

    route({
      method: 'get',
      path: '/api/surveys/{id}/call-list',
      summary: 'Customers to be asked by telephone, the most urgent first',
      roles: CALLERS,
      params: idParams,
      query: callListQuery,
      answer: callListAnswer,
      handle: async ({ params: { id }, query: { limit }, reader }) => {
        if ((await ports.surveys.current(id)) === undefined) return { kind: 'not-found' };
        const { tasks, more } = await callsOf(reader, id, limit);
        const seesPhones = reader.roles.includes('manager') || reader.roles.includes('head');
        const [views, asked] = await Promise.all([
          viewTasksToDo(ports, tasks, { id: reader.id, seesPhones }),
          ports.asked.of([...new Set(tasks.flatMap(({ partyId }) => partyId ?? []))]),
        ]);
        return {
          kind: 'ok',
          body: {
            more,
            items: views.map(({ customerName, phone, locale, reason, dueOn, assignee }, n) => {
              const { taskId, partyId, policyId, campaign, occurrence, details } = tasks[n] as Task;
              const surveyVersion = details?.surveyVersion;
              const answeredAt = partyId === undefined ? undefined : asked.get(partyId)?.[id]?.answeredAt;
              return {
                taskId,
                reason,
                dueOn,
                ...(partyId === undefined ? {} : { customerId: partyId }),
                ...(customerName === undefined ? {} : { customerName }),
                ...(phone === undefined ? {} : { phone }),
                ...(locale === undefined ? {} : { locale }),
                ...(policyId === undefined ? {} : { policyId }),
                ...(campaign === undefined ? {} : { campaign }),
                ...(occurrence === undefined ? {} : { occurrence }),
                ...(typeof surveyVersion === 'string' ? { version: surveyVersion } : {}),
                ...(assignee === undefined ? {} : { assignee }),
                ...(answeredAt === undefined ? {} : { answeredAt: formatInstant(answeredAt) }),
              };
            }),
          },
        };
      },
    }),
  ];
};
