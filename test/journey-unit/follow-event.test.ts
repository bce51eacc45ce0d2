import { describe, expect, test } from 'vitest';
import type { PartyId } from '../../shared/platform/ids.ts';
import { campaign, clause, hear, journeysOf, mailAfter } from './campaigns.ts';
import { createWorld, type WorldOptions } from './world.ts';

const NOW = '2018-12-03T08:00:00Z';
const complaint = campaign({ id: 'complaint', trigger: { event: 'ComplaintClosed' } });
const about = { customerRef: 'ref-ana', key: 'C-1' };

const worldOf = async (...programmes: Parameters<typeof campaign>[0][]) => {
  const world = createWorld({ now: NOW, programmes: programmes.map(campaign) });
  await world.person('ana');
  return world;
};

describe('a campaign that begins with a customer event', () => {
  test('F10: 46 copies of one event at once are one journey and one message', async () => {
    const world = await worldOf(complaint.definition);
    const copy = { ...about, eventId: 'e1' };
    expect(
      await hear(
        world,
        'ComplaintClosed',
        Array.from({ length: 46 }, () => copy),
      ),
    ).toBe(0);
    await world.advance('2018-12-10T00:00:00Z');
    expect(await journeysOf(world)).toEqual(['complaint C-1 finished']);
    expect(world.seen).toHaveLength(1);
    expect((await world.history('ana')).filter((row) => row === 'fact')).toHaveLength(1);
  });

  test('F11: the same business fact under new event ids, days later, is one journey', async () => {
    const world = await worldOf(complaint.definition);
    for (let n = 0; n < 3; n += 1) {
      await hear(world, 'ComplaintClosed', { ...about, eventId: `upstream-retry-${n}` });
      await world.advance(`2018-12-0${4 + n}T08:00:00Z`);
    }
    expect(await journeysOf(world)).toEqual(['complaint C-1 finished']);
    expect(world.seen).toHaveLength(1);
  });

  test('another complaint is another journey; without a key the event’s id tells them apart', async () => {
    const world = await worldOf(complaint.definition);
    await hear(world, 'ComplaintClosed', [about, { ...about, key: 'C-2' }, { customerRef: 'ref-ana', eventId: 'e3' }]);
    expect(await journeysOf(world)).toHaveLength(3);
  });

  test('F12: an archive replay, shuffled, begins, moves and ends nothing; what is too old says so', async () => {
    const world = await worldOf(complaint.definition, {
      id: 'paid',
      trigger: { event: 'PremiumDue' },
      steps: [
        { id: 'wait', do: { wait: { event: 'PremiumPaid', upTo: 'P9D', otherwise: 'mail' } }, next: 'thanks' },
        { id: 'mail', do: { send: 'email', template: 'welcome' } },
        { id: 'thanks', do: { exit: 'paid' } },
      ],
    });
    const day = [
      ['PremiumPaid', { customerRef: 'ref-ana', eventId: 'old' }],
      ['ComplaintClosed', { ...about, eventId: 'e1' }],
      ['PremiumDue', { customerRef: 'ref-ana', eventId: 'due' }],
    ] as const;
    const at = (n: number) => new Date(world.now() + n * 60_000).toISOString();
    const sent = day.map(([type, detail], n) => [type, { ...detail, occurredAt: at(n - 10) }] as const);
    for (const [type, detail] of sent) {
      await hear(world, type, detail);
      await world.advance(at(1));
    }
    const state = await journeysOf(world);
    expect(state).toEqual(['complaint e1 finished', 'paid due active'].map((line) => line.replace('e1', 'C-1')));
    const before = world.seen.length;
    for (const [type, detail] of [...sent].reverse()) await hear(world, type, detail);
    await world.advance('2018-12-05T00:00:00Z');
    expect(await journeysOf(world)).toEqual(state);
    expect(world.seen).toHaveLength(before);

    // never heard of before, and older than the use-by
    await hear(world, 'ComplaintClosed', { ...about, key: 'C-0', occurredAt: '2018-11-20T10:00:00Z' });
    expect(await journeysOf(world)).toEqual(state);
    expect(await world.history('ana')).toContain('fact complaint too-late');
  });

  test('F40: years later the journey still answers for the event: nothing that expires remembers it', async () => {
    const world = await worldOf({ ...complaint.definition, useBy: 'P2Y' });
    await hear(world, 'ComplaintClosed', { ...about, eventId: 'e1', occurredAt: NOW });
    await world.advance('2020-06-01T00:00:00Z');
    await hear(world, 'ComplaintClosed', { ...about, eventId: 'e9', occurredAt: NOW });
    expect(await journeysOf(world)).toEqual(['complaint C-1 finished']);
    expect(world.seen).toHaveLength(1);
  });

  test('only an event whose properties fit; the journey keeps them', async () => {
    const world = await worldOf({
      ...complaint.definition,
      trigger: { event: 'ComplaintClosed', where: clause('event.outcome', '=', 'upheld') },
    });
    await hear(world, 'ComplaintClosed', { ...about, properties: { outcome: 'refused' } });
    expect(await journeysOf(world)).toEqual([]);
    await hear(world, 'ComplaintClosed', { ...about, key: 'C-2', properties: { outcome: 'upheld' } });
    const [enrolment] = await world.enrolments.ofParty('ana' as never);
    expect(enrolment?.event).toEqual({ outcome: 'upheld' });
  });

  test('about a policy: one journey per policy, for its holder, stopped when the policy lapses', async () => {
    const world = await worldOf({
      id: 'debit',
      subject: 'policy',
      trigger: { event: 'DebitFailed' },
      exits: ['deceased', 'lapsed'],
      steps: [mailAfter('one', 1), mailAfter('five', 5)],
    });
    await world.load({ terms: [['2018-06-01', '2019-06-01']] });
    await hear(world, 'DebitFailed', { policyNo: 'P1', key: 'Dec' }, 'policy.admin');
    expect(await journeysOf(world)).toEqual(['debit Dec active']);
    await world.advance('2018-12-05T08:00:00Z');
    await world.event('PolicyLapsed', { policyNo: 'P1', effectiveOn: '2018-12-05' });
    await world.advance('2018-12-20T08:00:00Z');
    expect(await journeysOf(world)).toEqual(['debit Dec exited lapsed']);
    expect(world.seen.map(({ order }) => order.step)).toEqual(['one']);
  });

  test('nobody knows the customer yet: the event comes again; a bad one never will', async () => {
    const world = await worldOf(complaint.definition);
    expect(await hear(world, 'ComplaintClosed', { customerRef: 'nobody' })).toBe(1);
    expect(await hear(world, 'ComplaintClosed', { policyNo: 'P404' })).toBe(1);
    expect(await hear(world, 'ComplaintClosed', {})).toBe(1);
    expect(await hear(world, 'complaint closed', about)).toBe(1);
    expect(await hear(world, 'ComplaintClosed', { ...about, schemaVersion: 2 })).toBe(1);
    expect(await hear(world, 'ComplaintClosed', { ...about, properties: { nested: { a: 1 } } })).toBe(1);
    expect(await hear(world, 'ComplaintClosed', { partyId: 'ana' })).toBe(1);
    expect(await hear(world, 'PolicyEaten', about, 'policy.admin')).toBe(1);
    expect(await hear(world, 'ComplaintClosed', { partyId: 'ana', hops: 6 }, 'perennial.journeys')).toBe(1);
    expect(await journeysOf(world)).toEqual([]);
  });

  test('the history holds no value that the event carried', async () => {
    const world = await worldOf(complaint.definition);
    await hear(world, 'ComplaintClosed', { ...about, properties: { words: 'my secret' } });
    const { entries } = await world.timeline.list('ana' as never);
    expect(JSON.stringify(entries)).not.toContain('my secret');
  });
});

