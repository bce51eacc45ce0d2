import { describe, expect, test } from 'vitest';
import { nextFire } from '../../../infra/local/fakes/scheduler/expression.ts';
import { createScheduler } from '../../../infra/local/fakes/scheduler/scheduler.ts';
import type { FunctionResource, ScheduleResource } from '../../../infra/local/template/resources.ts';
import type { InvokeResult } from '../../../infra/local/wire.ts';
import { formatInstant, type Instant, parseInstant } from '../../../shared/platform/time.ts';
import { createTestWorld, queueNamed } from './world.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Wall clock fields of every minute from `from` for `days`, by Intl alone: no code of ours. A wall time shown for the
 *  second time is marked. */
function* wallMinutes(zone: string, from: number, days: number) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const offsetAt = (at: number): number => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'], part['hour'], part['minute']) - at;
  };
  let furthest = Number.NEGATIVE_INFINITY;
  for (let quarter = from; quarter < from + days * DAY; quarter += 15 * MINUTE) {
    const offset = offsetAt(quarter);
    for (let at = quarter; at < quarter + 15 * MINUTE; at += MINUTE) {
      const wall = at + offset;
      const isRepeated = wall <= furthest;
      furthest = Math.max(furthest, wall);
      const date = new Date(wall);
      yield {
        at,
        isRepeated,
        minute: date.getUTCMinutes(),
        hour: date.getUTCHours(),
        day: date.getUTCDate(),
        month: date.getUTCMonth() + 1,
        weekday: date.getUTCDay(),
        lastDay: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
        year: date.getUTCFullYear(),
      };
    }
  }
}
type Wall = ReturnType<typeof wallMinutes> extends Generator<infer Minute> ? Minute : never;

/** Each shape of expression beside what it means, written by hand. */
const SHAPES: readonly (readonly [cron: string, meaning: (wall: Wall) => boolean])[] = [
  ['0 10 * * ? *', ({ hour, minute }) => hour === 10 && minute === 0],
  ['30 2 * * ? *', ({ hour, minute }) => hour === 2 && minute === 30],
  ['15 0 * * ? *', ({ hour, minute }) => hour === 0 && minute === 15],
  ['0/30 1,2 * * ? *', ({ hour, minute }) => [1, 2].includes(hour) && minute % 30 === 0],
  ['5 */12 ? * MON-FRI *', (w) => w.minute === 5 && w.hour % 12 === 0 && w.weekday >= 1 && w.weekday <= 5],
  ['0 8 1 * ? *', ({ hour, minute, day }) => day === 1 && hour === 8 && minute === 0],
  ['0 8 L * ? *', ({ hour, minute, day, lastDay }) => day === lastDay && hour === 8 && minute === 0],
  ['0 9 ? * 1 *', ({ hour, minute, weekday }) => weekday === 0 && hour === 9 && minute === 0],
  ['0 9 ? * 2,SAT *', ({ hour, minute, weekday }) => [1, 6].includes(weekday) && hour === 9 && minute === 0],
  ['0 9 ? * 3#2 *', (w) => w.weekday === 2 && w.day >= 8 && w.day <= 14 && w.hour === 9 && w.minute === 0],
  ['0 9 ? * FRIL *', (w) => w.weekday === 5 && w.day > w.lastDay - 7 && w.hour === 9 && w.minute === 0],
  [
    '45 23 15W * ? *',
    (w) =>
      w.hour === 23 &&
      w.minute === 45 &&
      ((w.day === 15 && w.weekday >= 1 && w.weekday <= 5) ||
        (w.day === 14 && w.weekday === 5) ||
        (w.day === 16 && w.weekday === 1)),
  ],
  ['0 12 29 2 ? *', ({ hour, minute, day, month }) => month === 2 && day === 29 && hour === 12 && minute === 0],
  [
    '0 6 ? JAN,JUL SUN 2024',
    (w) => w.year === 2024 && [1, 7].includes(w.month) && w.weekday === 0 && w.hour === 6 && w.minute === 0,
  ],
];
const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'Europe/Madrid',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/St_Johns',
];

