import { describe, expect, test } from 'vitest';
import { taskRoutes } from '../../functions/serve-api/routes/tasks.ts';
import { wire as wireSurveys } from '../../functions/serve-surveys/wire.ts';
import { createMemorySystem } from '../../infra/local/simulate/memory-system.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createLinks } from '../../shared/message/links.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createApiApp } from '../../shared/platform/api/app.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import type { Table } from '../../shared/platform/table.ts';
import { DAY, HOUR, type Instant, MINUTE, parseInstant, type ZoneId } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { closeTask } from '../../shared/task/close-task.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { onePage } from '../support/survey-pages.ts';

const START = parseInstant('2027-03-01T22:30:00Z') as Instant;
const ORIGIN = 'https://pages.example';
const WITHIN = 48 * HOUR;
const li: Partial<Profile> = { manager: 'manager-li' };

/** The system in memory with one customer who was sent a survey, its public page and the API of staff. */
const createLoop = async (change: Partial<Profile> = li) => {
  const system = createMemorySystem({ start: START });
  const { table, parts } = system;
  const partyId = 'customer00000000000000000a' as PartyId;
  const profile: Profile = {
    partyId,
    scope: 'head-office',
    name: { family: '张', given: '伟' },
    locale: 'zh-CN',
    zone: 'Asia/Shanghai' as ZoneId,
    email: 'zhang.wei@mail.example',
    phone: '13812345678',
    records: [],
    version: 1,
    ...change,
  };
  await createProfiles(table).put(profile, 0);
  const gates = createGates(table);
  await gates.create({
    partyId,
    version: 1,
    consent: { 'email/service': { given: true, wording: 'service-2026', at: START } },
    suppressed: {},
    situations: [],
    zone: profile.zone,
    recent: {},
  });
  const surveys = createSurveys(table);
  await surveys.save(onePage);
  const tasks = createTasks(table);
  const secret = Buffer.from('a secret of thirty-two characters');
  const objects = createMemoryObjects();
  const pageOver = (its: Table) =>
    wireSurveys({
      ...parts,
      table: its,
      secret: () => async () => secret,
      setting: () => ORIGIN,
      bucket: () => objects,
    });
  const path = createLinks(secret, ORIGIN)
    .url({
      purpose: 'survey',
      partyId,
      campaign: 'service-call',
      occurrence: '1',
      step: 'ask',
      sendClass: 'service',
      survey: onePage.id,
      surveyVersion: onePage.version,
      expiresAt: (START + 60 * DAY) as Instant,
    })
    .slice(ORIGIN.length);
  /** The customer answers on the page. */
  const answer = async (score: number, comment = '', its: Table = table) => {
    const page = pageOver(its);
    const html = await (await page.request(`${ORIGIN}${path}`)).text();
    const state = [...html.matchAll(/<input type="hidden" name="(_\w+)" value="([^"]*)">/g)];
    const body = new FormData();
    for (const [, name = '', value = ''] of state) body.append(name, value);
    body.append('score', String(score));
    body.append('comment', comment);
    return page.request(`${ORIGIN}${path}`, { method: 'POST', body });
  };

  const timeline = createTimeline(table);
  const api = createApiApp({
    routes: taskRoutes({
      tasks,
      gates,
      timeline,
      profiles: createProfiles(table),
      policies: createPolicies(table),
      enrolments: createEnrolments(table),
      renewalAnswers: createRenewalAnswers(table),
      answers: createSurveyAnswers(table, objects),
      surveys,
      bus: parts.bus,
      dueWork: createDueWork(table),
      scopes: ['head-office'],
      now: system.now,
    }),
    descriptionPath: '/api/description',
    origin: ORIGIN,
    log: silentLog,
    newId: () => 'id',
  });
  const call = async (method: string, url: string, body?: object, sub = 'manager-li', group = 'manager') => {
    const claims = { sub, 'cognito:groups': `[${group}]` };
    const response = await api.request(
      `${ORIGIN}${url}`,
      {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      },
      { requestContext: { requestId: 'r', authorizer: { jwt: { claims } } } },
    );
    return { status: response.status, json: JSON.parse(await response.text()) };
  };
  const told = (type: string) => system.events.filter(({ detailType }) => detailType === type);
  const openTasks = async () => (await tasks.list('head-office', 'open')).tasks;
  return { system, table, partyId, tasks, timeline, gates, answer, call, told, openTasks, traits: createTraits(table) };
};