describe('a journey that waits for an event', () => {
  const survey = campaign({
    id: 'survey',
    trigger: { event: 'CallEnded' },
    steps: [
      {
        id: 'wait',
        do: {
          wait: { event: 'SurveyAnswered', where: clause('event.score', '<=', 6), upTo: 'P7D', otherwise: 'remind' },
        },
        next: 'call',
      },
      { id: 'call', do: { task: 'call', reason: 'low-score' }, next: 'end' },
      { id: 'remind', do: { send: 'email', template: 'welcome' } },
      { id: 'end', do: { exit: 'finished' } },
    ],
  });
  const answer = (score: number, more: Record<string, unknown> = {}) => ({
    partyId: 'ana',
    invitationId: 'i',
    survey: 'service-call',
    surveyVersion: 'v1',
    score,
    low: score <= 6,
    given: 'page',
    hasComment: false,
    ...more,
  });

  test('goes on with the answer on a page, once, and by the time-out without one', async () => {
    const world = await worldOf(survey.definition);
    await hear(world, 'CallEnded', { customerRef: 'ref-ana', key: 'a' });
    await world.advance('2018-12-04T08:00:00Z');
    await hear(world, 'SurveyAnswered', [answer(9), answer(3), answer(3)], 'perennial.pages');
    await world.advance('2018-12-20T08:00:00Z');
    expect(await world.openTasks()).toEqual(['2018-12-04 call low-score']);
    expect(world.seen).toEqual([]);
    await hear(world, 'CallEnded', { customerRef: 'ref-ana', key: 'b' });
    await world.advance('2018-12-30T08:00:00Z');
    expect(world.seen.map(({ order }) => order.step)).toEqual(['remind']);
  });

  test('an answer to another invitation of the campaign is not for it', async () => {
    const world = await worldOf(survey.definition);
    await hear(world, 'CallEnded', [
      { customerRef: 'ref-ana', key: 'a' },
      { customerRef: 'ref-ana', key: 'b' },
    ]);
    await world.advance('2018-12-04T08:00:00Z');
    await hear(world, 'SurveyAnswered', answer(3, { campaign: 'survey', occurrence: 'b' }), 'perennial.pages');
    await world.advance('2018-12-05T08:00:00Z');
    expect(await journeysOf(world)).toEqual(['survey a active', 'survey b finished finished']);
  });

  test('F10: a copy of the event that ended one wait does not end the next one for the same', async () => {
    const world = await worldOf({
      id: 'twice',
      trigger: { event: 'PremiumDue' },
      steps: [
        { id: 'first', do: { wait: { event: 'DebitFailed', upTo: 'P9D', otherwise: 'end' } } },
        { id: 'second', do: { wait: { event: 'DebitFailed', upTo: 'P9D', otherwise: 'end' } } },
        { id: 'mail', do: { send: 'email', template: 'welcome' } },
        { id: 'end', do: { exit: 'finished' } },
      ],
    });
    await hear(world, 'PremiumDue', { customerRef: 'ref-ana' });
    for (let copy = 0; copy < 3; copy += 1) {
      await world.advance(`2018-12-0${4 + copy}T08:00:00Z`);
      await hear(world, 'DebitFailed', { customerRef: 'ref-ana', eventId: 'd1', occurredAt: '2018-12-04T08:00:00Z' });
    }
    await world.advance('2018-12-07T08:00:00Z');
    expect(world.seen).toEqual([]);
    await hear(world, 'DebitFailed', { customerRef: 'ref-ana', eventId: 'd2' });
    await world.advance('2018-12-08T08:00:00Z');
    expect(world.seen).toHaveLength(1);
  });

  test('what the policy tells wakes and ends journeys too: a renewal however it was learnt', async () => {
    const world = await worldOf({
      id: 'chase',
      subject: 'policy',
      trigger: { event: 'DebitFailed' },
      exits: ['deceased', { event: 'PolicyRenewed' }],
      steps: [
        { id: 'patience', do: { wait: { for: 'P30D' } } },
        { id: 'mail', do: { send: 'email', template: 'welcome' } },
      ],
    });
    await world.load({ terms: [['2018-01-15', '2019-01-15']] });
    await hear(world, 'DebitFailed', { policyNo: 'P1', key: 'x' });
    await world.event('PolicyRenewed', { policyNo: 'P1', termStartsOn: '2019-01-15', nextRenewalOn: '2020-01-15' });
    expect(await journeysOf(world)).toEqual(['chase x exited exits.1']);
  });

  test('a failed message takes the failure branch, however often it is told', async () => {
    const world = await worldOf({
      id: 'fallback',
      trigger: { event: 'CallEnded' },
      steps: [
        { id: 'mail', do: { send: 'email', template: 'welcome' }, onFailure: 'call', next: 'end' },
        { id: 'call', do: { task: 'call', reason: 'no-mail' } },
        { id: 'end', do: { exit: 'finished' } },
      ],
    });
    await hear(world, 'CallEnded', { customerRef: 'ref-ana', key: 'a' });
    await world.advance('2018-12-03T08:30:00Z');
    const ref = { partyId: 'ana' as PartyId, campaign: 'fallback', occurrence: 'a' };
    for (let copy = 0; copy < 3; copy += 1) {
      await world.changes.send([{ kind: 'step-failed', ref, step: 'mail', because: 'bounced' }]);
      await world.drain();
      await world.advance(`2018-12-03T09:0${copy}:00Z`);
    }
    expect(await world.openTasks()).toEqual(['2018-12-03 call no-mail']);
    expect(await journeysOf(world)).toEqual(['fallback a finished finished']);
  });
});

