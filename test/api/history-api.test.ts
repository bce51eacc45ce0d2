import { describe, expect, test } from 'vitest';
import { keepProof } from '../../shared/message/proof.ts';
import type { PartyId, PolicyId, SendId } from '../../shared/platform/ids.ts';
import { type CivilDate, DAY, HOUR, type Instant, type ZoneId } from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { type ApiRig, createApiRig } from '../support/api.ts';
import { evidenceOf } from '../support/evidence.ts';

const zone = 'Europe/Madrid' as ZoneId;
const maria = '01jmaria000000000000000000' as PartyId;
const day = (text: string) => text as CivilDate;

const policyOf = (changes: Partial<Policy> = {}): Policy => ({
  policyId: 'policyaaaaaaaaaaaaaaaaaaaa' as PolicyId,
  policyNo: 'MOT-2018-4821',
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
  ...changes,
});

/** María with one policy and a mail that was sent. */
const withMaria = async (): Promise<ApiRig> => {
  const rig = createApiRig();
  await rig.addCustomer({
    partyId: maria,
    email: 'maria.garcia@mail.example',
    phone: '+34600112233',
    records: [{ source: 'underwriting', key: 'C-77', joinedBy: 'own-id', at: rig.start }],
  });
  await rig.addPolicy(policyOf());
  return rig;
};

const mail = [
  'From: =?utf-8?B?5oGS5rmW5L+d6Zmp?= <service@mail.example>',
  'To: =?utf-8?Q?Mar=C3=ADa_Garc=C3=ADa?= <maria.garcia@mail.example>',
  'Subject: =?utf-8?Q?Your_car?= =?utf-8?Q?_in_Espa=C3=B1a?=',
  'MIME-Version: 1.0',
  'Content-Type: multipart/alternative; boundary="b1"',
  '',
  '--b1',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Espa=C3=B1a =',
  'costs =E2=82=AC300',
  '--b1',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('<p>España <script>alert(1)</script></p>').toString('base64'),
  '--b1--',
  '',
].join('\r\n');

describe('search', () => {
  test.each(['García', 'garcia', 'maria', 'maria.garcia@', '+34 600 11', 'MOT-2018', 'C-77'])(
    'finds María by %s',
    async (text) => {
      const rig = await withMaria();
      const { status, json } = await rig.call('POST', '/api/search', { body: { text } });
      expect(status).toBe(200);
      expect(json.items[0].customer).toEqual({
        customerId: maria,
        name: 'María García',
        email: 'm•••@mail.example',
        phone: '+346••••2233',
        locale: 'en',
      });
    },
  );

  test('D4: one character finds by family name in Chinese and Korean; Latin needs two', async () => {
    const rig = createApiRig();
    const people = [
      ['li', { full: '李娜' }],
      ['zhang', { family: '张', given: '伟' }],
      ['ouyang', { family: '欧阳', given: '娜' }],
      ['kim', { full: '김철수' }],
    ] as const;
    for (const [id, name] of people) await rig.addCustomer({ partyId: id as PartyId, name });
    const find = async (text: string) => {
      const { status, json } = await rig.call('POST', '/api/search', { body: { text } });
      expect(status, text).toBe(200);
      return json.items.map(({ customer }: { customer: { customerId: string } }) => customer.customerId);
    };
    expect(await find('李')).toEqual(['li']);
    expect(await find('张')).toEqual(['zhang']);
    expect(await find('张伟')).toEqual(['zhang']);
    expect(await find('伟')).toEqual(['zhang']);
    expect(await find('欧')).toEqual(['ouyang']);
    expect(await find('欧阳')).toEqual(['ouyang']);
    expect(await find('李伟')).toEqual([]);
    expect(await find('김')).toEqual(['kim']);
    for (const text of ['l', '7', '@', ' ', '。'])
      expect((await rig.call('POST', '/api/search', { body: { text } })).status, text).toBe(400);
  });

  test('S11: lists hold no whole address, no birth date, no consent, no record key', async () => {
    const rig = await withMaria();
    const { text } = await rig.call('POST', '/api/search', { body: { text: 'maria' } });
    for (const hidden of ['maria.garcia', '600112233', 'C-77', 'zone', 'scope']) expect(text).not.toContain(hidden);
  });

  test('S31: takes what is personal in the body only', async () => {
    const rig = await withMaria();
    expect((await rig.call('GET', '/api/search?text=maria')).status).toBe(405);
    expect((await rig.call('POST', '/api/search?text=maria', { body: { text: 'ma' } })).status).toBe(400);
  });
});

