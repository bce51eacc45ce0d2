import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import type { CampaignDefinition } from '../../shared/campaign/definition.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { enterPlan, planSteps, stepAfter } from '../../shared/journey/schedule.ts';
import type { CivilDate, Instant, ZoneId } from '../../shared/platform/time.ts';
import { day, instant, MADRID } from './world.ts';

const ZONES = [
  'Europe/Madrid',
  'Europe/London',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Shanghai',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Tehran',
  'Pacific/Auckland',
  'America/St_Johns',
] as ZoneId[];

const DAY_MS = 86_400_000;
/** Another calendar than ours: days as numbers of UTC midnights. */
const plusDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

const formats = new Map(
  ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }),
  ]),
);
/** `2019-01-31, 10:00`: what a clock in the zone shows, by the runtime's own calendar. */
const shown = (at: number, zone: ZoneId): string => formats.get(zone)?.format(at) ?? '';

const letterDueIn = () => (on: CivilDate, workingDays: number) =>
  Date.parse(`${plusDays(on, -workingDays)}T09:00:00Z`) as Instant;

const definitionOf = (source: unknown): CampaignDefinition => {
  const outcome = checkDefinition(source);
  if (outcome.kind === 'invalid') throw new Error(JSON.stringify(outcome.problems));
  return outcome.definition;
};
const renewal = programmes.find(({ definition: { id } }) => id === 'renewal');
const mail = (id: string, at: object, more: object = {}) => ({ id, at, do: { send: 'email', template: 't' }, ...more });
const campaign = (steps: unknown[], more: object = {}) =>
  definitionOf({ ...renewal?.definition, id: 'test', steps, byLine: {}, ...more });