/** A table whose process dies at its write number `cut`: that one and all that follow fail. */
const dyingAt = (whole: Table, cut: number) => {
  let writes = 0;
  const table: Table = new Proxy(whole, {
    get: (target, name) => {
      const part = target[name as keyof Table] as (...given: unknown[]) => Promise<unknown>;
      if (!['put', 'update', 'writeMany', 'remove'].includes(String(name))) return part;
      return (...given: unknown[]) => {
        writes += 1;
        return writes >= cut ? Promise.reject(new Error('killed')) : part(...given);
      };
    },
  });
  return { table, isAlive: () => writes < cut };
};

describe('S4: a low score', () => {
  test('is a task of the account manager within a minute, with reason, deadline and words; nobody else is bothered', async () => {
    const loop = await createLoop();
    expect((await loop.answer(3, '等了三周 <b>')).status).toBeLessThan(400);
    await loop.system.moveTo((START + MINUTE) as Instant);
    const [task, ...others] = await loop.openTasks();
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      kind: 'low-score',
      reason: 'low-nps',
      assignee: 'manager-li',
      scope: 'head-office',
      createdAt: START,
      deadline: START + WITHIN,
      // in Shanghai it is a day later than in London
      dueOn: '2027-03-04',
      details: { survey: 'one-page', metric: 'nps', score: 3 },
    });
    expect(JSON.stringify(task)).not.toContain('三周');
    expect(loop.told('LowScore')).toMatchObject([
      { source: 'perennial.staff', detail: { taskId: task?.taskId, metric: 'nps', score: 3, assignee: 'manager-li' } },
    ]);
    expect(JSON.stringify(loop.told('LowScore'))).not.toContain('三周');

    const { json } = await loop.call('GET', '/api/tasks/mine');
    expect(json.items).toMatchObject([
      {
        taskId: task?.taskId,
        mine: true,
        script: 'low-score',
        outcomes: ['resolved', 'compensated', 'cannot-resolve'],
        customerName: '张伟',
        phone: '13812345678',
        deadline: '2027-03-03T22:30:00.000Z',
        attempts: [],
        answer: { survey: 'one-page', metric: 'nps', score: 3, texts: [{ question: 'comment', text: '等了三周 <b>' }] },
      },
    ]);
    expect((await loop.call('GET', '/api/tasks/mine', undefined, 'manager-wang')).json.items).toEqual([]);
  });

  test('is a fact that rules see at once', async () => {
    const loop = await createLoop();
    await loop.answer(3);
    expect((await loop.traits.getMany([loop.partyId])).get(loop.partyId)).toEqual({ satisfaction: 30 });
  });

  test('of a customer without an account manager lies in the branch’s queue, until somebody takes it', async () => {
    const loop = await createLoop({});
    await loop.answer(0);
    const queue = () => loop.call('GET', '/api/tasks/mine?queue=true');
    const [{ taskId, mine }] = (await queue()).json.items;
    expect(mine).toBe(false);
    expect((await loop.call('POST', `/api/tasks/${taskId}/take`, {})).json.assignee).toBe('manager-li');
    expect((await loop.call('POST', `/api/tasks/${taskId}/take`, {}, 'manager-wang')).status).toBe(409);
    expect((await queue()).json.items).toEqual([]);
    expect((await loop.call('GET', '/api/tasks/mine')).json.items).toHaveLength(1);
  });

  test('one above the limit is none', async () => {
    const loop = await createLoop();
    await loop.answer(7);
    await loop.system.moveTo((START + 3 * DAY) as Instant);
    expect(await loop.openTasks()).toEqual([]);
    expect([...loop.told('LowScore'), ...loop.told('TaskEscalated')]).toEqual([]);
  });

  test('said twice and fifty times is one task and one event id', async () => {
    const loop = await createLoop();
    await loop.answer(2);
    await Promise.all(Array.from({ length: 50 }, () => loop.answer(1)));
    await loop.system.moveTo((START + 2 * MINUTE) as Instant);
    expect((await loop.openTasks()).map(({ details }) => details?.score)).toEqual([2]);
    expect(new Set(loop.told('LowScore').map(({ detail }) => detail.eventId)).size).toBe(1);
  });

  test.each([
    ['low', 3],
    ['good', 10],
  ])(
    'N2: cut off at any write of a %s answer, it is heard within two minutes of storing: task, history, event',
    async (_, score) => {
      for (let cut = 1; ; cut += 1) {
        const loop = await createLoop();
        const dying = dyingAt(loop.table, cut);
        await loop.answer(score, '', dying.table);
        const stored = loop.table.all().some(({ entity }) => entity === 'SurveyAnswer');
        await loop.system.moveTo((START + 2 * MINUTE) as Instant);
        const why = `killed at write ${cut}`;
        expect((await loop.openTasks()).length, why).toBe(stored && score < 7 ? 1 : 0);
        const told = new Set(loop.told('SurveyAnswered').map(({ detail }) => detail.eventId));
        expect(told.size, why).toBe(stored ? 1 : 0);
        const { entries } = await loop.timeline.list(loop.partyId);
        const rows = entries.filter(({ kind, details }) => kind === 'reaction' && details?.page === 'survey');
        expect(rows.length, why).toBe(stored ? 1 : 0);
        if (dying.isAlive()) {
          // the whole request went through: it writes more than the answer
          expect(cut).toBeGreaterThan(6);
          break;
        }
      }
    },
  );
});

