import { describe, expect, test } from 'vitest';
import { fieldCatalogue } from '../../shared/content/field-catalogue.ts';
import { maskInsured, maskNumber } from '../../shared/content/formats.ts';
import { chooseLocale } from '../../shared/content/locales.ts';
import { salutationOf } from '../../shared/content/salutation.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import type { Claim, Term } from '../../shared/policy/policy.ts';
import { at, dataOf, links, policyOf } from './samples.ts';

const claimOf = (): Claim => ({
  claimNo: 'CLM-2018-0042',
  type: 'collision',
  status: 'settled',
  occurredOn: '2018-12-01' as never,
  settledOn: '2018-12-20' as never,
});

const termTo = (renewsOn: string): Term => ({ startsOn: '2018-02-05' as never, renewsOn: renewsOn as never });

describe('salutation', () => {
  const rows: readonly [Pick<Profile, 'name' | 'gender'>, string, string][] = [
    [{ name: { family: '张', given: '伟' }, gender: 'm' }, '尊敬的张先生：', 'Dear 张伟,'],
    [{ name: { family: '张', given: '伟' }, gender: 'f' }, '尊敬的张女士：', 'Dear 张伟,'],
    [{ name: { family: '张', given: '伟' } }, '尊敬的张伟先生/女士：', 'Dear 张伟,'],
    [{ name: { full: '欧阳娜娜' }, gender: 'f' }, '尊敬的欧阳女士：', 'Dear 欧阳娜娜,'],
    [{ name: { full: '王芳' }, gender: 'f' }, '尊敬的王女士：', 'Dear 王芳,'],
    // 欧阳 alone is a surname and a given name, not a compound surname without one
    [{ name: { full: '欧阳' }, gender: 'm' }, '尊敬的欧先生：', 'Dear 欧阳,'],
    [{ name: { given: 'María', family: 'García' }, gender: 'f' }, '尊敬的 María García 女士：', 'Dear Ms García,'],
    [{ name: { given: 'María', family: 'García' } }, '尊敬的 María García 先生/女士：', 'Dear María García,'],
    [{ name: { full: 'John  Smith ' }, gender: 'm' }, '尊敬的 John Smith 先生：', 'Dear John Smith,'],
    [{ name: { company: '上海远航物流有限公司' } }, '尊敬的上海远航物流有限公司：', 'Dear Sir or Madam,'],
    [{ name: {} }, '尊敬的客户：', 'Dear customer,'],
    [{ name: { full: '  ' }, gender: 'm' }, '尊敬的客户：', 'Dear customer,'],
  ];
  test.each(rows)('%j', (who, chinese, english) => {
    expect(salutationOf(who, 'zh-CN')).toBe(chinese);
    expect(salutationOf(who, 'en')).toBe(english);
  });
});

