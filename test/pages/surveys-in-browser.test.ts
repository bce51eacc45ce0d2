import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { axe, browserPath, serve, startBrowser, type TestServer } from '../support/browser.ts';
import { createSurveyRig, everyKind, type SurveyRig } from '../support/survey-pages.ts';

/** Where pictures are kept for people to look at; none are taken where it is not set. */
const pictures = process.env.SURVEY_PICTURES;

describe.skipIf(browserPath === undefined)('surveys in a browser', () => {
  let browser: Browser;
  let server: TestServer | undefined;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(() => server?.close());

  const start = async (
    changes: Parameters<typeof createSurveyRig>[0] = {},
  ): Promise<{ rig: SurveyRig; origin: string }> => {
    const rig = await createSurveyRig(changes);
    server = await serve((request) => rig.app.fetch(request));
    return { rig, origin: server.origin };
  };

  const picture = async (page: Page, name: string): Promise<void> => {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };

  const lookAt = async (page: Page, what: string): Promise<void> => {
    await picture(page, what);
    expect(await axe(page), what).toEqual([]);
    const overflow = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
    expect(await page.evaluate(overflow), what).toBe(false);
  };

  const widths = [320, 390, 1280];
  const cases = widths.flatMap((width) =>
    ['en', 'zh-CN'].flatMap((lang) => [true, false].map((script) => ({ width, lang, script }))),
  );

  test.each(cases)(
    'S2: $lang, $width px, script $script: answered from one click to thanks, refused the second time',
    async ({ width, lang, script }) => {
      const { rig, origin } = await start({ survey: everyKind });
      const context = await browser.newContext({ javaScriptEnabled: script, viewport: { width, height: 800 } });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on(
        'console',
        (message) => message.type() === 'error' && !message.text().includes('422') && faults.push(message.text()),
      );
      page.on('pageerror', (error) => faults.push(error.message));
      const checked = async (what: string): Promise<void> => {
        // axe runs as a script: a page without any is looked at where there is one
        if (script) await lookAt(page, `${what}-${lang}-${width}`);
        else await picture(page, `${what}-${lang}-${width}-noscript`);
      };
      const address = `${origin}${rig.pathOf()}`;
      await page.goto(`${address}?score=9&lang=${lang}`);
      await checked('1-clicked');
      expect(await page.isChecked('[name=score][value="9"]')).toBe(true);

      await page.click('label:has([name=score][value="3"])');
      if (script) await page.waitForSelector('#q-why-in');
      else await page.click('#go .main');
      await page.waitForSelector('#q-why-in');
      await checked('2-brought-up');
      await page.click('#go .main');
      await page.waitForSelector('.summary');
      await checked('3-errors');
      await page.fill('#q-why-in', 'Nobody called back <b>& more');
      await page.click('label:has([name=channel][value=mail])');
      await page.click('#go .main');
      await page.waitForSelector('#q-parts');
      await checked('4-second');
      await page.click('label:has([name=good][value=kind])');
      await page.click('label:has([name=good][value=clear])');
      await page.click('label:has([name="parts.app"][value=fair])');
      await page.click('label:has([name="parts.staff"][value=fine])');
      await page.fill('#q-hobby-in', 'chess');
      await checked('5-filled');
      await page.click('.switch button');
      await page.waitForSelector(`html[lang="${lang === 'en' ? 'zh-CN' : 'en'}"]`);
      expect(await page.inputValue('#q-hobby-in')).toBe('chess');
      await page.click('.switch button');
      await page.waitForSelector(`html[lang="${lang}"]`);
      // Enter in a field goes on; it does not switch the language
      await page.press('#q-hobby-in', 'Enter');
      await page.waitForSelector('.was');
      await checked('6-thanks');
      expect(await page.innerText('.was')).toContain('Nobody called back <b>& more');
      expect((await rig.answers.get(rig.invitationId))?.values).toEqual({
        score: 3,
        why: 'Nobody called back <b>& more',
        channel: 'mail',
        good: ['kind', 'clear'],
        parts: { app: 'fair', staff: 'fine' },
        hobby: 'chess',
      });

      await page.goto(`${address}?score=10&lang=${lang}`);
      await checked('7-answered');
      expect(await page.$('form')).toBeNull();
      expect(faults).toEqual([]);
      await context.close();
    },
  );

  test('with script: what an answer brings up is there at once, and a reload finds what was filled in', async () => {
    const { rig, origin } = await start({ survey: everyKind });
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    await page.goto(`${origin}${rig.pathOf()}?lang=en`);
    await page.click('label:has([name=score][value="2"])');
    await page.waitForSelector('#q-why-in');
    await page.fill('#q-why-in', 'slow');
    await page.click('label:has([name=score][value="9"])');
    await page.waitForSelector('#q-why-in', { state: 'detached' });
    await page.waitForSelector('text=Step 1 of 3');
    await page.fill('#q-channel-Comment', 'by pigeon');
    expect(await page.isChecked('[name=channel][value=other]')).toBe(true);
    const saved = page.waitForResponse((response) => response.status() === 204);
    await page.press('#q-channel-Comment', 'Tab');
    await saved;
    await page.goto(`${origin}${rig.pathOf()}?lang=en`);
    expect(await page.isChecked('[name=score][value="9"]')).toBe(true);
    expect(await page.inputValue('#q-channel-Comment')).toBe('by pigeon');
    expect(await axe(page)).toEqual([]);
    await page.close();
  });

  test('opening the page saves nothing; pressed twice it is sent once', async () => {
    const { rig, origin } = await start();
    const page = await browser.newPage();
    const posts: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    await page.goto(`${origin}${rig.pathOf()}?score=9&lang=en`);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    expect(posts).toEqual([]);
    await page.evaluate(() => {
      const button = document.querySelector<HTMLButtonElement>('#go .main');
      button?.click();
      button?.click();
    });
    await page.waitForSelector('h1:has-text("Thank you")');
    expect(posts).toHaveLength(1);
    await page.close();
  });

  test('by keyboard alone', async () => {
    const { rig, origin } = await start();
    const page = await browser.newPage();
    await page.goto(`${origin}${rig.pathOf()}?lang=en`);
    // the switch, the scale
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    for (let n = 0; n < 8; n += 1) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.type('quick and kind');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Thank you")');
    expect((await rig.answers.get(rig.invitationId))?.values).toEqual({ score: 8, comment: 'quick and kind' });
    await page.close();
  });

  test('P13, S2: the first question is there within a second at 150 ms and 1.6 Mb/s, and the page weighs under 60 KB', async () => {
    const { rig, origin } = await start({ survey: everyKind });
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 150,
      downloadThroughput: 200_000,
      uploadThroughput: 93_750,
    });
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${origin}${rig.pathOf()}`, { waitUntil: 'load' });
    const painted = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
    );
    expect(painted).toBeLessThan(1_000);
    expect(bytes).toBeLessThan(60_000);
    await page.close();
  });
});
