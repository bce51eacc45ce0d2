import { afterAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import {
  BOOK,
  byPolicy,
  expectedLetters,
  expectedMails,
  hasBook,
  plusDays,
  readBook,
  workingDaysBefore,
} from './book-oracle.ts';
import { PRINT_HOUSE_CLOSED } from './print-house-closed.ts';
import { seeded } from './support/seeded.ts';

const DAYS = 90;
const KILLS = 10;
const SEED = 20_181_201;
/** Real time of a test: ninety days over five thousand policies on two cores, other tests beside it. */
const PATIENCE = 15 * 60_000;

/** The civil day in Madrid, by the runtime's own formatter: not by the product's time. */
const madridDay = (at: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Madrid', dateStyle: 'short' }).format(new Date(at));
const madridTime = (at: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Madrid', timeStyle: 'short' }).format(new Date(at));

describe.skipIf(!hasBook)('the renewal programme over the real book', () => {
  const running: { system?: LocalSystem } = {};
  afterAll(async () => {
    await running.system?.stop();
  });

  /** What was sent of `renewal`, against what the CSV says: each policy once a step, on its day, and where nothing was
   *  cut off in so many messages. */
  const compare = async (system: LocalSystem, now: string, cutOff: boolean) => {
    const book = readBook();
    const handedOverOn = (day: string): string => workingDaysBefore(day, 4, PRINT_HOUSE_CLOSED);
    const mails = (await system.mailbox()).filter(({ campaign }) => campaign === 'renewal');
    const letters = (await system.printTray()).filter(({ campaign }) => campaign === 'renewal');
    const said = (items: readonly { policyIds: readonly string[]; step: string | null; at: string }[]): string[] =>
      items.map(({ policyIds, step, at }) => `${[...policyIds].sort().join('+')} ${step} ${madridDay(at)}`).sort();
    for (const [sent, expected] of [
      [said(mails), expectedMails(book, now, DAYS, handedOverOn)],
      [said(letters), expectedLetters(book, now, DAYS, handedOverOn)],
    ] as const) {
      expect(byPolicy(sent)).toEqual(byPolicy(expected));
      if (!cutOff) expect(sent).toEqual(expected);
    }
    expect(expectedMails(book, now, DAYS, handedOverOn).some((message) => message.includes('+'))).toBe(true);
    const { deadLetters } = await system.status();
    expect(Object.entries(deadLetters).filter(([, count]) => count > 0)).toEqual([]);
    return mails;
  };

  test(
    'from 2017-12-01 on, most renewing: exactly what the CSV says, at ten on the right days, none twice (N1, N2)',
    async () => {
      running.system = await startSystem({ book: BOOK, now: '2017-12-01' });
      await running.system.idle();
      await running.system.clock({ to: plusDays('2017-12-01', DAYS) });
      const mails = await compare(running.system, '2017-12-01', false);
      expect(new Set(mails.map(({ at }) => madridTime(at)))).toEqual(new Set(['10:00']));
      await running.system.stop();
    },
    PATIENCE,
  );

  test(
    `from 2018-12-01 on, killed with kill -9 at ${KILLS} random moments: the same set, none twice, none lost (N1, N2, F01, F35)`,
    async () => {
      const now = '2018-12-01';
      const random = seeded(SEED);
      let system = await startSystem({ book: BOOK, now });
      running.system = system;
      await system.idle();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const before = (await system.status()).now;
        const move = system.clock({ to: plusDays(now, (DAYS / KILLS) * kill) }).catch(() => undefined);
        // somewhere in the middle of the days that lie ahead, by the work that was done
        const mails = Number((await system.status()).counts.sent) + 5 + random(60);
        while ((await system.status()).now < plusDays(before.slice(0, 10), 1 + random(6)));
        while (Number((await system.status()).counts.sent) < mails && !(await system.status()).idle);
        await system.kill();
        await move;
        system = await system.restart();
        running.system = system;
        await system.clock({ to: plusDays(now, (DAYS / KILLS) * kill) });
      }
      await compare(system, now, true);
      await system.stop();
    },
    PATIENCE,
  );
});
