import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiRig } from '../support/api.ts';
import { axe, browserPath, startBrowser } from '../support/browser.ts';
import { builtSite, startConsole } from '../support/console.ts';

const maria = '01jperson00000000000000000';

describe.skipIf(browserPath === undefined)('the first page in a browser', () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof startConsole>>;
  beforeAll(async () => {
    [browser, served] = await Promise.all([startBrowser(), startConsole()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.server.close();
  });

  /** A signed-in page, and what its console said that it should not have. */
  const open = async (
    locale: string,
    width = 1280,
  ): Promise<{ page: Page; context: BrowserContext; faults: string[] }> => {
    const context = await browser.newContext({ viewport: { width, height: 800 }, locale });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // the mail's own script, stopped by its frame, is what we want
      if (message.type() === 'error' && !message.text().includes('about:srcdoc')) faults.push(message.text());
    });
    await page.goto(served.server.origin);
    await page.click('.welcome button.main');
    await page.waitForSelector('.figures');
    return { page, context, faults };
  };

  test.each([
    ['zh-CN', 1280],
    ['en', 375],
  ])('in %s at %i px: every view shows its data, nothing overflows, axe finds nothing', async (locale, width) => {
    const { page, context, faults } = await open(locale, width);
    const fits = () =>
      page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
    const views: [hash: string, ready: string][] = [
      ['#/', '.figures'],
      [`#/customers/${maria}`, '.timeline li'],
      ['#/tasks/all', '.tasks li'],
      ['#/tasks', '.card.quiet'],
      ['#/renewals', '.renewals li'],
      ['#/not-sent/skipped', 'tbody tr'],
      ['#/not-sent/unknown', '.card.quiet'],
      ['#/customers/nobody', '[role=alert]'],
    ];
    for (const [hash, ready] of views) {
      await page.goto(`${served.server.origin}/${hash}`);
      await page.waitForSelector(ready);
      expect(await page.getAttribute('html', 'lang')).toBe(locale);
      expect(await axe(page), hash).toEqual([]);
      expect(await fits(), hash).toBe(true);
    }
    // the customer who is not there answers 404, which a browser logs
    expect(faults.filter((fault) => !fault.includes('404'))).toEqual([]);
    await context.close();
  });

  test('S15: a mail is shown as sent, in a frame without rights; a name that is markup is text', async () => {
    const { page, context } = await open('en');
    await page.goto(`${served.server.origin}/#/customers/${maria}`);
    await page.click('.timeline li:last-child button');
    const frame = page.frameLocator('dialog iframe');
    await frame.locator('h1').waitFor();
    expect(await frame.locator('h1').innerText()).toBe('Your motor insurance is due for renewal');
    const colour = await frame.locator('h1').evaluate((heading) => getComputedStyle(heading).color);
    expect(colour).toBe('rgb(11, 95, 89)');
    expect(await page.getAttribute('dialog iframe', 'sandbox')).toBe('');
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.goto(`${served.server.origin}/#/customers/01jperson00000000000000002`);
    await page.waitForSelector('h1:has-text("<img")');
    expect(await page.evaluate(() => 'stolen' in globalThis)).toBe(false);
    await context.close();
  });

  test('by keyboard alone: search, open a customer, close a task', async () => {
    const { page, context } = await open('en');
    await page.focus('input[type=search]');
    await page.keyboard.type('garcía');
    await page.waitForSelector('.found a');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.timeline');
    expect(await page.innerText('h1')).toBe('María García');
    await page.focus('nav a[href="#/tasks"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.card.quiet a[href="#/tasks/queue"]');
    await page.focus('.card.quiet a[href="#/tasks/queue"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.tasks li button');
    await page.focus('.tasks li:last-child button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('select[name=contact]');
    await page.focus('form:has(select[name=contact]) select[name=outcome]');
    await page.keyboard.type('nothing');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('the family was told');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.note-good');
    // whoever works by keyboard goes on from what became of it
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('The task is closed.');
    const { tasks } = await served.rig.tasks.list('house/east', 'done');
    expect(tasks).toMatchObject([{ outcome: 'no-action', closedBy: 'user-1' }]);
    await context.close();
  });

  test('S31: what is searched for is in no address', async () => {
    const { page, context } = await open('en');
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.fill('input[type=search]', 'person7@mail');
    await page.waitForSelector('.found a');
    expect(urls.some((url) => url.endsWith('/api/search'))).toBe(true);
    expect(urls.filter((url) => url.includes('person7@') || url.includes('person7%40'))).toEqual([]);
    await context.close();
  });

  test('the code does not stay in the address; a session that ended leads back to the sign-in', async () => {
    const { page, context } = await open('en');
    expect(new URL(page.url()).search).toBe('');
    served.server.forgetTokens();
    await page.click('nav a[href="#/tasks"]');
    await page.waitForSelector('.welcome [role=alert]');
    expect(await page.innerText('.welcome [role=alert]')).toContain('has ended');
    await context.close();
  });

  test('a code that we did not ask for is not redeemed', async () => {
    const page = await browser.newPage();
    await page.goto(`${served.server.origin}/?code=code-0&state=somebody-elses`);
    await page.waitForSelector('.welcome [role=alert]');
    expect(new URL(page.url()).search).toBe('');
    await page.close();
  });

  test('the language is chosen by hand and remembered', async () => {
    const { page, context } = await open('en');
    await page.click('.language button[lang="zh-CN"]');
    await page.waitForSelector('h1:has-text("总览")');
    await page.reload();
    await page.waitForSelector('h1:has-text("总览")');
    await context.close();
  });
});

describe('the first page as served', () => {
  test('S32: the page runs no inline script and is framed by nobody; files are kept by their hash', async () => {
    const rig = createApiRig({ site: builtSite() });
    const page = await rig.call('GET', '/', { groups: undefined });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self' https://sign-in.example");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.text).not.toMatch(/<script(?![^>]*\ssrc=)/);
    for (const path of page.text.match(/\/console\/[\w.-]+/g) ?? []) {
      const file = await rig.call('GET', path, { groups: undefined });
      expect(file.status).toBe(200);
      expect(file.headers.get('cache-control')).toContain('immutable');
      const again = await rig.call('GET', path, {
        groups: undefined,
        headers: { 'if-none-match': file.headers.get('etag') ?? '' },
      });
      expect([again.status, again.text]).toEqual([304, '']);
    }
    expect((await rig.call('GET', '/console/../secret', { groups: undefined })).status).toBe(404);
  });

  test('is small: script, style and page within 60 KB', async () => {
    const { gzipSync } = await import('node:zlib');
    const sizes = Object.values(builtSite()).map(({ body }) => gzipSync(Buffer.from(body, 'base64')).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
  });
});
