import { afterAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import { BOOK, expectedLetters, expectedMails, hasBook, plusDays, readBook, workingDaysBefore } from './book-oracle.ts';
import { PRINT_HOUSE_CLOSED } from './print-house-closed.ts';

const DAYS = 90;
const RENEWAL_MAIL_STEPS = new Set(['m60', 'm30', 'm07', 'd00']);

/** The civil day in Madrid, by the runtime's own formatter: not by the product's time. */
const madridDay = (at: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Madrid', dateStyle: 'short' }).format(new Date(at));
const madridTime = (at: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Madrid', timeStyle: 'short' }).format(new Date(at));

describe.skipIf(!hasBook)('the renewal programme over the real book', () => {
  const systems: LocalSystem[] = [];
  afterAll(async () => {
    for (const system of systems) await system.stop();
  });

  test.each(['2018-12-01', '2017-12-01'])(
    'from %s on: ninety days bring exactly what the CSV says, on the right days, none twice (N1, N2)',
    async (now) => {
      const book = readBook();
      const system = await startSystem({ book: BOOK, now });
      systems.push(system);
      await system.idle();
      await system.clock({ to: plusDays(now, DAYS) });
      const status = await system.status();
      expect(Object.values(status.deadLetters).filter((count) => count > 0)).toEqual([]);

      const mails = (await system.mailbox()).filter(({ campaign }) => campaign === 'renewal');
      const got = mails
        .flatMap(({ policyIds, step, at }) => policyIds.map((policyNo) => `${policyNo} ${step} ${madridDay(at)}`))
        .sort();
      expect(got).toEqual(expectedMails(book, now, DAYS));
      expect(new Set(mails.map(({ step }) => step))).toEqual(RENEWAL_MAIL_STEPS);
      expect(new Set(mails.map(({ at }) => madridTime(at)))).toEqual(new Set(['10:00']));

      const letters = await system.printTray();
      expect(letters.map(({ policyIds, at }) => `${policyIds.join()} ${madridDay(at)}`).sort()).toEqual(
        expectedLetters(book, now, DAYS, (day) => workingDaysBefore(day, 4, PRINT_HOUSE_CLOSED)),
      );
      await system.stop();
      systems.pop();
    },
    15 * 60_000,
  );
});
