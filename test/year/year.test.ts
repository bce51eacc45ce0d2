import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programmes } from '../../shared/campaign/programmes.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { BOOK, hasBook } from '../journey/book-oracle.ts';
import { playYear, type Year } from './play-year.ts';

/**
 * All ready programmes together over virtual time, twice from one seed, one worker. What is promised is computed
 * here from the list of what the provider took and the letters at the print house, by plain loops and Intl: no rule of
 * the product is asked.
 */

const SEED = 7;
/** Without the real book, the invented one alone. */
const books = hasBook ? [BOOK] : [];
const INVENTED = 150;
/** Days that are played: two months in CI; `YEAR_DAYS=365` plays the whole year, some minutes each time. */
const DAYS = Number(process.env.YEAR_DAYS ?? 60);
const DAY = 86_400_000;

/** One contact with a customer, as the outside world saw it. */
interface Contact {
  readonly party: string;
  readonly at: number;
  readonly channel: 'email' | 'post' | 'phone';
  readonly sendClass: string;
  readonly campaign: string;
  readonly step: string;
  readonly policies: readonly string[];
}

const contactsOf = ({ system, calls }: Year): Contact[] => [
  ...system.taken.map(
    ({ at, tags }): Contact => ({
      party: tags.party ?? '',
      at,
      channel: 'email',
      sendClass: tags.class ?? '',
      campaign: tags.campaign ?? '',
      step: tags.step ?? '',
      policies: (tags.policies ?? '').split('-').filter((id) => id !== ''),
    }),
  ),
  ...system.table
    .all()
    .filter(({ entity, channel, state }) => entity === 'TimelineEntry' && channel === 'post' && state === 'handed-over')
    .map(
      (row): Contact => ({
        party: row.pk.slice(2),
        at: Date.parse(row.sk.split('#')[1] ?? ''),
        channel: 'post',
        sendClass: row.sendClass as string,
        campaign: row.campaign as string,
        step: row.step as string,
        policies: row.policyIds as string[],
      }),
    ),
  ...calls.map(
    ({ party, at }): Contact => ({
      party,
      at,
      channel: 'phone',
      sendClass: 'service',
      campaign: '',
      step: '',
      policies: [],
    }),
  ),
];

/** Keys that hang on the secret which each system draws for itself. */
const SECRET = new Set(['MatchKey', 'MatchSecret']);

/** Everything that is stored, by what it is; owner tokens of reservations left out. */
const historyOf = ({ system }: Year): Record<string, string> => {
  const kinds = Map.groupBy(
    system.table.all().filter(({ entity }) => !SECRET.has(entity)),
    ({ entity }) => entity,
  );
  return Object.fromEntries(
    [...kinds].sort().map(([entity, items]) => {
      const lines = items.map((item) =>
        JSON.stringify(item, (name, value) => (name === 'owner' ? undefined : value)).replace(
          /\["?(\d+)"?,"(email|post|sms|phone|visit)","(\w+)","[^"]*"/g,
          '[$1,"$2","$3","-"',
        ),
      );
      return [entity, `${items.length} ${createHash('sha256').update(lines.sort().join('\n')).digest('hex')}`];
    }),
  );
};

describe(`${DAYS} virtual days of all ready programmes${hasBook ? ' over the real book' : ''}`, () => {
  let year: Year;
  let contacts: Contact[];
  let zones: Map<string, string>;

  beforeAll(async () => {
    year = await playYear(SEED, books, INVENTED, DAYS);
    contacts = contactsOf(year);
    zones = new Map(
      year.system.table
        .all()
        .filter(({ entity }) => entity === 'Profile')
        .map(({ profile }) => [(profile as Profile).partyId, (profile as Profile).zone]),
    );
  }, 1_200_000);
  afterAll(() => {
    contacts = [];
  });

  test('the programmes wrote to people', () => {
    const wrote = new Set(contacts.map(({ campaign }) => campaign));
    const quiet = programmes.map(({ definition }) => definition.id).filter((id) => !wrote.has(id));
    // the rest waits for what the books do not hold: a day of settlement, a lapse with consent to advertising
    expect(programmes.length - quiet.length, `quiet: ${quiet.join(', ')}`).toBeGreaterThanOrEqual(7);
    expect(year.raised).toBeGreaterThan(20);
  });

  test('nothing was sent twice: one message per campaign, step and policy or person (N1)', () => {
    const seen = new Map<string, number[]>();
    for (const { party, campaign, step, policies, at, channel } of contacts) {
      if (channel === 'phone') continue;
      for (const about of policies.length > 0 ? policies : [party]) {
        const key = [campaign, step, about].join(' ');
        seen.set(key, [...(seen.get(key) ?? []), at]);
      }
    }
    // a policy's next term, a person's next birthday is most of a year away
    const twice = [...seen].filter(([, times]) =>
      times.some((at, n) => times.some((other, m) => n !== m && Math.abs(at - other) < 200 * DAY)),
    );
    expect(twice).toEqual([]);
  });

  test('C28: no mail of marketing or service in quiet hours, on the clock of the recipient', () => {
    const clocks = new Map<string, Intl.DateTimeFormat>();
    const early = contacts.filter(({ channel, sendClass, party, at }) => {
      if (channel !== 'email' || sendClass === 'statutory') return false;
      const zone = zones.get(party) ?? 'UTC';
      const clock =
        clocks.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
      clocks.set(zone, clock);
      const hour = Number(clock.format(at));
      return hour < 8 || hour >= 21;
    });
    expect(early).toEqual([]);
    expect(contacts.filter(({ channel }) => channel === 'email').length).toBeGreaterThan(200);
  });

  test('the contact budget is never exceeded by advertising: mails, letters and calls of thirty days (M3)', () => {
    const points = { email: 1, post: 2, phone: 3 } as const;
    const exceeded: string[] = [];
    for (const [party, own] of Map.groupBy(contacts, (contact) => contact.party))
      for (const { at } of own.filter(({ sendClass }) => sendClass === 'marketing')) {
        const spent = own
          .filter((other) => other.at > at - 30 * DAY && other.at <= at && other.sendClass !== 'statutory')
          .reduce((sum, { channel }) => sum + points[channel], 0);
        if (spent > 12) exceeded.push(`${party} ${new Date(at).toISOString()} ${spent}`);
      }
    expect(exceeded).toEqual([]);
    expect(contacts.filter(({ sendClass }) => sendClass === 'marketing').length).toBeGreaterThan(0);
  });

  test('advertising reaches nobody twice in seven days or three times in thirty', () => {
    for (const own of Map.groupBy(
      contacts.filter(({ sendClass }) => sendClass === 'marketing'),
      ({ party }) => party,
    ).values()) {
      const times = own.map(({ at }) => at).sort((a, b) => a - b);
      times.forEach((at, n) => {
        expect(at - (times[n - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(7 * DAY);
        expect(at - (times[n - 2] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(30 * DAY);
      });
    }
  });

  test('the same seed gives the same year, but for owner tokens', { timeout: 1_200_000 }, async () => {
    const again = await playYear(SEED, books, INVENTED, DAYS);
    expect(contactsOf(again)).toEqual(contacts);
    expect(historyOf(again)).toEqual(historyOf(year));
  });
});