describe('a customer', () => {
  test('has addresses, consent, policies and journeys', async () => {
    const rig = await withMaria();
    await rig.gates.setConsent(maria, 'email', 'marketing', { given: false, wording: 'w1', at: rig.start });
    const { json } = await rig.call('GET', `/api/customers/${maria}`);
    expect(json).toMatchObject({
      email: 'maria.garcia@mail.example',
      consent: [{ channel: 'email', purpose: 'marketing', given: false }],
      policies: [{ policyNo: 'MOT-2018-4821', renewsOn: '2019-01-31', state: 'in-force' }],
    });
    expect(json.scope).toBeUndefined();
  });

  test('does not show a policy that went over to another person', async () => {
    const rig = await withMaria();
    await rig.policies.put(policyOf({ partyId: 'somebody' as PartyId, version: 2 }), 1);
    expect((await rig.call('GET', `/api/customers/${maria}`)).json.policies).toEqual([]);
  });

  test('has a timeline, newest first, page by page, each row once', async () => {
    const rig = await withMaria();
    for (let n = 0; n < 25; n += 1)
      await rig.timeline.record({
        partyId: maria,
        at: (rig.start + n * HOUR) as Instant,
        kind: 'message',
        id: `send-${n}`,
        policyIds: [],
        state: 'skipped',
        reason: 'too-late',
      });
    const rows: string[] = [];
    let after = '';
    for (let page = 0; page < 3; page += 1) {
      const { json } = await rig.call('GET', `/api/customers/${maria}/timeline?limit=10${after}`);
      rows.push(...json.items.map(({ row }: { row: string }) => row));
      after = `&after=${json.next}`;
      expect(json.next === undefined).toBe(page === 2);
    }
    expect(rows).toHaveLength(25);
    expect(new Set(rows).size).toBe(25);
    expect(rows[0]).toContain('send-24');
  });

  test('a page mark of another customer is refused', async () => {
    const rig = await withMaria();
    const mark = Buffer.from(JSON.stringify({ pk: 'C#other', sk: 'T#2019' })).toString('base64url');
    for (const after of [mark, 'nonsense', '%7B%7D'])
      expect((await rig.call('GET', `/api/customers/${maria}/timeline?after=${after}`)).status).toBe(400);
  });
});

describe('a message', () => {
  test('is shown as it was sent', async () => {
    const rig = await withMaria();
    const [proof] = await keepProof(rig.messages, 'b1', [evidenceOf(mail)], rig.start);
    const key = { partyId: maria, at: rig.start, kind: 'message' as const, id: 'send1' as SendId };
    await rig.timeline.record({
      ...key,
      policyIds: [],
      channel: 'email',
      state: 'accepted',
      ...(proof ? { proof } : {}),
    });
    const { json: history } = await rig.call('GET', `/api/customers/${maria}/timeline`);
    expect(history.items[0].asSent).toBe(true);
    const { json } = await rig.call('GET', `/api/messages/${maria}/${history.items[0].row}`);
    expect(json).toMatchObject({
      kind: 'mail',
      subject: 'Your car in España',
      from: '恒湖保险 <service@mail.example>',
      to: 'María García <maria.garcia@mail.example>',
      html: '<p>España <script>alert(1)</script></p>',
      text: 'España costs €300',
    });
  });

  test('that was changed in the bucket is not shown', async () => {
    const rig = await withMaria();
    const [proof] = await keepProof(rig.messages, 'b1', [evidenceOf(mail)], rig.start);
    await rig.timeline.record({
      partyId: maria,
      at: rig.start,
      kind: 'message',
      id: 'send1',
      policyIds: [],
      channel: 'email',
      ...(proof ? { proof: { ...proof, sha256: 'x'.repeat(43) } } : {}),
    });
    const { json } = await rig.call('GET', `/api/customers/${maria}/timeline`);
    expect((await rig.call('GET', `/api/messages/${maria}/${json.items[0].row}`)).status).toBe(500);
  });

  test('S08: a row of another customer, an unknown row and nonsense are the same 404', async () => {
    const rig = await withMaria();
    const texts = new Set<string>();
    for (const path of ['x/y', `${maria}/zzz`, `${maria}/1-message-none`, `${maria}/..%2f..`]) {
      const { status, text } = await rig.call('GET', `/api/messages/${path}`);
      expect(status).toBe(404);
      texts.add(text);
    }
    expect(texts.size).toBe(1);
  });
});

