import { describe, expect, test } from 'vitest';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { type CivilDate, DAY, HOUR, type Instant, type ZoneId } from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import type { Task } from '../../shared/task/task.ts';
import { type ApiRig, createApiRig } from '../support/api.ts';

const zone = 'Europe/Madrid' as ZoneId;
const maria = '01jmaria000000000000000000' as PartyId;
const juan = '01jjuan0000000000000000000' as PartyId;
const day = (text: string) => text as CivilDate;
const manager = { groups: ['manager', 'scope:house/east'], sub: 'manager-li' };
const colleague = { groups: ['manager', 'scope:house/east'], sub: 'manager-wang' };
const head = { groups: ['head', 'scope:house/east'], sub: 'head-he' };
const elsewhere = { groups: ['manager', 'head', 'scope:house/west'], sub: 'manager-xu' };

const withTask = async (change: Partial<Task> = {}): Promise<ApiRig> => {
  const rig = createApiRig();
  await rig.addCustomer({ partyId: maria, phone: '+34600112233', manager: 'manager-li' });
  await rig.tasks.add({
    taskId: 't1',
    scope: 'house/east',
    kind: 'call',
    reason: 'no-reaction',
    state: 'open',
    dueOn: day('2019-01-05'),
    createdAt: rig.start,
    partyId: maria,
    assignee: 'manager-li',
    ...change,
  });
  return rig;
};

describe('A2: my tasks', () => {
  test('say whether their time is over: by the deadline, else by the day where the customer lives', async () => {
    const overdue = async (change: Partial<Task>): Promise<boolean> => {
      const rig = await withTask(change);
      return (await rig.call('GET', '/api/tasks/t1', manager)).json.overdue;
    };
    const { start } = createApiRig();
    expect(await overdue({ deadline: (start - 1) as Instant })).toBe(true);
    expect(await overdue({ deadline: (start + HOUR) as Instant, dueOn: day('2019-01-01') })).toBe(false);
    expect(await overdue({ dueOn: day('2019-01-01') })).toBe(true);
    expect(await overdue({ dueOn: day('2019-01-02') })).toBe(false);
    expect(await overdue({ dueOn: day('2019-01-01'), state: 'done' })).toBe(false);
  });

  test('that are closed say by whom and when', async () => {
    const rig = await withTask();
    await rig.call('POST', '/api/tasks/t1/close', { ...manager, body: { outcome: 'renews' } });
    const { json } = await rig.call('GET', '/api/tasks/mine?state=done', manager);
    expect(json.items).toMatchObject([{ closedBy: 'manager-li', closedAt: '2019-01-02T02:00:00.000Z' }]);
  });

  test('have all that is needed; the number in full only for those who call', async () => {
    const rig = await withTask();
    const { json } = await rig.call('GET', '/api/tasks/mine', manager);
    expect(json.items).toMatchObject([
      {
        taskId: 't1',
        kind: 'call',
        reason: 'no-reaction',
        script: 'call',
        customerName: 'María García',
        phone: '+34600112233',
        locale: 'en',
        mine: true,
        attempts: [],
      },
    ]);
    const marketing = await rig.call('GET', '/api/tasks/t1', { groups: ['marketing'] });
    expect(marketing.json.taskId).toBe('t1');
    expect(marketing.text).not.toContain('600112233');
    expect((await rig.call('GET', '/api/tasks', manager)).text).not.toContain('600112233');
  });

  test('S07, S08: neither another branch nor another role sees, takes, gives, logs or closes', async () => {
    const rig = await withTask();
    const acts = [
      ['GET', '/api/tasks/t1', undefined],
      ['POST', '/api/tasks/t1/take', {}],
      ['POST', '/api/tasks/t1/assign', { assignee: 'x' }],
      ['POST', '/api/tasks/t1/attempt', { channel: 'phone', outcome: 'reached' }],
      ['POST', '/api/tasks/t1/close', { outcome: 'reached' }],
    ] as const;
    for (const [method, path, body] of acts) {
      const options = body === undefined ? {} : { body };
      expect((await rig.call(method, path, { ...elsewhere, ...options })).status, path).toBe(404);
      expect((await rig.call(method, path, { groups: ['compliance'], ...options })).status, path).toBe(403);
    }
    expect((await rig.call('GET', '/api/tasks/mine?queue=true', elsewhere)).json.items).toEqual([]);
    expect(await rig.tasks.get('t1')).toMatchObject({ state: 'open', assignee: 'manager-li' });
    expect((await rig.tasks.get('t1'))?.attempts).toBeUndefined();
  });

  test('one’s own may be given away; another’s only by a head', async () => {
    const rig = await withTask();
    const assign = (who: object, body: object) => rig.call('POST', '/api/tasks/t1/assign', { ...who, body });
    expect((await assign(colleague, { assignee: 'manager-wang' })).status).toBe(403);
    expect((await assign(manager, { assignee: 'manager-wang' })).json).toMatchObject({ assignee: 'manager-wang' });
    expect((await rig.call('GET', '/api/tasks/mine', manager)).json.items).toEqual([]);
    expect((await assign(head, {})).status).toBe(200);
    expect((await rig.call('GET', '/api/tasks/mine?queue=true', manager)).json.items).toHaveLength(1);
    expect((await rig.call('POST', '/api/tasks/t1/take', { ...manager, body: {} })).json.mine).toBe(true);
    expect((await rig.call('POST', '/api/tasks/t1/take', { ...colleague, body: {} })).status).toBe(409);
  });

  test('of another branch that were given to me are mine to see and to close', async () => {
    const rig = await withTask({ scope: 'house/west' });
    expect((await rig.call('GET', '/api/tasks/t1', manager)).status).toBe(200);
    expect((await rig.call('GET', '/api/tasks/t1', colleague)).status).toBe(404);
    const closed = await rig.call('POST', '/api/tasks/t1/close', { ...manager, body: { outcome: 'reached' } });
    expect(closed.json).toMatchObject({ state: 'done', outcome: 'reached' });
  });
});

