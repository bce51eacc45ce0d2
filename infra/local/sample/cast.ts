import { addDays, addYears, type CivilDate } from '../../../shared/platform/time.ts';
import { cancels, dies, lapses, movesDate, onMail, renews } from './fate.ts';
import type { CastMember, SampleCustomer, SamplePolicy } from './person.ts';

const chinese = (
  number: number,
  family: string,
  given: string,
  gender: 'f' | 'm',
  rest: Partial<SampleCustomer> = {},
): SampleCustomer => ({
  customerNo: `C${String(number).padStart(6, '0')}`,
  language: 'zh-CN',
  country: 'CN',
  zone: 'Asia/Shanghai',
  family,
  given,
  company: '',
  gender,
  birthOn: '1984-06-18',
  email: `cast${number}@example.com`,
  mobile: `+86 1380000${String(number).padStart(4, '0')}`,
  street: `望江路${100 + number}号2栋${300 + number}室`,
  district: '上城区',
  city: '杭州市',
  postcode: '310006',
  region: '浙江省',
  emailConsent: 'Y',
  postConsent: 'Y',
  marketingConsent: 'Y',
  largePrint: '',
  ...rest,
});

const english = (
  number: number,
  family: string,
  given: string,
  gender: 'f' | 'm',
  rest: Partial<SampleCustomer> = {},
): SampleCustomer => ({
  ...chinese(number, family, given, gender),
  language: 'en',
  country: 'IE',
  zone: 'Europe/Dublin',
  mobile: `+353 8510${String(number).padStart(5, '0')}`,
  street: `${number} Harbour Road`,
  district: '',
  city: 'Dublin 6',
  postcode: 'D06 X2Y3',
  region: 'Dublin',
  ...rest,
});

/** A policy of a cast member renewing `inDays` after today, written three years ago. */
const policyOf = (
  holder: SampleCustomer,
  policyNo: string,
  today: CivilDate,
  inDays: number,
  rest: Partial<SamplePolicy> = {},
): SamplePolicy => {
  const renewsOn = addDays(today, inDays);
  const premium = holder.country === 'CN' ? 4_280 : 612.5;
  return {
    policyNo,
    holder,
    line: 'motor',
    channel: 'direct',
    broker: '',
    insured: holder.country === 'CN' ? `浙A${policyNo.slice(-5)}` : `231-D-${policyNo.slice(-5)}`,
    currency: holder.country === 'CN' ? 'CNY' : 'EUR',
    contractStartsOn: addYears(renewsOn, -3),
    terms: [3, 2, 1].map((years) => ({
      startsOn: addYears(renewsOn, -years),
      renewsOn: addYears(renewsOn, 1 - years),
      premium: Math.round(premium * 1.03 ** (3 - years) * 100) / 100,
    })),
    offer: {
      publishedOn: addDays(renewsOn, -40),
      premium: Math.round(premium * 110) / 100,
      validUntil: addDays(renewsOn, 14),
    },
    ...rest,
  };
};

const nextLeapDay = (today: CivilDate): CivilDate => {
  let year = Number(today.slice(0, 4));
  while (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0) || `${year}-02-29` <= today) year += 1;
  return `${year}-02-29` as CivilDate;
};

