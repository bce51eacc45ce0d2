import { type AddressBook, normaliseAddress } from '../customer/address-book.ts';
import type { Suppression } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import { unreachable } from '../platform/errors.ts';
import type { PartyId, SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import { bounceReason, classifyBounce, isComplaint } from './bounce-kinds.ts';
import { agentClassOf } from './click-agents.ts';
import { clickTargetId } from './click-targets.ts';
import type { CampaignHealth } from './health.ts';
import { rowOfTags, type TaggedRow } from './mail-tags.ts';
import type { TimelineEntry } from './message.ts';
import { type Moved, moveRow } from './move-row.ts';
import { type NoteClickPorts, noteClick } from './note-click.ts';
import { type OptOutPorts, optOut, stopChannel } from './opt-out.ts';
import type { SesEvent } from './ses-events.ts';
import { lastOfSoftBounces } from './soft-bounces.ts';
import { type TellPorts, tellUndelivered } from './tell-journeys.ts';
import type { Timeline } from './timeline-store.ts';

/** What feedback needs from outside. */
export interface FeedbackPorts extends TellPorts, NoteClickPorts, OptOutPorts {
  readonly timeline: Timeline;
  readonly gates: Pick<Gates, 'getMany' | 'markFailed' | 'setConsent' | 'suppress'>;
  readonly addressBook: Pick<AddressBook, 'partiesAt' | 'refuse'>;
  readonly health: Pick<CampaignHealth, 'complaint' | 'hardBounce'>;
  readonly clock: () => Instant;
}

/** What an event did. `foreign`: the mail carries no tags of ours; `gone`: its customer was erased, and nothing is kept of
 *  it beyond what refuses an address. */
export type FeedbackOutcome = { readonly kind: Moved | 'noted' | 'ignored' | 'foreign' };

type EventOf<Type extends SesEvent['eventType']> = Extract<SesEvent, { eventType: Type }>;

/** Everyone at the addresses, and the tagged person, unless its mail goes elsewhere by now. */
const partiesOf = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  addresses: readonly string[],
): Promise<readonly PartyId[]> => {
  if (addresses.length === 0) return [row.partyId];
  const [profile, ...others] = await Promise.all([
    ports.profiles.get(row.partyId),
    ...addresses.map((address) => ports.addressBook.partiesAt(address)),
  ]);
  const named = new Set(addresses.map(normaliseAddress));
  const still = profile?.email === undefined || named.has(normaliseAddress(profile.email));
  return [...new Set([...(still ? [row.partyId] : []), ...others.flat()])];
};

/** The addresses that an event is about: those it names, else all that the mail went to. */
const addressesOf = (
  named: readonly { readonly emailAddress: string }[],
  { destination }: SesEvent['mail'],
): readonly string[] => (named.length > 0 ? named.map(({ emailAddress }) => emailAddress) : destination);

/** Shuts e-mail at the gates and says so to the journeys. Announced even where nothing changed: the announcement of the
 *  copy before may be what was lost. */
const shut = async (ports: FeedbackPorts, parties: readonly PartyId[], why: Suppression): Promise<void> => {
  const gates = await ports.gates.getMany(parties);
  for (const party of gates.keys()) await ports.gates.suppress(party, 'email', why);
  await ports.changes.send([...gates.keys()].map((partyId) => ({ kind: 'party', partyId, because: why })));
};

/** Moves the row of a mail that the provider did not send after all. */
const failed = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  reason: 'rejected' | 'rendering-failure',
  { messageId, timestamp }: SesEvent['mail'],
): Promise<Moved> => {
  await ports.gates.markFailed(row.partyId, row.id as SendId);
  const moved = await moveRow(ports, row, 'failed', { reason, details: { messageId } });
  if (moved !== 'gone') await tellUndelivered(ports, row, { because: reason, at: timestamp });
  return moved;
};

/** The row of a mail with what journeys must know of it. */
const heardOf = (entry: TimelineEntry): (TimelineEntry & { campaign: string; step: string }) | undefined => {
  const { campaign, step } = entry;
  return campaign === undefined || step === undefined ? undefined : { ...entry, campaign, step };
};

