import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import type { Gate } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import { rowOfTags, tagsOf } from '../../shared/message/mail-tags.ts';
import { optOut } from '../../shared/message/opt-out.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import { feedbackMessage, type SesEvent } from '../../shared/message/ses-events.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId, PolicyId, SendId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import {
  type CivilDate,
  DAY,
  formatInstant,
  type Instant,
  parseInstant,
  type ZoneId,
} from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';

const NOW = parseInstant('2019-01-31T10:00:00Z') as Instant;
const ann = 'ann0000000000000000000000a' as PartyId;
const bob = 'bob0000000000000000000000a' as PartyId;
const cid = 'cid0000000000000000000000a' as PartyId;
const ADDRESS = 'Family@Example.com';

/** Ann and Bob share a mailbox, Cid has his own. */
const household = async () => {
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

const rowOf = (n = 0, partyId = ann) => ({
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

type Kind =
  | 'Send'
  | 'Delivery'
  | 'Bounce'
  | 'Transient'
  | 'Complaint'
  | 'Reject'
  | 'Rendering Failure'
  | 'Open'
  | 'Click';
const eventOf = (kind: Kind, row = rowOf(), address = ADDRESS): SesEvent => {
  const timestamp = formatInstant((row.at + 60_000) as Instant);
  const people = [{ emailAddress: address }];
  const tags = Object.fromEntries(Object.entries(tagsOf(row)).map(([name, value]) => [name, [value]]));
  const bounce = { bounceSubType: 'General', bouncedRecipients: people, timestamp };
  const parts: Record<Kind, object> = {
    Send: { send: {} },
    Delivery: { delivery: { timestamp } },
    Bounce: { bounce: { ...bounce, bounceType: 'Permanent' } },
    Transient: { bounce: { ...bounce, bounceType: 'Transient' } },
    Complaint: { complaint: { complainedRecipients: people, timestamp } },
    Reject: { reject: { reason: 'Bad content' } },
    'Rendering Failure': { failure: { errorMessage: 'x', templateName: 'y' } },
    Open: { open: { timestamp, userAgent: 'x', ipAddress: '192.0.2.1' } },
    Click: { click: { timestamp, link: 'https://example.com/r/x' } },
  };
  const mail = { messageId: 'ses-1', timestamp, destination: [address], tags };
  return feedbackMessage.parse({ eventType: kind === 'Transient' ? 'Bounce' : kind, mail, ...parts[kind] });
};

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((item, n) => permutations(items.filter((_, m) => m !== n)).map((rest) => [item, ...rest]));

describe('mail feedback', () => {
  test('tags carry the row there and back, in SES’s alphabet', () => {
    const tags = tagsOf(rowOf());
    for (const value of Object.values(tags)) expect(value).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
    expect(rowOfTags(Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])))).toEqual(
      rowOf(),
    );
    expect(rowOfTags({ 'ses:configuration-set': ['x'] })).toBeUndefined();
    expect(() => tagsOf({ ...rowOf(), step: 'a b' })).toThrow(/cannot be a message tag/);
  });

  test('F17: 24 orders of send, delivery, bounce, complaint, 46 copies each: one end state', async () => {
    const kinds: Kind[] = ['Send', 'Delivery', 'Bounce', 'Complaint'];
    for (const order of permutations(kinds)) {
      const { ports, timeline, gateOf, ledger } = await household();
      await timeline.record({ ...rowOf(), channel: 'email', state: 'accepted' });
      for (const kind of order) for (let copy = 0; copy < 46; copy += 1) await receiveFeedback(ports, eventOf(kind));
      // the mail, and that the complaint was also a refusal of advertising
      expect((await timeline.list(ann)).entries.map(({ kind }) => kind).sort()).toEqual(['consent', 'message']);
      expect(await timeline.get(rowOf())).toMatchObject({ state: 'complained', reason: 'complaint' });
      for (const id of [ann, bob]) {
        const gate = await gateOf(id);
        expect(gate?.suppressed.email).toBe('complaint');
        expect(gate?.consent['email/marketing']).toMatchObject({ given: false, wording: 'complaint' });
        expect(await ledger.list(id)).toHaveLength(1);
      }
      expect(await gateOf(cid)).toMatchObject({ suppressed: {}, consent: {} });
    }
  });

  test('F17: a bounce for good and a complaint are not undone by a late delivery', async () => {
    const { ports, timeline, gateOf } = await household();
    await timeline.record({ ...rowOf(), channel: 'email', state: 'accepted' });
    for (const kind of ['Bounce', 'Delivery', 'Send', 'Transient'] as const)
      await receiveFeedback(ports, eventOf(kind));
    expect(await timeline.get(rowOf())).toMatchObject({ state: 'bounced', reason: 'permanent' });
    expect((await gateOf(ann))?.suppressed.email).toBe('hard-bounce');
  });

  test('F18: an event before our row writes the row from its tags, whichever event it is', async () => {
    for (const kind of ['Send', 'Delivery', 'Bounce', 'Complaint', 'Reject', 'Open', 'Click'] as const) {
      const { ports, timeline } = await household();
      await receiveFeedback(ports, eventOf(kind));
      const { partyId, policyIds, campaign, step, sendClass, proof } = rowOf();
      const about = { policyIds, campaign, step, sendClass, proof, channel: 'email' };
      expect(await timeline.get(rowOf()), kind).toMatchObject({ partyId, ...about });
    }
  });

  test('F22: accepted, then a rendering failure or a rejection: failed with its reason, on the list', async () => {
    for (const [kind, reason] of [
      ['Rendering Failure', 'rendering-failure'],
      ['Reject', 'rejected'],
    ] as const) {
      const { ports, timeline, gateOf } = await household();
      const contact = { at: NOW, channel: 'email', sendClass: 'service', owner: 'w', leaseUntil: NOW } as const;
      await ports.gates.reserve((await gateOf(ann)) as Gate, [rowOf().id as SendId], contact);
      await timeline.record({ ...rowOf(), channel: 'email', state: 'accepted' });
      await receiveFeedback(ports, eventOf(kind));
      expect((await gateOf(ann))?.recent[rowOf().id as SendId]?.failed).toBe(true);
      expect((await timeline.trouble('failed')).entries).toMatchObject([{ id: 'send0', state: 'failed', reason }]);
    }
  });

  test('a Send event settles an unknown outcome; it takes the row off the list', async () => {
    const { ports, timeline } = await household();
    await timeline.record({ ...rowOf(), channel: 'email', state: 'unknown', reason: 'unknown-outcome' });
    expect(await receiveFeedback(ports, eventOf('Send'))).toEqual({ kind: 'advanced' });
    expect(await timeline.get(rowOf())).toMatchObject({ state: 'accepted', proof: rowOf().proof });
    expect((await timeline.trouble('unknown')).entries).toEqual([]);
    expect(await receiveFeedback(ports, eventOf('Send'))).toEqual({ kind: 'behind' });
  });

  test('a hard bounce shuts e-mail for everyone at the address and tells the journeys', async () => {
    const { ports, gateOf, changes } = await household();
    await receiveFeedback(ports, eventOf('Bounce'));
    for (const id of [ann, bob]) expect((await gateOf(id))?.suppressed.email).toBe('hard-bounce');
    expect((await gateOf(cid))?.suppressed).toEqual({});
    expect(new Set(changes.messages.map((message) => 'partyId' in message && message.partyId))).toEqual(
      new Set([ann, bob]),
    );
  });

  test.each(['Bounce', 'Reject', 'Rendering Failure'] as const)(
    '%s: the journey is told that its step failed, by every copy; the watch counts once',
    async (kind) => {
      const { ports, journeys, health, enrolments } = await household();
      const row = rowOf();
      const [policyId] = row.policyIds;
      const ref = { partyId: ann, campaign: row.campaign, policyId, occurrence: '2018-02-14' };
      const rest = {
        definition: 'h',
        anchorOn: '2019-02-14' as CivilDate,
        zone: 'Europe/Madrid' as ZoneId,
        scope: 's',
      };
      const enrolled: Enrolment = {
        ...ref,
        ...rest,
        contactRule: 'direct',
        state: 'active',
        done: [row.step],
        enteredAt: NOW,
        version: 1,
      };
      await enrolments.create(enrolled);
      // the term after, whose step is yet to come
      await enrolments.create({ ...enrolled, occurrence: '2019-02-14', done: [] });
      for (let copy = 0; copy < 2; copy += 1) await receiveFeedback(ports, eventOf(kind));
      expect(journeys.messages).toHaveLength(2);
      expect(journeys.messages[0]).toMatchObject({ kind: 'step-failed', ref, step: row.step });
      expect((await health.of(row.campaign, row.at)).hardBounces).toBe(kind === 'Bounce' ? 1 : 0);
    },
  );

  test('complaints are counted by campaign, each mail once', async () => {
    const { ports, health } = await household();
    for (const n of [0, 0, 0, 1]) await receiveFeedback(ports, eventOf('Complaint', rowOf(n)));
    expect((await health.of(rowOf().campaign, (NOW + 2 * DAY) as Instant)).complaints).toBe(2);
  });

  test('F43: the bounce of an address that a person has left does not shut the new one', async () => {
    const { ports, gateOf, profiles, addressBook } = await household();
    const profile = await profiles.get(ann);
    await profiles.put({ ...(profile as NonNullable<typeof profile>), email: 'new@example.com', version: 2 }, 1);
    await addressBook.unlink(ADDRESS, ann);
    await receiveFeedback(ports, eventOf('Bounce'));
    expect((await gateOf(ann))?.suppressed).toEqual({});
    expect((await gateOf(bob))?.suppressed.email).toBe('hard-bounce');
  });

  test('five soft bounces in a row shut the channel; copies count once and a delivery breaks the row', async () => {
    const { ports, gateOf, timeline } = await household();
    for (let n = 0; n < 4; n += 1)
      for (let copy = 0; copy < 46; copy += 1) await receiveFeedback(ports, eventOf('Transient', rowOf(n)));
    await receiveFeedback(ports, eventOf('Delivery', rowOf(4)));
    for (let n = 5; n < 9; n += 1) await receiveFeedback(ports, eventOf('Transient', rowOf(n)));
    expect((await gateOf(ann))?.suppressed).toEqual({});
    expect(await timeline.get(rowOf(8))).toMatchObject({ state: 'bounced', reason: 'transient' });
    await receiveFeedback(ports, eventOf('Transient', rowOf(9)));
    expect((await gateOf(ann))?.suppressed.email).toBe('soft-bounces');
  });

  test('opens and clicks are noted with their first time, move nothing and are no reaction', async () => {
    const { ports, timeline, changes } = await household();
    await timeline.record({ ...rowOf(), channel: 'email', state: 'delivered' });
    for (const kind of ['Open', 'Click', 'Open'] as const)
      expect(await receiveFeedback(ports, eventOf(kind))).toEqual({ kind: 'noted' });
    const row = await timeline.get(rowOf());
    expect(row).toMatchObject({ state: 'delivered', details: { openedAt: NOW + 60_000, clickedAt: NOW + 60_000 } });
    expect(changes.messages).toEqual([]);
    expect((await timeline.list(ann)).entries).toHaveLength(1);
  });

  test('events of mails that are not ours are left alone', async () => {
    const { ports, table } = await household();
    const before = table.all();
    const event = eventOf('Bounce');
    expect(await receiveFeedback(ports, { ...event, mail: { ...event.mail, tags: {} } })).toEqual({ kind: 'foreign' });
    expect(table.all()).toEqual(before);
  });
});

