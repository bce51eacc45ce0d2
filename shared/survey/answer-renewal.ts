import type { Gates } from '../customer/gate-store.ts';
import { exit } from '../journey/enrol.ts';
import type { Enrolment, ExitReason } from '../journey/enrolment.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import type { Timeline } from '../message/timeline-store.ts';
import type { Bus } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import { type ChangeMessage, changesOf } from '../policy/contract.ts';
import type { Policy } from '../policy/policy.ts';
import { type Task, taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import { PAGES_SOURCE, type RenewalPageAnswered } from './contract.ts';
import { type Invitation, invitationIdOf } from './invitation.ts';
import { type RenewalAnswer, type RenewalContent, reactionOf, saysTheSame } from './renewal-answer.ts';
import type { RenewalAnswers } from './renewal-answer-store.ts';

/** How often one invitation's answer may change before a person must help. */
const MAX_ANSWERS = 10;
const ATTEMPTS = 8;

export interface AnswerRenewalPorts {
  readonly answers: RenewalAnswers;
  readonly enrolments: Pick<Enrolments, 'get' | 'put' | 'ofParty'>;
  readonly gates: Pick<Gates, 'setSituation'>;
  readonly tasks: Pick<Tasks, 'add'>;
  readonly timeline: Pick<Timeline, 'record'>;
  readonly changes: Queue<ChangeMessage>;
  readonly bus: Bus;
}

export type AnswerRenewalOutcome =
  | { readonly kind: 'recorded'; readonly answer: RenewalAnswer }
  /** The same had been said last: nothing new, but what follows from it was made sure of again. */
  | { readonly kind: 'repeated'; readonly answer: RenewalAnswer }
  | { readonly kind: 'too-many' };

/** What is answered, and by whom. */
export interface RenewalReply {
  readonly invitation: Invitation;
  readonly policy: Policy;
  readonly content: RenewalContent;
  /** Whether the page could send the customer on to pay; if not, a person has to. */
  readonly payable: boolean;
  readonly now: Instant;
}

const exitOf = (choice: RenewalContent['choice']): ExitReason | undefined =>
  choice === 'not-renewing' || choice === 'deceased' ? choice : undefined;

/** The task that an answer asks of a person; undefined where it asks none. */
const taskOf = (
  { invitation, policy, payable }: RenewalReply,
  { id, at, content }: RenewalAnswer,
): Task | undefined => {
  const today = civilDateAt(at, policy.zone);
  const task = (kind: Task['kind'], reason: string, dueOn = today, details: Task['details'] = {}): Task => ({
    taskId: taskIdOf(kind, policy.policyId, id),
    scope: policy.scope,
    kind,
    reason,
    state: 'open',
    dueOn,
    createdAt: at,
    partyId: invitation.partyId,
    policyId: policy.policyId,
    ...(invitation.campaign === undefined ? {} : { campaign: invitation.campaign }),
    ...(invitation.occurrence === undefined ? {} : { occurrence: invitation.occurrence }),
    ...(invitation.step === undefined ? {} : { step: invitation.step }),
    // what was written and any number given stand in the timeline, under the person
    details: { answer: id, ...details },
  });
  switch (content.choice) {
    case 'call':
      return task('requested-call', 'asked-on-page', content.on, { slot: content.slot });
    case 'changed':
      return task('data-change', 'told-on-page');
    case 'deceased':
      // one death, one task, whoever told of it
      return { ...task('holder-died', 'told-on-page'), taskId: taskIdOf('holder-died', invitation.partyId, '') };
    case 'renew':
      return payable ? undefined : task('offer-missing', 'wants-to-renew');
    case 'not-renewing':
      return undefined;
  }
};

const timelineDetails = ({ content }: RenewalAnswer): Record<string, string> => ({
  page: 'renewal',
  // the content's fields are texts, and those left empty are absent
  ...(content as Record<string, string>),
});

const eventOf = ({ invitation, policy }: RenewalReply, { id, at, content }: RenewalAnswer): RenewalPageAnswered => ({
  schemaVersion: 1,
  eventId: id,
  occurredAt: formatInstant(at),
  partyId: invitation.partyId,
  invitationId: invitationIdOf(invitation),
  policyId: policy.policyId,
  ...(invitation.campaign === undefined ? {} : { campaign: invitation.campaign }),
  ...(invitation.occurrence === undefined ? {} : { occurrence: invitation.occurrence }),
  ...(invitation.step === undefined ? {} : { step: invitation.step }),
  choice: content.choice,
  ...(content.choice === 'not-renewing' ? { reason: content.reason } : {}),
  ...(content.choice === 'call' ? { call: { on: content.on, slot: content.slot } } : {}),
});

/** The enrolment after the answer; the same object where nothing changes. */
const reacted = (enrolment: Enrolment, { at, content }: RenewalAnswer): Enrolment => {
  const kind = reactionOf(content.choice);
  const reaction = kind === undefined ? {} : { reaction: { kind, at } };
  const reason = exitOf(content.choice);
  if (reason !== undefined && enrolment.state === 'active') return { ...exit(enrolment, reason, at), ...reaction };
  const known = enrolment.reaction;
  if (kind === undefined || (known !== undefined && known.at >= at)) return enrolment;
  return { ...enrolment, ...reaction };
};

/** The journeys that an answer concerns: the one whose message led to the page; after a death, all of the person's. */
const journeysOf = async (
  ports: AnswerRenewalPorts,
  { invitation, policy, content }: RenewalReply,
): Promise<readonly Enrolment[]> => {
  const { partyId, campaign, occurrence } = invitation;
  if (content.choice !== 'deceased' && campaign !== undefined && occurrence !== undefined) {
    const one = await ports.enrolments.get({ partyId, campaign, policyId: policy.policyId, occurrence });
    return one === undefined ? [] : [one];
  }
  const all = await ports.enrolments.ofParty(partyId);
  return content.choice === 'deceased' ? all : all.filter(({ policyId }) => policyId === policy.policyId);
};

const tellJourneys = async (ports: AnswerRenewalPorts, reply: RenewalReply, answer: RenewalAnswer): Promise<void> => {
  for (const known of await journeysOf(ports, reply)) {
    let before: Enrolment | undefined = known;
    for (let attempt = 0; before !== undefined; attempt += 1) {
      const after = reacted(before, answer);
      if (after === before || (await ports.enrolments.put(after, before.version)) === 'written') break;
      if (attempt === ATTEMPTS)
        throw new EngagementError('conflict', `enrolment in ${known.campaign} kept changing: answer again`, {
          retryable: true,
        });
      before = await ports.enrolments.get(known);
    }
  }
};

/** All that follows from an answer; each part is idempotent, so the whole may be done again at any time. */
const follow = async (ports: AnswerRenewalPorts, reply: RenewalReply, answer: RenewalAnswer): Promise<void> => {
  const { invitation, policy } = reply;
  const { choice } = answer.content;
  // first what silences, then what a person must do, then what is told
  if (choice === 'deceased') await ports.gates.setSituation(invitation.partyId, 'deceased', true);
  await tellJourneys(ports, reply, answer);
  const task = taskOf(reply, answer);
  if (task !== undefined) await ports.tasks.add(task);
  await ports.timeline.record({
    partyId: invitation.partyId,
    at: answer.at,
    kind: 'reaction',
    id: answer.id,
    policyIds: [policy.policyId],
    ...(invitation.campaign === undefined ? {} : { campaign: invitation.campaign }),
    ...(invitation.step === undefined ? {} : { step: invitation.step }),
    details: timelineDetails(answer),
  });
  const because = `page:${choice}`;
  await ports.changes.send(
    choice === 'deceased'
      ? [{ kind: 'party', partyId: invitation.partyId, because }]
      : changesOf([policy.policyId], because),
  );
  await ports.bus.publish([
    { source: PAGES_SOURCE, detailType: 'RenewalPageAnswered', detail: eventOf(reply, answer), at: answer.at },
  ]);
};

/**
 * Records what a customer said on the renewal page and does what follows from it. The answer itself is one conditional
 * write: fifty presses of the button at once store it once. Minds change: another answer is added behind it.
 *
 * A crash after the answer was stored leaves parts of what follows undone; the customer sees an error, and the next press
 * is a `repeated` answer that does all parts again, under the same ids (ADR 0071).
 */
export const answerRenewal = async (ports: AnswerRenewalPorts, reply: RenewalReply): Promise<AnswerRenewalOutcome> => {
  const { invitation, content, now } = reply;
  const invitationId = invitationIdOf(invitation);
  for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
    const before = await ports.answers.get(invitationId);
    const latest = before.answers.at(-1);
    if (latest !== undefined && saysTheSame(latest.content, content)) {
      await follow(ports, reply, latest);
      return { kind: 'repeated', answer: latest };
    }
    if (before.answers.length >= MAX_ANSWERS) return { kind: 'too-many' };
    const answer: RenewalAnswer = {
      id: derivedId('renewal-answer', invitationId, before.answers.length),
      at: now,
      content,
    };
    if ((await ports.answers.add(invitationId, before, answer)).kind === 'refused') continue;
    await follow(ports, reply, answer);
    return { kind: 'recorded', answer };
  }
  throw new EngagementError('conflict', 'answers of one invitation kept changing: answer again', { retryable: true });
};