describe('S4: the deadline', () => {
  test('passes: escalated once, staff and timeline told, however often it is looked at', async () => {
    const loop = await createLoop();
    await loop.answer(3);
    await loop.system.moveTo((START + WITHIN - MINUTE) as Instant);
    expect(loop.told('TaskEscalated')).toEqual([]);
    await loop.system.moveTo((START + WITHIN + MINUTE) as Instant);
    const [task] = await loop.openTasks();
    expect(task?.escalatedAt).toBeGreaterThanOrEqual(START + WITHIN);
    expect(task?.escalatedAt).toBeLessThanOrEqual(START + WITHIN + MINUTE);
    await loop.system.moveTo((START + 10 * DAY) as Instant);
    expect(loop.told('TaskEscalated')).toMatchObject([
      { source: 'perennial.staff', detail: { taskId: task?.taskId, kind: 'low-score', assignee: 'manager-li' } },
    ]);
    const rows = (await loop.timeline.list(loop.partyId)).entries.filter(({ reason }) => reason === 'escalated');
    expect(rows).toMatchObject([{ kind: 'task', details: { task: 'low-score' } }]);
    expect((await loop.tasks.get(task?.taskId as string))?.escalatedAt).toBe(task?.escalatedAt);
  });

  test('of a task closed before means nothing', async () => {
    const loop = await createLoop();
    await loop.answer(3);
    const [task] = await loop.openTasks();
    await loop.call('POST', `/api/tasks/${task?.taskId}/close`, { outcome: 'resolved' });
    await loop.system.moveTo((START + 5 * DAY) as Instant);
    expect(loop.told('TaskEscalated')).toEqual([]);
  });
});