describe('cut off anywhere', () => {
  const play = async (wrap?: WorldOptions['wrap']) => {
    const programmes = [
      complaint,
      campaign({
        id: 'premium',
        trigger: { event: 'PremiumDue' },
        reEntry: 'after-exit',
        exits: ['deceased', { event: 'PremiumPaid' }],
        steps: [
          { id: 'wait', do: { wait: { event: 'DebitFailed', upTo: 'P30D', otherwise: 'end' } } },
          { id: 'mail', do: { send: 'email', template: 'welcome' } },
          { id: 'patience', do: { wait: { for: 'P5D' } } },
          { id: 'again', do: { send: 'email', template: 'welcome' } },
          { id: 'end', do: { exit: 'finished' } },
        ],
      }),
    ];
    const world = createWorld({ now: NOW, programmes, ...(wrap ? { wrap } : {}) });
    await world.person('ana');
    const told = async (type: string, key: string) => {
      const at = new Date(world.now()).toISOString();
      // the queue gives a message again until it is done
      for (let attempt = 0; attempt < 9; attempt += 1)
        if ((await hear(world, type, { customerRef: 'ref-ana', key, occurredAt: at })) === 0) return;
    };
    await told('PremiumDue', 'jan');
    await told('ComplaintClosed', 'c');
    await world.advance('2018-12-05T08:00:00Z');
    await told('DebitFailed', 'jan');
    await world.advance('2018-12-06T08:00:00Z');
    await told('PremiumPaid', 'jan');
    await told('PremiumDue', 'feb');
    await world.advance('2019-02-01T08:00:00Z');
    return {
      journeys: await journeysOf(world),
      sends: [...new Set(world.seen.map(({ order, at }) => `${order.sendId} ${order.step} ${at}`))].sort(),
      history: (await world.history('ana')).sort(),
    };
  };

  test('F13, N2: before or after any port call: the same journeys, messages and history', async () => {
    const calm = await play();
    expect(calm.journeys).toEqual([
      'complaint c finished',
      'premium jan exited exits.1',
      'premium feb finished finished',
    ]);
    expect(calm.sends).toHaveLength(2);
    const killing =
      (kill: number, when: 'before' | 'after', counter: { calls: number }): WorldOptions['wrap'] =>
      (ports) =>
        new Proxy(ports, {
          get(target, name, receiver) {
            const value: unknown = Reflect.get(target, name, receiver);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]) => {
              counter.calls += 1;
              const mine = counter.calls;
              if (mine === kill && when === 'before') throw new Error('killed');
              const result: unknown = await Reflect.apply(value, target, args);
              if (mine === kill && when === 'after') throw new Error('killed');
              return result;
            };
          },
        });
    const counter = { calls: 0 };
    expect(await play(killing(0, 'after', counter))).toEqual(calm);
    expect(counter.calls).toBeGreaterThan(60);
    for (const when of ['before', 'after'] as const)
      for (let kill = 1; kill <= counter.calls; kill += 1)
        expect(await play(killing(kill, when, { calls: 0 })), `killed ${when} call ${kill}`).toEqual(calm);
  }, 60_000);
});
