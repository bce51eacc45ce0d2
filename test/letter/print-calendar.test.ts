import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  composeInstant,
  cutOffInstant,
  handOverDay,
  isWorkingDay,
  nextHandOverDay,
  type PrintCalendar,
} from '../../shared/letter/print-calendar.ts';
import { letterDueIn, printHouseFor, printHouseNamed, printHouses } from '../../shared/letter/print-houses.ts';
import type { CivilDate, Instant, WallTime, ZoneId } from '../../shared/platform/time.ts';
import { at } from '../content/samples.ts';

const day = (text: string): CivilDate => text as CivilDate;

const plain: PrintCalendar = {
  house: 'x',
  zone: 'Europe/Madrid' as ZoneId,
  leadWorkingDays: 4,
  cutOff: '14:00' as WallTime,
  composeAt: '08:00' as WallTime,
  closedOn: new Set(),
  openOn: new Set(),
};

describe('hand-over day, four working days before the letterbox', () => {
  test.each([
    ['Thursday', '2019-01-17', '2019-01-11'],
    ['Friday', '2019-01-18', '2019-01-14'],
    ['Saturday', '2019-01-19', '2019-01-15'],
    ['Sunday', '2019-01-20', '2019-01-15'],
    ['Monday', '2019-01-21', '2019-01-15'],
  ])('%s %s ← %s', (_, letterbox, handOver) => {
    expect(handOverDay(day(letterbox), plain)).toBe(handOver);
  });

  test('holidays and closures count as weekends do, worked weekend days as working days', () => {
    const closed = { ...plain, closedOn: new Set([day('2019-01-14'), day('2019-01-15')]) };
    expect(handOverDay(day('2019-01-17'), closed)).toBe('2019-01-09');
    expect(handOverDay(day('2019-01-17'), { ...plain, openOn: new Set([day('2019-01-12')]) })).toBe('2019-01-12');
  });

  // an oracle of its own: counts on the list of days instead of stepping
  test('lies the lead back on the list of working days, for any day, lead and closures', () => {
    const all = Array.from({ length: 800 }, (_, n) => new Date(Date.UTC(2018, 0, 1 + n)).toISOString().slice(0, 10));
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 790 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.constantFrom(...all), { maxLength: 30 }),
        (n, lead, closures) => {
          const closed = new Set(closures);
          const worked = all.filter((date) => ![0, 6].includes(new Date(date).getUTCDay()) && !closed.has(date));
          const expected = worked.filter((date) => date < (all[n] as string)).at(-lead);
          expect(handOverDay(day(all[n] as string), { ...plain, closedOn: closed as Set<CivilDate> }, lead)).toBe(
            expected,
          );
        },
      ),
    );
  });
});

describe('cut-off', () => {
  test('until it a letter goes today, then with the next working day', () => {
    expect(nextHandOverDay((at('2019-01-11T13:00:00Z') - 1) as Instant, plain)).toBe('2019-01-11');
    expect(nextHandOverDay(at('2019-01-11T13:00:00Z'), plain)).toBe('2019-01-14');
    expect(nextHandOverDay(at('2019-01-12T09:00:00Z'), plain)).toBe('2019-01-14');
  });
  test('is by the clocks of the print house, summer and winter', () => {
    expect(cutOffInstant(day('2019-03-29'), plain)).toBe(at('2019-03-29T13:00:00Z'));
    expect(cutOffInstant(day('2019-04-01'), plain)).toBe(at('2019-04-01T12:00:00Z'));
  });
});

describe('the print houses', () => {
  test('composing comes before the cut-off', () => {
    for (const house of printHouses) expect(house.composeAt < house.cutOff, house.house).toBe(true);
  });
  test('zone decides the house; other zones go to the first', () => {
    expect(printHouseFor('Europe/Madrid' as ZoneId).house).toBe('es');
    expect(printHouseFor('Asia/Shanghai' as ZoneId).house).toBe('cn');
    expect(printHouseFor('America/New_York' as ZoneId).house).toBe(printHouses[0]?.house);
    expect(() => printHouseNamed('nope')).toThrow('print house "nope" is not in');
  });
  test('public holidays of their countries, floating and lunar ones too', () => {
    const [china, spain] = [printHouseNamed('cn'), printHouseNamed('es')];
    for (const date of ['2018-12-25', '2019-01-01', '2019-04-19', '2020-12-08'])
      expect(isWorkingDay(day(date), spain), date).toBe(false);
    for (const date of ['2019-02-05', '2019-10-01', '2020-01-25', '2026-02-17'])
      expect(isWorkingDay(day(date), china), date).toBe(false);
    expect(isWorkingDay(day('2018-12-25'), china)).toBe(true);
  });
  test('a letter step is due when its day is composed', () => {
    const spain = printHouseNamed('es');
    expect(letterDueIn('Europe/Madrid' as ZoneId)(day('2019-01-17'), 4)).toBe(composeInstant(day('2019-01-11'), spain));
  });
});
