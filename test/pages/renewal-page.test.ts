import { describe, expect, test } from 'vitest';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { renewalPageAnswered } from '../../shared/survey/contract.ts';
import { createPageRig, type PageRig } from '../support/pages.ts';

const snapshot = (rig: PageRig): string => JSON.stringify(rig.table.all());
const enrolmentOf = (rig: PageRig) =>
  rig.enrolments.get({ ...rig.claims, campaign: 'renewal', policyId: rig.policy.policyId, occurrence: '2018-01-31' });
const openTasks = async (rig: PageRig) => (await rig.tasks.list('house', 'open')).tasks;

describe('the renewal page shows', () => {
  test('the new premium beside last year’s, the date, the policy masked', async () => {
    const rig = await createPageRig();
    const response = await rig.get(rig.pathOf('renew'));
    const html = await response.text();
    expect(response.status).toBe(200);
    for (const shown of ['lang="zh-CN"', '¥3,210.00', '¥3,000.00', '比上年多 ¥210.00', '2019年1月31日', '4821'])
      expect(html).toContain(shown);
    for (const hidden of ['PNO2018004821', '沪A12345', '13812345678', 'zhang.wei', '张'])
      expect(html).not.toContain(hidden);
  });

  test('English by the switch, and keeps it in its forms', async () => {
    const rig = await createPageRig();
    const html = await (await rig.get(`${rig.pathOf('renew')}?lang=en`)).text();
    for (const shown of ['lang="en"', 'CN¥210.00 more than last year', '31 January 2019', 'action="?lang=en"', '中文'])
      expect(html).toContain(shown);
  });

  test('no price where there is no offer, where it has run out, and where it is for another term', async () => {
    const { offer } = (await createPageRig()).policy;
    for (const wrong of [undefined, { ...offer, validUntil: '2019-01-01' }, { ...offer, termStartsOn: '2018-01-31' }]) {
      const rig = await createPageRig({ policy: { offer: wrong as never } });
      const html = await (await rig.get(rig.pathOf('renew'))).text();
      expect(html).toContain('新保费稍后告知');
      expect(html).not.toContain('3,210');
      expect(html).not.toContain('pay.evermere');
    }
  });

  test('that it is renewed once the next term is known', async () => {
    const term = { startsOn: '2019-01-31', renewsOn: '2020-01-31' };
    const rig = await createPageRig({ policy: { term: term as never } });
    const html = await (await rig.get(rig.pathOf('renew'))).text();
    expect(html).toContain('您的保单已经续保');
    expect(html).not.toContain('value="renew"');
  });

  test.each([
    'http://pay.evermere.example/1',
    'https://evermere.example.evil.example/1',
    'https://pay@evil.example/1',
    'https://pay.evermere.example:8443/1',
    'https://user@pay.evermere.example/1',
    'javascript:alert(1)',
    '//pay.evermere.example/1',
  ])('S23: no way to %s', async (payUrl) => {
    const rig = await createPageRig();
    await rig.policies.put({ ...rig.policy, offer: { ...rig.policy.offer, payUrl } as never, version: 2 }, 1);
    const response = await rig.post(rig.pathOf('renew'), { choice: 'renew' });
    expect(response.headers.get('location')).toBe('?lang=zh-CN');
  });

  test('S15: a name of a thing that is markup, as text', async () => {
    const rig = await createPageRig({ policy: { insured: '<img src=x onerror=alert(1)>', policyNo: '"><b>x' } });
    const html = await (await rig.get(rig.pathOf('renew'))).text();
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<b>x');
  });
});

