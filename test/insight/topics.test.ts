import { describe, expect, test } from 'vitest';
import { createTopicFinder, type Topic, topics } from '../../shared/insight/topics.ts';

const find = createTopicFinder(topics);
const found = (text: string) => Object.fromEntries(find(text).map(({ topic, words }) => [topic, words]));

describe('S5: topics of free text', () => {
  test.each<[text: string, topics: Record<string, readonly string[]>]>([
    ['保费比去年贵了不少', { price: ['保费', '贵了'] }],
    ['理赔很慢，客服电话打不通', { 'claim-speed': ['理赔很慢'], reachability: ['打不通', '客服电话'] }],
    ['小姐姐很有耐心，讲解专业', { friendliness: ['耐心'], expertise: ['专业', '讲解'] }],
    ['你们的App老是闪退', { digital: ['闪退', 'app'] }],
    ['ＡＰＰ 打不开', { digital: ['app'] }],
    ['Too EXPENSIVE, and the premium keeps rising', { price: ['expensive', 'premium'] }],
    [
      'Nobody answered; I don’t understand the small print',
      {
        reachability: ['nobody answered'],
        wording: ["don't understand", 'small print'],
      },
    ],
    ['the form asked for the same information twice', { paperwork: ['form', 'same information'] }],
    ['没有提醒我就脱保了。Refund please!', { 'renewal-notice': ['提醒', '脱保'], payment: ['refund'] }],
  ])('%s', (text, wanted) => {
    const said = found(text);
    expect(Object.keys(said).sort()).toEqual(Object.keys(wanted).sort());
    for (const [topic, words] of Object.entries(wanted)) expect(said[topic]?.toSorted()).toEqual(words.toSorted());
  });

  test.each([
    '',
    'fine',
    '很好',
    '👍👍',
    'perform information', // "form" is a word of its own or none
    'an application of caress', // "app", "car"
    'what kind of website'.replace('website', 'thing'), // "kind" alone says nothing of manners
    '<b>=1+1</b>',
  ])('nothing is guessed: %j speaks of no topic', (text) => {
    expect(find(text)).toEqual([]);
  });

  test('S15: naughty strings, right-to-left marks and a megabyte do no harm', () => {
    for (const text of ['‮保费‬', '\0保费\uffff', '\ud800保费', `保费 ${'=1+1 '.repeat(250_000)}`])
      expect(found(text)).toEqual({ price: ['保费'] });
    // what is said behind 20,000 characters is not looked at
    expect(find(`${'x '.repeat(15_000)}保费`)).toEqual([]);
  });

  test('every topic has a name and terms in both languages; no term stands in two topics of one language', () => {
    expect(topics.length).toBeGreaterThanOrEqual(12);
    for (const language of ['zh-CN', 'en'] as const) {
      const all = topics.flatMap(({ terms }) => terms[language]);
      expect(all.filter((term, n) => all.indexOf(term) !== n)).toEqual([]);
      for (const { id, terms, label } of topics) {
        expect(terms[language].length, id).toBeGreaterThanOrEqual(8);
        expect(label[language]).not.toBe('');
      }
    }
    expect(new Set(topics.map(({ id }) => id)).size).toBe(topics.length);
  });

  test('no Chinese term stands within a term of another topic, which it would drag along', () => {
    const all = topics.flatMap(({ id, terms }) => terms['zh-CN'].map((term) => [id, term] as const));
    const dragged = all.filter(([id, term]) => all.some(([other, longer]) => other !== id && longer.includes(term)));
    expect(dragged).toEqual([]);
  });

  test('every term of the dictionary is found where it stands in a text', () => {
    for (const { id, terms } of topics) {
      for (const term of terms['zh-CN']) expect(found(`我觉得${term}。`)[id], term).toContain(term.toLowerCase());
      for (const term of terms.en)
        expect(found(`well, ${term.replaceAll('*', 'xyz')}!`)[id], term).toContain(term.replaceAll('*', 'xyz'));
    }
  });

  test('terms of two words match in a row only, and an ending only where it was left open', () => {
    const one: Topic = {
      id: 'one',
      label: { 'zh-CN': '一', en: 'one' },
      terms: { 'zh-CN': [], en: ['call* back', 'wait'] },
    };
    const own = createTopicFinder([one]);
    expect(own('You called me. Then back.')).toEqual([]);
    expect(own('they CALLED BACK')).toEqual([{ topic: 'one', terms: ['call* back'], words: ['called back'] }]);
    expect(own('waiting')).toEqual([]);
  });
});