describe('the overview', () => {
  test('counts what is due by week, in force and within 60 days only', async () => {
    const rig = await withMaria();
    const term = (renewsOn: string) => ({ startsOn: day('2018-02-01'), renewsOn: day(renewsOn) });
    const more: Partial<Policy>[] = [
      { policyId: 'p-last' as PolicyId, term: term('2019-03-03') },
      { policyId: 'p-after' as PolicyId, term: term('2019-03-04') },
      { policyId: 'p-west' as PolicyId, term: term('2019-01-02'), scope: 'house/west' },
      {
        policyId: 'p-lapsed' as PolicyId,
        term: term('2019-01-10'),
        ending: { kind: 'lapsed', on: day('2019-01-01') },
      },
    ];
    for (const changes of more) await rig.addPolicy(policyOf(changes));
    const { json } = await rig.call('GET', '/api/overview');
    expect(json.due).toMatchObject({ from: '2019-01-02', to: '2019-03-03', total: 3, capped: false });
    expect(json.due.weeks.map(({ count }: { count: number }) => count)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(json.due.next.map(({ policyId }: { policyId: string }) => policyId)).toEqual([
      'p-west',
      'policyaaaaaaaaaaaaaaaaaaaa',
      'p-last',
    ]);
  });

  test('sums outcomes by day and reason; a job told twice counts once', async () => {
    const rig = await withMaria();
    const sent = { campaign: 'renewal', step: 'm30', outcome: 'sent' as const };
    await rig.outcomes.record(day('2019-01-01'), 'job1', [{ ...sent, count: 7 }]);
    await rig.outcomes.record(day('2019-01-01'), 'job1', [{ ...sent, count: 7 }]);
    await rig.outcomes.record(day('2019-01-02'), 'job2', [{ ...sent, count: 3 }]);
    const states = [
      ['skipped', 'too-late'],
      ['skipped', 'no-email'],
      ['skipped', 'no-email'],
      ['held', 'quiet-hours'],
      ['failed', 'rejected'],
      ['unknown', 'unknown-outcome'],
    ] as const;
    for (const [n, [state, reason]] of states.entries())
      await rig.timeline.record({
        partyId: maria,
        at: rig.start,
        kind: 'message',
        id: `send-${n}`,
        policyIds: [],
        state,
        reason,
      });
    await rig.timeline.record({
      partyId: maria,
      at: (rig.start - 30 * DAY) as Instant,
      kind: 'message',
      id: 'old',
      policyIds: [],
      state: 'skipped',
      reason: 'too-late',
    });
    const { json } = await rig.call('GET', '/api/overview');
    expect(json.outcomes).toMatchObject({ sent: 10, held: 1, skipped: 3, failed: 2 });
    expect(json.outcomes.days.at(-1)).toEqual({ day: '2019-01-02', sent: 3, held: 1, skipped: 3, failed: 2 });
    expect(json.outcomes.reasons).toContainEqual({ outcome: 'skipped', reason: 'no-email', count: 2 });
    const { json: list } = await rig.call('GET', '/api/troubles/skipped?limit=2');
    expect(list.items).toHaveLength(2);
    expect(list.items[0]).toMatchObject({ customerName: 'María García', state: 'skipped' });
  });
});

describe('S4: facts', () => {
  test('explain themselves: which evidence, how old, what it counts', async () => {
    const rig = await withMaria();
    const base = { partyId: maria, source: 'survey:service-call' as const };
    const before = (days: number) => (rig.start - days * DAY) as Instant;
    const { policyId } = policyOf();
    await rig.evidence.add([
      { ...base, fact: 'satisfaction', id: 'a', at: before(0), value: 90, metric: 'nps', score: 9 },
      { ...base, fact: 'satisfaction', id: 'b', at: before(180), value: 30, metric: 'nps', score: 3, policyId },
      { ...base, fact: 'decision-style', id: 'c', at: before(3), value: 'relational', source: 'visit', by: 'user-1' },
      { ...base, fact: 'commute', id: 'd', at: before(9), value: 'tram' },
      { ...base, fact: 'commute', id: 'e', at: before(1), value: 'bike' },
    ]);
    const { json } = await rig.call('GET', `/api/customers/${maria}/facts`);
    expect(json).toMatchObject({
      satisfaction: {
        value: 70,
        because: [
          { value: 90, weight: 1, ageDays: 0, metric: 'nps', score: 9, source: 'survey:service-call' },
          { value: 30, weight: 0.5, ageDays: 180, policyId },
        ],
      },
      policies: [{ policyId, satisfaction: { value: 30 } }],
      style: { value: 'relational', shares: { relational: 1 }, because: [{ source: 'visit', by: 'user-1' }] },
      facts: [{ fact: 'commute', value: 'bike' }],
    });
    expect((await rig.call('GET', `/api/customers/${maria}/facts`, { groups: ['head', 'scope:x'] })).status).toBe(404);
  });
});

describe('tasks', () => {
  const addTask = async (rig: ApiRig, taskId: string, dueOn: string, scope = 'house/east') =>
    rig.tasks.add({
      taskId,
      scope,
      kind: 'requested-call',
      reason: 'asked-on-page',
      state: 'open',
      dueOn: day(dueOn),
      createdAt: rig.start,
      partyId: maria,
      policyId: policyOf().policyId,
      details: { slot: '09-12', answer: 'hidden' },
    });

  test('come the most urgent first, with whom and what they are about', async () => {
    const rig = await withMaria();
    await addTask(rig, 't2', '2019-01-05');
    await addTask(rig, 't1', '2019-01-03');
    const { json } = await rig.call('GET', '/api/tasks?scope=house/east');
    expect(json.items.map(({ taskId }: { taskId: string }) => taskId)).toEqual(['t1', 't2']);
    expect(json.items[0]).toMatchObject({ customerName: 'María García', policyNo: 'MOT-2018-4821', slot: '09-12' });
    expect(JSON.stringify(json)).not.toContain('hidden');
    expect(JSON.stringify(json)).not.toContain('+34');
  });

  test('close once, with the outcome in the timeline', async () => {
    const rig = await withMaria();
    await addTask(rig, 't1', '2019-01-03');
    const close = (sub = 'user-1') =>
      rig.call('POST', '/api/tasks/t1/close', {
        groups: ['manager'],
        sub,
        body: { outcome: 'renews', note: 'pays Monday' },
      });
    expect((await close()).json.state).toBe('done');
    expect((await close('user-2')).status).toBe(409);
    // the answer to one's own closing may have been lost
    expect((await close()).status).toBe(200);
    const { json } = await rig.call('GET', `/api/customers/${maria}/timeline`);
    expect(json.items).toHaveLength(1);
    expect(json.items[0].details).toEqual({
      task: 'requested-call',
      outcome: 'renews',
      by: 'user-1',
      note: 'pays Monday',
    });
  });
});

describe('imports', () => {
  const imported = {
    importId: 'import1',
    fileName: 'policies.csv',
    fileHash: 'h',
    size: 1,
    mappingId: 'book',
    mappingHash: 'm',
    source: 'underwriting',
    scope: 'house/east',
    state: 'done' as const,
    receivedAt: 0 as Instant,
    queued: 1,
    counts: { rows: 2, changed: 1, unchanged: 0, refused: 1, warnings: 0 },
  };

  test('S07: a place to upload to is given to marketing and engineers, by a pre-signed address', async () => {
    const rig = createApiRig();
    const ask = (group: string, body: object) => rig.call('POST', '/api/imports', { groups: [group], body });
    expect((await ask('compliance', { fileName: 'book.csv' })).status).toBe(403);
    const { json } = await ask('engineer', { fileName: 'book.csv', mapping: 'book' });
    expect(json).toEqual({ uploadUrl: 'memory:put:incoming/upload-1/book.csv', expiresInSeconds: 900 });
    for (const fileName of ['../x.csv', 'a/b.csv', 'a\nb', ''])
      expect((await ask('engineer', { fileName })).status).toBe(400);
    expect((await ask('engineer', { fileName: 'x', mapping: '../y' })).status).toBe(400);
  });

  test('are listed with their counts; refused rows name line, column and reason, never the value', async () => {
    const rig = createApiRig();
    await rig.imports.put(imported);
    await rig.imports.putErrors('import1', [
      {
        line: 3,
        problems: [{ column: 'e-mail', value: 'maria@@mail', reason: 'not-an-email', severity: 'refused' }],
        cells: ['maria@@mail'],
      },
    ]);
    const { json: list } = await rig.call('GET', '/api/imports');
    expect(list.items).toMatchObject([{ importId: 'import1', state: 'done', counts: { refused: 1 } }]);
    const { json, text } = await rig.call('GET', '/api/imports/import1');
    expect(json.problems).toEqual([{ line: 3, column: 'e-mail', reason: 'not-an-email', severity: 'refused' }]);
    expect(text).not.toContain('maria');
    const west = { groups: ['head', 'scope:house/west'] };
    expect((await rig.call('GET', '/api/imports/import1', west)).status).toBe(404);
    expect((await rig.call('GET', '/api/imports', west)).json.items).toEqual([]);
  });
});
