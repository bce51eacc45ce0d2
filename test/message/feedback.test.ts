import { describe, expect, test } from 'vitest';
import type { Gate } from '../../shared/customer/customer.ts';
import { rowOfTags, tagsOf } from '../../shared/message/mail-tags.ts';
import { optOut } from '../../shared/message/opt-out.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import type { SesEvent } from '../../shared/message/ses-events.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import { DAY, formatInstant, type Instant, MINUTE } from '../../shared/platform/time.ts';
import {
  ADDRESS,
  ann,
  bob,
  cid,
  enrolmentOf,
  eventOf,
  household,
  type Kind,
  NOW,
  permutations,
  rowOf,
} from './feedback-rig.ts';

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
      await ports.enrolments.create(enrolmentOf());
      for (const kind of order) for (let copy = 0; copy < 46; copy += 1) await receiveFeedback(ports, eventOf(kind));
      // the mail, and that the complaint was also a refusal of advertising
      expect((await timeline.list(ann)).entries.map(({ kind }) => kind).sort()).toEqual(['consent', 'message']);
      const at = NOW + MINUTE;
      const { state, reason, details } = (await timeline.get(rowOf())) ?? {};
      expect({ state, reason, details }, order.join()).toEqual({
        state: 'complained',
        reason: 'complaint',
        details: {
          messageId: 'ses-1',
          acceptedAt: at,
          deliveredAt: at,
          bouncedAt: at,
          bounce: 'Permanent/General',
          complainedAt: at,
        },
      });
      expect(await ports.health.of('renewal', NOW)).toMatchObject({ complaints: 1, hardBounces: 1 });
      // told by every copy, the same each time: a journey takes it once
      const told = new Set(ports.journeys.messages.map((message) => JSON.stringify(message)));
      expect([...told].map((text) => JSON.parse(text).kind)).toEqual(['step-failed', 'event']);
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
      const enrolled = enrolmentOf();
      await enrolments.create(enrolled);
      // the term before, which performed the same step a year ago, and the one after, whose step is yet to come
      await enrolments.create(enrolmentOf(row, { occurrence: '2017-02-14', enteredAt: (NOW - 300 * DAY) as Instant }));
      await enrolments.create(enrolmentOf(row, { occurrence: '2019-02-14', done: [] }));
      for (let copy = 0; copy < 2; copy += 1) await receiveFeedback(ports, eventOf(kind));
      const why = { Bounce: 'hard-bounce', Reject: 'rejected', 'Rendering Failure': 'rendering-failure' }[kind];
      const { partyId, campaign, policyId, occurrence } = enrolled;
      const [failure, event] = journeys.messages;
      expect(failure).toMatchObject({
        kind: 'step-failed',
        ref: { partyId, campaign, policyId, occurrence },
        step: row.step,
        because: why,
      });
      expect(event).toMatchObject({
        kind: 'event',
        partyId,
        policyId,
        event: {
          type: 'MessageUndelivered',
          properties: { campaign, occurrence, step: row.step, channel: 'email', why },
        },
      });
      expect(journeys.messages).toEqual([failure, event, failure, event]);
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

  test('five soft bounces: the latest of them is undelivered, whichever is heard of last', async () => {
    for (const last of [0, 4]) {
      const { ports, journeys } = await household();
      const order = [0, 1, 2, 3, 4].filter((n) => n !== last);
      for (const n of [...order, last]) await receiveFeedback(ports, eventOf('Transient', rowOf(n)));
      const events = journeys.messages.filter(({ kind }) => kind === 'event');
      expect(events).toMatchObject([{ event: { type: 'MessageUndelivered', properties: { why: 'soft-bounces' } } }]);
      const single = await household();
      for (const n of [0, 1, 2, 3, 4]) await receiveFeedback(single.ports, eventOf('Transient', rowOf(n)));
      const keyOf = (message: unknown) => (message as { event: { key: string } }).event.key;
      expect(keyOf(events[0])).toBe(keyOf(single.journeys.messages.at(-1)));
    }
  });

  test.each(['MessageTooLarge', 'ContentRejected', 'AttachmentRejected'])(
    '%s: what we wrote was refused; ten of them in a row punish nobody',
    async (bounceSubType) => {
      const { ports, gateOf, journeys, health, timeline } = await household();
      for (let n = 0; n < 10; n += 1)
        await receiveFeedback(ports, eventOf('Transient', rowOf(n), ADDRESS, { bounceSubType }));
      expect((await gateOf(ann))?.suppressed).toEqual({});
      expect(await timeline.get(rowOf(3))).toMatchObject({ state: 'bounced', reason: 'content' });
      expect((await health.of('renewal', NOW)).hardBounces).toBe(0);
      expect(journeys.messages).toEqual([]);
    },
  );

  test('five automatic answers of a mailbox that took the mails punish nobody, in either order', async () => {
    for (const order of [['Delivery', 'Transient'] as const, ['Transient', 'Delivery'] as const]) {
      const { ports, gateOf } = await household();
      for (let n = 0; n < 6; n += 1)
        for (const kind of order)
          await receiveFeedback(
            ports,
            eventOf(kind, rowOf(n), ADDRESS, kind === 'Transient' ? { bounceSubType: 'General' } : {}),
          );
      // the sixth: before its delivery is heard of it may look like one that came back, never like five
      expect((await gateOf(ann))?.suppressed, order.join()).toEqual({});
    }
  });

  test('several recipients: each who bounced is shut, the others are not', async () => {
    const { ports, gateOf } = await household();
    const bouncedRecipients = [{ emailAddress: ' CID@example.com' }, { emailAddress: 'stranger@example.com' }];
    await receiveFeedback(ports, eventOf('Bounce', rowOf(), ADDRESS, { bouncedRecipients }));
    expect((await gateOf(cid))?.suppressed.email).toBe('hard-bounce');
    for (const id of [ann, bob]) expect((await gateOf(id))?.suppressed).toEqual({});
  });

  test('several who may have complained: each is taken at their word', async () => {
    const { ports, gateOf } = await household();
    const complainedRecipients = [{ emailAddress: ADDRESS }, { emailAddress: 'cid@example.com' }];
    await receiveFeedback(ports, eventOf('Complaint', rowOf(), ADDRESS, { complainedRecipients }));
    for (const id of [ann, bob, cid]) expect((await gateOf(id))?.suppressed.email).toBe('complaint');
  });

  test.each(['not-spam', 'auth-failure'])('a report of kind %s is no complaint', async (complaintFeedbackType) => {
    const { ports, gateOf, health } = await household();
    const event = eventOf('Complaint', rowOf(), ADDRESS, { complaintFeedbackType });
    expect(await receiveFeedback(ports, event)).toEqual({ kind: 'ignored' });
    expect(await gateOf(ann)).toMatchObject({ suppressed: {}, consent: {} });
    expect((await health.of('renewal', NOW)).complaints).toBe(0);
  });

  test('whoever unsubscribes at the provider has unsubscribed here; other news of its lists is ignored', async () => {
    for (const event of [
      eventOf('Subscription'),
      eventOf('Bounce', rowOf(), ADDRESS, { bounceSubType: 'UnsubscribedRecipient' }),
    ]) {
      const { ports, gateOf } = await household();
      await receiveFeedback(ports, event);
      for (const id of [ann, bob]) {
        expect((await gateOf(id))?.consent['email/marketing']).toMatchObject({
          given: false,
          wording: 'provider-list',
        });
        expect((await gateOf(id))?.suppressed).toEqual({});
      }
    }
    const { ports, gateOf } = await household();
    const other = eventOf('Subscription', rowOf(), ADDRESS, { newTopicPreferences: { unsubscribeAll: false } });
    expect(await receiveFeedback(ports, other)).toEqual({ kind: 'ignored' });
    expect((await gateOf(ann))?.consent).toEqual({});
  });

  test('46 copies at once, not one after the other: a complaint and a hard bounce count once', async () => {
    for (const kind of ['Complaint', 'Bounce'] as const) {
      const { ports, health } = await household();
      await Promise.all(Array.from({ length: 46 }, () => receiveFeedback(ports, eventOf(kind))));
      const { complaints, hardBounces } = await health.of('renewal', NOW);
      expect(complaints + hardBounces, kind).toBe(1);
    }
  });

  test('an open is noted with its first time, moves nothing and is no reaction', async () => {
    const { ports, timeline, changes, journeys } = await household();
    await timeline.record({ ...rowOf(), channel: 'email', state: 'delivered' });
    for (let copy = 0; copy < 3; copy += 1)
      expect(await receiveFeedback(ports, eventOf('Open'))).toEqual({ kind: 'noted' });
    expect(await timeline.get(rowOf())).toMatchObject({ state: 'delivered', details: { openedAt: NOW + MINUTE } });
    expect([...changes.messages, ...journeys.messages]).toEqual([]);
    expect((await timeline.list(ann)).entries).toHaveLength(1);
  });

  test('a delay is noted with how long SES will try, whichever of two comes first', async () => {
    const [first, second] = [0, 10].map((minutes) =>
      eventOf('DeliveryDelay', rowOf(), ADDRESS, {
        timestamp: formatInstant((NOW + minutes * MINUTE) as Instant),
        expirationTime: formatInstant((NOW + DAY) as Instant),
      }),
    ) as [SesEvent, SesEvent];
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const { ports, timeline } = await household();
      for (const event of order) expect((await receiveFeedback(ports, event)).kind).toBe('noted');
      const details = { delayedAt: NOW, delay: 'MailboxFull', delayedUntil: NOW + DAY };
      expect(await timeline.get(rowOf())).toMatchObject({ state: 'accepted', details });
    }
  });

  test('events of mails that are not ours are left alone', async () => {
    const { ports, table } = await household();
    const before = table.all();
    const event = eventOf('Bounce');
    expect(await receiveFeedback(ports, { ...event, mail: { ...event.mail, tags: {} } })).toEqual({ kind: 'foreign' });
    expect(table.all()).toEqual(before);
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
