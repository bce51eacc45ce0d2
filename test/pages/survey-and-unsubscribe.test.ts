import { describe, expect, test } from 'vitest';
import { surveyAnswered, unsubscribed } from '../../shared/survey/contract.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { createPageRig } from '../support/pages.ts';

describe('the satisfaction page', () => {
  test('takes 0 to 10 and a comment, once', async () => {
    const rig = await createPageRig();
    const path = rig.pathOf('survey', { campaign: 'renewal-survey', occurrence: '2019-01-31' });
    const response = await rig.post(path, { score: '9', comment: 'quick\r\nand kind' });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('感谢您的评价');
    const [event] = rig.bus.events;
    expect(event?.detailType).toBe('SurveyAnswered');
    expect(surveyAnswered.parse(event?.detail)).toMatchObject({ survey: 'renewal-survey', score: 9, hasComment: true });
    expect(JSON.stringify(event)).not.toContain('quick');
    const [row] = (await rig.timeline.list(rig.profile.partyId)).entries;
    expect(row?.details).toEqual({ page: 'survey', score: 9, text: 'quick\nand kind' });

    expect(await (await rig.post(path, { score: '1' })).text()).toContain('您已经评价过了');
    expect(await (await rig.get(path)).text()).toContain('您已经评价过了');
    const invitation = { ...rig.claims, campaign: 'renewal-survey', occurrence: '2019-01-31' };
    expect((await rig.answers.survey(invitationIdOf(invitation)))?.score).toBe(9);
  });

  test('F30: posted fifty times at once stores one answer; the others see that it is answered', async () => {
    const rig = await createPageRig();
    const path = rig.pathOf('survey', { campaign: 'renewal-survey' });
    const pages = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => (await rig.post(path, { score: String(n % 11) })).text()),
    );
    expect(pages.filter((html) => html.includes('感谢您的评价'))).toHaveLength(1);
    expect(pages.filter((html) => html.includes('您已经评价过了'))).toHaveLength(49);
    expect(rig.table.all().filter(({ entity }) => entity === 'SurveyAnswer')).toHaveLength(1);
    expect((await rig.timeline.list(rig.profile.partyId)).entries).toHaveLength(1);
  });

  test('the one click of the mail only preselects', async () => {
    const rig = await createPageRig();
    const html = await (await rig.get(`${rig.pathOf('survey')}?score=9`)).text();
    expect(html).toContain('value="9" checked');
    expect(html.match(/ checked/g)).toHaveLength(1);
    for (const score of ['11', '-1', '9"><b>', '09', ''])
      expect(await (await rig.get(`${rig.pathOf('survey')}?score=${encodeURIComponent(score)}`)).text()).not.toContain(
        ' checked',
      );
  });

  test.each([
    [{}, '请选择 0 到 10 的分数。'],
    [{ score: '11' }, '请选择 0 到 10 的分数。'],
    [{ score: '5', comment: 'x'.repeat(1_001) }, '评价内容请不要超过 1000 字。'],
  ] as [Record<string, string>, string][])('%j is shown again with what to mend', async (form, words) => {
    const rig = await createPageRig();
    const response = await rig.post(rig.pathOf('survey'), form);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(words);
    expect(rig.bus.events).toEqual([]);
  });
});

describe('unsubscribe', () => {
  const state = async (rig: Awaited<ReturnType<typeof createPageRig>>) =>
    (await rig.gates.getMany([rig.profile.partyId])).get(rig.profile.partyId)?.consent['email/marketing'];

  test('C01, M6: the literal one-click POST, without cookie, from another site, is done when answered', async () => {
    const rig = await createPageRig();
    const response = await rig.app.request(`https://pages.example${rig.pathOf('unsubscribe')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
      body: 'List-Unsubscribe=One-Click',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect((await state(rig))?.given).toBe(false);
    expect(unsubscribed.parse(rig.bus.events[0]?.detail).partyId).toBe(rig.profile.partyId);
  });

  test('takes multipart, too, as RFC 8058 allows', async () => {
    const rig = await createPageRig();
    const body = new FormData();
    body.set('List-Unsubscribe', 'One-Click');
    const response = await rig.app.request(`https://pages.example${rig.pathOf('unsubscribe')}`, {
      method: 'POST',
      body,
    });
    expect(response.status).toBe(200);
    expect((await state(rig))?.given).toBe(false);
  });

  test('F31: a hundred times at once is 200 each time', async () => {
    const rig = await createPageRig();
    const post = () => rig.post(rig.pathOf('unsubscribe'), { 'List-Unsubscribe': 'One-Click' });
    const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await post()).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test('a link of a reminder stops reminders, too', async () => {
    const rig = await createPageRig();
    const path = rig.pathOf('unsubscribe', { sendClass: 'service' });
    expect(await (await rig.get(path)).text()).toContain('停止接收保单提醒邮件');
    await rig.post(path, { 'List-Unsubscribe': 'One-Click' });
    const gate = (await rig.gates.getMany([rig.profile.partyId])).get(rig.profile.partyId);
    expect(gate?.consent['email/service']?.given).toBe(false);
    expect(gate?.consent['email/marketing']?.given).toBe(false);
  });

  test('GET tells what will stop and what not, with the address masked', async () => {
    const rig = await createPageRig();
    const html = await (await rig.get(`${rig.pathOf('unsubscribe')}?lang=en`)).text();
    expect(html).toContain('z•••@mail.example');
    expect(html).not.toContain('zhang.wei');
    expect(html).toContain('still reaches you');
    expect(await state(rig)).toBeUndefined();
  });

  test('a POST that says something else changes nothing', async () => {
    const rig = await createPageRig();
    expect((await rig.post(rig.pathOf('unsubscribe'), { confirm: 'no' })).status).toBe(400);
    expect(await state(rig)).toBeUndefined();
  });
});
