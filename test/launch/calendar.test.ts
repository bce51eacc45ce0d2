import { expect, test } from 'vitest';
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import type { PinnedDefinition } from '../../shared/campaign/definition.ts';
import { readCalendar } from '../../shared/launch/read-calendar.ts';
import type { CalendarEntry } from '../../shared/launch/views.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { type CivilDate, DAY, type Instant } from '../../shared/platform/time.ts';
import { createLaunchWorld, definitionsOf } from './launch-world.ts';
import { broadcast, pin, TEN } from './run-world.ts';

const day = (text: string) => text as CivilDate;

const spring = pin(broadcast());
const weekly = pin(
  broadcast({
    id: 'weekly',
    department: 'service',
    class: 'service',
    reEntry: 'concurrent',
    trigger: { every: { rrule: 'FREQ=WEEKLY', from: '2027-01-18T09:00', zone: 'Asia/Shanghai' as never } },
    audience: { rule: { combinator: 'and', rules: [{ field: 'customer.locale', operator: '=', value: 'en' }] } },
  }),
);
const renewal = pin(
  broadcast({
    id: 'renewal',
    subject: 'policy',
    class: 'service',
    trigger: { date: 'policy.renewsOn' },
    steps: [
      { id: 'm30', at: { daysBefore: 30, time: '10:00' as never }, do: { send: 'email', template: 'spring' } },
      { id: 'm14', at: { daysBefore: 14, letterbox: { workingDays: 4 } }, do: { send: 'letter', template: 'spring' } },
    ],
    byLine: { home: { m30: { daysBefore: 40 } } },
  }),
);
const birthday = pin(
  broadcast({
    id: 'birthday',
    trigger: { date: 'customer.birthOn' },
    steps: [{ id: 'wish', at: { daysBefore: 0, time: '09:00' as never }, do: { send: 'email', template: 'spring' } }],
  }),
);
const gone = pin(broadcast({ id: 'gone' }));

const recordOf = ({ definition, hash }: PinnedDefinition, state: CampaignRecord['state'] = 'live'): CampaignRecord => ({
  id: definition.id,
  state,
  draft: hash,
  live: hash,
  makers: [],
  title: definition.title,
  sendClass: definition.class,
  priority: definition.priority,
  updatedAt: TEN,
  version: 1,
});

test('C10 the calendar shows runs, step days, letters, what went out, holidays and overlapping audiences', async () => {
  const address = { lines: ['1'], city: 'Shanghai', postcode: '200000', country: 'CN' };
  const world = await createLaunchWorld([
    {
      id: 'ana',
      profile: { address, birthOn: day('1980-02-29') },
      policies: [
        { policyId: 'car', renewsOn: day('2027-03-01') },
        { policyId: 'house', line: 'home', renewsOn: day('2027-03-01') },
        { policyId: 'old', renewsOn: day('2027-03-01'), ending: 'lapsed' },
      ],
    },
    { id: 'bo', profile: { locale: 'zh-CN', birthOn: day('1990-01-20') } },
    { id: 'cy' },
  ]);
  const outcomes = createOutcomeCounts(world.table);
  const sent = { campaign: 'spring', step: 'mail', outcome: 'sent' as const, count: 7 };
  await outcomes.record(day('2027-01-12'), 'job', [
    sent,
    { ...sent, outcome: 'skipped', count: 3 },
    { ...sent, campaign: 'gone', count: 2 },
  ]);
  const all = [spring, weekly, renewal, birthday, gone];
  const ports = {
    campaigns: {
      all: async () => all.map((one) => recordOf(one, one === gone ? 'archived' : 'live')),
    },
    definitions: definitionsOf(...all),
    outcomes,
    rows: world.rows,
    audience: world.members,
    letterDueIn,
  };
  const now = (TEN - 2 * DAY) as Instant;
  const calendar = await readCalendar({ from: day('2027-01-10'), to: day('2027-03-05') }, ports, now);

  const of = (campaign: string) =>
    calendar.entries
      .filter((entry) => entry.campaign === campaign)
      .map(({ on, kind, step, count }: CalendarEntry) => [on, kind, ...(step ? [step] : []), count]);
  expect(of('spring')).toEqual([
    ['2027-01-12', 'sent', 'mail', 7],
    ['2027-01-15', 'run', 3],
  ]);
  expect(of('weekly')).toEqual(
    ['2027-01-18', '2027-01-25', '2027-02-01', '2027-02-08', '2027-02-15', '2027-02-22', '2027-03-01'].map((on) => [
      on,
      'run',
      2,
    ]),
  );
  expect(of('birthday')).toEqual([
    ['2027-01-20', 'step', 'wish', 1],
    // 29 February in a common year
    ['2027-02-28', 'step', 'wish', 1],
  ]);
  const steps = of('renewal');
  expect(steps).toContainEqual(['2027-01-20', 'step', 'm30', 1]);
  expect(steps).toContainEqual(['2027-01-30', 'step', 'm30', 1]);
  const print = steps.filter(([, kind]) => kind === 'print');
  expect(print).toHaveLength(1);
  // in the letterbox on Monday 15 February: handed over four working days before at the latest
  expect((print[0]?.[0] as string) <= '2027-02-09').toBe(true);
  expect(print[0]?.[3]).toBe(2);
  // put away: nothing ahead, but what went out went out
  expect(of('gone')).toEqual([['2027-01-12', 'sent', 'mail', 2]]);

  expect(calendar.holidays).toContainEqual({ on: '2027-02-06', country: 'CN' });
  expect(calendar.overlap).toContainEqual({ campaigns: ['spring', 'weekly'], customers: 2, sampled: false });
  expect(calendar.overlap).toContainEqual({ campaigns: ['spring', 'renewal'], customers: 1, sampled: false });
  expect(calendar.entries.find(({ campaign }) => campaign === 'weekly')).toMatchObject({
    department: 'service',
    class: 'service',
    title: { en: 'Spring' },
  });
});
