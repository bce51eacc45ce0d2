import { beforeEach, describe, expect, test } from 'vitest';
import { wire } from '../../functions/manage-surveys/wire.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import {
  type CivilDate,
  DAY,
  formatInstant,
  type Instant,
  parseInstant,
  type ZoneId,
} from '../../shared/platform/time.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createAsked } from '../../shared/survey/asked-store.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import { library } from '../../shared/survey/library.ts';
import type { Survey } from '../../shared/survey/survey.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { taskIdOf } from '../../shared/task/task.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { everyKind } from './samples.ts';

const NOW = parseInstant('2026-05-04T02:00:00Z') as Instant;
const ADA = 'ada' as PartyId;
const SCOPE = 'head-office';
const renewal = library.find(({ id }) => id === 'renewal') as Survey;

const createRig = () => {
  const table = createMemoryTable();
  const [bus, bucket] = [createMemoryBus(), createMemoryObjects()];
  const queues = new Map<string, ReturnType<typeof createMemoryQueue>>();
  let ids = 0;
  const silent = () => {};
  const app = wire({
    table,
    bus,
    bucket: () => bucket,
    queue: (<Message>(name: string) => {
      const queue = queues.get(name) ?? createMemoryQueue<Message>();
      queues.set(name, queue);
      return queue;
    }) as Parameters<typeof wire>[0]['queue'],
    setting: () => 'https://api.example',
    ids: { next: () => `id-${(ids += 1)}` },
    clock: () => NOW,
    log: { info: silent, warn: silent, error: silent },
  });
  const call = async (method: string, path: string, body?: unknown, groups = 'marketing') => {
    const response = await app.request(
      path,
      {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      },
      { requestContext: { authorizer: { jwt: { claims: { sub: 'user-1', 'cognito:groups': `[${groups}]` } } } } },
    );
    return { status: response.status, json: JSON.parse(await response.text()) };
  };
  return { table, bus, call, answers: createSurveyAnswers(table, bucket), invitations: createInvitations(table) };
};

let rig: ReturnType<typeof createRig>;
beforeEach(async () => {
  rig = createRig();
  const profile: Profile = {
    partyId: ADA,
    scope: SCOPE,
    name: { given: '丽', family: '王' },
    locale: 'zh-CN',
    zone: 'Asia/Shanghai' as ZoneId,
    phone: '+8613800138000',
    manager: 'manager-1',
    records: [],
    version: 1,
  };
  await createProfiles(rig.table).put(profile, 0);
});

