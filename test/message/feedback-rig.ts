import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import { tagsOf } from '../../shared/message/mail-tags.ts';
import { feedbackMessage, type SesEvent } from '../../shared/message/ses-events.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import {
  type CivilDate,
  DAY,
  formatInstant,
  HOUR,
  type Instant,
  parseInstant,
  type ZoneId,
} from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';

export const NOW = parseInstant('2019-01-31T10:00:00Z') as Instant;
export const ann = 'ann0000000000000000000000a' as PartyId;
export const bob = 'bob0000000000000000000000a' as PartyId;
export const cid = 'cid0000000000000000000000a' as PartyId;
export const ADDRESS = 'Family@Example.com';

/** Ann and Bob share a mailbox, Cid has his own. */
export const household = async () => {
  const table = createMemoryTable();
  const ports = {
    timeline: createTimeline(table),
    gates: createGates(table),
    ledger: createConsentLedger(table),
    addressBook: createAddressBook(table),
    profiles: createProfiles(table),
    changes: createMemoryQueue<ChangeMessage>(),
    journeys: createMemoryQueue<JourneyMessage>(),
    enrolments: createEnrolments(table),
    health: createCampaignHealth(table),
    clicks: createClicks(table),
    due: createDueWork(table),
    clock: () => (NOW + HOUR) as Instant,
  };
  const zone = 'Europe/Madrid' as ZoneId;
  for (const [partyId, email] of [
    [ann, ADDRESS],
    [bob, 'family@example.com '],
    [cid, 'cid@example.com'],
  ] as const) {
    await ports.gates.create({ partyId, version: 1, consent: {}, suppressed: {}, situations: [], zone, recent: {} });
    await ports.addressBook.link(email, partyId);
    await ports.profiles.put({ partyId, scope: 's', name: {}, locale: 'en', zone, email, records: [], version: 1 }, 0);
  }
  const gateOf = async (id: PartyId) => (await ports.gates.getMany([id])).get(id);
  return { table, ...ports, ports, gateOf };
};

export const rowOf = (n = 0, partyId = ann) => ({
  partyId,
  at: (NOW + n * DAY) as Instant,
  kind: 'message' as const,
  id: `send${n}`,
  policyIds: ['policy1', 'policy2'] as PolicyId[],
  campaign: 'renewal',
  step: 'm30',
  sendClass: 'service' as const,
  proof: {
    key: 'mail/2019-01-31/abc.gz',
    from: 12,
    length: 345,
    sha256: 'A-_b'.repeat(10).concat('xyz'),
    trace: 'b_-A'.repeat(10).concat('zyx'),
  },
});

export type Kind = SesEvent['eventType'] | 'Transient';

/** An event of a mail of ours, a minute after it was due. @param more what its own part says beside */
export const eventOf = (kind: Kind, row = rowOf(), address = ADDRESS, more: object = {}): SesEvent => {
  const timestamp = formatInstant((row.at + 60_000) as Instant);
  const people = [{ emailAddress: address }];
  const tags = Object.fromEntries(Object.entries(tagsOf(row)).map(([name, value]) => [name, [value]]));
  const bounce = { bounceSubType: 'General', bouncedRecipients: people, timestamp };
  const parts: Record<Kind, object> = {
    Send: { send: {} },
    Delivery: { delivery: { timestamp, ...more } },
    DeliveryDelay: { deliveryDelay: { timestamp, delayType: 'MailboxFull', ...more } },
    Bounce: { bounce: { ...bounce, bounceType: 'Permanent', ...more } },
    Transient: { bounce: { ...bounce, bounceType: 'Transient', bounceSubType: 'MailboxFull', ...more } },
    Complaint: { complaint: { complainedRecipients: people, timestamp, ...more } },
    Reject: { reject: { reason: 'Bad content' } },
    'Rendering Failure': { failure: { errorMessage: 'x', templateName: 'y' } },
    Open: { open: { timestamp, userAgent: 'x', ipAddress: '192.0.2.1' } },
    Click: { click: { timestamp, link: 'https://example.com/r/x', userAgent: BROWSER, ...more } },
    Subscription: { subscription: { timestamp, newTopicPreferences: { unsubscribeAll: true }, ...more } },
  };
  const mail = { messageId: 'ses-1', timestamp, destination: [address], tags };
  return feedbackMessage.parse({ eventType: kind === 'Transient' ? 'Bounce' : kind, mail, ...parts[kind] });
};

/** What a person reads mail in. */
export const BROWSER =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49';

/** The journey of the row's first policy, whose step was performed. */
export const enrolmentOf = (row = rowOf(), more: Partial<Enrolment> = {}): Enrolment => ({
  partyId: row.partyId,
  campaign: row.campaign,
  policyId: row.policyIds[0] as PolicyId,
  occurrence: '2018-02-14',
  definition: 'h',
  anchorOn: '2019-02-14' as CivilDate,
  zone: 'Europe/Madrid' as ZoneId,
  scope: 's',
  contactRule: 'direct',
  state: 'active',
  done: [row.step],
  enteredAt: NOW,
  version: 1,
  ...more,
});

/** All orders of some things. */
export const permutations = <T>(items: readonly T[]): T[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((item, n) => permutations(items.filter((_, m) => m !== n)).map((rest) => [item, ...rest]));
