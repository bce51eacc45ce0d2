import type { Profile } from '../customer/customer.ts';
import type { Profiles } from '../customer/profile-store.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { civilDateAt, formatInstant, type Instant, type ZoneId } from '../platform/time.ts';
import type { Policies } from '../policy/policy-store.ts';
import type { SurveyAnswers } from '../survey/answer-store.ts';
import { freeTextsOf } from '../survey/free-text.ts';
import type { Surveys } from '../survey/survey.ts';
import type { Task } from '../task/task.ts';
import type { TaskToDo } from './contract.ts';
import { viewTasks } from './read-tasks.ts';

export interface ReadTasksToDoPorts {
  readonly profiles: Pick<Profiles, 'getMany'>;
  readonly policies: Pick<Policies, 'getMany'>;
  readonly timeline: Pick<Timeline, 'getMany'>;
  readonly answers: Pick<SurveyAnswers, 'get'>;
  readonly surveys: Pick<Surveys, 'load'>;
  readonly now: () => Instant;
}

/** Longest text that a list shows; the whole stands with the answer. */
const MAX_TEXT = 2_000;

/** What a dissatisfied customer said, as far as the answer is there. */
const answerOf = async (ports: ReadTasksToDoPorts, { kind, details }: Task): Promise<TaskToDo['answer']> => {
  if (kind !== 'low-score' || typeof details?.invitation !== 'string') return undefined;
  const answer = await ports.answers.get(details.invitation);
  if (answer === undefined) return undefined;
  const survey = await ports.surveys.load(answer.survey, answer.version);
  return {
    survey: answer.survey,
    at: formatInstant(answer.at),
    ...(answer.metric === undefined ? {} : { metric: answer.metric }),
    ...(answer.score === undefined ? {} : { score: answer.score }),
    texts: (survey === undefined ? [] : freeTextsOf(survey.file, answer.values)).map(({ question, text }) => ({
      question,
      text: text.slice(0, MAX_TEXT),
    })),
  };
};

/** The calls and visits made for tasks, with what was said, which the timeline keeps. */
const attemptsOf = async (ports: ReadTasksToDoPorts, tasks: readonly Task[]) => {
  const keys = tasks.flatMap(({ partyId, attempts = [] }) =>
    partyId === undefined ? [] : attempts.map(({ id, at }) => ({ partyId, at, kind: 'fact' as const, id })),
  );
  const rows = await ports.timeline.getMany(keys);
  return ({ attempts = [] }: Task): TaskToDo['attempts'] =>
    attempts.map(({ id, at, channel, outcome, by }) => {
      const note = rows.get(id)?.details?.note;
      return { at: formatInstant(at), channel, outcome, by, ...(typeof note === 'string' ? { note } : {}) };
    });
};

/** True of an open task whose time is over: its deadline, or without one its day where the customer lives. */
const isOverdue = ({ state, deadline, dueOn }: Task, zone: ZoneId | undefined, now: Instant): boolean =>
  state === 'open' && (deadline === undefined ? dueOn < civilDateAt(now, zone ?? ('UTC' as ZoneId)) : deadline < now);

/**
 * Tasks as those see them who do them.
 * @param reader user id, and whether that person may see telephone numbers
 */
export const viewTasksToDo = async (
  ports: ReadTasksToDoPorts,
  tasks: readonly Task[],
  reader: { readonly id: string; readonly seesPhones: boolean },
): Promise<TaskToDo[]> => {
  const now = ports.now();
  const ids = [...new Set(tasks.flatMap(({ partyId }) => partyId ?? []))];
  const [views, people, attempts, answers] = await Promise.all([
    viewTasks(ports, tasks),
    ports.profiles.getMany(ids),
    attemptsOf(ports, tasks),
    Promise.all(tasks.map((task) => answerOf(ports, task))),
  ]);
  return tasks.map((task, n) => {
    const person: Profile | undefined = task.partyId && people.get(task.partyId);
    const answer = answers[n];
    return {
      ...(views[n] as (typeof views)[number]),
      mine: task.assignee === reader.id,
      overdue: isOverdue(task, person?.zone, now),
      script: task.kind,
      ...(person === undefined ? {} : { locale: person.locale }),
      ...(person?.phone === undefined || !reader.seesPhones ? {} : { phone: person.phone }),
      details: { ...task.details },
      attempts: attempts(task),
      ...(answer === undefined ? {} : { answer }),
    };
  });
};
