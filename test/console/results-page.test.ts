import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roles } from '../../shared/platform/api/reader.ts';
import { type Route, route } from '../../shared/platform/api/route.ts';
import { readCsv } from '../../shared/platform/csv.ts';
import { DAY, HOUR, type Instant } from '../../shared/platform/time.ts';
import { type SurveyListed, surveysAnswer } from '../../shared/survey/manage-contract.ts';
import { createResultsRoutes } from '../insight/rig.ts';
import { answerOf, invitationOf, START } from '../insight/rows.ts';
import { axe, browserPath, startBrowser } from '../support/browser.ts';
import { startConsole } from '../support/console.ts';

const WORDS = [
  '理赔很快，客服态度热情，就是保费比去年贵了不少。',
  'Friendly staff and a quick reply, but the premium keeps rising.',
  '电话打不通，等了很久才有人工客服。',
  'The form asked for the same information twice and the app crashed.',
  '续保提醒很及时，流程也不麻烦。',
  '<img src=x onerror="stolen=true"> =1+1',
  'All fine.',
  '条款看不懂，希望讲解再专业一点。',
];

const NOW = (START + 84 * DAY) as Instant;

/** 900 people asked over twelve weeks, of whom some two of five answer, the later the happier. */
const rows = Array.from({ length: 900 }, (_, n) => {
  const week = Math.floor(n / 75);
  const invitedAt = (START + week * 7 * DAY + (n % 75) * 2 * HOUR) as Instant;
  const answers = (n * 7) % 19 < 8;
  const score = Math.min(10, Math.max(0, ((n * 31) % 11) + Math.floor(week / 3)));
  const answer = answerOf({
    n,
    invitedAt,
    at: (invitedAt + ((n * 5) % 9) * DAY + HOUR) as Instant,
    values: { score, ...(n % 3 === 0 ? { why: WORDS[n % WORDS.length] } : {}) },
    score,
    low: score <= 6,
    facets: {
      scope: 'house/east',
      channel: (['email', 'email', 'post'] as const)[n % 3] ?? 'email',
      locale: n % 4 === 0 ? 'en' : 'zh-CN',
      tier: ['A', 'B', 'B', 'C', 'C', 'C'][n % 6] as string,
      line: ['motor', 'home', 'health'][(n >> 2) % 3] as string,
      ...(n % 50 === 0 ? {} : { region: ['上海', '江苏', '浙江'][(n >> 1) % 3] as string }),
    },
  });
  return { invitation: invitationOf(answer), ...(answers ? { answer } : {}) };
});

const renewal: SurveyListed = {
  id: 'renewal',
  title: { 'zh-CN': '续保回访', en: 'Renewal' },
  version: 'v2',
  metric: 'nps',
  questions: 4,
  repeatAfterDays: 90,
  shipped: true,
};
const listRoute: Route = route({
  method: 'get',
  path: '/api/surveys',
  summary: 'Surveys',
  roles,
  answer: surveysAnswer,
  handle: async () => ({ kind: 'ok', body: { items: [renewal] } }),
});

describe.skipIf(browserPath === undefined)('S5: results in the console', () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof startConsole>>;
  beforeAll(async () => {
    const { routes, add } = createResultsRoutes(() => NOW);
    await add(rows);
    [browser, served] = await Promise.all([startBrowser(), startConsole([listRoute, ...routes], ['marketing'])]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.server.close();
  });

  const open = async (
    locale: string,
    width: number,
  ): Promise<{ page: Page; context: BrowserContext; faults: string[] }> => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, locale, acceptDownloads: true });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(served.server.origin);
    await page.click('.welcome button.main');
    await page.waitForSelector('.figures');
    await page.goto(`${served.server.origin}/#/surveys`);
    await page.click('.surveys a');
    await page.waitForSelector('.quotes blockquote');
    await page.waitForSelector('.chart svg');
    return { page, context, faults };
  };

  test.each([
    ['zh-CN', 1280],
    ['en', 1280],
    ['zh-CN', 375],
    ['en', 375],
  ])(
    'O4: in %s at %i px figures, charts, tables and quotes; axe finds nothing, nothing overflows',
    async (locale, width) => {
      const { page, context, faults } = await open(locale, width);
      if (process.env.SCREENSHOTS !== undefined)
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/results-${locale}-${width}.png`, fullPage: true });
      expect(await page.locator('.chart svg').count()).toBe(3);
      for (const chart of await page.locator('.chart svg').all())
        expect((await chart.getAttribute('aria-label'))?.length).toBeGreaterThan(20);
      expect(await axe(page)).toEqual([]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
      ).toBe(true);
      expect(await page.evaluate(() => 'stolen' in globalThis)).toBe(false);
      expect(faults).toEqual([]);
      await context.close();
    },
  );

  test('the figures are those of the API; every chart has its table', async () => {
    const { page, context } = await open('en', 1280);
    expect(await page.innerText('.figures .main b')).toMatch(/^[+−-]?\d+$/);
    const rate = await page.innerText('.figures .figure:nth-child(2)');
    expect(rate).toContain(`${rows.filter(({ answer }) => answer && answer.at <= NOW).length} of 900 asked`);
    await page.locator('.behind summary').first().click();
    expect(await page.locator('.behind').first().locator('tbody tr').count()).toBe(14);
    await page.selectOption('.above select', 'line');
    await page.waitForSelector('th:has-text("Motor")');
    await page.fill('.above input[type=date] >> nth=0', '2027-04-30');
    await page.locator('.above input[type=date]').first().dispatchEvent('change');
    await page.waitForFunction(() => !document.body.innerText.includes('of 900 asked'));
    await context.close();
  });

  test('S31: quotes are narrowed by topic and searched, and what is searched for is in no address', async () => {
    const { page, context } = await open('en', 1280);
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.selectOption('.quotes select', 'wording');
    await page.waitForFunction(() =>
      [...document.querySelectorAll('blockquote')].every(({ textContent }) => textContent?.includes('条款')),
    );
    expect(await page.innerText('.quotes mark >> nth=0')).toBe('条款');
    await page.selectOption('.quotes select', '');
    await page.fill('.quotes input[type=search]', 'twice');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => {
      const quotes = [...document.querySelectorAll('blockquote')];
      return quotes.length > 0 && quotes.every(({ textContent }) => textContent?.includes('twice'));
    });
    expect(urls.some((url) => url.endsWith('/quotes/search'))).toBe(true);
    expect(urls.filter((url) => url.includes('twice'))).toEqual([]);
    await context.close();
  });

  test('S21: the export is saved whole, with its byte order mark, and reads back', async () => {
    const { page, context } = await open('en', 1280);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.export button')]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = readCsv(bytes.toString('utf8'));
    const inRange = rows.filter(({ answer }) => answer && answer.at < START + 84 * DAY + 16 * HOUR);
    expect(lines).toHaveLength(1 + inRange.length);
    await context.close();
  });
});
