import type { Profile } from '../customer/customer.ts';
import type { JourneyMessage } from '../journey/contract.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import type { Bus, BusEvent } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import { JOURNEYS } from '../policy/customer-event.ts';
import { type Task, taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import type { TaggedRow } from './mail-tags.ts';
import { type OptOutPorts, optOut, purposesOf, stopChannel } from './opt-out.ts';
import { isStopWord } from './stop-word.ts';

/** What replies need from outside. */
export interface TakeReplyPorts extends Omit<OptOutPorts, 'changes'> {
  readonly enrolments: Pick<Enrolments, 'ofParty' | 'get' | 'put'>;
  readonly tasks: Pick<Tasks, 'add'>;
  readonly changes: Queue<ChangeMessage | JourneyMessage>;
  readonly bus: Bus;
}

/** The message that a reply answers. */
export type Answered = Pick<TaggedRow, 'partyId' | 'policyIds' | 'campaign' | 'step' | 'sendClass'>;

/** What a person wrote back. */
export interface Reply {
  /** The same for every copy of it. */
  readonly id: string;
  /** The same for every copy of it, too: it names the row in the timeline. */
  readonly at: Instant;
  readonly channel: 'email' | 'sms';
  /** Who wrote, as far as anybody can tell. */
  readonly partyId: PartyId;
  /** Everyone else at the number; those at a mail address are found by the opt-out itself. */
  readonly others?: readonly PartyId[];
  readonly answered: Answered | undefined;
  /** Class of what they answered, and so of what a wish to stop is about; undefined where nobody knows. */
  readonly sendClass: Answered['sendClass'] | undefined;
  /** Their own words, without what they answered. */
  readonly text: string;
  /** Set where the mail itself was a request to stop, whatever it says. */
  readonly asksToStop?: true;
  /** For the timeline row, beside the words. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
  /** For the event: names of ours, nothing that was written. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface ReplyOutcome {
  readonly kind: 'replied' | 'stopped';
}

/** How often an enrolment may change under our hands. */
const TRIES = 8;

/** The journeys, still active, that a message was of. */
export const enrolmentsOf = async (
  enrolments: Pick<Enrolments, 'ofParty'>,
  { partyId, campaign: of, policyIds }: Pick<Answered, 'partyId' | 'campaign' | 'policyIds'>,
): Promise<readonly Enrolment[]> =>
  (await enrolments.ofParty(partyId)).filter(
    ({ campaign, state, policyId }) =>
      campaign === of &&
      state === 'active' &&
      (policyId === undefined ? policyIds.length === 0 : policyIds.includes(policyId)),
  );

const stop = async (ports: TakeReplyPorts, reply: Reply): Promise<void> => {
  const { channel, partyId, others = [], sendClass, at } = reply;
  const source = `${channel === 'email' ? 'mail' : channel}-reply`;
  const said = { wording: source, source, at };
  if (channel === 'email') await optOut(ports, { partyId, sendClass, ...said });
  else await stopChannel(ports, [partyId, ...others], { channel, purposes: purposesOf(sendClass), ...said });
};

/** A reply is a reaction (product.md C5): the journeys that the message was of send no reminder for want of one. */
const noteReaction = async ({ enrolments }: TakeReplyPorts, answered: Answered, at: Instant): Promise<void> => {
  for (const known of await enrolmentsOf(enrolments, answered)) {
    let before: Enrolment | undefined = known;
    for (let attempt = 1; before?.state === 'active' && !(before.reaction && before.reaction.at >= at); attempt += 1) {
      if ((await enrolments.put({ ...before, reaction: { kind: 'reply', at } }, before.version)) === 'written') break;
      if (attempt === TRIES)
        throw new EngagementError('conflict', `a journey of ${answered.partyId} is busy: the reply comes again`, {
          retryable: true,
        });
      before = await enrolments.get(before);
    }
  }
};

/** Somebody must read it: the customer's manager, else whoever of the branch takes it. What was written stands in the
 *  timeline, under the person. */
const taskOf = (
  { id, at, channel, partyId, answered, details }: Reply,
  profile: Pick<Profile, 'scope' | 'zone' | 'manager'>,
): Task => ({
  taskId: taskIdOf('reply', partyId, id),
  scope: profile.scope,
  kind: 'reply',
  reason: channel === 'email' ? 'wrote-back' : 'texted-back',
  state: 'open',
  dueOn: civilDateAt(at, profile.zone),
  createdAt: at,
  ...(profile.manager === undefined ? {} : { assignee: profile.manager }),
  partyId,
  ...(answered?.policyIds.length === 1 ? { policyId: answered.policyIds[0] } : {}),
  ...(answered === undefined ? {} : { campaign: answered.campaign, step: answered.step }),
  details: { row: id, channel, ...(typeof details.mail === 'string' ? { mail: details.mail } : {}) },
});

/** `CustomerReplied`, one for each policy that the message was about: ids and flags; what was written is not among them. */
const eventsOf = ({ id, at, channel, partyId, answered, properties }: Reply, stops: boolean): BusEvent[] => {
  const about = answered === undefined ? {} : { campaign: answered.campaign, step: answered.step };
  const policies = answered === undefined || answered.policyIds.length === 0 ? [undefined] : answered.policyIds;
  return policies.map((policyId) => ({
    source: JOURNEYS,
    detailType: 'CustomerReplied',
    detail: {
      schemaVersion: 1,
      eventId: derivedId(id, policyId ?? ''),
      occurredAt: formatInstant(at),
      partyId,
      ...(policyId === undefined ? {} : { policyId }),
      properties: { channel, ...properties, stop: stops, ...about },
    },
    at,
  }));
};

/**
 * Takes what a customer wrote back, by whatever channel: a stop word is an opt-out of that channel, in force at every gate
 * concerned when this returns; anything else a reaction and a task. Both become a line in the timeline, with the words,
 * and an event, without them. Any number of copies end in the same state, and after a crash the next copy completes it.
 */
export const takeReply = async (ports: TakeReplyPorts, reply: Reply): Promise<ReplyOutcome> => {
  const { id, at, channel, partyId, answered, text } = reply;
  const stops = reply.asksToStop === true || isStopWord(text, channel);
  // before anything is noted: a crash may lose a note, it must not lose the wish
  if (stops) await stop(ports, reply);
  else {
    if (answered !== undefined) await noteReaction(ports, answered, at);
    const profile = await ports.profiles.get(partyId);
    if (profile !== undefined) await ports.tasks.add(taskOf(reply, profile));
  }
  await ports.timeline.record({
    partyId,
    at,
    kind: 'reaction',
    id,
    policyIds: answered?.policyIds ?? [],
    ...(answered === undefined ? {} : { campaign: answered.campaign, step: answered.step }),
    channel,
    reason: 'reply',
    details: { ...reply.details, stop: stops, text },
  });
  await ports.bus.publish(eventsOf(reply, stops));
  return { kind: stops ? 'stopped' : 'replied' };
};
