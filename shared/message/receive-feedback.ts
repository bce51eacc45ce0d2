import { type AddressBook, normaliseAddress } from '../customer/address-book.ts';
import type { Profile, Suppression } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import type { JourneyMessage } from '../journey/contract.ts';
import { type Enrolments, refOf } from '../journey/enrolment-store.ts';
import { unreachable } from '../platform/errors.ts';
import type { PartyId, SendId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import { stepFailures } from './conclude-order.ts';
import type { CampaignHealth } from './health.ts';
import { MAX_TAGGED, rowOfTags, type TaggedRow } from './mail-tags.ts';
import type { MessageState } from './message.ts';
import { type OptOutPorts, stopChannel } from './opt-out.ts';
import type { SesEvent } from './ses-events.ts';
import type { AdvanceOutcome, Timeline, TimelineChange } from './timeline-store.ts';

/** What feedback needs from outside. */
export interface FeedbackPorts {
  readonly timeline: Timeline;
  readonly gates: Pick<Gates, 'getMany' | 'markFailed' | 'setConsent' | 'suppress'>;
  readonly ledger: OptOutPorts['ledger'];
  readonly addressBook: Pick<AddressBook, 'partiesAt' | 'refuse'>;
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly changes: Queue<ChangeMessage>;
  /** The same queue, for what journeys are told. */
  readonly journeys: Pick<Queue<JourneyMessage>, 'send'>;
  readonly enrolments: Pick<Enrolments, 'ofParty'>;
  readonly health: Pick<CampaignHealth, 'complaint' | 'hardBounce'>;
}

/** What an event did. `foreign`: the mail carries no tags of ours. */
export type FeedbackOutcome = { readonly kind: 'advanced' | 'behind' | 'noted' | 'ignored' | 'foreign' };

/** This many soft bounces in a row, without a delivery between them, shut the channel. */
const SOFT_BOUNCES = 5;
/** How far back in a person's history they are looked for. */
const LOOK_BACK = 100;

/** Moves the mail's row on; where the event is faster than the sender's own write, writes it from the tags (F18). */
const move = async (
  timeline: Timeline,
  row: TaggedRow,
  state: MessageState,
  more: TimelineChange,
): Promise<AdvanceOutcome> => {
  const change = {
    ...more,
    ...(row.proof ? { proof: row.proof } : {}),
    // when it was held it may have been about more policies
    ...(row.policyIds.length > 0 && row.policyIds.length < MAX_TAGGED ? { policyIds: row.policyIds } : {}),
  };
  const first = await timeline.advance(row, state, change);
  if (first !== 'absent') return first;
  const written = await timeline.record({ ...row, channel: 'email', state, ...change });
  return written === 'written' ? 'advanced' : timeline.advance(row, state, change);
};

/** The tagged person, unless its mail goes elsewhere by now, and everyone else at the address. */
const partiesOf = async (ports: FeedbackPorts, row: TaggedRow, address: string | undefined): Promise<PartyId[]> => {
  if (address === undefined) return [row.partyId];
  const [profile, others] = await Promise.all([ports.profiles.get(row.partyId), ports.addressBook.partiesAt(address)]);
  const still = profile?.email === undefined || normaliseAddress(profile.email) === normaliseAddress(address);
  return [...new Set([...(still ? [row.partyId] : []), ...others])];
};

/** Shuts e-mail at the gates and says so to the journeys. Announced even where nothing changed: the announcement of the
 *  copy before may be what was lost. */
const shut = async (ports: FeedbackPorts, parties: readonly PartyId[], why: Suppression): Promise<void> => {
  const gates = await ports.gates.getMany(parties);
  for (const party of gates.keys()) await ports.gates.suppress(party, 'email', why);
  await ports.changes.send([...gates.keys()].map((partyId) => ({ kind: 'party', partyId, because: why })));
};

/** True where the latest mails with a known end all bounced softly. Read from the history, so that copies of one event
 *  count once and their order does not matter. */
const softBouncesInARow = async (timeline: Timeline, partyId: PartyId): Promise<boolean> => {
  const { entries } = await timeline.list(partyId, { limit: LOOK_BACK });
  const ended = entries.filter(
    ({ kind, channel, state }) =>
      kind === 'message' && channel === 'email' && (state === 'delivered' || state === 'bounced'),
  );
  const latest = ended.slice(0, SOFT_BOUNCES);
  return (
    latest.length === SOFT_BOUNCES && latest.every(({ state, reason }) => state === 'bounced' && reason === 'transient')
  );
};

/** Tells the journeys that the message was of that it failed for good. Told again by every copy: the one before may be
 *  what was lost, and a journey takes it once. */
const tellJourneys = async (ports: FeedbackPorts, row: TaggedRow, because: string): Promise<void> => {
  const { partyId, campaign, step, policyIds } = row;
  const own = (await ports.enrolments.ofParty(partyId)).filter(
    ({ campaign: of, policyId, state, done }) =>
      of === campaign &&
      state !== 'exited' &&
      done.includes(step) &&
      (policyId === undefined || policyIds.includes(policyId)),
  );
  const failures = stepFailures({ enrolments: own.map(refOf), step }, because);
  if (failures.length > 0) await ports.journeys.send(failures);
};

/** Moves the row of a mail that the provider did not send after all. */
const failed = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  reason: 'rejected' | 'rendering-failure',
  messageId: string,
): Promise<AdvanceOutcome> => {
  await tellJourneys(ports, row, reason);
  await ports.gates.markFailed(row.partyId, row.id as SendId);
  return move(ports.timeline, row, 'failed', { reason, details: { messageId } });
};

