import { wire } from '../../functions/serve-surveys/wire.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createLinks, type LinkClaims } from '../../shared/message/links.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import { DAY, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createAsked } from '../../shared/survey/asked-store.ts';
import { checkSurvey } from '../../shared/survey/check-survey.ts';
import { createEvidence } from '../../shared/survey/evidence-store.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import { type Survey, surveyVersionOf } from '../../shared/survey/survey.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';

const ORIGIN = 'https://pages.example';
const START = parseInstant('2019-01-02T02:00:00Z') as Instant;
const both = (english: string, chinese: string) => ({ default: english, 'zh-cn': chinese });

/** Mrs Zhang. Values that must never be seen are easy to search for. */
const zhang: Profile = {
  partyId: '01jcustomer0000000000000zh' as PartyId,
  scope: 'house',
  name: { family: '张', given: '伟' },
  gender: 'f',
  locale: 'zh-CN',
  zone: 'Asia/Shanghai' as ZoneId,
  email: 'zhang.wei@mail.example',
  phone: '13812345678',
  manager: 'manager-li',
  records: [],
  version: 1,
};

/** A survey as its author saves it. @throws Error with the problems where it is none */
export const surveyOf = (file: Record<string, unknown>): Survey => {
  const checked = checkSurvey({ formatVersion: 1, repeatAfterDays: 90, ...file });
  if (checked.kind === 'refused') throw new Error(JSON.stringify(checked.problems));
  return {
    id: checked.file.id,
    version: surveyVersionOf(checked.file),
    file: checked.file,
    savedAt: START,
    savedBy: 'test',
  };
};

/** A question of every kind on three pages; the score decides what the first page asks beside it, and whether there is a
 *  third page. */
export const everyKind = surveyOf({
  id: 'every-kind',
  title: { en: 'Every kind', 'zh-CN': '各种题型' },
  score: { metric: 'nps', question: 'score' },
  low: { atMost: 6, withinHours: 48, followUpAfterDays: 14 },
  facts: [{ question: 'hobby', fact: 'hobby', askAgainAfterMonths: 12 }],
  form: {
    title: both('How was it?', '您觉得怎么样？'),
    description: both('Three short pages.', '共三页，很快完成。'),
    pages: [
      {
        name: 'first',
        elements: [
          {
            type: 'rating',
            name: 'score',
            title: both('How likely are you to recommend us?', '您有多大可能推荐我们？'),
            description: both('One number is enough.', '选一个数字即可。'),
            isRequired: true,
            rateMin: 0,
            rateMax: 10,
            minRateDescription: both('not at all likely', '完全不可能'),
            maxRateDescription: both('very likely', '非常可能'),
          },
          {
            type: 'comment',
            name: 'why',
            title: both('What went wrong?', '哪里让您不满意？'),
            visibleIf: '{score} <= 6',
            isRequired: true,
          },
          {
            type: 'radiogroup',
            name: 'channel',
            title: both('How did you reach us?', '您通过什么方式联系我们？'),
            choices: [
              { value: 'phone', text: both('By phone', '电话') },
              { value: 'mail', text: both('By e-mail', '电子邮件') },
            ],
            showOtherItem: true,
          },
        ],
      },
      {
        name: 'second',
        title: both('In detail', '具体评价'),
        elements: [
          {
            type: 'checkbox',
            name: 'good',
            title: both('What was good?', '哪些方面让您满意？'),
            choices: [
              { value: 'fast', text: both('Speed', '速度快') },
              { value: 'kind', text: both('Kindness', '态度好') },
              { value: 'clear', text: both('Clear words', '表达清楚') },
            ],
          },
          {
            type: 'matrix',
            name: 'parts',
            title: both('How do you find …', '您如何评价以下方面？'),
            isRequired: true,
            eachRowRequired: true,
            columns: [
              { value: 'bad', text: both('bad', '不好') },
              { value: 'fair', text: both('fair', '一般') },
              { value: 'fine', text: both('fine', '好') },
            ],
            rows: [
              { value: 'app', text: both('our app', '我们的应用') },
              { value: 'staff', text: both('our people', '我们的员工') },
            ],
          },
          {
            type: 'text',
            name: 'hobby',
            title: both('What do you do in your free time?', '您有什么爱好？'),
            maxLength: 60,
          },
        ],
      },
      {
        name: 'third',
        visibleIf: '{score} >= 9',
        elements: [{ type: 'comment', name: 'praise', title: both('Whom may we thank?', '您想感谢谁？') }],
      },
    ],
  },
});