describe('A2: a call or a visit', () => {
  const attempt = (rig: ApiRig, body: object, who: object = manager) =>
    rig.call('POST', '/api/tasks/t1/attempt', { ...who, body });

  test('is logged with the task, in the timeline and in the contact budget, once', async () => {
    const rig = await withTask();
    const body = { channel: 'visit', outcome: 'reached', at: '2019-01-01T10:00:00Z', note: 'moved <b>house' };
    for (let time = 0; time < 3; time += 1) expect((await attempt(rig, body)).status).toBe(200);
    const { json } = await rig.call('GET', '/api/tasks/t1', manager);
    expect(json.attempts).toEqual([
      {
        at: '2019-01-01T10:00:00.000Z',
        channel: 'visit',
        outcome: 'reached',
        by: 'manager-li',
        note: 'moved <b>house',
      },
    ]);
    const rows = (await rig.timeline.list(maria)).entries;
    expect(rows).toMatchObject([
      {
        kind: 'fact',
        reason: 'contact-logged',
        channel: 'visit',
        details: { by: 'manager-li', task: 'call', outcome: 'reached', note: 'moved <b>house' },
      },
    ]);
    const gate = (await rig.gates.getMany([maria])).get(maria);
    expect(Object.values(gate?.recent ?? {})).toHaveLength(1);
  });

  test('cannot lie ahead, needs a known outcome, and none is logged with a closed task', async () => {
    const rig = await withTask();
    const call = { channel: 'phone', outcome: 'reached' };
    expect((await attempt(rig, { ...call, at: '2019-01-09T00:00:00Z' })).status).toBe(400);
    expect((await attempt(rig, { ...call, at: 'yesterday' })).status).toBe(400);
    expect((await attempt(rig, { ...call, outcome: 'resolved' })).status).toBe(400);
    expect((await attempt(rig, { ...call, channel: 'email' })).status).toBe(400);
    expect((await attempt(rig, { ...call, note: 'x'.repeat(501) })).status).toBe(400);
    await rig.call('POST', '/api/tasks/t1/close', { ...manager, body: { outcome: 'renews' } });
    expect((await attempt(rig, call)).status).toBe(409);
    expect((await rig.timeline.list(maria)).entries.map(({ kind }) => kind)).toEqual(['task']);
  });
});

