import { describe, expect, test } from 'vitest';
import type { Channel, RecentContact, SendClass } from '../../shared/customer/customer.ts';
import { type ContactQuestion, decideContact } from '../../shared/message/contact-rules.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import { DAY, HOUR, type Instant } from '../../shared/platform/time.ts';
import { at, contactAt, questionAt } from './contact-questions.ts';

/** Noon in Shanghai, on a working Wednesday. */
const NOON = at('2026-03-11T04:00:00Z');

/** Points: mail 1, letter 2, text 2, call 3, visit 4; twelve in thirty days. */
const heard = (...contacts: readonly (readonly [Channel, number, SendClass?])[]): Record<string, RecentContact> =>
  Object.fromEntries(
    contacts.map(([channel, days, sendClass], n) => [`c${n}`, contactAt(NOON - days * DAY, channel, sendClass)]),
  );
const decide = (recent: Record<string, RecentContact>, order: Partial<ContactQuestion['order']> = {}) => {
  const { explain: _, ...decision } = decideContact(questionAt(NOON, { order, gate: { recent } }));
  return decision;
};
const SEND = { kind: 'send' };
const two = [
  ['visit', 20],
  ['visit', 10],
] as const;

describe('contact budget (M3)', () => {
  test.each<[string, Record<string, RecentContact>, Partial<ContactQuestion['order']>, object]>([
    ['eleven points leave room for a mail', heard(...two, ['phone', 5]), {}, SEND],
    [
      'twelve do not: held until enough of them are thirty days old',
      heard(['visit', 24], ['visit', 10], ['phone', 5], ['email', 4]),
      {},
      { kind: 'hold', reason: 'contact-budget', until: NOON + 6 * DAY },
    ],
    [
      'a text costs two: eleven are too many',
      heard(['visit', 24], ['visit', 10], ['phone', 5]),
      { channel: 'sms' },
      { kind: 'hold', reason: 'contact-budget', until: NOON + 6 * DAY },
    ],
    [
      'beyond the use-by there is nothing to wait for',
      heard(...two, ['phone', 5], ['email', 4]),
      { useBy: (NOON + 2 * DAY) as Instant },
      { kind: 'skip', reason: 'contact-budget' },
    ],
    [
      'a visit that a clerk logged counts as well as a mail',
      heard(...two, ['visit', 5]),
      { useBy: (NOON + DAY) as Instant },
      { kind: 'skip', reason: 'contact-budget' },
    ],
    [
      'what is thirty days old to the moment counts no more',
      heard(['visit', 30], ['visit', 10], ['visit', 5]),
      {},
      SEND,
    ],
    ['notices of the law do not count', heard(...two, ['visit', 5, 'statutory']), {}, SEND],
    [
      'service goes on however much there was',
      heard(...two, ['visit', 5], ['visit', 1]),
      { sendClass: 'service' },
      SEND,
    ],
    ['so does the law', heard(...two, ['visit', 5], ['visit', 1]), { sendClass: 'statutory' }, SEND],
    ['the message itself does not count', { ...heard(...two, ['phone', 5]), me: contactAt(NOON, 'email') }, {}, SEND],
  ])('%s', (_, recent, order, expected) => {
    expect(decide(recent, order)).toEqual(expected);
  });

  test('a message for several policies is one contact, however many reservations it has (C5)', () => {
    const merged = contactAt(NOON - 5 * DAY, 'visit');
    const recent = {
      first: merged,
      second: { ...merged, message: 'first' as SendId },
      third: { ...merged, message: 'first' as SendId },
      other: contactAt(NOON - 10 * DAY, 'visit'),
    };
    expect(decide(recent)).toEqual(SEND);
    // and its own reservations are not held against it
    const own = Object.fromEntries(
      ['me', 'b', 'c', 'd'].map((id) => [
        id,
        { ...contactAt(NOON, 'visit'), ...(id === 'me' ? {} : { message: 'me' as SendId }) },
      ]),
    );
    expect(decide(own)).toEqual(SEND);
  });

  test('the later of cap and budget is the reason, and when it opens in the night, the morning counts', () => {
    const late = (NOON + 10 * HOUR) as Instant;
    const recent = {
      ...heard(['visit', 22], ['visit', 10], ['phone', 3]),
      mail: contactAt(late - 6 * DAY, 'email', 'marketing'),
    };
    // the cap opens tomorrow at 22:00, the budget in eight days at noon
    expect(decide(recent)).toEqual({ kind: 'hold', reason: 'contact-budget', until: NOON + 8 * DAY });
    expect(decide({ mail: contactAt(late - 6 * DAY, 'email', 'marketing') })).toEqual({
      kind: 'hold',
      reason: 'frequency-cap',
      until: at('2026-03-13T00:00:00Z'),
    });
  });

  test('a message that costs more than the whole budget never goes, and says so', () => {
    const settings = { ...contactSettings, budget: { ...contactSettings.budget, allowance: 3 } };
    const decision = decideContact(questionAt(NOON, { order: { channel: 'visit' }, settings }));
    expect(decision).toMatchObject({ kind: 'skip', reason: 'contact-budget' });
    expect(decision.explain.at(-1)).toMatchObject({ rule: 'use-by', verdict: 'skip' });
  });

  test('a cap for some channels counts those only', () => {
    const settings = {
      ...contactSettings,
      caps: [{ sendClass: 'marketing' as const, channels: ['sms' as const], max: 1, days: 7 }],
    };
    const gate = { recent: { s: contactAt(NOON - DAY, 'sms', 'marketing') } };
    expect(decideContact(questionAt(NOON, { gate, settings }))).toMatchObject(SEND);
    expect(decideContact(questionAt(NOON, { gate, settings, order: { channel: 'sms' } }))).toMatchObject({
      kind: 'hold',
      reason: 'frequency-cap',
      until: NOON + 6 * DAY,
    });
  });
});

describe('what is told with a decision', () => {
  test('every rule that was looked at, in its order, with its figures', () => {
    const gate = { recent: heard(['visit', 24], ['visit', 10], ['phone', 5], ['email', 4, 'marketing']) };
    const { explain } = decideContact(questionAt(NOON, { gate }));
    expect(explain.map(({ rule, verdict }) => `${rule} ${verdict}`)).toEqual([
      'alive pass',
      'use-by pass',
      'address pass',
      'suppression-and-consent pass',
      'topic pass',
      'situation pass',
      'frequency-cap hold',
      'frequency-cap pass',
      'contact-budget hold',
      'holiday pass',
      'quiet-hours pass',
    ]);
    expect(explain[6]).toEqual({
      rule: 'frequency-cap',
      verdict: 'hold',
      until: NOON + 3 * DAY,
      figures: { sent: 1, max: 1, days: 7 },
    });
    expect(explain[8]?.figures).toEqual({ points: 1, used: 12, allowance: 12, days: 30 });
    expect(explain[9]?.figures).toEqual({ country: 'CN', day: '2026-03-11', closed: 'holidays' });
    expect(explain[10]?.figures).toEqual({ zone: 'Asia/Shanghai', wall: '12:00', from: '21:00', until: '08:00' });
  });

  test('a refusal ends it: what comes after was not looked at', () => {
    const { explain } = decideContact(questionAt(NOON, { gate: { consent: {} } }));
    expect(explain.map(({ rule }) => rule)).toEqual(['alive', 'use-by', 'address', 'suppression-and-consent']);
    expect(explain.at(-1)).toMatchObject({ verdict: 'skip', figures: { channel: 'email' } });
  });
});