/** The twenty fixed people of the sample book, one per case worth showing. Docs: docs/sample-book.md. */
export const castOf = (today: CivilDate): readonly CastMember[] => {
  const member = (
    customer: SampleCustomer,
    shows: string,
    policies: (holder: SampleCustomer) => readonly SamplePolicy[],
    behaviours: (policies: readonly SamplePolicy[], holder: SampleCustomer) => CastMember['behaviours'] = () => [],
  ): CastMember => {
    const held = policies(customer);
    return { customer, policies: held, shows, behaviours: behaviours(held, customer) };
  };
  const one =
    (policyNo: string, inDays: number, rest: Partial<SamplePolicy> = {}) =>
    (holder: SampleCustomer) => [policyOf(holder, policyNo, today, inDays, rest)];
  const first = (held: readonly SamplePolicy[]): SamplePolicy => held[0] as SamplePolicy;
  const renewalDay = (held: readonly SamplePolicy[]): CivilDate => first(held).terms.at(-1)?.renewsOn as CivilDate;

  return [
    member(
      chinese(1, '张', '伟', 'm'),
      'one policy, reads, pays on the page twelve days before',
      one('K0000001', 62),
      (held, holder) => [
        onMail(holder, 'renewal', 'm30', 'PT9H', { do: 'page', link: 'renew', form: { choice: 'renew' } }),
        renews(first(held), addDays(renewalDay(held), -12)),
        onMail(holder, 'renewal-survey', undefined, 'PT5H', {
          do: 'page',
          link: 'survey',
          form: { score: '10', comment: '很顺利，两分钟就办好了。' },
        }),
      ],
    ),
    member(
      chinese(2, '李', '静', 'f'),
      'three policies that renew within one week; writes back to the mail about them',
      (holder) => [
        policyOf(holder, 'K0000002', today, 64),
        policyOf(holder, 'K0000003', today, 66, { line: 'home', insured: holder.street }),
        policyOf(holder, 'K0000004', today, 69, { line: 'health', insured: '' }),
      ],
      (_, holder) => [
        onMail(holder, 'renewal', 'm30', 'PT6H', {
          do: 'reply',
          text: '三份保单能一起续吗？请明天下午给我打电话。',
        }),
      ],
    ),
    member(
      chinese(3, '', '', 'm', { company: '杭州顺达物流有限公司', gender: '', birthOn: '' }),
      'a company with a fleet of thirty vehicles',
      (holder) =>
        Array.from({ length: 30 }, (_, n) =>
          policyOf(holder, `F00000${String(n + 1).padStart(2, '0')}`, today, 75, { insured: `浙B${60_000 + n}` }),
        ),
    ),
    member(
      english(4, 'Keane', 'Maeve', 'f'),
      'a broker’s client: no mail of ours, a line in the broker’s weekly list',
      one('K0000035', 63, { channel: 'broker', broker: 'BRK-HARBOUR' }),
    ),
    member(
      chinese(5, '', '', 'f', {
        email: '',
        street: '',
        district: '',
        city: '',
        postcode: '',
        region: '',
        mobile: '',
        family: '周',
        given: '敏',
      }),
      'no channel left: nothing but a task',
      one('K0000036', 45),
    ),
    member(chinese(6, '王', '秀英', 'f'), 'an open complaint', one('K0000037', 70)),
    member(
      english(7, 'Nolan', 'Hugh', 'm'),
      'dies three weeks from now: everything stops',
      one('K0000038', 50),
      (_, holder) => [dies(holder, addDays(today, 21))],
    ),
    member(
      chinese(8, '刘', '洋', 'm', { emailConsent: 'N' }),
      'no e-mail wanted: the letter alone',
      one('K0000039', 40),
    ),
    member(
      english(9, 'Doyle', 'Grace', 'f'),
      'the first mail bounces: the letter goes instead',
      one('K0000040', 61),
      (_, holder) => [
        onMail(holder, 'renewal', undefined, 'PT1M', { do: 'feedback', type: 'Bounce', subType: 'General' }),
      ],
    ),
    member(
      chinese(10, '陈', '志明', 'm'),
      'renews at 09:59, a minute before the mail of 10:00',
      one('K0000041', 33),
      (held) => [renews(first(held), addDays(renewalDay(held), -7), '09:59')],
    ),
    member(
      english(11, 'Ryan', 'Conor', 'm'),
      'the renewal date moves by two weeks; is away, and his mailbox says so',
      one('K0000042', 65),
      (held, holder) => [
        movesDate(first(held), addDays(today, 20), addDays(renewalDay(held), 14)),
        onMail(holder, 'renewal', 'm60', 'PT1M', {
          do: 'reply',
          text: 'I am out of the office until Monday.',
          headers: { 'Auto-Submitted': 'auto-replied', Subject: 'Automatic reply: away' },
        }),
      ],
    ),
    member(chinese(12, '黄', '玉兰', 'f'), 'a policy that renews on 29 February', (holder) => {
      const leapDay = nextLeapDay(today);
      const startsOn = addYears(leapDay, -1);
      return [
        policyOf(holder, 'K0000043', today, 0, {
          contractStartsOn: startsOn,
          terms: [{ startsOn, renewsOn: leapDay, premium: 4_280 }],
          offer: { publishedOn: addDays(leapDay, -40), premium: 4_402, validUntil: addDays(leapDay, 14) },
        }),
      ];
    }),
    member(
      chinese(13, '赵', '建国', 'm', { birthOn: addYears(today, -72), largePrint: 'Y', email: '' }),
      '72 years old, no e-mail, large print',
      one('K0000044', 38),
    ),
    member(
      english(14, 'Fitzgerald-Moore', 'Eleanor', 'f', {
        country: 'CN',
        zone: 'Asia/Shanghai',
        street: '88 Changle Road, Building 3, Apartment 1204',
        city: '上海市',
        region: '上海',
        postcode: '200020',
        mobile: '+86 13800000014',
      }),
      'reads English, lives in Shanghai, asks to be called',
      one('K0000045', 60),
      (_, holder) => [
        onMail(holder, 'renewal', 'm30', 'PT4H', {
          do: 'page',
          link: 'renew',
          form: { choice: 'call', on: '$first', slot: '$first' },
        }),
      ],
    ),
    member(chinese(15, '吴', '春梅', 'f', { email: '' }), 'paper only', one('K0000046', 29)),
    member(
      chinese(16, '孙', '海涛', 'm', { email: 'sunjia@example.com' }),
      'shares an e-mail address with the next',
      one('K0000047', 67),
    ),
    member(
      chinese(17, '孙', '雪梅', 'f', { email: 'sunjia@example.com', birthOn: '1987-11-02' }),
      'shares an e-mail address with the one before',
      one('K0000048', 68),
      (held) => [renews(first(held), addDays(renewalDay(held), -20))],
    ),
    member(
      english(18, 'Quinn', 'Clara', 'f'),
      'says on the page that she goes to another insurer, and lapses',
      one('K0000049', 34),
      (held, holder) => [
        onMail(holder, 'renewal', 'm30', 'PT4H', {
          do: 'page',
          link: 'renew',
          form: { choice: 'not-renewing', reason: 'other-insurer' },
        }),
        lapses(first(held)),
      ],
    ),
    member(
      english(19, 'Byrne', 'Aoife', 'f'),
      'stops e-mail in the middle of the programme: answers a mail with “unsubscribe”',
      one('K0000050', 55),
      (_, holder) => [onMail(holder, 'renewal', 'm30', 'PT2H', { do: 'reply', text: 'Please unsubscribe me.' })],
    ),
    member(
      chinese(20, '欧阳', '思涵', 'f'),
      'cancels before the renewal; was never offered a price',
      one('K0000051', 62, { offer: undefined }),
      (held) => [cancels(first(held), addDays(renewalDay(held), -18))],
    ),
  ];
};