describe('S4: closing', () => {
  test('needs an outcome that says what came of it; trying and reaching are noted and count as contacts', async () => {
    const loop = await createLoop();
    await loop.answer(3);
    const [task] = await loop.openTasks();
    const close = (outcome: string, note?: string, by?: string) =>
      loop.call('POST', `/api/tasks/${task?.taskId}/close`, { outcome, ...(note ? { note } : {}) }, by);
    await loop.system.moveTo((START + HOUR) as Instant);
    const tried = await close('not-reached', 'busy');
    expect([tried.status, tried.json.state, tried.json.attempts]).toMatchObject([
      200,
      'open',
      [{ channel: 'phone', outcome: 'not-reached', by: 'manager-li', note: 'busy' }],
    ]);
    await loop.system.moveTo((START + 2 * HOUR) as Instant);
    expect((await close('reached')).json.attempts).toHaveLength(2);
    for (const outcome of ['renews', 'no-action', 'corrected']) expect((await close(outcome)).status).toBe(400);
    expect((await close('')).status).toBe(400);
    const gate = (await loop.gates.getMany([loop.partyId])).get(loop.partyId);
    expect(Object.values(gate?.recent ?? {}).map(({ channel }) => channel)).toEqual(['phone', 'phone']);

    await loop.system.moveTo((START + 3 * HOUR) as Instant);
    const closed = await close('compensated', '退还工本费');
    expect([closed.status, closed.json.state, closed.json.outcome]).toEqual([200, 'done', 'compensated']);
    expect((await close('resolved', undefined, 'manager-wang')).status).toBe(409);
    expect((await close('compensated', '退还工本费')).status).toBe(200);
    const rows = (await loop.timeline.list(loop.partyId)).entries.filter(({ reason }) => reason === 'closed');
    expect(rows).toMatchObject([
      { details: { task: 'low-score', outcome: 'compensated', by: 'manager-li', note: '退还工本费' } },
    ]);
    const [event] = loop.told('TaskClosed');
    expect(event).toMatchObject({
      source: 'perennial.journeys',
      detail: {
        partyId: loop.partyId,
        key: task?.taskId,
        properties: { kind: 'low-score', outcome: 'compensated', reason: 'low-nps', survey: 'one-page' },
      },
    });
    expect(JSON.stringify(loop.told('TaskClosed'))).not.toContain('退还');
    expect(new Set(loop.told('TaskClosed').map(({ detail }) => detail.eventId)).size).toBe(1);
  });

  test('by twenty at once: one closes it, the others are told 409, one row and one event id', async () => {
    const loop = await createLoop();
    await loop.answer(3);
    const [task] = await loop.openTasks();
    const outcomes = ['resolved', 'compensated', 'cannot-resolve'];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        loop.call('POST', `/api/tasks/${task?.taskId}/close`, { outcome: outcomes[n % 3] }, `user-${n}`),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
    const rows = (await loop.timeline.list(loop.partyId)).entries.filter(({ reason }) => reason === 'closed');
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(rows.map(({ details }) => details?.by)).toEqual([`user-${winner}`]);
    expect(loop.told('TaskClosed')).toHaveLength(1);
  });

  test('N2: cut off at any write of the request, TaskClosed is told within two minutes, if it is closed, and once', async () => {
    for (let cut = 1; ; cut += 1) {
      const loop = await createLoop();
      await loop.answer(3);
      const [task] = await loop.openTasks();
      const dying = dyingAt(loop.table, cut);
      const ports = {
        tasks: createTasks(dying.table),
        timeline: createTimeline(dying.table),
        dueWork: createDueWork(dying.table),
        bus: loop.system.parts.bus,
      };
      const closing = { taskId: task?.taskId as string, outcome: 'resolved', by: 'manager-li' } as const;
      await closeTask(ports, closing, START).catch(() => undefined);
      await loop.system.moveTo((START + 2 * MINUTE) as Instant);
      const closed = (await loop.tasks.get(closing.taskId))?.state === 'done';
      const told = new Set(loop.told('TaskClosed').map(({ detail }) => detail.eventId));
      expect(told.size, `killed at write ${cut}`).toBe(closed ? 1 : 0);
      const rows = (await loop.timeline.list(loop.partyId)).entries.filter(({ reason }) => reason === 'closed');
      expect(rows.length).toBe(told.size);
      if (dying.isAlive()) {
        expect(loop.told('TaskClosed')).toHaveLength(1);
        expect(cut).toBeGreaterThan(3);
        break;
      }
    }
  });

  test('★ asks the customer again two weeks later, and no sooner', async () => {
    const loop = await createLoop();
    await loop.answer(3);
    const [task] = await loop.openTasks();
    await loop.system.moveTo((START + DAY) as Instant);
    await loop.call('POST', `/api/tasks/${task?.taskId}/close`, { outcome: 'resolved' });
    await loop.system.moveTo((START + 14 * DAY) as Instant);
    expect(loop.system.taken).toEqual([]);
    await loop.system.moveTo((START + 20 * DAY) as Instant);
    expect(loop.system.taken).toMatchObject([{ to: 'zhang.wei@mail.example', tags: { campaign: 'closed-loop' } }]);
  });
});
