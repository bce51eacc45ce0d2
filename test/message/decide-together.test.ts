import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Channel, SendClass } from '../../shared/customer/customer.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { decideTogether, type OwnQuestion } from '../../shared/message/decide-together.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import { DAY, HOUR, type Instant } from '../../shared/platform/time.ts';
import { at, contactAt, gateOf } from './contact-questions.ts';

/** Noon in Shanghai, on a working Wednesday. */
const NOON = at('2026-03-11T04:00:00Z');
const shared = { gate: gateOf(), now: NOON, settings: contactSettings };

const one = (
  id: string,
  sendClass: SendClass,
  priority = 50,
  more: Partial<OwnQuestion['order']> = {},
): OwnQuestion => ({
  order: { sendId: id as SendId, channel: 'email', sendClass, priority, useBy: (NOON + DAY) as Instant, ...more },
  reachable: true,
});
const told = (asked: readonly OwnQuestion[], gate = gateOf()) =>
  decideTogether(asked, { ...shared, gate }).map(({ asked: { order }, decision }) => [
    order.sendId,
    decision.kind === 'skip' ? decision.reason : decision.kind,
  ]);

describe('messages of one person due in one tick (C10)', () => {
  test('by class, then priority, then id; of two advertisements the more important one goes', () => {
    expect(
      told([
        one('a', 'marketing', 10),
        one('b', 'marketing', 90),
        one('d', 'service'),
        one('c', 'service'),
        one('e', 'statutory', 0),
      ]),
    ).toEqual([
      ['e', 'send'],
      ['c', 'send'],
      ['d', 'send'],
      ['b', 'send'],
      ['a', 'frequency-cap'],
    ]);
  });

  test('what is refused takes nobody’s place', () => {
    const shut = { ...gateOf(), suppressed: { email: 'hard-bounce' as const } };
    expect(told([one('mail', 'marketing', 90), one('text', 'marketing', 10, { channel: 'sms' })], shut)).toEqual([
      ['mail', 'suppressed'],
      ['text', 'send'],
    ]);
  });

  test('service messages of the same tick use up the budget before advertising is asked', () => {
    const recent = {
      v: contactAt(NOON - DAY, 'visit'),
      w: contactAt(NOON - 2 * DAY, 'visit'),
      p: contactAt(NOON - DAY, 'phone'),
    };
    expect(told([one('ad', 'marketing')], { ...gateOf(), recent })).toEqual([['ad', 'send']]);
    expect(told([one('ad', 'marketing', 99), one('bill', 'service', 1)], { ...gateOf(), recent })).toEqual([
      ['bill', 'send'],
      ['ad', 'contact-budget'],
    ]);
  });

  test('fields of the caller come back with the decision', () => {
    const [decided] = decideTogether([{ ...one('a', 'service'), row: 7 }], shared);
    expect(decided?.asked.row).toBe(7);
  });

  const anyOne = fc.record({
    sendClass: fc.constantFrom<SendClass>('marketing', 'service', 'statutory'),
    channel: fc.constantFrom<Channel>('email', 'post', 'sms', 'phone', 'visit'),
    priority: fc.constantFrom(0, 50, 100),
    hours: fc.integer({ min: 0, max: 72 }),
  });

  test('any order of placing gives the same decisions, and together no cap and no budget is exceeded', () => {
    fc.assert(
      fc.property(fc.array(anyOne, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (given, dice) => {
        const asked = given.map(({ sendClass, channel, priority, hours }, n) =>
          one(`m${n}`, sendClass, priority, { channel, useBy: (NOON + hours * HOUR) as Instant }),
        );
        const decided = decideTogether(asked, shared);
        const shuffled = asked
          .map((question) => ({ question, at: dice.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ question }) => question);
        expect(decideTogether(shuffled, shared)).toEqual(decided);

        const sent = decided.filter(({ decision }) => decision.kind === 'send').map(({ asked: { order } }) => order);
        const marketing = sent.filter(({ sendClass }) => sendClass === 'marketing');
        expect(marketing.length).toBeLessThanOrEqual(1);
        const points = { email: 1, post: 2, sms: 2, phone: 3, visit: 4 };
        const counted = sent.filter(({ sendClass }) => sendClass !== 'statutory');
        if (marketing.length > 0)
          expect(counted.reduce((sum, { channel }) => sum + points[channel], 0)).toBeLessThanOrEqual(12);
        // the law's messages give way to nothing
        for (const { asked: question, decision } of decided)
          if (question.order.sendClass === 'statutory') expect(decision.kind).toBe('send');
      }),
      { numRuns: 1_500, seed: 10 },
    );
  });
});
