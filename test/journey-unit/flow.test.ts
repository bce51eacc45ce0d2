import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuleSubject } from '../../shared/audience/rule-subject.ts';
import type { Programme } from '../../shared/campaign/programmes.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { failStep, type WakingEvent, wake } from '../../shared/journey/flow.ts';
import { walk } from '../../shared/journey/walk.ts';
import { webhookCall } from '../../shared/message/webhook-call.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { journeyEventSchema } from '../../shared/policy/customer-event.ts';
import { all, begun, campaignOf, enter, is, letter, mail, refOfFlow, wait } from './flows.ts';
import { createWorld, day, instant } from './world.ts';

const START = '2019-01-01T09:00:00Z';

const worldOf = async (programme: Programme, now = START) => {
  const world = createWorld({ now, programmes: [programme] });
  await world.person('ana', { phone: '+34600000000' });
  return world;
};

/** A world in which one customer stands at the beginning of a flow, and its first steps were run. */
const started = async (steps: readonly object[], change: object = {}) => {
  const programme = campaignOf(steps, change);
  const world = await worldOf(programme);
  await enter(world, begun(programme, instant(START)));
  await world.advance(START);
  return { world, programme, of: () => world.enrolments.get(refOfFlow()) };
};

const paid = (occurredAt: string): WakingEvent => ({
  type: 'InvoicePaid',
  properties: { amount: 5 },
  occurredAt: instant(occurredAt),
  hops: 0,
});