describe('A2: the renewal list', () => {
  const policyOf = (policyId: string, change: Partial<Policy> = {}): Policy => ({
    policyId: policyId as PolicyId,
    policyNo: `MOT-${policyId}`,
    source: 'underwriting',
    scope: 'house/east',
    partyId: maria,
    line: 'motor',
    contractStartsOn: day('2018-01-31'),
    zone,
    contactRule: 'direct',
    term: { startsOn: day('2018-01-31'), renewsOn: day('2019-01-31'), premium: { minor: 30_000, currency: 'EUR' } },
    firstKnownAt: 0 as Instant,
    version: 1,
    ...change,
  });
  const enrolmentOf = (rig: ApiRig, policyId: string, change: Partial<Enrolment> = {}): Enrolment => ({
    partyId: maria,
    campaign: 'renewal',
    definition: 'd',
    policyId: policyId as PolicyId,
    occurrence: '2018-01-31',
    anchorOn: day('2019-01-31'),
    zone,
    contactRule: 'direct',
    scope: 'house/east',
    state: 'active',
    next: { step: 'm14', at: (rig.start + 10 * DAY) as Instant },
    done: ['m30'],
    enteredAt: (rig.start - DAY) as Instant,
    version: 1,
    ...change,
  });

  const withRenewals = async (): Promise<ApiRig> => {
    const rig = createApiRig();
    await rig.addCustomer({ partyId: maria, manager: 'manager-li' });
    await rig.addCustomer({ partyId: juan, name: { full: 'Juan' } });
    await rig.addPolicy(policyOf('due'));
    await rig.addPolicy(policyOf('lost', { ending: { kind: 'lapsed', on: day('2019-01-31'), reason: 'unpaid' } }));
    await rig.addPolicy(policyOf('later', { term: { startsOn: day('2018-02-01'), renewsOn: day('2019-02-01') } }));
    await rig.addPolicy(policyOf('others', { partyId: juan }));
    await rig.addPolicy(
      policyOf('won', {
        term: { startsOn: day('2019-01-10'), renewsOn: day('2020-01-10') },
        renewal: { termStartsOn: day('2019-01-10'), recognisedAt: rig.start, by: 'event' },
      }),
    );
    await rig.enrolments.create(enrolmentOf(rig, 'due', { reaction: { kind: 'click', at: rig.start } }));
    await rig.enrolments.create(
      enrolmentOf(rig, 'due', { campaign: 'follow-up', next: { step: 'call', at: (rig.start + HOUR) as Instant } }),
    );
    const left = enrolmentOf(rig, 'lost', {
      state: 'exited',
      exit: { reason: 'not-renewing', at: rig.start },
      reaction: { kind: 'not-renewing', at: rig.start },
    });
    const { next: _next, ...over } = left;
    await rig.enrolments.create(over);
    const answers = createRenewalAnswers(rig.table);
    const { partyId, policyId, campaign, occurrence } = over;
    await answers.add(
      invitationIdOf({ partyId, campaign, occurrence, policyId: policyId as PolicyId }),
      { answers: [], version: 0 },
      { id: 'a', at: rig.start, content: { choice: 'not-renewing', reason: 'price', text: 'secret words' } },
    );
    return rig;
  };
  const list = async (rig: ApiRig, query: string, who: object = manager) =>
    (await rig.call('GET', `/api/renewals?${query}`, who)).json.items;

  test('what is due: owner, the next step of any journey, the latest reaction, premium', async () => {
    const rig = await withRenewals();
    const items = await list(rig, 'month=2019-01');
    expect(items.map(({ policyId }: { policyId: string }) => policyId)).toEqual(['due', 'others']);
    expect(items[0]).toMatchObject({
      renewal: 'due',
      renewsOn: '2019-01-31',
      customerName: 'María García',
      owner: 'manager-li',
      premium: { minor: 30_000, currency: 'EUR' },
      nextStep: { campaign: 'follow-up', step: 'call', at: '2019-01-02T03:00:00.000Z' },
      reaction: { kind: 'click' },
    });
    expect(items[1]).not.toHaveProperty('owner');
    expect(items[1]).not.toHaveProperty('nextStep');
  });

  test('mine only', async () => {
    const items = await list(await withRenewals(), 'month=2019-01&mine=true');
    expect(items.map(({ policyId }: { policyId: string }) => policyId)).toEqual(['due']);
  });

  test('what was lost, and why, as a code; the customer’s words stay with the customer', async () => {
    const rig = await withRenewals();
    const items = await list(rig, 'month=2019-01&state=lost');
    expect(items).toMatchObject([
      { policyId: 'lost', renewal: 'lost', reasonLost: 'price', ending: { kind: 'lapsed', on: '2019-01-31' } },
    ]);
    expect(JSON.stringify(items)).not.toContain('secret words');
  });

  test('what was renewed stands in the month it renewed in', async () => {
    const rig = await withRenewals();
    expect(await list(rig, 'month=2019-01&state=renewed')).toMatchObject([{ policyId: 'won', renewal: 'renewed' }]);
    expect(await list(rig, 'month=2020-01&state=due')).toMatchObject([{ policyId: 'won', renewal: 'due' }]);
    expect(await list(rig, 'month=2020-01&state=renewed')).toEqual([]);
  });

  test('S08: of one’s own branch only; a month is a month', async () => {
    const rig = await withRenewals();
    expect(await list(rig, 'month=2019-01', elsewhere)).toEqual([]);
    expect(await list(rig, 'month=2019-01&scope=house/west')).toEqual([]);
    expect((await rig.call('GET', '/api/renewals?month=2019-13', manager)).status).toBe(400);
    // without one, it is this one
    expect((await rig.call('GET', '/api/renewals', manager)).json.month).toBe('2019-01');
  });
});