describe('surveys over the API (S1)', () => {
  test('lists the library, shows a survey and its versions, describes itself', async () => {
    const list = await rig.call('GET', '/api/surveys');
    expect(list.json.items.map(({ id }: { id: string }) => id)).toEqual(library.map(({ id }) => id));
    expect(list.json.items[5]).toMatchObject({ id: 'renewal', metric: 'nps', questions: 6, shipped: true });
    const one = await rig.call('GET', '/api/surveys/renewal');
    expect(one.json).toMatchObject({ version: renewal.version, file: { id: 'renewal', form: renewal.file.form } });
    expect((await rig.call('GET', `/api/surveys/renewal/versions/${renewal.version}`)).json).toEqual(one.json);
    expect((await rig.call('GET', '/api/surveys/renewal/versions/none')).status).toBe(404);
    expect((await rig.call('GET', '/api/surveys/none')).status).toBe(404);
    const description = (await rig.call('GET', '/api/surveys/openapi.json')).json;
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining(['/api/surveys/{id}', '/api/surveys/{id}/answers', '/api/surveys/{id}/results']),
    );
  });

  test('checks without saving', async () => {
    const good = await rig.call('POST', '/api/surveys/check', { file: everyKind });
    expect(good.json).toMatchObject({ good: true, problems: [] });
    const bad = await rig.call('POST', '/api/surveys/check', {
      file: { ...everyKind, facts: [], form: { pages: [] } },
    });
    expect(bad.json.good).toBe(false);
    expect(bad.json.problems[0].path).toBe('form.pages');
    expect((await rig.call('GET', '/api/surveys/every-kind')).status).toBe(404);
  });

  test('saves a version, refuses what is stale, wrong or under another name, and keeps the older one', async () => {
    const first = await rig.call('PUT', '/api/surveys/every-kind', { file: everyKind, version: '' });
    expect(first.status).toBe(200);
    const changed = { ...everyKind, repeatAfterDays: 90 };
    const stale = await rig.call('PUT', '/api/surveys/every-kind', { file: changed, version: '' });
    expect([stale.status, stale.json.error.code]).toEqual([409, 'conflict']);
    const second = await rig.call('PUT', '/api/surveys/every-kind', { file: changed, version: first.json.version });
    expect((await rig.call('GET', '/api/surveys/every-kind')).json).toMatchObject({
      version: second.json.version,
      repeatAfterDays: 90,
      shipped: false,
      savedAt: '2026-05-04T02:00:00.000Z',
      savedBy: 'user-1',
    });
    const older = await rig.call('GET', `/api/surveys/every-kind/versions/${first.json.version}`);
    expect(older.json.file.repeatAfterDays).toBe(180);
    expect((await rig.call('PUT', '/api/surveys/other', { file: changed, version: '' })).json.error).toMatchObject({
      code: 'bad-survey',
      problems: [{ path: 'id' }],
    });
    const wrong = { ...everyKind, title: { en: 'x' } };
    expect((await rig.call('PUT', '/api/surveys/every-kind', { file: wrong, version: '' })).status).toBe(400);
  });

  test.each([
    ['GET', '/api/surveys', undefined, 'manager', 200],
    ['PUT', '/api/surveys/every-kind', { file: everyKind, version: '' }, 'manager', 403],
    ['POST', '/api/surveys/check', { file: everyKind }, 'compliance', 403],
    ['POST', '/api/surveys/renewal/answers', {}, 'compliance', 403],
    ['GET', '/api/surveys/renewal/call-list', undefined, 'engineer', 403],
    ['GET', '/api/surveys', undefined, 'nobody', 403],
  ])('%s %s is for its roles only: %s %s', async (method, path, body, role, status) => {
    expect((await rig.call(method, path, body, role)).status).toBe(status);
  });

  test('a preview is the form as the customer sees it, saved or not', async () => {
    const saved = await rig.call('POST', '/api/surveys/renewal/preview', { data: { nps: '3' } });
    expect(saved.json).toMatchObject({ complete: true, score: 3, low: true, form: { title: '您对我们满意吗？' } });
    expect(saved.json.form.pages.map(({ name }: { name: string }) => name)).toEqual(['page-score', 'page-better']);
    const draft = await rig.call('POST', '/api/surveys/every-kind/preview', {
      file: everyKind,
      locale: 'en',
      data: {},
    });
    expect(draft.json.complete).toBe(false);
    expect(draft.json.errors[0]).toEqual({ question: 'nps', message: 'Please answer this question.' });
    const known = { file: everyKind, knownFacts: ['preferred-contact'], data: { nps: 8 } };
    expect((await rig.call('POST', '/api/surveys/every-kind/preview', known)).json.complete).toBe(true);
    expect((await rig.call('POST', '/api/surveys/every-kind/preview', { file: {} })).json.error.code).toBe(
      'bad-survey',
    );
  });
});

