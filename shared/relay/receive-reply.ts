import type { ConsentLedger } from '../customer/consent-ledger.ts';
import type { Profile, Purpose, SendClass } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import { foldPhone } from '../customer/match-key.ts';
import { recordConsent } from '../customer/record-consent.ts';
import type { JourneyMessage } from '../journey/contract.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import type { TaggedRow } from '../message/mail-tags.ts';
import type { Timeline } from '../message/timeline-store.ts';
import type { Bus, BusEvent } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import { JOURNEYS } from '../policy/customer-event.ts';
import type { GatewayEvent } from './contract.ts';
import { isStopWord } from './stop-word.ts';

/** What replies need from outside. */
export interface ReplyPorts {
  readonly timeline: Pick<Timeline, 'record'>;
  readonly gates: Pick<Gates, 'getMany' | 'setConsent'>;
  readonly ledger: Pick<ConsentLedger, 'append'>;
  readonly enrolments: Pick<Enrolments, 'ofParty' | 'get' | 'put'>;
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  /** Parties whose number begins like this; the profiles decide. */
  readonly findByPhone: (phone: string) => Promise<readonly PartyId[]>;
  readonly changes: Queue<ChangeMessage | JourneyMessage>;
  readonly bus: Bus;
}

/** A reply as a gateway tells it: `row` is the text that it answers, where the gateway can tell. */
export interface ReceivedReply {
  readonly gateway: string;
  /** The call's signed id. */
  readonly eventId: string;
  readonly reply: Extract<GatewayEvent, { type: 'text.reply' }>['data'];
  readonly row: TaggedRow | undefined;
}

/** How often an enrolment may change under our hands. */
const TRIES = 8;

/** Enrolments that a text was about. */
export const enrolmentsOf = async (
  enrolments: Pick<Enrolments, 'ofParty'>,
  row: TaggedRow,
): Promise<readonly Enrolment[]> =>
  (await enrolments.ofParty(row.partyId)).filter(
    ({ campaign, state, policyId }) =>
      campaign === row.campaign &&
      state === 'active' &&
      (policyId === undefined ? row.policyIds.length === 0 : row.policyIds.includes(policyId)),
  );

/** The person who was written to, and everyone to whom the number belongs (F43). */
const partiesOf = async (ports: ReplyPorts, { reply, row }: ReceivedReply): Promise<PartyId[]> => {
  const number = foldPhone(reply.from);
  const profiles = await ports.profiles.getMany(await ports.findByPhone(reply.from));
  const owners = [...profiles.values()].filter(({ phone }) => phone !== undefined && foldPhone(phone) === number);
  return [...new Set([...(row === undefined ? [] : [row.partyId]), ...owners.map(({ partyId }) => partyId)])];
};

/** What ends with a stop word: after an advertisement the advertising, after a reminder, or where nobody knows what it
 *  answers, the reminders too. */
const purposesOf = (sendClass: SendClass | undefined): readonly Purpose[] =>
  sendClass === 'marketing' ? ['marketing'] : ['service', 'marketing'];

const stopTexts = async (
  ports: ReplyPorts,
  parties: readonly PartyId[],
  { sendClass, at }: { readonly sendClass: SendClass | undefined; readonly at: Instant },
): Promise<void> => {
  const source = 'sms-reply';
  const known = [...(await ports.gates.getMany(parties)).keys()];
  for (const partyId of known)
    for (const purpose of purposesOf(sendClass)) {
      const refusal = { channel: 'sms', purpose, given: false, wording: source } as const;
      await recordConsent(ports, { ...refusal, partyId, at, source, who: 'customer' });
      const id = derivedId('opt-out', purpose, source);
      await ports.timeline.record({ partyId, at, kind: 'consent', id, policyIds: [], details: { ...refusal, source } });
    }
  await ports.changes.send(known.map((partyId) => ({ kind: 'party', partyId, because: `opt-out:${source}` })));
};

/** A reply is a reaction (product.md C5): the journeys that the text was of send no reminder for want of one. */
const noteReaction = async ({ enrolments }: ReplyPorts, row: TaggedRow, at: Instant): Promise<void> => {
  for (const known of await enrolmentsOf(enrolments, row)) {
    let before: Enrolment | undefined = known;
    for (let attempt = 1; before?.state === 'active' && !(before.reaction && before.reaction.at >= at); attempt += 1) {
      if ((await enrolments.put({ ...before, reaction: { kind: 'reply', at } }, before.version)) === 'written') break;
      if (attempt === TRIES)
        throw new EngagementError('conflict', `a journey of ${row.partyId} is busy: the reply comes again`, {
          retryable: true,
        });
      before = await enrolments.get(before);
    }
  }
};

/** `CustomerReplied`, one for each policy that the text was about: ids and flags; what was written is not among them. */
const eventsOf = ({ gateway, reply, row }: ReceivedReply, partyId: PartyId, id: string, stop: boolean): BusEvent[] => {
  const about = row === undefined ? {} : { campaign: row.campaign, step: row.step };
  const policies = row === undefined || row.policyIds.length === 0 ? [undefined] : row.policyIds;
  return policies.map((policyId) => ({
    source: JOURNEYS,
    detailType: 'CustomerReplied',
    detail: {
      schemaVersion: 1,
      eventId: derivedId(id, policyId ?? ''),
      occurredAt: formatInstant(reply.at),
      partyId,
      ...(policyId === undefined ? {} : { policyId }),
      properties: { channel: 'sms', gateway, stop, ...about },
    },
    at: reply.at,
  }));
};

/**
 * Takes a customer's reply to a text: a stop word is an opt-out at every gate of the number, in force when this returns;
 * anything else a reaction. Both become a line in the timeline, with the words, and an event, without them. Any number of
 * copies end in the same state.
 * @returns `foreign` where nobody here was written to or has that number
 */
export const receiveReply = async (
  ports: ReplyPorts,
  received: ReceivedReply,
): Promise<{ readonly kind: 'replied' | 'stopped' | 'foreign' }> => {
  const { gateway, eventId, reply, row } = received;
  // of several who share the number, the one who was written to wrote back, as far as anybody can tell
  const parties = await partiesOf(ports, received);
  const [partyId] = parties;
  if (partyId === undefined) return { kind: 'foreign' };
  const stop = isStopWord(reply.text);
  // before anything is noted: a crash may lose a note, it must not lose the wish
  if (stop) await stopTexts(ports, parties, { sendClass: row?.sendClass, at: reply.at });
  else if (row !== undefined) await noteReaction(ports, row, reply.at);
  const id = derivedId('reply', gateway, eventId);
  await ports.timeline.record({
    partyId,
    at: reply.at,
    kind: 'reaction',
    id,
    policyIds: row?.policyIds ?? [],
    ...(row === undefined ? {} : { campaign: row.campaign, step: row.step }),
    channel: 'sms',
    reason: 'reply',
    details: { gateway, stop, text: reply.text },
  });
  await ports.bus.publish(eventsOf(received, partyId, id, stop));
  return { kind: stop ? 'stopped' : 'replied' };
};
