import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { normaliseAddress } from '../../shared/customer/address-book.ts';
import { axe, browserPath, serve, startBrowser, type TestServer } from '../support/browser.ts';
import { createPageRig, type PageRig } from '../support/pages.ts';

/** Set to look at the pages: a folder that takes their pictures. */
const PICTURES = process.env.PAGE_PICTURES;

describe.skipIf(browserPath === undefined)('the preference pages in a browser', () => {
  let browser: Browser;
  let server: TestServer | undefined;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(() => server?.close());

  const start = async (): Promise<{ rig: PageRig; origin: string; path: string }> => {
    const rig = await createPageRig();
    server = await serve((request) => rig.app.fetch(request));
    const path = rig.pathOf('preferences', { target: rig.links.mark(normaliseAddress(rig.profile.email as string)) });
    return { rig, origin: server.origin, path };
  };

  test.each([
    ['en', 320],
    ['zh-CN', 375],
    ['en', 1280],
    ['zh-CN', 1280],
  ])(
    'in %s at %i px: nothing overflows, axe finds nothing; folded, opened, after an error and when done',
    async (lang, width) => {
      const { rig, origin, path } = await start();
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      const check = async (what: string, open = true): Promise<void> => {
        if (open)
          await page.evaluate(() => {
            for (const details of document.querySelectorAll('details')) details.open = true;
          });
        expect(await axe(page), what).toEqual([]);
        const overflow = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
        expect(await page.evaluate(overflow), what).toBe(false);
        expect(await page.getAttribute('html', 'lang'), what).toBe(lang);
        if (PICTURES) await page.screenshot({ path: join(PICTURES, `${what}-${lang}-${width}.png`), fullPage: true });
      };
      const first = await page.goto(`${origin}${path}?lang=${lang}`);
      expect(((await first?.body())?.length ?? 0) / 1_024).toBeLessThan(60);
      await check('preferences', false);
      await check('preferences-opened');
      await page.evaluate(() => document.querySelector<HTMLFormElement>('form:has([value=address])')?.submit());
      await page.waitForSelector('.wrong');
      await check('preferences-wrong', false);
      for (const act of ['pause', 'stop']) {
        await page.goto(`${origin}${path}?lang=${lang}`);
        await page.evaluate(
          (name) => document.querySelector<HTMLFormElement>(`form:has([value=${name}])`)?.submit(),
          act,
        );
        await page.waitForSelector('.said');
        await check(`preferences-${act}`, false);
      }
      await rig.post(path, { do: 'address', email: 'new@mail.example' });
      const confirm = rig.pathOf('confirm', { target: rig.links.mark('new@mail.example') });
      for (const [what, address] of [
        ['ask', '/p'],
        ['confirm', confirm],
        ['outdated', rig.pathOf('preferences', { target: 'other' })],
      ] as const) {
        await page.goto(`${origin}${address}?lang=${lang}`);
        await check(what);
      }
      await page.close();
    },
  );

  const choose = async (page: Page, label: string): Promise<void> => page.click(`label:has-text("${label}")`);

  test('without script, by phone and keyboard alike: choose, save, ask for the link, confirm a new address', async () => {
    const { rig, origin, path } = await start();
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 375, height: 700 } });
    const page = await context.newPage();
    await page.goto(`${origin}${path}?lang=en`);
    await choose(page, 'Seminars and events');
    await choose(page, 'E-mail to z•••@mail.example');
    await choose(page, 'Once a month');
    await choose(page, '中文');
    await page.click('button:has-text("Save")');
    await page.waitForSelector('[role=status]');
    expect(await page.innerText('[role=status]')).toContain('已保存');
    const gate = (await rig.gates.getMany([rig.profile.partyId])).get(rig.profile.partyId);
    expect(gate?.preferences).toEqual({ refusedTopics: ['events'], pace: 'monthly' });
    expect(gate?.consent['email/marketing']).toMatchObject({ given: true });
    // by keyboard: the box has the focus, space turns it
    await page.focus('[name=topic-events]');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=status]');
    const later = (await rig.gates.getMany([rig.profile.partyId])).get(rig.profile.partyId);
    expect(later?.preferences).toEqual({ refusedTopics: [], pace: 'monthly' });

    await page.goto(`${origin}/p?lang=en`);
    await page.fill('#email', 'somebody@mail.example');
    await page.click('button:has-text("Send me the link")');
    expect(await page.innerText('h1')).toBe('Please look into your mailbox');

    await page.goto(`${origin}${path}?lang=en`);
    await page.click('summary:has-text("has changed")');
    await page.fill('#email', 'new@mail.example');
    await page.click('button:has-text("Send the link")');
    await page.waitForSelector('text=Please look into your new mailbox');
    await page.goto(`${origin}${rig.pathOf('confirm', { target: rig.links.mark('new@mail.example') })}?lang=en`);
    await page.click('button:has-text("Yes, use this address")');
    expect(await page.innerText('h1')).toBe('Your new address counts from now on');
    expect((await rig.profiles.get(rig.profile.partyId))?.email).toBe('new@mail.example');
    await context.close();
  });
});
