import { channels } from './customer-fields.ts';
import type { Actual, Choice, Field, FieldType } from './field.ts';
import type { HistoryFact, JourneyFacts, ReachFacts, SubjectPart } from './rule-subject.ts';

const labelled = (names: Readonly<Record<string, readonly [zh: string, en: string]>>): readonly Choice[] =>
  Object.entries(names).map(([name, [zh, en]]) => ({ name, label: { 'zh-CN': zh, en } }));

/** States of a message (`MessageState` of message.ts, whose area stands above this one). */
const messageStates = labelled({
  held: ['暂缓', 'held'],
  unknown: ['结果未知', 'outcome unknown'],
  accepted: ['已发出', 'sent'],
  delivered: ['已送达', 'delivered'],
  bounced: ['退回', 'bounced'],
  complained: ['被投诉', 'complained of'],
  skipped: ['未发送', 'not sent'],
  failed: ['失败', 'failed'],
  composed: ['已排版', 'composed'],
  'handed-over': ['已交寄', 'handed over'],
  recalled: ['已撤回', 'recalled'],
  returned: ['被退信', 'returned'],
});

/** Reactions that stop reminders (`ReactionKind` of enrolment.ts, whose area stands above this one). */
const reactionKinds = labelled({
  'renew-page': ['打开续保页', 'opened the renewal page'],
  reply: ['回复', 'replied'],
  click: ['点击', 'clicked'],
  call: ['来电', 'called'],
  payment: ['付款', 'paid'],
  'call-requested': ['要求回电', 'asked to be called'],
  'not-renewing': ['不续保', 'will not renew'],
});

const element = (
  name: string,
  type: FieldType,
  zh: string,
  en: string,
  get: (entry: HistoryFact) => Actual | undefined,
  more: Partial<Field> = {},
): Field => ({ name, type, label: { 'zh-CN': zh, en }, part: 'history', get, ...more });

const campaign = element('campaign', 'text', '营销活动', 'campaign', (entry) => entry.campaign);
const step = element('step', 'text', '步骤', 'step', (entry) => entry.step);
const channel = element('channel', 'choice', '渠道', 'channel', (entry) => entry.channel, { values: channels });
const on = element('on', 'date', '日期', 'day', (entry) => entry.on);

const history = (
  name: string,
  zh: string,
  en: string,
  kind: HistoryFact['kind'],
  elements: readonly Field[],
): Field => ({
  name,
  type: 'list',
  label: { 'zh-CN': zh, en },
  part: 'history',
  elements,
  get: (entries: readonly HistoryFact[]) => entries.filter((entry) => entry.kind === kind),
});

/** The engagement history: what was sent, how people reacted, what they answered. */
export const historyFields: readonly Field[] = [
  history('messages', '收到的消息', 'messages', 'message', [
    campaign,
    step,
    channel,
    element('state', 'choice', '状态', 'state', ({ what }) => what, { values: messageStates }),
    on,
  ]),
  history('reactions', '客户反应', 'reactions', 'reaction', [
    campaign,
    step,
    channel,
    element('what', 'choice', '反应', 'what they did', ({ what }) => what, { values: reactionKinds }),
    on,
  ]),
  history('answers', '问卷回答', 'survey answers', 'answer', [
    campaign,
    element('survey', 'text', '问卷', 'survey', ({ what }) => what),
    element('score', 'number', '评分', 'score', ({ score }) => score),
    on,
  ]),
];

const field = <Source>(
  name: string,
  type: FieldType,
  part: SubjectPart,
  zh: string,
  en: string,
  get: (source: Source) => Actual | undefined,
): Field => ({ name, type, label: { 'zh-CN': zh, en }, part, get });

/** Of the journey in which a step asks, and of the ways its customer can be reached. */
export const journeyFields: readonly Field[] = [
  field('journey.reacted', 'flag', 'journey', '已有反应', 'reacted', ({ reacted }: JourneyFacts) => reacted),
  field('journey.failed', 'set', 'journey', '失败的步骤', 'steps that failed', ({ failed }: JourneyFacts) => failed),
  field('journey.enteredOn', 'date', 'journey', '进入日期', 'entered on', ({ enteredOn }: JourneyFacts) => enteredOn),
  field('reach.email', 'flag', 'reach', '可用邮件联系', 'reachable by e-mail', ({ email }: ReachFacts) => email),
  field('reach.post', 'flag', 'reach', '可用信函联系', 'reachable by letter', ({ post }: ReachFacts) => post),
  field('reach.sms', 'flag', 'reach', '可用短信联系', 'reachable by text message', ({ sms }: ReachFacts) => sms),
];