describe('a flow', () => {
  test('goes from step to step, waits, and ends', async () => {
    const { world, of } = await started([mail('hello'), wait('pause', { for: 'P3D' }), mail('again'), letter('bye')]);
    expect(world.sends()).toEqual(['2019-01-01 email hello']);
    expect(await of()).toMatchObject({ next: { step: 'again', at: instant('2019-01-04T09:00:00Z') } });
    await world.advance('2019-01-10T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello', '2019-01-04 email again', '2019-01-04 post bye']);
    expect(await of()).toMatchObject({ state: 'finished', done: ['hello', 'pause', 'again', 'bye'] });
    expect((await of())?.next).toBeUndefined();
  });

  test('a wait for a day or time that is past is none', async () => {
    const { world } = await started([
      wait('birthday', { until: { date: 'customer.birthOn', days: 0, time: '10:00' } }),
      mail('hello'),
    ]);
    // nobody knows the date: the journey ends and says so, rather than send at once or never
    expect(world.sends()).toEqual([]);
    expect(await world.history('ana')).toEqual(['fact flow by-definition']);

    const renewal = campaignOf(
      [wait('early', { until: { date: 'policy.startsOn', days: 10, time: '10:00' } }), mail('hello')],
      { subject: 'policy' },
    );
    const other = await worldOf(renewal);
    const [policyId] = await other.load({ terms: [['2018-06-01', '2019-06-01']] });
    await enter(other, begun(renewal, instant(START), { policyId: policyId as string }));
    await other.advance(START);
    expect(other.sends()).toEqual(['2019-01-01 email hello']);
    expect(other.seen[0]?.order.dueAt).toBe(instant(START));
  });

  test.each([
    [true, ['2019-01-01 email hello', '2019-01-02 email thanks']],
    [false, ['2019-01-01 email hello', '2019-01-02 post remind']],
  ])('branches by what the customer did: reacted %s', async (reacted, wanted) => {
    const { world, of } = await started([
      mail('hello'),
      wait('day', { for: 'P1D' }),
      {
        id: 'did-they',
        do: { branch: { paths: [{ when: all(is('journey.reacted', true)), next: 'thanks' }], otherwise: 'remind' } },
      },
      mail('thanks', { next: 'end' }),
      letter('remind'),
      { id: 'end', do: { exit: 'told' } },
    ]);
    const before = (await of()) as Enrolment;
    if (reacted)
      await world.enrolments.put({ ...before, reaction: { kind: 'click', at: world.now() } }, before.version);
    await world.advance('2019-01-05T00:00:00Z');
    expect(world.sends()).toEqual(wanted);
    expect(await of()).toMatchObject({ state: 'finished', exit: { reason: 'by-definition', because: 'told' } });
    expect(await world.history('ana')).toContain('fact flow by-definition');
  });

  test('C3: each of the other acts', async () => {
    const { world } = await started([
      { id: 'note', do: { set: { trait: 'entity', value: 7 } } },
      { id: 'ask', do: { send: 'invite', template: 'nps', survey: 'nps' } },
      { id: 'text', do: { relay: { gateway: 'main', channel: 'sms', template: 'short' } } },
      { id: 'see', do: { task: 'visit', reason: 'vip', withinDays: 5 } },
      { id: 'tell', do: { emit: { event: 'WelcomeDone', properties: { tier: 'a' } } } },
      { id: 'hook', do: { webhook: { endpoint: 'crm' } } },
    ]);
    expect((await world.traits.getMany(['ana' as never])).get('ana' as never)).toEqual({ entity: 7 });
    expect(
      world.seen.map(({ order: { channel, survey, gateway, templateVersion, priority } }) => [
        channel,
        survey ?? gateway,
        templateVersion,
        priority,
      ]),
    ).toEqual([
      ['sms', 'main', 'short-v1', 50],
      ['email', 'nps', 'nps-v1', 50],
    ]);
    expect(await world.openTasks()).toEqual(['2019-01-06 visit vip']);
    expect(world.bus.events).toMatchObject([
      {
        source: 'perennial.journeys',
        detailType: 'WelcomeDone',
        detail: { partyId: 'ana', properties: { tier: 'a' }, hops: 1, occurredAt: '2019-01-01T09:00:00.000Z' },
      },
    ]);
    expect(journeyEventSchema.safeParse(world.bus.events[0]?.detail).success).toBe(true);
    expect(webhookCall.safeParse(world.calls.messages[0]).success).toBe(true);
    expect(world.calls.messages).toMatchObject([
      { kind: 'webhook', endpoint: 'crm', campaign: 'flow', step: 'hook', partyId: 'ana', occurredAt: instant(START) },
    ]);
    expect(JSON.stringify([world.calls.messages, world.bus.events])).not.toContain('example.com');
  });

  test('journeys that emit one another’s beginning come to an end', async () => {
    const programme = campaignOf([{ id: 'tell', do: { emit: { event: 'Again' } } }]);
    const world = await worldOf(programme);
    for (const hops of [0, 4, 5]) await enter(world, begun(programme, world.now(), { occurrence: `${hops}`, hops }));
    await world.advance(START);
    expect(world.bus.events.map(({ detail }) => detail.hops).sort()).toEqual([1, 5]);
  });

  test('an exit rule ends the journey before its next step', async () => {
    const { world, of } = await started([mail('hello'), wait('day', { for: 'P1D' }), mail('again')], {
      exits: ['deceased', { when: all(is('journey.reacted', true)) }],
    });
    const before = (await of()) as Enrolment;
    await world.enrolments.put({ ...before, reaction: { kind: 'click', at: world.now() } }, before.version);
    await world.advance('2019-01-05T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email hello']);
    expect(await of()).toMatchObject({ exit: { reason: 'by-definition', because: 'exits.1' } });
  });

  test('a cycle with a wait sends again each time round, under another id; one without a wait ends', async () => {
    const { world } = await started([mail('remind'), wait('week', { for: 'P7D' }, { next: 'remind' })]);
    await world.advance('2019-01-16T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email remind', '2019-01-08 email remind', '2019-01-15 email remind']);
    expect(new Set(world.seen.map(({ order: { sendId } }) => sendId)).size).toBe(3);
    expect(world.seen.map(({ order: { round } }) => round)).toEqual([undefined, 1, 2]);

    const endless = campaignOf([mail('remind', { next: 'remind' })], {}, true);
    const other = await worldOf(endless);
    await enter(other, begun(endless, instant(START)));
    await other.advance('2019-01-02T00:00:00Z');
    expect(await other.enrolments.get(refOfFlow())).toMatchObject({ state: 'finished', exit: { because: 'endless' } });
  });
});