describe('answers that staff enter (S2)', () => {
  const enter = (more: object = {}, role = 'manager') =>
    rig.call(
      'POST',
      '/api/surveys/renewal/answers',
      { customerId: ADA, given: 'phone', values: { nps: 9, praise: '=cmd() <b>谢谢</b>' }, ...more },
      role,
    );

  test('is stored with who and how, in the version that was current, and told', async () => {
    const { status, json } = await enter();
    expect([status, json]).toEqual([
      200,
      { answerId: expect.any(String), version: renewal.version, score: 9, low: false },
    ]);
    const { answers } = await rig.answers.ofSurvey('renewal', '2026-05');
    expect(answers).toMatchObject([
      {
        partyId: ADA,
        given: 'phone',
        enteredBy: 'user-1',
        version: renewal.version,
        values: { nps: 9, praise: '=cmd() <b>谢谢</b>' },
        facets: { scope: SCOPE, channel: 'phone', manager: 'manager-1' },
      },
    ]);
    expect(rig.bus.events.map(({ detailType }) => detailType)).toContain('SurveyAnswered');
  });

  test('a low score opens the task of the account manager (S4)', async () => {
    expect((await enter({ values: { nps: 2 }, given: 'reply-slip' })).json.low).toBe(true);
    const { tasks } = await createTasks(rig.table).mine('manager-1', 'open');
    expect(tasks).toMatchObject([{ kind: 'low-score', partyId: ADA, scope: SCOPE }]);
  });

  test('the same again is refused, another day it is another answer', async () => {
    expect((await enter()).status).toBe(200);
    expect((await enter({ values: { nps: 1 } })).json.error.code).toBe('answered');
    expect((await enter({ at: formatInstant((NOW - 10 * DAY) as Instant) })).status).toBe(200);
  });

  test('belongs to the invitation that is open, with its version and its campaign, so that no reminder follows (S3)', async () => {
    const older: Survey = { ...renewal, version: 'older1', file: { ...renewal.file, repeatAfterDays: 200 } };
    await createSurveys(rig.table).save(older);
    await createSurveys(rig.table).save({
      ...renewal,
      version: 'newer1',
      file: { ...renewal.file, repeatAfterDays: 99 },
    });
    const invitation = { partyId: ADA, campaign: 'renewal-survey', occurrence: 'term-1', survey: 'renewal' };
    const invitationId = invitationIdOf(invitation);
    const invitedAt = (NOW - 5 * DAY) as Instant;
    await rig.invitations.invite({
      ...invitation,
      invitationId,
      version: 'older1',
      step: 'ask',
      invitedAt,
      facets: { scope: SCOPE, channel: 'post', locale: 'zh-CN' },
    });
    await createAsked(rig.table).noteInvited(ADA, 'renewal', { invitationId, invitedAt }, undefined);
    expect((await enter({ given: 'reply-slip' })).json.version).toBe('older1');
    expect(await rig.answers.get(invitationId)).toMatchObject({ campaign: 'renewal-survey', step: 'ask', invitedAt });
    // named or found, today or tomorrow, it is the same invitation
    expect((await enter({ campaign: 'renewal-survey', occurrence: 'term-1' })).json.error.code).toBe('answered');
    expect((await enter({ at: formatInstant((NOW - DAY) as Instant) })).json.error.code).toBe('answered');
  });

  test.each([
    ['a customer that there is not', { customerId: 'bob' }, 404],
    ['a policy of somebody else', { policyId: 'p1' }, 400],
    ['a version that there is not', { version: 'none' }, 404],
    ['a day ahead', { at: '2026-05-06T00:00:00Z' }, 400],
    ['a day long past', { at: '2025-05-06T00:00:00Z' }, 400],
    ['no score', { values: {} }, 400],
    ['an unknown way', { given: 'page' }, 400],
  ])('%s is refused', async (_name, more, status) => {
    expect((await enter(more)).status).toBe(status);
    expect((await rig.answers.ofSurvey('renewal', '2026-05')).answers).toEqual([]);
  });

  test('a customer of another branch is not there', async () => {
    expect((await enter({}, 'manager scope:west')).status).toBe(404);
  });

  test('what is wrong is named by question', async () => {
    expect((await enter({ values: {} })).json.error.problems).toEqual([
      { path: 'values.nps', message: 'Please answer this question.' },
    ]);
  });
});