describe('the shapes that SES sends', () => {
  const folder = join(import.meta.dirname, '../../../shared/data/ses-events');
  const samples = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('event-')) : [];

  test.skipIf(samples.length === 0)('every sample of the SES guide is read, plain and inside an SNS envelope', () => {
    expect(samples.length).toBe(10);
    for (const name of samples) {
      const text = readFileSync(join(folder, name), 'utf8');
      const plain = feedbackMessage.safeParse(JSON.parse(text));
      expect(plain.success, name).toBe(true);
      const wrapped = { Type: 'Notification', MessageId: 'x', TopicArn: 'arn:aws:sns:x', Message: text };
      expect(feedbackMessage.parse(wrapped), name).toEqual(plain.data);
    }
  });

  test('F09: anything else is refused', () => {
    for (const body of [
      null,
      1,
      'x',
      {},
      [],
      { eventType: 'Nonsense', mail: {} },
      { Type: 'Notification', Message: '{' },
      { Type: 'Notification', Message: 'null' },
    ])
      expect(feedbackMessage.safeParse(body).success).toBe(false);
  });
});

describe('opting out', () => {
  const request = { partyId: ann, wording: 'unsubscribe-2019', source: 'unsubscribe-link', at: NOW };

  test('from an advertisement stops advertising, from a reminder the reminders too, for everyone at the address', async () => {
    for (const [sendClass, service] of [
      ['marketing', undefined],
      ['service', false],
    ] as const) {
      const { ports, gateOf, ledger, changes, timeline } = await household();
      expect([...(await optOut(ports, { ...request, sendClass }))].sort()).toEqual([ann, bob]);
      for (const id of [ann, bob]) {
        const consent = (await gateOf(id))?.consent;
        expect(consent?.['email/marketing']).toEqual({ given: false, wording: 'unsubscribe-2019', at: NOW });
        expect(consent?.['email/service']?.given).toBe(service);
        expect(await ledger.list(id)).toHaveLength(service === undefined ? 1 : 2);
        const told = (await timeline.list(id)).entries.filter(({ kind }) => kind === 'consent');
        expect(told.map(({ details }) => details?.purpose).sort()).toEqual(
          service === undefined ? ['marketing'] : ['marketing', 'service'],
        );
      }
      expect((await gateOf(cid))?.consent).toEqual({});
      expect(changes.messages).toHaveLength(2);
    }
  });

  test('F31: a hundred times is as once; consent given later stands again', async () => {
    const { ports, gateOf, ledger, gates } = await household();
    await Promise.all(Array.from({ length: 100 }, () => optOut(ports, { ...request, sendClass: 'marketing' })));
    expect(await ledger.list(ann)).toHaveLength(1);
    expect((await gateOf(ann))?.consent['email/marketing']?.given).toBe(false);
    await gates.setConsent(ann, 'email', 'marketing', { given: true, wording: 'w', at: (NOW + DAY) as Instant });
    await optOut(ports, { ...request, sendClass: 'marketing' });
    expect((await gateOf(ann))?.consent['email/marketing']?.given).toBe(true);
  });
});
