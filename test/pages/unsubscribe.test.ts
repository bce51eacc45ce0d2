import { describe, expect, test } from 'vitest';
import { unsubscribed } from '../../shared/survey/contract.ts';
import { createPageRig } from '../support/pages.ts';

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
