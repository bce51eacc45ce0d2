import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { axe, browserPath, serve, startBrowser, type TestServer } from '../support/browser.ts';
import { createPageRig, type PageRig } from '../support/pages.ts';

describe.skipIf(browserPath === undefined)('the customer’s pages in a browser', () => {
  let browser: Browser;
  let server: TestServer | undefined;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(() => server?.close());

  const start = async (
    changes: Parameters<typeof createPageRig>[0] = {},
  ): Promise<{ rig: PageRig; origin: string }> => {
    const rig = await createPageRig(changes);
    server = await serve((request) => rig.app.fetch(request));
    return { rig, origin: server.origin };
  };

  test.each([
    ['en', 320],
    ['zh-CN', 320],
  ])(
    'in %s at %i px: nothing overflows, axe finds nothing, also with all opened and after an error',
    async (lang, width) => {
      const { rig, origin } = await start();
      const page = await browser.newPage({ viewport: { width, height: 700 } });
      const paths = [
        rig.pathOf('renew'),
        rig.pathOf('unsubscribe'),
        rig.pathOf('unsubscribe', { sendClass: 'service' }),
        '/r/nothing',
      ];
      const check = async (what: string): Promise<void> => {
        await page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
        });
        expect(await axe(page), what).toEqual([]);
        const overflow = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
        expect(await page.evaluate(overflow), what).toBe(false);
      };
      for (const path of paths) {
        const response = await page.goto(`${origin}${path}?lang=${lang}`);
        expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
        await check(path);
      }
      await page.goto(`${origin}${rig.pathOf('renew')}?lang=${lang}`);
      await page.evaluate(() => document.querySelector<HTMLFormElement>('form:has([value=not-renewing])')?.submit());
      await page.waitForSelector('.wrong');
      expect(await page.getAttribute('html', 'lang')).toBe(lang);
      await check('after an error');
      await page.close();
    },
  );

  test('without script: ask for a call, see it on the page, think again', async () => {
    const { rig, origin } = await start();
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 375, height: 700 } });
    const page = await context.newPage();
    await page.goto(`${origin}${rig.pathOf('renew')}?lang=en`);
    await page.click('summary:has-text("Call me back")');
    await page.click('label:has-text("15:00 – 18:00")');
    await page.fill('#phone', '139 0000 1111');
    await page.click('button:has-text("Ask for a call")');
    await page.waitForSelector('[role=status]');
    expect(await page.innerText('[role=status]')).toContain('We will call you on Thu 3 Jan, 15:00 – 18:00.');
    expect((await rig.tasks.list('house', 'open')).tasks).toHaveLength(1);
    await page.click('summary:has-text("I will not renew")');
    await page.click('label:has-text("insured elsewhere")');
    await page.click('button:has-text("I will not renew")');
    await page.waitForSelector('text=no more reminders');
    // reload sends nothing again
    await page.reload();
    expect(rig.bus.events).toHaveLength(2);
    await context.close();
  });

  test('renew and pay: the form leads to the insurer’s own page through the policy of this one', async () => {
    const { rig, origin } = await start();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.route('https://pay.evermere.example/**', (route) => route.fulfill({ body: 'PAY HERE' }));
    await page.goto(origin + rig.pathOf('renew'));
    await page.click('button.main');
    await page.waitForURL('https://pay.evermere.example/4821');
    expect(await page.innerText('body')).toBe('PAY HERE');
    await context.close();
  });
});
