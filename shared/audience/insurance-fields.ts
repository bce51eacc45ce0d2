import type { CivilDate } from '../platform/time.ts';
import type { ContactRule, ProductLine } from '../policy/policy.ts';
import type { Actual, Field, FieldType, Label } from './field.ts';
import type { ClaimFacts, PolicyFacts } from './rule-subject.ts';

const lines = [
  { name: 'motor', label: { 'zh-CN': '车险', en: 'motor' } },
  { name: 'home', label: { 'zh-CN': '家财险', en: 'home' } },
  { name: 'health', label: { 'zh-CN': '健康险', en: 'health' } },
  { name: 'life', label: { 'zh-CN': '寿险', en: 'life' } },
  { name: 'liability', label: { 'zh-CN': '责任险', en: 'liability' } },
  { name: 'travel', label: { 'zh-CN': '旅行险', en: 'travel' } },
  { name: 'other', label: { 'zh-CN': '其他', en: 'other' } },
] satisfies readonly { name: ProductLine; label: Label }[];

const contactRules = [
  { name: 'direct', label: { 'zh-CN': '直接联系', en: 'direct' } },
  { name: 'intermediary', label: { 'zh-CN': '经由中介', en: 'through the intermediary' } },
  { name: 'copy-to-intermediary', label: { 'zh-CN': '抄送中介', en: 'copy to the intermediary' } },
] satisfies readonly { name: ContactRule; label: Label }[];

type PolicyStatus = 'in-force' | 'lapsed' | 'cancelled' | 'future';

const statuses = [
  { name: 'in-force', label: { 'zh-CN': '有效', en: 'in force' } },
  { name: 'lapsed', label: { 'zh-CN': '失效', en: 'lapsed' } },
  { name: 'cancelled', label: { 'zh-CN': '退保', en: 'cancelled' } },
  { name: 'future', label: { 'zh-CN': '未生效', en: 'not begun' } },
] satisfies readonly { name: PolicyStatus; label: Label }[];

/** By the dates, as `isInForce` of policy.ts has it. */
const statusOn = ({ contractStartsOn, endsOn, ending }: PolicyFacts, today: CivilDate): PolicyStatus => {
  if (contractStartsOn > today) return 'future';
  return endsOn !== undefined && endsOn <= today ? (ending ?? 'cancelled') : 'in-force';
};

/** An offer that has run out is none. */
const hasOfferOn = ({ hasOffer, offerValidUntil }: PolicyFacts, today: CivilDate): boolean =>
  hasOffer && (offerValidUntil === undefined || offerValidUntil >= today);

const moneyOf = (minor: number | undefined, currency: string | undefined) =>
  minor === undefined || currency === undefined ? undefined : { minor, currency };

type PolicyGetter = (policy: PolicyFacts, today: CivilDate) => Actual | undefined;

const field = (
  name: string,
  type: FieldType,
  zh: string,
  en: string,
  get: PolicyGetter,
  more: Partial<Field> = {},
): Field => ({ name, type, label: { 'zh-CN': zh, en }, part: 'policies', get, ...more });

const ofPolicy: readonly Field[] = [
  field('line', 'choice', '险种', 'product line', ({ line }) => line, { values: lines }),
  field('status', 'choice', '保单状态', 'status', statusOn, { values: statuses, relative: true }),
  field('contactRule', 'choice', '联系方式', 'who is written to', ({ contactRule }) => contactRule, {
    values: contactRules,
  }),
  field('scope', 'text', '所属机构', 'branch', ({ scope }) => scope),
  field('premium', 'money', '保费', 'premium', ({ premiumMinor, currency }) => moneyOf(premiumMinor, currency)),
  field('hasOffer', 'flag', '已有续保报价', 'has a renewal offer', hasOfferOn, { relative: true }),
  field('contractStartsOn', 'date', '首次投保日', 'first day of the contract', (policy) => policy.contractStartsOn),
  field('startsOn', 'date', '本期起保日', 'first day of the term', ({ startsOn }) => startsOn),
  field('renewsOn', 'date', '续保日', 'renewal date', ({ renewsOn }) => renewsOn),
  field('endsOn', 'date', '终止日', 'last day', ({ endsOn }) => endsOn),
];

const claimField = (
  name: string,
  type: FieldType,
  zh: string,
  en: string,
  get: (claim: ClaimFacts) => Actual | undefined,
  more: Partial<Field> = {},
): Field => ({ name, type, label: { 'zh-CN': zh, en }, part: 'claims', get, ...more });

const ofClaim: readonly Field[] = [
  claimField('type', 'text', '理赔类型', 'type', ({ type }) => type, { sensitive: 'marketing' }),
  claimField('status', 'choice', '理赔状态', 'status', ({ status }) => status, {
    values: [
      { name: 'open', label: { 'zh-CN': '处理中', en: 'open' } },
      { name: 'settled', label: { 'zh-CN': '已结案', en: 'settled' } },
      { name: 'disputed', label: { 'zh-CN': '有争议', en: 'disputed' } },
      { name: 'unknown', label: { 'zh-CN': '未知', en: 'not known' } },
    ],
  }),
  claimField('cost', 'money', '赔付金额', 'cost', ({ costMinor, currency }) => moneyOf(costMinor, currency)),
  claimField('occurredOn', 'date', '出险日', 'day of the event', ({ occurredOn }) => occurredOn),
  claimField('settledOn', 'date', '结案日', 'day of settlement', ({ settledOn }) => settledOn),
];

/** All policies that a customer holds or held. */
export const policiesField: Field = {
  name: 'policies',
  type: 'list',
  label: { 'zh-CN': '保单', en: 'policies' },
  part: 'policies',
  elements: ofPolicy,
  get: (policies: readonly PolicyFacts[]) => policies,
};

/** All claims under a customer's policies. */
export const claimsField: Field = {
  name: 'claims',
  type: 'list',
  label: { 'zh-CN': '理赔', en: 'claims' },
  part: 'claims',
  elements: ofClaim,
  get: (claims: readonly ClaimFacts[]) => claims,
};

/** Of the policy that a journey is about. */
export const policyFields: readonly Field[] = ofPolicy.map((own) => ({
  ...own,
  name: `policy.${own.name}`,
  label: { 'zh-CN': `该保单的${own.label['zh-CN']}`, en: `${own.label.en} of the policy` },
  part: 'policy',
}));
