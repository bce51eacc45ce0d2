/** One field of the catalogue: what a template author may write between `{{` and `}}`. */
export interface Field {
  /** `true`: not known of every customer, so a template needs `{% if %}` or a default. */
  readonly optional: boolean;
  readonly example: string | number | boolean;
  readonly en: string;
  readonly zh: string;
}

const always = (example: Field['example'], en: string, zh: string): Field => ({ optional: false, example, en, zh });
const maybe = (example: Field['example'], en: string, zh: string): Field => ({ optional: true, example, en, zh });

type Fields = Readonly<Record<string, Field>>;

/** Below `name`, as `name.field`. */
const below = (name: string, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([field, its]) => [`${name}.${field}`, its]));

const policy: Fields = {
  number: always('****3456', 'policy number, masked', '保单号（脱敏）'),
  line: always('机动车保险', 'product line', '险种'),
  insured: maybe('沪A***45', 'what is insured, masked', '保险标的（脱敏）'),
  startedOn: always('2018年1月31日', 'first day of the running term', '本期起保日'),
  renewsOn: always('2019年1月31日', 'renewal date', '续保日'),
  daysLeft: always(30, 'days to the renewal date, counted when the message is sent', '距续保日天数'),
  daysLeftText: always('30 天', 'the same with its unit', '距续保日天数（带单位）'),
  endedOn: maybe('2019年1月31日', 'day on which the policy ended', '保单终止日'),
};

const offer: Fields = {
  premium: always('¥3,210.00', 'premium of the coming term', '新一期保费'),
  lastPremium: maybe('¥3,000.00', 'premium of the running term', '上期保费'),
  difference: maybe('¥210.00', 'how far the two are apart, without sign', '保费差额'),
  isHigher: always(true, 'the new premium is higher', '保费上调'),
  isLower: always(false, 'the new premium is lower', '保费下调'),
  validUntil: maybe('2019年1月31日', 'last day of the offer', '报价有效期'),
  payUrl: maybe('https://pay.example.com/3456', "the insurer's own payment page", '缴费链接'),
};

/**
 * The field catalogue: the only names that templates may use. `policy`, `offer` and `claim` are whole groups that a
 * message may lack; within a group that is there, a field is optional or not by itself. `policies` is every policy that
 * one message serves (C5); `policy` and `offer` are the first of them.
 */
export const fieldCatalogue: Fields = {
  locale: always('zh-CN', 'language of this variant', '语言'),
  salutation: always('尊敬的张先生：', 'greeting with name and title, with its punctuation', '称呼'),
  adMark: maybe('广告：', 'begins the subject of advertising to mainland China', '广告标识'),
  'customer.name': maybe('张伟', 'name as the customer writes it', '客户姓名'),
  policy: maybe(true, 'whether the message is about a policy', '是否与某张保单有关'),
  ...below('policy', policy),
  offer: maybe(true, 'whether there is an offer for the coming term', '是否已有续保报价'),
  ...below('offer', offer),
  policies: always(true, 'every policy that the message serves, for {% for p in policies %}', '本消息涉及的全部保单'),
  several: always(false, 'whether the message serves several policies: then show a table', '是否涉及多张保单'),
  'policies.size': always(1, 'how many policies the message serves; 0 if none', '保单张数'),
  ...below('policies', policy),
  'policies.renewUrl': maybe('https://example.com/r/abc', 'signed renewal page of that policy', '该保单的续保页面'),
  'policies.offer': maybe(true, 'whether there is an offer for that policy', '该保单是否已有续保报价'),
  ...below('policies.offer', offer),
  claim: maybe(true, 'whether the message is about a claim', '是否与理赔有关'),
  'claim.number': always('****0042', 'claim number, masked', '赔案号（脱敏）'),
  'claim.type': maybe('碰撞', 'kind of claim', '赔案类型'),
  'claim.occurredOn': maybe('2019年1月3日', 'day of the loss', '出险日'),
  'claim.settledOn': maybe('2019年1月20日', 'day on which it was settled', '结案日'),
  'links.renew': maybe('https://example.com/r/abc', 'signed renewal page', '续保页面'),
  'links.survey': maybe('https://example.com/s/abc', 'signed satisfaction page; add `?score=0` … `10`', '满意度页面'),
  'links.unsubscribe': maybe('https://example.com/u/abc', 'unsubscribe page', '退订页面'),
  'links.preferences': maybe('https://example.com/p/abc', 'page of preferences and of why this came', '偏好设置页面'),
  'links.confirm': maybe(
    'https://example.com/a/abc',
    'confirms a new address; only in confirm-address',
    '确认新邮箱的页面',
  ),
  'links.short': maybe('https://example.com/k/ABCD2345', 'short link of a letter', '信函短链接'),
  'sender.company': always('恒湖保险', 'name of the insurer or branch', '公司简称'),
  'sender.legalName': always('恒湖财产保险股份有限公司', 'registered name', '公司全称'),
  'sender.email': always('service@example.com', 'where replies go', '回复邮箱'),
  'sender.hotline': always('400-000-0188', 'telephone', '客服热线'),
  'sender.hours': always('每日 8:00–20:00', 'when it is answered', '服务时间'),
  'sender.address': always('上海市浦东新区示例路 88 号', 'postal address in one line', '通讯地址'),
  'sender.website': always('https://www.example.com', 'public web site', '官方网站'),
};

/** What a property of the event that began the journey looks like: which there are, is the event's business. */
const eventProperty = maybe('2019年1月31日', 'property of the event that began the journey', '触发事件的属性');

/** The field called `name`, or undefined where templates may not use it. Every `event.<property>` is one. */
export const fieldOf = (name: string): Field | undefined => {
  if (Object.hasOwn(fieldCatalogue, name)) return fieldCatalogue[name];
  return /^event\.[a-zA-Z][\w-]{0,60}$/.test(name) ? eventProperty : undefined;
};