/** After a bounce that may pass: five in a row are as good as one for good, and the latest of them is what was missed. */
const countSoft = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  addresses: readonly string[],
  at: Instant,
): Promise<void> => {
  const last = await lastOfSoftBounces(ports.timeline, row.partyId);
  if (last === undefined) return;
  await shut(ports, await partiesOf(ports, row, addresses), 'soft-bounces');
  const heard = heardOf(last);
  if (heard) await tellUndelivered(ports, heard, { because: 'soft-bounces', at });
};

const bounced = async (ports: FeedbackPorts, row: TaggedRow, { bounce, mail }: EventOf<'Bounce'>): Promise<Moved> => {
  const { bounceType, bounceSubType, bouncedRecipients, timestamp } = bounce;
  const kind = classifyBounce(bounceType, bounceSubType);
  const reason = bounceReason(kind);
  const details = { messageId: mail.messageId, bouncedAt: timestamp, bounce: `${bounceType}/${bounceSubType}` };
  const moved = await moveRow(ports, row, 'bounced', { reason, details });
  // behind a complaint it is still part of the story, and counts once
  const isNew = moved === 'advanced' || (await ports.timeline.noteOnce(row, 'bouncedAt', details));
  const addresses = addressesOf(bouncedRecipients, mail);
  switch (kind) {
    case 'hard':
      if (isNew) await ports.health.hardBounce(row.campaign, timestamp);
      await shut(ports, await partiesOf(ports, row, addresses), 'hard-bounce');
      if (moved !== 'gone') await tellUndelivered(ports, row, { because: 'hard-bounce', at: timestamp });
      break;
    case 'opt-out':
      await unsubscribed(ports, row, timestamp);
      if (moved !== 'gone') await tellUndelivered(ports, row, { because: 'opted-out', at: timestamp });
      break;
    case 'soft':
      if (moved !== 'gone') await countSoft(ports, row, addresses, timestamp);
      break;
    case 'content':
      break;
    default:
      return unreachable(kind);
  }
  return moved;
};

/** A complaint is the plainest of refusals: no more mail to that mailbox, and no advertising by consent either. The refusal
 *  is kept by the address's hash, also where the customer is gone: who joins with that address later has refused. */
const complained = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  { complaint, mail }: EventOf<'Complaint'>,
): Promise<Moved> => {
  const at = complaint.timestamp;
  const moved = await moveRow(ports, row, 'complained', {
    reason: 'complaint',
    details: { messageId: mail.messageId, complainedAt: at },
  });
  if (moved === 'advanced') await ports.health.complaint(row.campaign, at);
  const addresses = addressesOf(complaint.complainedRecipients, mail);
  for (const address of addresses) await ports.addressBook.refuse(address, ['marketing'], { wording: 'complaint', at });
  const parties = await partiesOf(ports, row, addresses);
  await shut(ports, parties, 'complaint');
  const said = { wording: 'complaint', source: 'complaint', at };
  await stopChannel(ports, parties, { channel: 'email', purposes: ['marketing'], ...said });
  return moved;
};

/** The recipient has unsubscribed at the provider. We keep no lists there, but a wish is a wish, wherever it was said. */
const unsubscribed = async (ports: FeedbackPorts, row: TaggedRow, at: Instant): Promise<void> => {
  const { partyId, sendClass } = row;
  await optOut(ports, { partyId, sendClass, wording: 'provider-list', source: 'provider-list', at });
};

/** Notes the first time that something happened to a mail, and moves nothing. An open may be a proxy's (Apple's fetches every
 *  picture) and never counts for anything (product.md C5). */
const note = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  name: 'openedAt' | 'delayedAt',
  at: Instant,
  more: Readonly<Record<string, string | number>> = {},
): Promise<FeedbackOutcome> => {
  const known = await ports.timeline.get(row);
  const before = known?.details?.[name];
  const details = { [name]: at, ...more };
  if (known === undefined) {
    const moved = await moveRow(ports, row, 'accepted', { details });
    return { kind: moved === 'gone' ? 'gone' : 'noted' };
  }
  if (typeof before !== 'number' || before > at) await ports.timeline.complete(row, { details });
  return { kind: 'noted' };
};