describe('F14: a flow after an outage', () => {
  const steps = [mail('a'), wait('w1', { for: 'P4D' }), mail('b'), wait('w2', { for: 'P4D' }), mail('c')];

  test('waits count from when they should have begun; what is too old is told, the rest goes', async () => {
    const { world } = await started(steps);
    world.outage('2019-01-10T12:00:00Z');
    await world.advance('2019-01-11T00:00:00Z');
    // b was due on the 5th, beyond its three days; c on the 9th
    expect(world.sends()).toEqual(['2019-01-01 email a', '2019-01-10 email c']);
    expect(await world.history('ana')).toEqual(['message flow b skipped too-late']);
    expect(world.seen.at(-1)?.order).toMatchObject({ dueAt: instant('2019-01-09T09:00:00Z') });
  });

  test('the same instants, run on time or hours late', async () => {
    const onTime = await started(steps);
    await onTime.world.advance('2019-02-01T00:00:00Z');
    const late = await started(steps);
    for (const at of ['2019-01-05T13:00:00Z', '2019-01-09T22:00:00Z']) {
      late.world.outage(at);
      await late.world.advance(at);
    }
    const dueAts = ({ world }: typeof late) => world.seen.map(({ order: { dueAt, sendId } }) => [dueAt, sendId]);
    expect(dueAts(late)).toEqual(dueAts(onTime));
  });
});

describe('waiting for an event', () => {
  const steps = [
    mail('bill'),
    wait('paid', { event: 'InvoicePaid', upTo: 'P5D', otherwise: 'remind', where: all(is('event.amount', 3, '>')) }),
    mail('thanks', { next: 'end' }),
    mail('remind'),
    { id: 'end', do: { exit: 'done' } },
  ];

  test('the event leads on, its absence leads elsewhere', async () => {
    const { world, programme, of } = await started(steps);
    const waiting = (await of()) as Enrolment;
    expect(waiting).toMatchObject({ awaits: 'paid', next: { step: 'remind', at: instant('2019-01-06T09:00:00Z') } });
    const woken = wake(waiting, programme, paid('2019-01-03T10:00:00Z'), instant('2019-01-03T10:00:01Z')) as Enrolment;
    expect(woken).toMatchObject({ next: { step: 'thanks', at: instant('2019-01-03T10:00:00Z') } });
    expect(woken.awaits).toBeUndefined();

    await world.advance('2019-01-10T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-01 email bill', '2019-01-06 email remind']);
    expect((await of())?.awaits).toBeUndefined();
  });

  test('another event, one that does not fit, one after the time-out or after the end wakes nobody', async () => {
    const { programme, of } = await started(steps);
    const waiting = (await of()) as Enrolment;
    const now = instant('2019-01-03T10:00:00Z');
    const woken = (event: Partial<WakingEvent>, change: Partial<Enrolment> = {}) =>
      wake({ ...waiting, ...change }, programme, { ...paid('2019-01-03T10:00:00Z'), ...event }, now);
    expect(woken({})).toBeDefined();
    expect(woken({ type: 'InvoiceSent' })).toBeUndefined();
    expect(woken({ properties: { amount: 2 } })).toBeUndefined();
    expect(woken({ properties: {} })).toBeUndefined();
    expect(woken({ occurredAt: instant('2019-01-06T09:00:01Z') })).toBeUndefined();
    expect(woken({}, { state: 'exited' })).toBeUndefined();
    expect(woken({}, { awaits: undefined })).toBeUndefined();
    expect(woken({ hops: 3 })?.hops).toBe(3);
  });
});

describe('a step that failed', () => {
  const steps = [mail('hello', { onFailure: 'by-post' }), { id: 'end', do: { exit: 'done' } }, letter('by-post')];

  test('C3: has its own branch, once, and freezes nobody', async () => {
    const programme = campaignOf(steps, {}, true);
    const failed = failStep(begun(programme, instant(START)), programme, 'hello', instant(START)) as Enrolment;
    expect(failed).toMatchObject({ failed: ['hello'], next: { step: 'by-post' } });
    expect(failStep(failed, programme, 'hello', instant(START))).toBeUndefined();
  });

  test('also as the last step; not after the journey ended for a reason; without a branch it is only noted', () => {
    const programme = campaignOf(
      [letter('by-post', { next: 'hello' }), mail('hello', { onFailure: 'by-post' })],
      {},
      true,
    );
    const now = instant(START);
    const finished = { ...begun(programme, now), state: 'finished', next: undefined } as unknown as Enrolment;
    expect(failStep(finished, programme, 'hello', now)).toMatchObject({ state: 'active', next: { step: 'by-post' } });
    const ended = { ...finished, state: 'exited', exit: { reason: 'deceased', at: now } } as Enrolment;
    expect(failStep(ended, programme, 'hello', now)).toEqual({ ...ended, failed: ['hello'] });
    expect(failStep(finished, programme, 'by-post', now)).toEqual({ ...finished, failed: ['by-post'] });
  });
});