describe('what a template may say', () => {
  test('money, dates and days are written for the reader', () => {
    const chinese = dataOf();
    expect(chinese.policy).toMatchObject({
      renewsOn: '2019年1月31日',
      daysLeft: 30,
      daysLeftText: '30 天',
      line: '机动车保险',
    });
    expect(chinese.offer).toMatchObject({
      premium: '¥3,340.50',
      lastPremium: '¥3,120.00',
      difference: '¥220.50',
      isHigher: true,
    });
    const english = dataOf({ locale: 'en' });
    expect(english.policy).toMatchObject({
      renewsOn: '31 January 2019',
      daysLeftText: '30 days',
      line: 'Motor insurance',
    });
    expect(english.offer?.premium).toBe('CN¥3,340.50');
  });

  test("days left are counted at the instant of sending, by the policy's own calendar", () => {
    // 23:30 in Shanghai on the 30th is still a day before; half an hour later it is the day
    expect(dataOf({ now: at('2019-01-30T15:30:00Z') }).policy?.daysLeft).toBe(1);
    expect(dataOf({ now: at('2019-01-30T16:00:00Z') }).policy?.daysLeft).toBe(0);
    expect(dataOf({ now: at('2019-01-30T15:30:00Z'), locale: 'en' }).policy?.daysLeftText).toBe('1 day');
  });

  test('policy number and plate are masked, house numbers too', () => {
    expect(maskNumber('PMOT-2018-0012345')).toBe('****2345');
    expect(maskInsured('沪A12345')).toBe('沪A***45');
    expect(maskInsured('1234ABC')).toBe('12***BC');
    expect(maskInsured('231-D-00050')).toBe('23***50');
    expect(maskInsured('望江路101号2栋301室')).toBe('望江路***号*栋***室');
    expect(maskInsured('Calle Mayor 12, 3º B')).toBe('Calle Mayor **, *º B');
  });

  describe("last year's premium never stands in for the new one (C5)", () => {
    const last = { minor: 312_000, currency: 'CNY' };
    test.each([
      ['no offer', undefined],
      ['an offer for the term that is ending', { termStartsOn: '2018-01-31', premium: last }],
      ['an offer for a later term', { termStartsOn: '2020-01-31', premium: last }],
      ['an offer that has run out', { termStartsOn: '2019-01-31', premium: last, validUntil: '2018-12-31' }],
    ])('%s: there is no offer to show', (_, offer) => {
      const data = dataOf({ policy: { offer: offer as never } });
      expect(data.offer).toBeUndefined();
      expect(JSON.stringify(data)).not.toContain('3,120');
    });
    test('premiums of two currencies are not compared', () => {
      const offer = { termStartsOn: '2019-01-31', premium: { minor: 100, currency: 'EUR' } };
      expect(dataOf({ policy: { offer: offer as never } }).offer).toEqual({
        premium: '€1.00',
        isHigher: false,
        isLower: false,
      });
    });
  });

  test('a payment link that is no web page is not shown', () => {
    const offer = { termStartsOn: '2019-01-31', premium: { minor: 1, currency: 'CNY' } };
    const linkOf = (payUrl: string) => dataOf({ policy: { offer: { ...offer, payUrl } as never } }).offer?.payUrl;
    expect(linkOf('https://pay.example.com/x?y=1')).toBe('https://pay.example.com/x?y=1');
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', ' ', 'https://x" onclick="', 'pay.example.com']) {
      expect(linkOf(bad), bad).toBeUndefined();
    }
  });

  test('what is unknown is absent, never blank', () => {
    const data = dataOf({
      profile: { name: { full: ' ' } },
      policy: { insured: '  ', offer: undefined as never },
      links: { renew: '' },
    });
    const blanks = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Object.values(value).reduce((sum: number, one) => sum + blanks(one), 0)
        : Number(value === undefined || (typeof value === 'string' && value.trim() === ''));
    expect(blanks(data)).toBe(0);
    expect(data.policy).not.toHaveProperty('insured');
    expect(data.links).toEqual({});
  });

  test('every field is in the catalogue and every field of the catalogue exists', () => {
    const data = dataOf({
      policy: {
        ending: { kind: 'lapsed', on: '2019-01-31' as never },
        offer: {
          termStartsOn: '2019-01-31' as never,
          premium: { minor: 1, currency: 'CNY' },
          validUntil: '2019-01-31' as never,
          payUrl: 'https://pay.example.com/',
        },
      },
      claim: claimOf(),
      links: { ...links, confirm: 'https://pages.example.com/a/abc' },
    });
    const namesOf = (value: unknown, path: string): string[] => {
      if (Array.isArray(value)) return [path, `${path}.size`, ...namesOf(value[0], path)];
      if (typeof value !== 'object' || value === null) return [path];
      const group = ['policy', 'offer', 'claim', 'policies.offer'].includes(path) ? [path] : [];
      return [
        ...group,
        ...Object.entries(value).flatMap(([name, its]) => namesOf(its, path === '' ? name : `${path}.${name}`)),
      ];
    };
    expect(new Set(namesOf(data, ''))).toEqual(new Set(Object.keys(fieldCatalogue)));
  });

  test('C5: several policies, soonest renewal first, each with its own offer, days and page', () => {
    const later = policyOf({ policyNo: 'PHOM-0002', term: termTo('2019-02-05'), offer: undefined as never });
    const sooner = policyOf({ policyNo: 'PMOT-0001' });
    const data = dataOf({ policies: [later, sooner] });
    expect(data.policies.map(({ number, daysLeft, offer }) => [number, daysLeft, offer?.premium])).toEqual([
      ['****0001', 30, '¥3,340.50'],
      ['****0002', 35, undefined],
    ]);
    expect(data.policy).toMatchObject({ number: '****0001' });
    expect(data.offer).toEqual(data.policies[0]?.offer);
  });

  test('a message about no policy has none, and says no premium', () => {
    const data = dataOf({ policies: [] });
    expect(data).not.toHaveProperty('policy');
    expect(data).not.toHaveProperty('offer');
    expect(data.policies).toEqual([]);
  });

  test('properties of the event are written for the reader: days, instants, amounts', () => {
    const event = {
      dueOn: '2019-02-03',
      at: '2019-02-03T20:00:00Z',
      amountMinor: 123_450,
      currency: 'CNY',
      attempts: 2,
      note: ' ',
      plate: '沪A12345',
    };
    expect(dataOf({ event }).event).toEqual({
      dueOn: '2019年2月3日',
      at: '2019年2月4日',
      amountMinor: 123_450,
      amount: '¥1,234.50',
      currency: 'CNY',
      attempts: 2,
      plate: '沪A12345',
    });
  });

  test('C14: the mark of advertising is for readers in mainland China', () => {
    const es = { lines: ['Calle Mayor 1'], city: 'Madrid', postcode: '28013', country: 'ES' };
    expect(dataOf().adMark).toBe('广告：');
    expect(dataOf({ locale: 'en' }).adMark).toBe('AD: ');
    expect(dataOf({ locale: 'en', profile: { address: es, zone: 'Europe/Madrid' as never } }).adMark).toBeUndefined();
  });
});

test.each<[string, string[], string | undefined, string]>([
  ['zh-CN', ['en', 'zh-CN'], undefined, 'zh-CN'],
  ['zh-TW', ['en', 'zh-CN'], undefined, 'zh-CN'],
  ['zh-HK', ['en', 'zh-CN', 'zh-TW'], undefined, 'zh-TW'],
  ['zh-Hant', ['en', 'zh-CN'], undefined, 'zh-CN'],
  ['yue', ['en', 'zh-CN'], undefined, 'zh-CN'],
  ['ca', ['en', 'es'], undefined, 'es'],
  ['en-GB', ['en', 'zh-CN'], undefined, 'en'],
  ['es', ['en', 'zh-CN'], undefined, 'en'],
  ['es', ['en', 'zh-CN'], 'zh-CN', 'zh-CN'],
  ['es', ['en', 'zh-CN'], 'fr', 'en'],
  ['es', ['zh-CN'], undefined, 'zh-CN'],
  ['es', ['fr'], undefined, 'fr'],
  ['constructor', ['en'], undefined, 'en'],
])('a reader of %s gets of %j, the branch speaking %s, the variant %s', (wanted, available, branch, got) => {
  expect(chooseLocale(available, wanted, branch)).toBe(got);
});