/** A click as the provider's own redirect saw it: judged like ours (`settleClicks`). */
const clicked = async (
  ports: FeedbackPorts,
  row: TaggedRow,
  { click, mail }: EventOf<'Click'>,
): Promise<FeedbackOutcome> => {
  const { messageId } = mail;
  if ((await ports.timeline.get(row)) === undefined) {
    const moved = await moveRow(ports, row, 'accepted', { details: { messageId } });
    if (moved === 'gone') return { kind: 'gone' };
  }
  const { timestamp: at, link = '', userAgent } = click;
  // a link of ours bears the customer's token: only what it hashes to is kept
  const noted = { target: clickTargetId(link), at, agent: agentClassOf(userAgent) };
  await noteClick(ports, row, noted, ports.clock());
  return { kind: 'noted' };
};

/** SES took it. Nearly always the row says so already; looking costs less than a write that is refused. */
const sent = async (ports: FeedbackPorts, row: TaggedRow, { mail }: EventOf<'Send'>): Promise<Moved> => {
  const known = await ports.timeline.get(row);
  const details = { messageId: mail.messageId, acceptedAt: mail.timestamp };
  if (known === undefined || known.state === 'unknown' || known.state === 'held' || known.state === 'skipped')
    return moveRow(ports, row, 'accepted', { details });
  if (known.details?.acceptedAt === undefined) await ports.timeline.noteOnce(row, 'acceptedAt', details);
  return 'behind';
};

const delivered = async (ports: FeedbackPorts, row: TaggedRow, event: EventOf<'Delivery'>): Promise<Moved> => {
  const details = { messageId: event.mail.messageId, deliveredAt: event.delivery.timestamp };
  const moved = await moveRow(ports, row, 'delivered', { details });
  // a mail that came back was delivered first: the row says both, in whichever order it was told
  if (moved === 'behind') await ports.timeline.noteOnce(row, 'deliveredAt', details);
  return moved;
};

/**
 * Takes one event of one mail into the history and, where it says that the mailbox is dead or unwilling, to the gate.
 * Any order and any number of copies of the events end in the same state (F17): rows only move forward, a bounce for
 * good and a complaint are never undone by a late delivery.
 */
export const receiveFeedback = async (ports: FeedbackPorts, event: SesEvent): Promise<FeedbackOutcome> => {
  const row = rowOfTags(event.mail.tags);
  if (row === undefined) return { kind: 'foreign' };
  switch (event.eventType) {
    case 'Send':
      return { kind: await sent(ports, row, event) };
    case 'Delivery':
      return { kind: await delivered(ports, row, event) };
    case 'DeliveryDelay': {
      const { timestamp, delayType, expirationTime } = event.deliveryDelay;
      const more: Record<string, string | number> = { delay: delayType };
      if (expirationTime !== undefined) more.delayedUntil = expirationTime;
      return note(ports, row, 'delayedAt', timestamp, more);
    }
    case 'Bounce':
      return { kind: await bounced(ports, row, event) };
    case 'Complaint':
      if (!isComplaint(event.complaint.complaintFeedbackType)) return { kind: 'ignored' };
      return { kind: await complained(ports, row, event) };
    case 'Reject':
      return { kind: await failed(ports, row, 'rejected', event.mail) };
    case 'Rendering Failure':
      return { kind: await failed(ports, row, 'rendering-failure', event.mail) };
    case 'Open':
      return note(ports, row, 'openedAt', event.open.timestamp);
    case 'Click':
      return clicked(ports, row, event);
    case 'Subscription':
      if (event.subscription.newTopicPreferences?.unsubscribeAll !== true) return { kind: 'ignored' };
      await unsubscribed(ports, row, event.subscription.timestamp);
      return { kind: 'noted' };
    default:
      return unreachable(event);
  }
};