describe('F15 schedules fire as an independent calendar says, minute by minute', () => {
  for (const zone of ZONES) {
    test(`${zone}, 2023 to 2025, ${SHAPES.length} shapes`, () => {
      const from = Date.UTC(2023, 0, 1) - 2 * DAY;
      const begin = Date.UTC(2023, 0, 1);
      const days = 3 * 366;
      const expected = SHAPES.map((): number[] => []);
      for (const wall of wallMinutes(zone, from, days)) {
        if (wall.isRepeated || wall.at <= begin) continue;
        for (const [n, [, meaning]] of SHAPES.entries()) if (meaning(wall)) expected[n]?.push(wall.at);
      }
      for (const [n, [cron]] of SHAPES.entries()) {
        const found: number[] = [];
        const end = from + days * DAY;
        for (
          let at = nextFire(`cron(${cron})`, zone, begin as Instant);
          at !== undefined && at < end;
          at = nextFire(`cron(${cron})`, zone, at)
        ) {
          found.push(at);
        }
        expect(
          found.map((at) => formatInstant(at as Instant)),
          cron,
        ).toEqual(expected[n]?.map((at) => formatInstant(at as Instant)));
      }
    });
  }
});

test('a rate fires on its multiples; an at once', () => {
  const at = (text: string) => parseInstant(text) as Instant;
  const next = (expression: string, after: string, zone = 'UTC') => {
    const fire = nextFire(expression, zone, at(after));
    return fire === undefined ? undefined : formatInstant(fire);
  };
  expect(next('rate(1 minute)', '2019-01-31T09:00:00Z')).toBe('2019-01-31T09:01:00.000Z');
  expect(next('rate(1 minute)', '2019-01-31T09:00:30Z')).toBe('2019-01-31T09:01:00.000Z');
  expect(next('rate(6 hours)', '2019-01-31T09:00:30Z')).toBe('2019-01-31T12:00:00.000Z');
  expect(next('at(2019-02-01T09:00:00)', '2019-01-31T09:00:00Z', 'Asia/Shanghai')).toBe('2019-02-01T01:00:00.000Z');
  expect(next('at(2019-02-01T09:00:00)', '2019-02-01T01:00:00Z', 'Asia/Shanghai')).toBeUndefined();
  expect(next('cron(0 0 30 2 ? *)', '2019-01-31T09:00:00Z')).toBeUndefined();
  expect(next('cron(0 0 1 1 ? 2018)', '2019-01-31T09:00:00Z')).toBeUndefined();
});

test('an expression that cannot be read is named', () => {
  const wrong: [string, RegExp][] = [
    ['rate(0 minutes)', /rate\(0 minutes\)/],
    ['rate(1 week)', /not like rate/],
    ['every day', /neither rate/],
    ['cron(0 0 * * * *)', /exactly one of day of month and day of week must be \?/],
    ['cron(0 0 ? * ? *)', /exactly one/],
    ['cron(60 0 * * ? *)', /"60" is not within 0–59/],
    ['cron(0 0 * * ?)', /5 fields/],
    ['cron(0 0 LW * ? *)', /"LW" is not covered/],
    ['cron(0 0 ? * 0 *)', /"0" is not within 1–7/],
    ['at(2019-02-29T00:00:00)', /not like at/],
  ];
  for (const [expression, message] of wrong) expect(() => nextFire(expression, 'UTC', 0 as Instant)).toThrow(message);
  expect(() => nextFire('rate(1 minute)', 'Mars/Base', 0 as Instant)).toThrow(/zone "Mars\/Base"/);
});