describe('whom to call (S2)', () => {
  const addCall = (n: number, survey = 'renewal') =>
    createTasks(rig.table).add({
      taskId: taskIdOf('survey-call', ADA, String(n)),
      scope: SCOPE,
      kind: 'survey-call',
      reason: 'no-mail',
      state: 'open',
      dueOn: `2026-05-0${n}` as CivilDate,
      createdAt: NOW,
      partyId: ADA,
      campaign: 'renewal-survey',
      occurrence: `term-${n}`,
      details: { survey, surveyVersion: renewal.version },
    });

  test('open calls of that survey, the most urgent first, with a number for those who call', async () => {
    for (const n of [5, 3]) await addCall(n);
    await addCall(4, 'claim');
    const { json } = await rig.call('GET', '/api/surveys/renewal/call-list', undefined, 'manager');
    expect(json.more).toBe(false);
    expect(json.items).toMatchObject([
      {
        customerId: ADA,
        customerName: '王丽',
        phone: '+8613800138000',
        reason: 'no-mail',
        dueOn: '2026-05-03',
        campaign: 'renewal-survey',
        occurrence: 'term-3',
        version: renewal.version,
      },
      { dueOn: '2026-05-05' },
    ]);
    const marketing = await rig.call('GET', '/api/surveys/renewal/call-list');
    expect(marketing.json.items[0].phone).toBeUndefined();
    const west = await rig.call('GET', '/api/surveys/renewal/call-list', undefined, 'manager scope:west');
    expect(west.json.items).toEqual([]);
    expect((await rig.call('GET', '/api/surveys/none/call-list', undefined, 'manager')).status).toBe(404);
  });

  test('one whose answers are entered is off the list: the call counts as a contact, the task is closed', async () => {
    await createGates(rig.table).create({
      partyId: ADA,
      version: 1,
      consent: {},
      suppressed: {},
      situations: [],
      zone: 'Asia/Shanghai' as ZoneId,
      recent: {},
    });
    await addCall(3);
    await addCall(4);
    const [taskId, other] = [3, 4].map((n) => taskIdOf('survey-call', ADA, String(n))) as [string, string];
    const enter = (task: string, n: number, survey = 'renewal') =>
      rig.call(
        'POST',
        `/api/surveys/${survey}/answers`,
        {
          customerId: ADA,
          campaign: 'renewal-survey',
          occurrence: `term-${n}`,
          given: n === 3 ? 'phone' : 'reply-slip',
          taskId: task,
          values: survey === 'renewal' ? { nps: 9 } : { satisfaction: 5 },
        },
        'manager',
      );
    const tasks = createTasks(rig.table);
    // a call for another survey is none of this answer's
    expect((await enter(taskId, 3, 'complaint')).status).toBe(200);
    expect((await tasks.get(taskId))?.state).toBe('open');
    expect((await enter(taskId, 3)).status).toBe(200);
    expect(await tasks.get(taskId)).toMatchObject({
      state: 'done',
      outcome: 'reached',
      closedBy: 'user-1',
      attempts: [{ channel: 'phone', outcome: 'reached', at: NOW }],
    });
    const gate = (await createGates(rig.table).getMany([ADA])).get(ADA);
    expect(Object.values(gate?.recent ?? {})).toMatchObject([{ channel: 'phone', at: NOW }]);
    // the other one stays, and says that there is nothing to ask any more
    const { json } = await rig.call('GET', '/api/surveys/renewal/call-list', undefined, 'manager');
    expect(json.items).toMatchObject([{ taskId: other, answeredAt: formatInstant(NOW) }]);
    expect((await enter(other, 3)).status).toBe(409);
    expect(await tasks.get(other)).toMatchObject({ state: 'done', outcome: 'no-action' });
  });

  test('says that there are more', async () => {
    for (const n of [5, 3]) await addCall(n);
    const { json } = await rig.call('GET', '/api/surveys/renewal/call-list?limit=1', undefined, 'head');
    expect([json.more, json.items.length]).toEqual([true, 1]);
  });
});
