import { describe, expect, test } from 'vitest';
import { messageClaim } from '../../shared/message/click.ts';
import { clickTargetId } from '../../shared/message/click-targets.ts';
import type { LinkClaims } from '../../shared/message/links.ts';
import { DAY, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createPageRig, type PageRig } from '../support/pages.ts';

const URL_KEPT = 'https://www.evermere.example/tips?a=1&b=2';
const PERSON = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.49';

const start = async () => {
  const rig = await createPageRig();
  await rig.targets.keep([URL_KEPT]);
  const row = { partyId: rig.profile.partyId, at: rig.start, id: 'send1' };
  const pathTo = (more: Partial<LinkClaims> = {}) =>
    rig.pathOf('click', { target: clickTargetId(URL_KEPT), message: messageClaim(row), ...more });
  const follow = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
    rig.app.request(`https://pages.example${path}`, { method, headers: { 'user-agent': PERSON, ...headers } });
  const due = () => rig.table.all().filter(({ kind }) => kind === 'clicks');
  return { ...rig, row, pathTo, follow, due };
};

/** Everything of the customer but what was noted of clicks. */
const customerOf = (rig: PageRig) =>
  rig.table.all().filter(({ entity }) => !['Clicks', 'Agenda', 'Due', 'DueWork'].includes(entity));

describe('the redirect of click links', () => {
  test('a GET leads on to the stored target, tells it nothing, and notes the click for judgement', async () => {
    const rig = await start();
    const response = await rig.follow(rig.pathTo());
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(URL_KEPT);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.text()).toBe('');
    expect(await rig.clicks.of(rig.row)).toEqual([
      { target: clickTargetId(URL_KEPT), at: rig.start, agent: 'browser' },
    ]);
    expect(rig.due()).toMatchObject([{ at: rig.start + MINUTE, payload: rig.row }]);
    // neither the address nor the program that asked is kept
    expect(JSON.stringify(rig.table.all())).not.toContain('MicroMessenger');
  });

  test('S24: a HEAD leads on and is no click; ten GETs within a minute are one; the customer is as before', async () => {
    const rig = await start();
    const before = customerOf(rig);
    for (let n = 0; n < 10; n += 1) expect((await rig.follow(rig.pathTo(), 'HEAD')).status).toBe(302);
    expect(await rig.clicks.of(rig.row)).toEqual([]);
    expect(rig.due()).toEqual([]);
    for (let n = 0; n < 10; n += 1) {
      // from 50 s before the full minute to 4 s before the next
      rig.at((rig.start + 10_000 + n * 6_000) as Instant);
      expect((await rig.follow(rig.pathTo())).status).toBe(302);
    }
    expect(await rig.clicks.of(rig.row)).toHaveLength(1);
    expect(rig.changes.messages).toEqual([]);
    expect(rig.bus.events).toEqual([]);
    expect(customerOf(rig).filter(({ pk }) => !pk.startsWith('DUE#'))).toEqual(before);
    rig.at((rig.start + 2 * MINUTE) as Instant);
    await rig.follow(rig.pathTo());
    expect(await rig.clicks.of(rig.row)).toHaveLength(2);
  });

  test.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36', {}, 'browser'],
    ['Mozilla/5.0 (compatible; Barracuda Sentinel)', {}, 'scanner'],
    ['curl/8.5.0', {}, 'scanner'],
    ['', {}, 'unknown'],
    [PERSON, { 'sec-purpose': 'prefetch;prerender' }, 'scanner'],
  ])('%s %j is noted as %s', async (agent, headers, noted) => {
    const rig = await start();
    expect((await rig.follow(rig.pathTo(), 'GET', { 'user-agent': agent, ...headers })).status).toBe(302);
    expect(await rig.clicks.of(rig.row)).toMatchObject([{ agent: noted }]);
  });

  test.each([
    '?u=https://evil.example',
    '?url=//evil.example',
    '?target=https://www.evermere.example@evil.example',
    '?u=javascript:alert(1)',
    '?lang=en&next=%2F%2Fevil.example',
  ])('S23: what a request says beside its token counts for nothing: %s', async (query) => {
    const rig = await start();
    const response = await rig.follow(`${rig.pathTo()}${query}`);
    expect(response.headers.get('location')).toBe(URL_KEPT);
  });

  test('S23, S25, S27: forged, foreign and unknown links lead nowhere', async () => {
    const rig = await start();
    const good = rig.pathTo();
    const forged = [
      '/c/https://evil.example',
      '/c//evil.example',
      '/c/javascript:alert(1)',
      `/c/${encodeURIComponent('https://www.evermere.example@evil.example')}`,
      `${good}x`,
      good.slice(0, -1),
      `${good.slice(0, 12)}${good[12] === 'A' ? 'B' : 'A'}${good.slice(13)}`,
      rig.pathTo({ target: 'https://evil.example' }),
      rig.pathTo({ target: clickTargetId('https://evil.example') }),
      rig.pathOf('click'),
      rig.pathOf('renew', { target: clickTargetId(URL_KEPT) }).replace('/r/', '/c/'),
      rig.pathOf('unsubscribe').replace('/u/', '/c/'),
    ];
    for (const path of forged) {
      const response = await rig.follow(path);
      expect([400, 404], path).toContain(response.status);
      expect(response.headers.get('location'), path).toBeNull();
    }
    // a token of a click opens no page, and changes nothing there
    expect((await rig.follow(good.replace('/c/', '/u/'), 'POST')).status).toBe(404);
    expect((await rig.follow(good, 'POST')).status).toBe(405);
    expect(await rig.clicks.of(rig.row)).toEqual([]);
  });

  test('S23: a target that came into the table by another way, or is not allowed any more, is not followed', async () => {
    for (const url of [
      'https://evil.example/',
      'http://www.evermere.example/',
      'javascript:alert(1)',
      '//evil.example',
    ]) {
      const rig = await start();
      await rig.targets.keep([url]);
      const response = await rig.follow(rig.pathTo({ target: clickTargetId(url) }));
      expect(response.status, url).toBe(404);
      expect(response.headers.get('location'), url).toBeNull();
    }
  });

  test('an expired link has its page and leads nowhere', async () => {
    const rig = await start();
    rig.at((rig.start + 61 * DAY) as Instant);
    const response = await rig.follow(rig.pathTo());
    expect(response.status).toBe(410);
    expect(response.headers.get('location')).toBeNull();
  });

  test('F42: of somebody who is no customer any more nothing is noted, and the way on is open', async () => {
    const rig = await start();
    const erased = { ...rig.row, partyId: '01jerased00000000000000000' as typeof rig.profile.partyId };
    const before = rig.table.all();
    const response = await rig.follow(rig.pathTo({ partyId: erased.partyId }));
    expect(response.headers.get('location')).toBe(URL_KEPT);
    expect(rig.table.all()).toEqual(before);
  });

  test('a note that fails costs no customer the way on', async () => {
    const rig = await start();
    const { note } = rig.clicks;
    rig.clicks.note = async () => {
      throw new Error('table is gone');
    };
    expect((await rig.follow(rig.pathTo())).status).toBe(302);
    expect(rig.logged).toContainEqual({ level: 'warn', name: 'click.lost', fields: { code: 'Error' } });
    rig.clicks.note = note;
  });

  test('a message holds a hundred clicks, however often somebody comes', async () => {
    const rig = await start();
    for (let n = 0; n < 130; n += 1) {
      rig.at((rig.start + n * MINUTE) as Instant);
      expect((await rig.follow(rig.pathTo())).status).toBe(302);
    }
    expect(await rig.clicks.of(rig.row)).toHaveLength(100);
  });
});