describe('the schedules of the template', () => {
  const TICK: FunctionResource = {
    logicalId: 'Tick',
    name: 'tick',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:tick',
    entry: '/none',
    exportName: 'handler',
    environment: {},
    timeoutMs: 1_000,
    memoryMb: 128,
    statements: [],
  };
  const DEAD = queueNamed('dead');
  const MINUTELY: ScheduleResource = {
    logicalId: 'Minutely',
    name: 'minutely',
    arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/minutely',
    expression: 'rate(1 minute)',
    zone: 'UTC',
    enabled: true,
    targetArn: TICK.arn,
    input: '{"scheduledAt":"<aws.scheduler.scheduled-time>","try":<aws.scheduler.attempt-number>}',
    retry: { maxAttempts: 2, maxAgeSeconds: 300 },
    deadLetterArn: DEAD.arn,
  };
  const setUp = () => {
    const world = createTestWorld({ functions: [TICK], queues: [DEAD], schedules: [MINUTELY] });
    return { world, scheduler: createScheduler(world, { faults: world.faults }) };
  };
  const failed: InvokeResult = { kind: 'failed', error: { name: 'Error', message: 'no' } };

  test('fire with the scheduled time in their input', async () => {
    const { world, scheduler } = setUp();
    expect(await scheduler.run?.()).toBe(false);
    expect(scheduler.nextDueAt?.()).toBe(world.clock.now() + MINUTE);
    world.moveBy(MINUTE);
    expect(await scheduler.run?.()).toBe(true);
    expect(world.invoked).toEqual([{ functionId: 'Tick', event: { scheduledAt: '2019-01-31T09:01:00Z', try: 1 } }]);
    expect(scheduler.nextDueAt?.()).toBe(world.clock.now() + MINUTE);
    world.db.close();
  });

  test('jump where their function says nothing is due, until somebody forgets it', async () => {
    const { world, scheduler } = setUp();
    world.onInvoke = () => ({ kind: 'returned', value: { nextDueAt: '2019-02-03T10:00:30Z' } });
    world.moveBy(MINUTE);
    await scheduler.run?.();
    expect(scheduler.nextDueAt?.()).toBe(Date.parse('2019-02-03T10:01:00Z'));
    world.setNow('2019-02-01T00:00:10Z');
    scheduler.forgetHints();
    expect(scheduler.nextDueAt?.()).toBe(Date.parse('2019-02-01T00:01:00Z'));
    world.onInvoke = () => ({ kind: 'returned', value: { nextDueAt: null } });
    world.setNow('2019-02-01T00:01:00Z');
    await scheduler.run?.();
    expect(scheduler.nextDueAt?.()).toBeUndefined();
    scheduler.forgetHints();
    expect(scheduler.nextDueAt?.()).toBe(Date.parse('2019-02-01T00:02:00Z'));
    expect(world.invoked).toHaveLength(2);
    world.db.close();
  });

  test('try again by their policy, then give up to the dead-letter queue', async () => {
    const { world, scheduler } = setUp();
    world.onInvoke = () => failed;
    world.moveBy(MINUTE);
    await scheduler.run?.();
    for (let round = 0; round < 2; round++) {
      const at = scheduler.nextDueAt?.() as Instant;
      expect(at).toBeLessThan(world.clock.now() + MINUTE);
      world.setNow(formatInstant(at));
      await scheduler.run?.();
    }
    expect(world.invoked.map(({ event }) => (event as { try: number }).try)).toEqual([1, 2, 3]);
    expect(world.delivered.map(({ arn }) => arn)).toEqual([DEAD.arn]);
    expect(world.delivered[0]?.attributes).toMatchObject({ TARGET_ARN: TICK.arn, ERROR_MESSAGE: 'Tick failed: Error' });
    world.db.close();
  });

  test('F13 a fault rule makes one fire twice', async () => {
    const { world, scheduler } = setUp();
    world.faults.set([{ service: 'scheduler', mode: 'duplicate', times: 1 }]);
    world.moveBy(MINUTE);
    await scheduler.run?.();
    expect(world.invoked).toHaveLength(2);
    world.db.close();
  });

  test('a kill after a fire was recorded and before it was handed over loses nothing', async () => {
    const { world, scheduler } = setUp();
    const original = world.invoke;
    Object.assign(world, { invoke: () => new Promise<InvokeResult>(() => {}) });
    world.moveBy(MINUTE);
    void scheduler.run?.();
    Object.assign(world, { invoke: original });
    const again = createScheduler(world);
    expect(again.busy?.()).toBe(1);
    await again.run?.();
    expect(world.invoked).toHaveLength(1);
    world.db.close();
  });
});