/** The shortest: a score and a comment on one page. */
export const onePage = surveyOf({
  id: 'one-page',
  title: { en: 'One page', 'zh-CN': '单页' },
  score: { metric: 'nps', question: 'score' },
  low: { atMost: 6, withinHours: 48, followUpAfterDays: 14 },
  form: {
    title: both('How was your renewal?', '您对本次续保满意吗？'),
    pages: [
      {
        name: 'all',
        elements: [
          {
            type: 'rating',
            name: 'score',
            title: both('How likely are you to recommend us?', '您有多大可能推荐我们？'),
            isRequired: true,
            rateMin: 0,
            rateMax: 10,
          },
          { type: 'comment', name: 'comment', title: both('What is the main reason?', '主要原因是什么？') },
        ],
      },
    ],
  },
});

/** The pages of surveys over a table in memory, with one customer who was asked. */
export const createSurveyRig = async (changes: { profile?: Partial<Profile>; survey?: Survey; table?: Table } = {}) => {
  const table = createMemoryTable();
  const survey = changes.survey ?? onePage;
  const profile = { ...zhang, ...changes.profile };
  const [bus, changesQueue, objects] = [createMemoryBus(), createMemoryQueue<unknown>(), createMemoryObjects()];
  const secret = Buffer.from('a secret of thirty-two characters');
  const links = createLinks(secret, ORIGIN);
  const logged: unknown[] = [];
  const keep = (level: string) => (name: string, fields: unknown) => logged.push({ level, name, fields });
  let now = START;
  let reads = 0;
  let broken: ((name: string) => boolean) | undefined;
  const guarded: Table = new Proxy(table, {
    get: (target, name) => {
      const part = target[name as keyof typeof target];
      if (typeof part !== 'function') return part;
      return (...args: never[]) => {
        if (name === 'get' || name === 'getMany' || name === 'query') reads += 1;
        if (broken?.(`${String(name)} ${JSON.stringify(args[0])}`))
          return Promise.reject(new Error('table arn:aws:dynamodb:secret is gone'));
        return (part as (...given: never[]) => unknown)(...args);
      };
    },
  });

  const surveys = createSurveys(table);
  await surveys.save(survey);
  await createProfiles(table).put(profile, 0);
  await createGates(table).create({
    partyId: profile.partyId,
    version: 1,
    consent: {},
    suppressed: {},
    situations: [],
    zone: profile.zone,
    recent: {},
  });

  const app = wire({
    table: guarded,
    queue: () => changesQueue as never,
    bucket: () => objects,
    bus,
    secret: () => async () => secret,
    setting: () => ORIGIN,
    ids: { next: () => 'made-up-id' },
    clock: () => now,
    log: { info: keep('info'), warn: keep('warn'), error: keep('error') },
  });

  const claims: Omit<LinkClaims, 'purpose'> = {
    partyId: profile.partyId,
    policyId: 'policy000000000000000000ab' as PolicyId,
    campaign: 'renewal-survey',
    occurrence: '2019-01-31',
    step: 'ask',
    sendClass: 'service',
    survey: survey.id,
    surveyVersion: survey.version,
    expiresAt: (START + 60 * DAY) as Instant,
  };
  const pathOf = (purpose: LinkClaims['purpose'] = 'survey', changed: Partial<LinkClaims> = {}): string =>
    links.url({ ...claims, purpose, ...changed }).slice(ORIGIN.length);
  const get = (path: string, headers: Record<string, string> = {}) => app.request(`${ORIGIN}${path}`, { headers });

  return {
    app,
    table,
    surveys,
    survey,
    profile,
    bus,
    objects,
    changes: changesQueue,
    links,
    logged,
    claims,
    pathOf,
    invitationId: invitationIdOf(claims),
    answers: createSurveyAnswers(table, objects),
    invitations: createInvitations(table),
    asked: createAsked(table),
    evidence: createEvidence(table),
    traits: createTraits(table),
    timeline: createTimeline(table),
    tasks: createTasks(table),
    start: START,
    at: (instant: Instant) => {
      now = instant;
    },
    /** Fails the calls of which `when` is true: `name of the method` and the first argument as JSON. */
    breakTable: (when: ((call: string) => boolean) | undefined) => {
      broken = when;
    },
    /** Reads of the table since the last call. */
    takeReads: (): number => {
      const count = reads;
      reads = 0;
      return count;
    },
    get,
    post: (path: string, form: Record<string, string | readonly string[]>, headers: Record<string, string> = {}) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(form))
        for (const one of typeof value === 'string' ? [value] : value) body.append(name, one);
      return app.request(`${ORIGIN}${path}`, { method: 'POST', headers, body });
    },
    /** Follows the redirect of a page turn. */
    follow: (path: string, response: Response) =>
      get(`${path.split('?', 1)[0]}${(response.headers.get('location') ?? '').split('#', 1)[0]}`),
  };
};

export type SurveyRig = Awaited<ReturnType<typeof createSurveyRig>>;

/** The fields that a page sends beside the answers, read from its HTML. */
export const stateIn = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="(_\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
