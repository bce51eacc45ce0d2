import { describe, expect, test } from 'vitest';
import { en } from '../../shared/page/text/en.ts';
import { zhCN } from '../../shared/page/text/zh-CN.ts';
import { chooseLocale } from '../../shared/page/texts.ts';
import { createPageRig } from '../support/pages.ts';

describe('every page', () => {
  test('S32: carries the security headers, on answers, refusals, redirects and failures alike', async () => {
    const rig = await createPageRig();
    const renew = rig.pathOf('renew');
    const answers = [
      await rig.get(renew),
      await rig.get(rig.pathOf('unsubscribe')),
      await rig.get('/r/nothing'),
      await rig.get('/nowhere'),
      await rig.post(renew, { choice: 'renew' }),
      await rig.post(renew, { choice: 'nothing' }),
    ];
    rig.breakTable(true);
    answers.push(await rig.get(renew));
    for (const response of answers) {
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(policy).not.toContain('script-src');
      expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  test('lets its form lead to the insurer’s payment page, and nowhere else', async () => {
    const rig = await createPageRig();
    const policy = (await rig.get(rig.pathOf('renew'))).headers.get('content-security-policy');
    expect(policy).toContain("form-action 'self' https://pay.evermere.example;");
    expect((await rig.get(rig.pathOf('unsubscribe'))).headers.get('content-security-policy')).toContain(
      "form-action 'self';",
    );
  });

  test('is light: no script, no picture to fetch, all within the first 14 KB', async () => {
    const rig = await createPageRig();
    for (const path of [rig.pathOf('renew'), rig.pathOf('unsubscribe'), '/r/nothing']) {
      const html = await (await rig.get(path)).text();
      expect(html).not.toMatch(/<script|<img|<link|@import|\son\w+=|style="/i);
      expect(Buffer.byteLength(html)).toBeLessThan(14_336 + 2_048);
      const { gzipSync } = await import('node:zlib');
      expect(gzipSync(html).length).toBeLessThan(14_336);
    }
  });

  test('S33: a form posted from another site is refused; the one-click is not', async () => {
    const rig = await createPageRig();
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await rig.post(rig.pathOf('renew'), { choice: 'renew' }, foreign)).status).toBe(403);
    expect(rig.bus.events).toEqual([]);
    const preflight = await rig.app.request(`https://pages.example${rig.pathOf('renew')}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('S34: %s is 405 and says what is allowed', async (method) => {
    const rig = await createPageRig();
    const response = await rig.app.request(`https://pages.example${rig.pathOf('renew')}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test('S34: another content type is 415, a large body 413, a field given twice or a broken body 400', async () => {
    const rig = await createPageRig();
    const send = (type: string, body: string) =>
      rig.app.request(`https://pages.example${rig.pathOf('renew')}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    const form = 'application/x-www-form-urlencoded';
    expect((await send('application/json', '{"choice":"renew"}')).status).toBe(415);
    expect((await send('text/plain', 'choice=renew')).status).toBe(415);
    expect((await send(form, `choice=changed&text=${'x'.repeat(20_000)}`)).status).toBe(413);
    expect((await send(form, 'choice=renew&choice=not-renewing')).status).toBe(400);
    expect((await send('multipart/form-data; boundary=x', 'nonsense')).status).toBe(400);
    expect(rig.bus.events).toEqual([]);
  });

  test('S35: a failure says sorry and a number, nothing of how it happened', async () => {
    const rig = await createPageRig();
    const path = rig.pathOf('renew');
    rig.breakTable(true);
    for (const response of [
      await rig.get(path),
      await rig.post(path, { choice: 'renew' }),
      await rig.get(rig.pathOf('unsubscribe')),
      await rig.post(rig.pathOf('unsubscribe'), { 'List-Unsubscribe': 'One-Click' }),
      await rig.get('/k/2345-6789'),
    ]) {
      expect(response.status).toBe(500);
      const html = await response.text();
      expect(html).toContain('made-up-id');
      for (const secret of ['arn:', 'dynamodb', 'Error', 'at ', '.ts:'])
        expect(html.replace(/<style.*<\/style>/s, '')).not.toContain(secret);
    }
  });

  test('S31, S36: no personal value and no token in a log line or in a redirect of ours', async () => {
    const rig = await createPageRig();
    const path = rig.pathOf('renew');
    const redirects = [
      await rig.post(path, { choice: 'call', on: '2019-01-04', slot: '09-12', phone: '13900001111' }),
      await rig.post(path, { choice: 'changed', text: 'secret words\r\n{"level":"FATAL"}' }),
      await rig.post(path, { choice: 'deceased', contact: 'secret words' }),
    ].map((response) => response.headers.get('location'));
    await rig.post(rig.pathOf('unsubscribe'), { 'List-Unsubscribe': 'One-Click' });
    rig.breakTable(true);
    await rig.get(path);
    const told = JSON.stringify([rig.logged, redirects, rig.bus.events, rig.changes.messages]);
    for (const personal of [
      '张',
      '伟',
      'zhang',
      '13812345678',
      '13900001111',
      'secret words',
      'PNO2018',
      '沪A',
      path.slice(3),
    ])
      expect(told).not.toContain(personal);
    expect(rig.logged.length).toBeGreaterThan(4);
  });
});

describe('the texts', () => {
  const leaves = (value: unknown, path = ''): [string, unknown][] =>
    value !== null && typeof value === 'object'
      ? Object.entries(value).flatMap(([name, part]) => leaves(part, `${path}.${name}`))
      : [[path, value]];

  test('O4: no language lacks a text, leaves one empty, or says it in another’s words', () => {
    const [english, chinese] = [leaves(en), leaves(zhCN)];
    expect(chinese.map(([path]) => path)).toEqual(english.map(([path]) => path));
    for (const [path, text] of chinese) {
      const shown = String(typeof text === 'function' ? text('一', '二') : text);
      const isTime = path.includes('.slots.');
      expect(isTime || /\p{Script=Han}/u.test(shown), `${path}: ${shown}`).toBe(true);
    }
    for (const [path, text] of english) {
      const shown = String(typeof text === 'function' ? text('1', '2') : text);
      expect(shown.trim() !== '' && !/\p{Script=Han}/u.test(shown), `${path}: ${shown}`).toBe(true);
    }
  });

  test.each([
    [['zh-TW'], 'zh-CN'],
    [['fr-FR, en-GB;q=0.8'], 'en'],
    [[undefined, 'en-US'], 'en'],
    [['xx', 'zh'], 'zh-CN'],
    [['../../etc/passwd', undefined], 'en'],
    [[], 'en'],
  ] as [(string | undefined)[], string][])('%j are served in %s', (wishes, locale) => {
    expect(chooseLocale(...wishes)).toBe(locale);
  });
});