const bounced = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  { bounce, mail }: Extract<SesEvent, { eventType: 'Bounce' }>,
): Promise<AdvanceOutcome> => {
  const permanent = bounce.bounceType === 'Permanent';
  const reason = permanent ? 'permanent' : 'transient';
  if (permanent) await tellJourneys(ports, row, 'hard-bounce');
  const outcome = await move(ports.timeline, row, 'bounced', {
    reason,
    details: { messageId: mail.messageId, bouncedAt: bounce.timestamp, bounce: bounce.bounceSubType },
  });
  if (permanent && outcome === 'advanced') await ports.health.hardBounce(row.campaign, bounce.timestamp);
  const address = bounce.bouncedRecipients[0]?.emailAddress ?? mail.destination[0];
  if (permanent) await shut(ports, await partiesOf(ports, row, address), 'hard-bounce');
  else if (await softBouncesInARow(ports.timeline, row.partyId))
    await shut(ports, await partiesOf(ports, row, address), 'soft-bounces');
  return outcome;
};

/** A complaint is the plainest of refusals: no more mail to that mailbox, and no advertising by consent either. */
const complained = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  { complaint, mail }: Extract<SesEvent, { eventType: 'Complaint' }>,
): Promise<AdvanceOutcome> => {
  const outcome = await move(ports.timeline, row, 'complained', {
    reason: 'complaint',
    details: { messageId: mail.messageId, complainedAt: complaint.timestamp },
  });
  if (outcome === 'advanced') await ports.health.complaint(row.campaign, complaint.timestamp);
  const address = complaint.complainedRecipients[0]?.emailAddress ?? mail.destination[0];
  const said = { wording: 'complaint', at: complaint.timestamp };
  if (address !== undefined) await ports.addressBook.refuse(address, ['marketing'], said);
  const parties = await partiesOf(ports, row, address);
  await shut(ports, parties, 'complaint');
  await stopChannel(ports, parties, {
    channel: 'email',
    purposes: ['marketing'],
    wording: 'complaint',
    source: 'complaint',
    at: complaint.timestamp,
  });
  return outcome;
};

/** Notes something that happened to a mail and moves nothing. An open may be a scanner's or a proxy's and a click a
 *  scanner's too: neither counts as a reaction (product.md C5, M5) until the two can be told apart. */
const note = async (timeline: Timeline, row: TaggedRow, name: 'openedAt' | 'clickedAt', at: Instant): Promise<void> => {
  const known = await timeline.get(row);
  const before = known?.details?.[name];
  if (known === undefined) await move(timeline, row, 'accepted', { details: { [name]: at } });
  else if (typeof before !== 'number' || before > at) await timeline.complete(row, { details: { [name]: at } });
};

/**
 * Takes one event of one mail into the history and, where it says that the mailbox is dead or unwilling, to the gate.
 * Any order and any number of copies of the events end in the same state (F17): rows only move forward, a bounce for
 * good and a complaint are never undone by a late delivery.
 */
export const receiveFeedback = async (ports: FeedbackPorts, event: SesEvent): Promise<FeedbackOutcome> => {
  const row = rowOfTags(event.mail.tags);
  if (row === undefined) return { kind: 'foreign' };
  const { timeline } = ports;
  const { messageId } = event.mail;
  const answer = (outcome: AdvanceOutcome): FeedbackOutcome => ({
    kind: outcome === 'advanced' ? 'advanced' : 'behind',
  });
  switch (event.eventType) {
    case 'Send': {
      // nearly always the row says so already; looking costs less than a write that is refused
      const known = await timeline.get(row);
      const details = { messageId, acceptedAt: event.mail.timestamp };
      if (known && known.state !== 'unknown' && known.state !== 'held' && known.state !== 'skipped')
        return { kind: 'behind' };
      return answer(await move(timeline, row, 'accepted', { details }));
    }
    case 'Delivery':
      return answer(
        await move(timeline, row, 'delivered', { details: { messageId, deliveredAt: event.delivery.timestamp } }),
      );
    case 'Bounce':
      return answer(await bounced(ports, row, event));
    case 'Complaint':
      return answer(await complained(ports, row, event));
    case 'Reject':
      return answer(await failed(ports, row, 'rejected', messageId));
    case 'Rendering Failure':
      return answer(await failed(ports, row, 'rendering-failure', messageId));
    case 'Open':
      await note(timeline, row, 'openedAt', event.open.timestamp);
      return { kind: 'noted' };
    case 'Click':
      await note(timeline, row, 'clickedAt', event.click.timestamp);
      return { kind: 'noted' };
    case 'DeliveryDelay':
    case 'Subscription':
      return { kind: 'ignored' };
    default:
      return unreachable(event);
  }
};
