import type { Channel, Purpose, Situation } from '../customer/customer.ts';
import { ageOn } from './calendar.ts';
import type { Actual, Choice, Field, FieldType, Label } from './field.ts';
import type { CustomerFacts } from './rule-subject.ts';

/** Channels as rules name them. */
export const channels: readonly Choice[] = [
  { name: 'email', label: { 'zh-CN': '电子邮件', en: 'e-mail' } },
  { name: 'post', label: { 'zh-CN': '信函', en: 'letter' } },
  { name: 'phone', label: { 'zh-CN': '电话', en: 'phone' } },
  { name: 'sms', label: { 'zh-CN': '短信', en: 'text message' } },
  { name: 'visit', label: { 'zh-CN': '拜访', en: 'visit' } },
] satisfies readonly { name: Channel; label: Label }[];

const purposes = [
  { name: 'service', label: { 'zh-CN': '服务', en: 'service' } },
  { name: 'marketing', label: { 'zh-CN': '营销', en: 'marketing' } },
] satisfies readonly { name: Purpose; label: Label }[];

const situations = [
  { name: 'deceased', label: { 'zh-CN': '已故', en: 'deceased' } },
  { name: 'open-complaint', label: { 'zh-CN': '投诉处理中', en: 'open complaint' } },
  { name: 'disputed-claim', label: { 'zh-CN': '理赔争议', en: 'disputed claim' } },
  { name: 'bereavement', label: { 'zh-CN': '丧亲', en: 'bereavement' } },
  { name: 'fraud-review', label: { 'zh-CN': '欺诈核查', en: 'fraud review' } },
] satisfies readonly { name: Situation; label: Label }[];

const field = (
  name: string,
  type: FieldType,
  zh: string,
  en: string,
  get: (customer: CustomerFacts) => Actual | undefined,
  more: Partial<Field> = {},
): Field => ({ name, type, label: { 'zh-CN': zh, en }, part: 'customer', get, ...more });

const consentFields: readonly Field[] = channels.flatMap((channel) =>
  purposes.map((purpose) =>
    field(
      `consent.${channel.name}.${purpose.name}`,
      'flag',
      `同意：${channel.label['zh-CN']}／${purpose.label['zh-CN']}`,
      `consent to ${purpose.label.en} by ${channel.label.en}`,
      ({ consent }) => consent[`${channel.name as Channel}/${purpose.name}`],
    ),
  ),
);

/** What can be asked of a person or organisation. */
export const customerFields: readonly Field[] = [
  field('customer.kind', 'choice', '客户类型', 'kind of customer', ({ kind }) => kind, {
    values: [
      { name: 'person', label: { 'zh-CN': '个人', en: 'person' } },
      { name: 'organisation', label: { 'zh-CN': '团体', en: 'organisation' } },
    ],
  }),
  field('customer.scope', 'text', '所属机构', 'branch', ({ scope }) => scope),
  field('customer.gender', 'choice', '性别', 'gender', ({ gender }) => gender, {
    values: [
      { name: 'f', label: { 'zh-CN': '女', en: 'female' } },
      { name: 'm', label: { 'zh-CN': '男', en: 'male' } },
    ],
  }),
  field('customer.birthOn', 'date', '生日', 'date of birth', ({ birthOn }) => birthOn),
  {
    ...field('customer.age', 'number', '年龄', 'age in years', () => undefined, { relative: true }),
    get: ({ birthOn }: CustomerFacts, today) => (birthOn === undefined ? undefined : ageOn(birthOn, today)),
  },
  field('customer.locale', 'text', '语言', 'language', ({ locale }) => locale),
  field('customer.zone', 'text', '时区', 'time zone', ({ zone }) => zone),
  field('customer.country', 'text', '国家', 'country', ({ country }) => country),
  field('customer.region', 'text', '省份', 'region', ({ region }) => region),
  field('customer.city', 'text', '城市', 'city', ({ city }) => city),
  field('customer.postcode', 'text', '邮编', 'postcode', ({ postcode }) => postcode),
  field('customer.hasEmail', 'flag', '有电子邮箱', 'has an e-mail address', ({ hasEmail }) => hasEmail),
  field('customer.hasPhone', 'flag', '有电话', 'has a phone number', ({ hasPhone }) => hasPhone),
  field('customer.hasAddress', 'flag', '有通讯地址', 'has a postal address', ({ hasAddress }) => hasAddress),
  field('customer.largePrint', 'flag', '需要大字', 'needs large print', ({ largePrint }) => largePrint, {
    sensitive: 'marketing',
  }),
  ...consentFields,
  field('suppressed', 'set', '已停用渠道', 'channels that are shut', ({ suppressed }) => suppressed, {
    values: channels,
  }),
  field('situations', 'set', '特殊情况', 'situations', (customer) => customer.situations, {
    values: situations,
    sensitive: 'marketing',
  }),
];