describe('an answer', () => {
  test('to renew: reaction, timeline, event, and on to the insurer’s own page', async () => {
    const rig = await createPageRig();
    const response = await rig.post(rig.pathOf('renew'), { choice: 'renew' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('https://pay.evermere.example/4821');
    expect((await enrolmentOf(rig))?.reaction).toEqual({ kind: 'renew-page', at: rig.start });
    expect((await enrolmentOf(rig))?.state).toBe('active');
    expect(await openTasks(rig)).toEqual([]);
    const [row] = (await rig.timeline.list(rig.profile.partyId)).entries;
    expect(row).toMatchObject({ kind: 'reaction', campaign: 'renewal', step: 'm30', details: { choice: 'renew' } });
    expect(renewalPageAnswered.parse(rig.bus.events[0]?.detail)).toMatchObject({ choice: 'renew', eventId: row?.id });
    expect(rig.changes.messages).toEqual([
      { kind: 'policies', policyIds: [rig.policy.policyId], because: 'page:renew' },
    ]);
    expect(await (await rig.get(rig.pathOf('renew'))).text()).toContain('谢谢，您已选择续保。');
  });

  test('to renew where nobody can pay yet: a person is told', async () => {
    const rig = await createPageRig({ policy: { offer: undefined as never } });
    const response = await rig.post(rig.pathOf('renew'), { choice: 'renew' });
    expect(response.headers.get('location')).toBe('?lang=zh-CN');
    expect(await openTasks(rig)).toMatchObject([{ kind: 'offer-missing', reason: 'wants-to-renew' }]);
  });

  test('to be called: a task due that day; the number given stays out of task and event', async () => {
    const rig = await createPageRig();
    const form = { choice: 'call', on: '2019-01-04', slot: '15-18', phone: '+86 139 0000 1111' };
    expect((await rig.post(rig.pathOf('renew'), form)).status).toBe(303);
    const tasks = await openTasks(rig);
    expect(tasks).toMatchObject([{ kind: 'requested-call', dueOn: '2019-01-04', details: { slot: '15-18' } }]);
    expect(JSON.stringify([tasks, rig.bus.events, rig.changes.messages])).not.toContain('139');
    const [row] = (await rig.timeline.list(rig.profile.partyId)).entries;
    expect(row?.details).toMatchObject({ phone: '+86 139 0000 1111', on: '2019-01-04' });
    expect((await enrolmentOf(rig))?.reaction?.kind).toBe('call-requested');
  });

  test('that something changed: a task; the words stand in the timeline', async () => {
    const rig = await createPageRig();
    await rig.post(rig.pathOf('renew'), { choice: 'changed', text: 'new\r\naddress\u0000' });
    expect(await openTasks(rig)).toMatchObject([{ kind: 'data-change' }]);
    expect((await rig.timeline.list(rig.profile.partyId)).entries[0]?.details?.text).toBe('new\naddress');
  });

  test('not to renew: the journey exits with its reason, and may still be thought over', async () => {
    const rig = await createPageRig();
    await rig.post(rig.pathOf('renew'), { choice: 'not-renewing', reason: 'price' });
    const enrolment = await enrolmentOf(rig);
    expect(enrolment).toMatchObject({ state: 'exited', exit: { reason: 'not-renewing' } });
    expect(enrolment?.next).toBeUndefined();
    expect(await (await rig.get(rig.pathOf('renew'))).text()).toContain('value="renew"');
    const response = await rig.post(rig.pathOf('renew'), { choice: 'renew' });
    expect(response.headers.get('location')).toBe('https://pay.evermere.example/4821');
    expect(rig.bus.events.map(({ detail }) => detail.choice)).toEqual(['not-renewing', 'renew']);
  });

  test('that the policyholder has died: hold, task, all journeys end, and the page asks nothing more', async () => {
    const rig = await createPageRig();
    await rig.post(rig.pathOf('renew'), { choice: 'deceased' });
    const gate = (await rig.gates.getMany([rig.profile.partyId])).get(rig.profile.partyId);
    expect(gate?.situations).toEqual(['deceased']);
    expect(await openTasks(rig)).toMatchObject([{ kind: 'holder-died' }]);
    expect(await enrolmentOf(rig)).toMatchObject({ state: 'exited', exit: { reason: 'deceased' } });
    expect(rig.changes.messages).toMatchObject([{ kind: 'party' }]);
    const html = await (await rig.get(rig.pathOf('renew'))).text();
    expect(html).not.toContain('<form');
    expect(html).not.toContain('续保并支付');
  });

  test('F30: pressed fifty times at once is one answer, one task, one timeline row', async () => {
    const rig = await createPageRig();
    const form = { choice: 'call', on: '2019-01-04', slot: '09-12' };
    const statuses = await Promise.all(
      Array.from({ length: 50 }, async () => (await rig.post(rig.pathOf('renew'), form)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([303]));
    expect(await openTasks(rig)).toHaveLength(1);
    expect((await rig.timeline.list(rig.profile.partyId)).entries).toHaveLength(1);
    expect(new Set(rig.bus.events.map(({ detail }) => detail.eventId)).size).toBe(1);
  });

  test('whose consequences were cut off is completed by the next press', async () => {
    const rig = await createPageRig();
    const whole = { ...rig.timeline };
    rig.timeline.record = () => Promise.reject(new Error('killed'));
    expect((await rig.post(rig.pathOf('renew'), { choice: 'renew' })).status).toBe(500);
    Object.assign(rig.timeline, whole);
    expect((await rig.post(rig.pathOf('renew'), { choice: 'renew' })).status).toBe(303);
    expect((await rig.timeline.list(rig.profile.partyId)).entries).toHaveLength(1);
    expect(rig.bus.events).toHaveLength(1);
  });

  test('that changes ten times needs a person', async () => {
    const rig = await createPageRig();
    for (let n = 0; n < 10; n += 1) await rig.post(rig.pathOf('renew'), { choice: 'changed', text: `change ${n}` });
    const html = await (await rig.post(rig.pathOf('renew'), { choice: 'renew' })).text();
    expect(html).toContain('您已多次更改答复');
    expect(rig.bus.events).toHaveLength(10);
  });

  test.each([
    [{ choice: 'call', on: '2019-03-30', slot: '09-12' }, '请选择日期。'],
    [{ choice: 'call', on: '2019-01-05', slot: '09-12' }, '请选择日期。'],
    [{ choice: 'call', on: '2019-01-04', slot: 'noon' }, '请选择时间。'],
    [{ choice: 'call', on: '2019-01-04', slot: '09-12', phone: 'call me' }, '电话号码请只填数字'],
    [{ choice: 'changed', text: '  ' }, '请简单填写'],
    [{ choice: 'changed', text: 'x'.repeat(601) }, '请简单填写'],
    [{ choice: 'not-renewing' }, '请选择一个原因。'],
    [{ choice: 'everything' }, '请选择一项答复。'],
    [{}, '请选择一项答复。'],
  ] as [Record<string, string>, string][])('%j is shown again with what to mend', async (form, words) => {
    const rig = await createPageRig();
    const before = snapshot(rig);
    const response = await rig.post(rig.pathOf('renew'), form);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(words);
    expect(snapshot(rig)).toBe(before);
  });
});

describe('a link', () => {
  test('S24: GET and HEAD, ten times by a scanner, change nothing', async () => {
    const rig = await createPageRig();
    const code = await rig.codes.create('send-1', { ...rig.claims, purpose: 'renew' });
    const before = snapshot(rig);
    for (const path of [rig.pathOf('renew'), rig.pathOf('unsubscribe'), `/k/${code}`])
      for (let n = 0; n < 10; n += 1)
        for (const method of ['GET', 'HEAD'])
          await rig.app.request(`https://pages.example${path}`, {
            method,
            headers: { 'user-agent': 'Mozilla/5.0 (compatible; MailScanner/1.0)' },
          });
    expect(snapshot(rig)).toBe(before);
    expect(rig.bus.events).toEqual([]);
  });

  test('S25: any changed character, cut or longer, is the one answer 404', async () => {
    const rig = await createPageRig();
    const token = rig.pathOf('renew').slice('/r/'.length);
    const bodies = new Set<string>();
    const flipped = token
      .split('')
      .map((letter, n) => token.slice(0, n) + (letter === 'A' ? 'B' : 'A') + token.slice(n + 1));
    const swapped = rig.pathOf('renew', { partyId: 'someone-else' as never }).slice(3);
    for (const wrong of [...flipped.filter((t) => t !== token), token.slice(0, -1), `${token}A`, swapped, 'x', 'e30']) {
      const response = await rig.get(`/r/${wrong}`);
      expect(response.status).toBe(404);
      bodies.add(await response.text());
    }
    expect(bodies.size).toBe(1);
  });

  test('S26: that has expired is 410 and names nobody', async () => {
    const rig = await createPageRig();
    rig.at((rig.start + 61 * DAY) as Instant);
    for (const purpose of ['renew', 'unsubscribe'] as const) {
      const response = await rig.get(rig.pathOf(purpose));
      const html = await response.text();
      expect(response.status).toBe(410);
      expect(html).toContain('400-000-0188');
      for (const personal of ['4821', '张', 'zhang', '138']) expect(html).not.toContain(personal);
    }
  });

  test('S27: of one purpose opens no other page', async () => {
    const rig = await createPageRig();
    for (const purpose of ['renew', 'unsubscribe'] as const)
      for (const path of ['/r/', '/u/']) {
        const own = rig.pathOf(purpose);
        const response = await rig.get(path + own.slice(3));
        expect(response.status).toBe(own.startsWith(path) ? 200 : 404);
      }
  });

  test('on paper: the short code leads to the page by one redirect, however typed', async () => {
    const rig = await createPageRig();
    const code = await rig.codes.create('send-1', { ...rig.claims, purpose: 'renew' });
    const response = await rig.get(`/k/${code.slice(0, 4).toUpperCase()}-${code.slice(4)}`);
    expect(response.status).toBe(303);
    expect((await rig.get(response.headers.get('location') as string)).status).toBe(200);
    expect((await rig.get('/k/zzzz-zzzz')).status).toBe(404);
  });
});