describe('planSteps', () => {
  test('F15: 200,000 steps on the right civil day and hour in ten zones, against another calendar', () => {
    const offsets = Array.from({ length: 20 }, (_, n) => 190 - n * 10);
    const definition = campaign(offsets.map((days, n) => mail(`s${n}`, { daysBefore: days, time: '10:00' })));
    let wrong = 0;
    let steps = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(...ZONES), (n, zone) => {
        const anchorOn = plusDays('2000-01-01', n) as CivilDate;
        for (const [k, { at, on }] of planSteps({ definition, line: 'motor', anchorOn, zone, letterDueIn }).entries()) {
          const expected = plusDays(anchorOn, -(offsets[k] as number));
          steps += 1;
          if (on !== expected || shown(at, zone) !== `${expected}, 10:00`) wrong += 1;
        }
      }),
      { numRuns: 10_000 },
    );
    expect(steps).toBe(200_000);
    expect(wrong).toBe(0);
  }, 120_000);

  test('F15: in a gap later by the gap, in an overlap the earlier of the two; one instant each local day', () => {
    const definition = campaign([mail('night', { daysBefore: 0, time: '02:30' })]);
    const at = (anchorOn: string, zone: ZoneId) =>
      planSteps({ definition, line: 'motor', anchorOn: day(anchorOn), zone, letterDueIn })[0]?.at;
    // Madrid: clocks go from 02:00 to 03:00 on 31 March 2019, and from 03:00 to 02:00 on 27 October
    expect(at('2019-03-31', MADRID)).toBe(instant('2019-03-31T01:30:00Z'));
    expect(at('2019-10-27', MADRID)).toBe(instant('2019-10-27T00:30:00Z'));
    // Lord Howe: half an hour
    const early = campaign([mail('night', { daysBefore: 0, time: '02:15' })]);
    const lordHowe = 'Australia/Lord_Howe' as ZoneId;
    const [half] = planSteps({
      definition: early,
      line: 'motor',
      anchorOn: day('2019-10-06'),
      zone: lordHowe,
      letterDueIn,
    });
    expect(half?.at).toBe(instant('2019-10-05T15:45:00Z'));
    // Sao Paulo: midnight does not exist on 4 November 2018
    const midnight = campaign([mail('night', { daysBefore: 0, time: '00:15' })]);
    const zone = 'America/Sao_Paulo' as ZoneId;
    const [planned] = planSteps({
      definition: midnight,
      line: 'motor',
      anchorOn: day('2018-11-04'),
      zone,
      letterDueIn,
    });
    expect(planned?.at).toBe(instant('2018-11-04T03:15:00Z'));
  });

  test('a line’s own cadence and lead days', () => {
    const definition = campaign(
      [
        mail('m60', { daysBefore: 60, time: '10:00' }),
        { id: 'm14', at: { daysBefore: 14, letterbox: { workingDays: 4 } }, do: { send: 'letter', template: 't' } },
      ],
      { byLine: { life: { m60: { daysBefore: 75, time: '09:00' }, m14: { workingDays: 6 } } } },
    );
    const plan = (line: 'life' | 'motor') =>
      planSteps({ definition, line, anchorOn: day('2019-06-30'), zone: MADRID, letterDueIn }).map(
        ({ step, on, at }) => [step.id, on, new Date(at).toISOString()],
      );
    expect(plan('motor')).toEqual([
      ['m60', '2019-05-01', '2019-05-01T08:00:00.000Z'],
      ['m14', '2019-06-16', '2019-06-12T09:00:00.000Z'],
    ]);
    expect(plan('life')).toEqual([
      ['m60', '2019-04-16', '2019-04-16T07:00:00.000Z'],
      ['m14', '2019-06-16', '2019-06-10T09:00:00.000Z'],
    ]);
  });

  test('use-by: calendar days after the step; an hour where late means dropped', () => {
    const definition = campaign([
      mail('a', { daysBefore: 1, time: '10:00' }),
      mail('b', { daysBefore: 0, time: '10:00' }, { late: 'drop' }),
    ]);
    const [a, b] = planSteps({ definition, line: 'motor', anchorOn: day('2019-03-31'), zone: MADRID, letterDueIn });
    // three calendar days over the spring change are an hour short of 72
    expect([a?.at, a?.useBy]).toEqual([instant('2019-03-30T09:00:00Z'), instant('2019-04-02T08:00:00Z')]);
    expect(b?.useBy).toBe(instant('2019-03-31T09:00:00Z'));
  });
});

describe('enterPlan', () => {
  const plan = planSteps({
    definition: renewal?.definition as CampaignDefinition,
    line: 'motor',
    anchorOn: day('2019-06-30'),
    zone: MADRID,
    letterDueIn,
  });

  test('every step is either ahead, too late or done, and the next is the first ahead', () => {
    const ids = plan.map(({ step }) => step.id);
    fc.assert(
      fc.property(fc.integer({ min: -80, max: 10 }), fc.subarray(ids), (offset, done) => {
        const now = (instant('2019-06-30T00:00:00Z') + offset * DAY_MS) as Instant;
        const { next, tooLate } = enterPlan(plan, done, now);
        const late = tooLate.map(({ step }) => step.id);
        expect(late.some((id) => done.includes(id))).toBe(false);
        expect(tooLate.every(({ at }) => at < now)).toBe(true);
        if (next) {
          expect(next.at).toBeGreaterThanOrEqual(now);
          const between = plan.slice(0, plan.indexOf(next)).map(({ step }) => step.id);
          expect(between.every((id) => done.includes(id) || late.includes(id))).toBe(true);
        } else expect(late.length + done.length).toBe(ids.length);
      }),
    );
  });

  test('stepAfter walks the plan to its end', () => {
    const walked = [plan[0]?.step.id];
    for (let next = plan[0]; next; ) {
      next = stepAfter(plan, next.step.id, []);
      if (next) walked.push(next.step.id);
    }
    expect(walked).toEqual(['m60', 'm30', 'offer-missing', 'm14', 'm07', 'm03', 'd00']);
  });
});