describe('splits', () => {
  const programme = campaignOf([
    {
      id: 'try',
      do: {
        split: [
          { share: 20, next: 'a' },
          { share: 30, next: 'b' },
          { share: 50, next: 'c' },
        ],
      },
    },
    mail('a', { next: 'end' }),
    mail('b', { next: 'end' }),
    mail('c'),
    { id: 'end', do: { exit: 'done' } },
  ]);
  const subject: RuleSubject = { now: instant(START), today: day('2019-01-01') };
  const pathOf = (partyId: string, occurrence = '1') =>
    walk(
      begun(programme, instant(START), { partyId, occurrence }),
      programme,
      subject,
      instant(START),
      () => () => 0 as Instant,
    ).enrolment.next?.step;

  test('the same customer always takes the same path, and the shares are kept', () => {
    const counts = { a: 0, b: 0, c: 0 };
    for (let n = 0; n < 10_000; n += 1) counts[pathOf(`party-${n}`) as 'a'] += 1;
    expect(counts.a).toBeGreaterThan(1_850);
    expect(counts.a).toBeLessThan(2_150);
    expect(counts.b).toBeGreaterThan(2_800);
    expect(counts.b).toBeLessThan(3_200);
    fc.assert(
      fc.property(fc.uuid(), fc.string(), (partyId, occurrence) => pathOf(partyId) === pathOf(partyId, occurrence)),
    );
  });
});

describe('faults', () => {
  test('F32: an answer that comes while the step is run is kept, and the step is run again', async () => {
    const programme = campaignOf([mail('hello'), wait('day', { for: 'P1D' }), mail('again')]);
    let answered = false;
    const world = createWorld({
      now: START,
      programmes: [programme],
      wrap: (ports) =>
        new Proxy(ports, {
          get: (target, name, receiver) => {
            const value: unknown = Reflect.get(target, name, receiver);
            if (name !== 'put' || !('ofParty' in target) || answered) return value;
            return async (...args: unknown[]) => {
              answered = true;
              const before = (await world.enrolments.get(refOfFlow())) as Enrolment;
              await world.enrolments.put({ ...before, reaction: { kind: 'click', at: world.now() } }, before.version);
              return Reflect.apply(value as () => unknown, target, args);
            };
          },
        }),
    });
    await world.person('ana');
    await enter(world, begun(programme, world.now()));
    await world.advance('2019-01-03T00:00:00Z');
    expect(answered).toBe(true);
    expect(await world.enrolments.get(refOfFlow())).toMatchObject({ state: 'finished', reaction: { kind: 'click' } });
    expect(new Set(world.seen.map(({ order: { sendId } }) => sendId)).size).toBe(2);
    expect(world.seen.map(({ order: { step } }) => step)).toEqual(['hello', 'hello', 'again']);
  });

  test('F09: one enrolment whose definition cannot be read keeps nobody waiting, and stays', async () => {
    const programme = campaignOf([mail('hello')]);
    const world = await worldOf(programme);
    await world.person('ben');
    await enter(world, begun(programme, world.now()), begun(programme, world.now(), { partyId: 'ben' }));
    const broken = begun(programme, world.now(), { partyId: 'ana', occurrence: 'lost' });
    await world.enrolments.create({ ...broken, definition: 'nobody-kept-it' });
    await world.dueWork.place(
      [{ at: world.now(), kind: 'step', id: 'lost', payload: { ref: refOfFlow('lost'), step: 'hello' } }],
      world.now(),
    );
    await expect(world.advance(START)).rejects.toMatchObject({ code: 'not-found' });
    expect(
      world
        .pending()
        .map(({ enrolments: [ref] }) => `${ref?.partyId} ${ref?.occurrence}`)
        .sort(),
    ).toEqual(['ana 1', 'ben 1']);
    expect(await world.enrolments.get(refOfFlow())).toMatchObject({ state: 'finished' });
    expect(await world.enrolments.get(refOfFlow('lost'))).toMatchObject({ state: 'active' });
  });
});
