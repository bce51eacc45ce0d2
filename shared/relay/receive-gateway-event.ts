import type { Profile, Purpose, SendClass } from '../customer/customer.ts';
import type { ConsentLedger } from '../customer/consent-ledger.ts';
import type { Gates } from '../customer/gate-store.ts';
import { foldPhone } from '../customer/match-key.ts';
import { recordConsent } from '../customer/record-consent.ts';
import type { JourneyMessage } from '../journey/contract.ts';
import { type Enrolments, refOf } from '../journey/enrolment-store.ts';
import type { TaggedRow } from '../message/mail-tags.ts';
import type { AdvanceOutcome, Timeline, TimelineChange } from '../message/timeline-store.ts';
import type { Bus } from '../platform/bus.ts';
import { unreachable } from '../platform/errors.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import { type CustomerReplied, type GatewayEvent, RELAY_SOURCE } from './contract.ts';
import { readReference } from './reference.ts';
import { isStopWord } from './stop-word.ts';

/** What receipts and replies need from outside. */
export interface GatewayEventPorts {
  readonly timeline: Pick<Timeline, 'advance' | 'record'>;
  readonly gates: Pick<Gates, 'getMany' | 'setConsent'>;
  readonly ledger: Pick<ConsentLedger, 'append'>;
  readonly enrolments: Pick<Enrolments, 'ofParty'>;
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  /** Parties whose number begins like this; the profiles decide. */
  readonly findByPhone: (phone: string) => Promise<readonly PartyId[]>;
  readonly changes: Queue<ChangeMessage | JourneyMessage>;
  readonly bus: Bus;
}

/** What an event did. `foreign`: it names no text of ours, and nobody here has that number. */
export type GatewayEventOutcome = { readonly kind: 'advanced' | 'behind' | 'replied' | 'stopped' | 'foreign' };

type Reply = Extract<GatewayEvent, { type: 'text.reply' }>['data'];

/** Moves the text's row on; where the receipt is faster than our own write, writes it from the reference (F18). */
const move = async (
  { timeline }: GatewayEventPorts,
  row: TaggedRow,
  state: 'delivered' | 'failed',
  change: TimelineChange,
): Promise<AdvanceOutcome> => {
  const more = { ...change, ...(row.proof ? { proof: row.proof } : {}) };
  const first = await timeline.advance(row, state, more);
  if (first !== 'absent') return first;
  const written = await timeline.record({ ...row, channel: 'sms', state, ...more });
  return written === 'written' ? 'advanced' : timeline.advance(row, state, more);
};

/** Tells the journeys that the text's step failed: those of its campaign that are about it and still go on. Told again
 *  with every copy of the receipt, because the telling before may be what was lost. */
const tellJourneys = async (
  { enrolments, changes }: GatewayEventPorts,
  row: TaggedRow,
  code: string,
): Promise<void> => {
  const own = (await enrolments.ofParty(row.partyId)).filter(
    ({ campaign, state, policyId }) =>
      campaign === row.campaign &&
      state === 'active' &&
      (policyId === undefined ? row.policyIds.length === 0 : row.policyIds.includes(policyId)),
  );
  const because = `gateway:${code}`;
  await changes.send(own.map((one) => ({ kind: 'step-failed', ref: refOf(one), step: row.step, because })));
};

/** Everyone to whom the number belongs (F43), and the person who was written to. */
const partiesOf = async (ports: GatewayEventPorts, reply: Reply, row: TaggedRow | undefined): Promise<PartyId[]> => {
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
  ports: GatewayEventPorts,
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

const replied = async (
  ports: GatewayEventPorts,
  gateway: string,
  reply: Reply,
  row: TaggedRow | undefined,
  eventId: string,
): Promise<GatewayEventOutcome> => {
  const parties = await partiesOf(ports, reply, row);
  if (parties.length === 0) return { kind: 'foreign' };
  const stop = isStopWord(reply.text);
  // before anything is noted: a crash may lose a note, it must not lose the wish
  if (stop) await stopTexts(ports, parties, { sendClass: row?.sendClass, at: reply.at });
  const about = row === undefined ? {} : { campaign: row.campaign, step: row.step };
  const policyIds = row?.policyIds ?? [];
  // of several who share the number, the one who was written to wrote back, as far as anybody can tell
  const partyId = parties[0] as PartyId;
  const id = derivedId('reply', gateway, eventId);
  await ports.timeline.record({
    partyId,
    at: reply.at,
    kind: 'reaction',
    id,
    policyIds,
    ...about,
    channel: 'sms',
    reason: 'reply',
    details: { gateway, stop, text: reply.text },
  });
  const occurredAt = formatInstant(reply.at);
  const detail: CustomerReplied = {
    ...{ schemaVersion: 1, eventId: id, occurredAt, partyId, channel: 'sms', gateway, stop },
    ...about,
    policyIds: [...policyIds],
  };
  await ports.bus.publish([{ source: RELAY_SOURCE, detailType: 'CustomerReplied', detail, at: reply.at }]);
  return { kind: stop ? 'stopped' : 'replied' };
};

/**
 * Takes what a gateway tells: a receipt moves the text's row on, a reply becomes a line in the timeline and an event,
 * a stop word an opt-out at every gate of the number, in force when this returns. Any number of copies in any order end
 * in the same state, so a call that is played again does nothing.
 * @param eventId the call's signed id
 */
export const receiveGatewayEvent = async (
  ports: GatewayEventPorts,
  gateway: string,
  event: GatewayEvent,
  eventId: string,
): Promise<GatewayEventOutcome> => {
  const row = event.data.reference === undefined ? undefined : readReference(event.data.reference);
  switch (event.type) {
    case 'text.delivered': {
      if (row === undefined) return { kind: 'foreign' };
      const outcome = await move(ports, row, 'delivered', { details: { deliveredAt: event.data.at, gateway } });
      return { kind: outcome === 'advanced' ? 'advanced' : 'behind' };
    }
    case 'text.failed': {
      if (row === undefined) return { kind: 'foreign' };
      const { at, code } = event.data;
      const details = { detail: code, failedAt: at, gateway };
      const outcome = await move(ports, row, 'failed', { reason: 'rejected', details });
      await tellJourneys(ports, row, code);
      return { kind: outcome === 'advanced' ? 'advanced' : 'behind' };
    }
    case 'text.reply':
      return replied(ports, gateway, event.data, row, eventId);
    default:
      return unreachable(event);
  }
};
