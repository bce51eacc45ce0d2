import { describe, expect, test } from 'vitest';
import birthday from '../../campaigns/birthday.json' with { type: 'json' };
import { type CampaignDefinition, definitionSchema } from '../../shared/campaign/definition.ts';
import { orderTraits } from '../../shared/campaign/order-traits.ts';
import type { Gate, RecentContact, SendClass } from '../../shared/customer/customer.ts';
import { type ContactQuestion, decideContact } from '../../shared/message/contact-rules.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { at, contactAt, questionAt } from './contact-questions.ts';

// a Tuesday noon in Shanghai, far from any holiday
const NOW = at('2026-11-10T04:00:00Z');
const paced = (daysAgo: number, sendClass: SendClass = 'marketing'): RecentContact => ({
  ...contactAt(NOW - daysAgo * DAY, 'email', sendClass),
  paced: true,
});
const asked = (order: Partial<ContactQuestion['order']>, gate: Partial<Gate> = {}): ContactQuestion =>
  questionAt(NOW, { order, gate });
const answerTo = (question: ContactQuestion) => {
  const { explain: _, ...answer } = decideContact(question);
  return answer;
};

describe('what the customer said on the preference page (M6)', () => {
  test('a refused topic is skipped for good, others go', () => {
    const gate = { preferences: { refusedTopics: ['events'] as const } };
    expect(answerTo(asked({ topic: 'events' }, gate))).toEqual({ kind: 'skip', reason: 'topic-refused' });
    expect(answerTo(asked({ topic: 'offers' }, gate))).toEqual({ kind: 'send' });
    expect(answerTo(asked({ topic: 'events', sendClass: 'service' }, gate))).toEqual({
      kind: 'skip',
      reason: 'topic-refused',
    });
    expect(decideContact(asked({ topic: 'events' }, gate)).explain).toContainEqual({
      rule: 'topic',
      verdict: 'skip',
      figures: { topic: 'events' },
    });
  });

  test.each([
    ['weekly', 7],
    ['monthly', 30],
    ['quarterly', 90],
  ] as const)('%s: the next message waits until %i days after the last', (pace, days) => {
    const gate = (ago: number) => ({ preferences: { refusedTopics: [], pace }, recent: { a: paced(ago, 'service') } });
    const survey = { sendClass: 'service', topic: 'surveys' } as const;
    const opens = (NOW + 2 * DAY) as Instant;
    expect(answerTo(asked(survey, gate(days - 2)))).toEqual({ kind: 'hold', until: opens, reason: 'pace' });
    expect(answerTo(asked({ ...survey, useBy: (opens - 1) as Instant }, gate(days - 2)))).toEqual({
      kind: 'skip',
      reason: 'pace',
    });
    expect(answerTo(asked(survey, gate(days)))).toEqual({ kind: 'send' });
    expect(answerTo(asked({ sendClass: 'service' }, gate(0)))).toEqual({ kind: 'send' });
    expect(answerTo(asked({ sendClass: 'statutory', topic: 'surveys' }, gate(0)))).toEqual({ kind: 'send' });
  });

  test('what failed, and what is about a contract, counts against no pace', () => {
    const preferences = { refusedTopics: [], pace: 'monthly' } as const;
    const recent = { a: { ...paced(20), failed: true as const }, b: contactAt(NOW - DAY, 'email', 'service') };
    expect(answerTo(asked({ topic: 'offers' }, { preferences, recent }))).toEqual({ kind: 'send' });
  });

  test('a pause holds until its end within the use-by, and skips beyond', () => {
    const until = (NOW + 3 * DAY) as Instant;
    const gate = { preferences: { refusedTopics: [], pausedUntil: until } };
    expect(answerTo(asked({}, gate))).toEqual({ kind: 'hold', until, reason: 'paused-by-customer' });
    expect(answerTo(asked({ useBy: (until - 1) as Instant }, gate))).toEqual({
      kind: 'skip',
      reason: 'paused-by-customer',
    });
    expect(answerTo(asked({ sendClass: 'service' }, gate))).toEqual({ kind: 'send' });
    expect(answerTo({ ...asked({}, gate), now: until })).toEqual({ kind: 'send' });
  });

  test('what the customer asked for moments ago goes at night, under every refusal; not to the dead, not into a dead mailbox', () => {
    const night = at('2026-11-10T18:00:00Z');
    const refused = { given: false, wording: 'w', at: 0 as Instant };
    const gate = {
      consent: { 'email/service': refused, 'email/marketing': refused },
      suppressed: { email: 'complaint' },
      situations: ['fraud-review'],
      preferences: { refusedTopics: ['offers'], pace: 'quarterly', pausedUntil: (NOW + 50 * DAY) as Instant },
      recent: { a: paced(1), b: paced(2) },
    } as Partial<Gate>;
    const order = { sendClass: 'service', topic: 'offers', requested: true } as const;
    const at18 = (more: Partial<Gate>, to?: 'unconfirmed') =>
      answerTo(questionAt(night, { order: { ...order, ...(to ? { to } : {}) }, gate: { ...gate, ...more } }));
    expect(at18({})).toEqual({ kind: 'send' });
    expect(at18({ situations: ['deceased'] })).toEqual({ kind: 'skip', reason: 'deceased' });
    for (const why of ['hard-bounce', 'returned-mail', 'wrong-person'] as const) {
      expect(at18({ suppressed: { email: why } })).toEqual({ kind: 'skip', reason: 'suppressed' });
      // the dead one is the address that the customer has just replaced
      expect(at18({ suppressed: { email: why } }, 'unconfirmed')).toEqual({ kind: 'send' });
    }
  });
});

describe('what an order says of itself', () => {
  const { topic: _, ...base } = definitionSchema.parse(birthday);
  const traits = (more: Partial<CampaignDefinition>, survey?: string) => orderTraits({ ...base, ...more }, survey);

  test('its topic: as the campaign says; else surveys of an invite, offers of advertising, none of contract mail', () => {
    expect(traits({ class: 'marketing', topic: 'events' })).toEqual({ topic: 'events' });
    expect(traits({ class: 'marketing' })).toEqual({ topic: 'offers' });
    expect(traits({ class: 'service' }, 'renewal')).toEqual({ topic: 'surveys' });
    expect(traits({ class: 'marketing' }, 'renewal')).toEqual({ topic: 'surveys' });
    expect(traits({ class: 'service' })).toEqual({});
    expect(traits({ class: 'statutory', topic: 'offers' }, 'renewal')).toEqual({});
  });

  test('that it was asked for, and that it goes to the new address', () => {
    const event = (name: string) => ({ class: 'service', requested: true, trigger: { event: name } }) as const;
    expect(traits(event('PreferenceLinkAsked'))).toEqual({ requested: true });
    expect(traits(event('AddressGiven'))).toEqual({ requested: true, to: 'unconfirmed' });
    expect(traits({ class: 'service', trigger: { event: 'AddressGiven' } })).toEqual({});
  });
});
