import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPdf } from '../letter/read-pdf.ts';
import { axe, browserPath, startBrowser } from '../support/browser.ts';
import { type LocalSystem, type MailItem, startSystem } from '../support/local-system.ts';
import { deadLettersOf, type History, historyOf } from './support/observe.ts';
import { type SmallPolicy, writeSmallBook } from './support/small-book.ts';
import { type Staff, staffOf } from './support/staff.ts';

/**
 * Surveys from the renewal to the follow-up question, over every wire: the mail as it arrived, a real browser on the pages,
 * the tasks by the API, days later the next mail. The clock goes on from test to test.
 */

/** Where pictures are kept for people to look at; none are taken where it is not set. */
const pictures = process.env.SURVEY_PICTURES;

/** The choice of the follow-up question that each takes. */
const PRICE = 'label:has([name=improve][value=price])';
/** A Tuesday in Madrid; renewal-survey asks 20 days later, on a Monday at 10:00. */
const RENEWED_AT = '2019-01-08T08:00:00Z';
const ASKED_AT = '2019-01-28T09:01:00Z';
const HOUR = 3_600_000;

/** The person who signs in as account manager on the local runtime. */
const MANAGER = '10000000-0000-4000-8000-000000000003';

const words = {
  en: {
    step: 'Step 1 of 2',
    clicked: 'Your choice from our mail is marked',
    resumed: 'You had begun already',
    better: 'What should we do better first?',
    price: 'The premium for what I get',
    thanks: 'Thank you for your answer',
    already: 'You have already answered',
    resolved: 'How satisfied are you with what came of it?',
  },
  'zh-CN': {
    step: '第 1 步，共 2 步',
    clicked: '已为您选中您在邮件中点击的选项',
    resumed: '您之前已开始填写',
    better: '您希望我们首先改进哪些方面？',
    price: '保费与保障不够相称',
    thanks: '感谢您的评价',
    already: '您已经评价过了',
    resolved: '您对解决结果满意吗？',
  },
} as const;
type Locale = keyof typeof words;

interface Visitor {
  readonly policyNo: string;
  readonly locale: Locale;
  readonly width: number;
  readonly script: boolean;
}

const visitors: readonly Visitor[] = (['en', 'zh-CN'] as const).flatMap((locale, l) =>
  [390, 1280].flatMap((width, w) =>
    [true, false].map((script, s) => ({ policyNo: `ASKED${l}${w}${s}`, locale, width, script })),
  ),
);
const WECHAT =
  'Mozilla/5.0 (Linux; Android 12; V2072A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0.5304.141 Mobile Safari/537.36 XWEB/5075 MMWEBSDK/20230504 MicroMessenger/8.0.37.2380(0x28002537) WeChat/arm64 NetType/4G Language/zh_CN';

const policy = (policyNo: string, more: Partial<SmallPolicy> = {}): SmallPolicy => ({
  policyNo,
  renewsOn: '2019-02-20',
  ...more,
});
const named = (locale: Locale): Partial<SmallPolicy> =>
  locale === 'en' ? { locale } : { locale, family: '张', given: '伟' };
const book: readonly SmallPolicy[] = [
  ...visitors.map(({ policyNo, locale }) => policy(policyNo, { ...named(locale), manager: MANAGER })),
  policy('WECHAT1', { ...named('zh-CN'), manager: MANAGER }),
  policy('PAPER1', { email: '' }),
  policy('SILENT1'),
];

interface ToDo {
  readonly taskId: string;
  readonly policyNo?: string;
  readonly kind: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly deadline: string;
  readonly escalatedAt?: string;
  readonly answer?: { readonly score: number; readonly texts: readonly { readonly text: string }[] };
}

describe.skipIf(browserPath === undefined)(
  'S2 S3 S4: asked by a real mail, answered in a real browser',
  { timeout: 60_000 },
  () => {
    let system: LocalSystem;
    let history: History;
    let staff: Staff;
    let browser: Browser;
    let examiner: Page;
    let dir = '';

    beforeAll(async () => {
      dir = writeSmallBook(book);
      [system, browser] = await Promise.all([startSystem({ book: dir, now: RENEWED_AT }), startBrowser()]);
      examiner = await browser.newPage();
      await system.idle();
      history = historyOf(system);
      staff = staffOf(system);
      for (const { policyNo } of book)
        await system.event({
          source: 'policy.admin',
          detailType: 'PolicyRenewed',
          detail: {
            schemaVersion: 1,
            eventId: `renewed-${policyNo}`,
            occurredAt: RENEWED_AT,
            policyNo,
            termStartsOn: '2019-02-20',
            nextRenewalOn: '2020-02-20',
          },
        });
      await system.clock({ to: ASKED_AT });
    });
    afterAll(async () => {
      await browser?.close();
      await system?.stop();
      rmSync(dir, { recursive: true, force: true });
    });

    const mailTo = async (policyNo: string, campaign: string, step: string): Promise<MailItem> => {
      const customer = await history.customerOf(policyNo);
      const found = (await system.mailbox({ step })).filter(
        (mail) => mail.customerId === customer && mail.campaign === campaign,
      );
      if (found.length !== 1) throw new Error(`${found.length} mails ${campaign} ${step} to the holder of ${policyNo}`);
      return found[0] as MailItem;
    };
    /** Where a link of the mail leads whose text is `text`. */
    const linkOf = async (mail: MailItem, text: string): Promise<string> => {
      const { html = '' } = await simpleParser(await system.eml(mail.id));
      const found = [...String(html).matchAll(/<a [^>]*href="([^"]+)"[^>]*>\s*([^<]*?)\s*<\/a>/g)].filter(
        ([, , label]) => label === text,
      );
      if (found.length !== 1) throw new Error(`${found.length} links "${text}" in mail ${mail.id}`);
      return (found[0]?.[1] ?? '').replaceAll('&amp;', '&');
    };
    const plain = (url: string): string => url.replace(/\?.*$/, '');

    const lookAt = async (page: Page, what: string): Promise<void> => {
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${what}.png`), fullPage: true });
      }
      // axe is a script: what a browser without any shows is looked at in one that has
      await examiner.setViewportSize(page.viewportSize() ?? { width: 1280, height: 844 });
      await examiner.setContent(await page.content());
      expect(await axe(examiner), what).toEqual([]);
      const overflow = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
      expect(await page.evaluate(overflow), what).toBe(false);
    };

    /** A browser of its own, as it is after it was closed and opened: no page, no cookie, nothing kept. */
    const open = async (
      { script, width }: Pick<Visitor, 'script' | 'width'>,
      more: Parameters<Browser['newContext']>[0] = {},
    ): Promise<{ context: BrowserContext; page: Page; faults: string[] }> => {
      const context = await browser.newContext({
        javaScriptEnabled: script,
        viewport: { width, height: 844 },
        ...more,
      });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      page.on('pageerror', (error) => faults.push(error.message));
      return { context, page, faults };
    };
    const answersOf = async (policyNo: string) =>
      (await history.timeline(policyNo)).filter(({ kind }) => kind === 'reaction');
    const mine = async (): Promise<readonly ToDo[]> =>
      (await staff.get('/api/tasks/mine?limit=100', 'manager')).items as readonly ToDo[];

    test('each is asked in their own language, once; who has no mailbox by letter', async () => {
      const asked = await system.mailbox({ step: 'ask' });
      expect(asked.flatMap(({ policyIds }) => policyIds).sort()).toEqual(
        book
          .map(({ policyNo }) => policyNo)
          .filter((policyNo) => policyNo !== 'PAPER1')
          .sort(),
      );
      for (const { policyNo, locale } of visitors)
        expect((await mailTo(policyNo, 'renewal-survey', 'ask')).subject, policyNo).toMatch(
          locale === 'en' ? /How was your renewal/ : /这次续保/,
        );
    });

    test.each(visitors)(
      'S2 S24 S26: $locale, $width px, script $script: one click in the mail, a branch, closed and resumed, thanked, refused',
      async ({ policyNo, locale, width, script }) => {
        const say = words[locale];
        const name = `${locale}-${width}-${script ? 'script' : 'plain'}`;
        const mail = await mailTo(policyNo, 'renewal-survey', 'ask');
        const clicked = await linkOf(mail, '3');
        expect(clicked).toMatch(/\/s\/[\w-]+\?score=3$/);
        const before = await history.timeline(policyNo);

        const first = await open({ script, width });
        await first.page.goto(clicked);
        expect(await first.page.getAttribute('html', 'lang')).toBe(locale);
        expect(await first.page.isChecked('[name=nps][value="3"]')).toBe(true);
        await first.page.getByText(say.clicked).waitFor();
        await first.page.getByText(say.step).waitFor();
        await lookAt(first.page, `1-clicked-${name}`);
        // the click marks and no more: nothing is kept, the link without it is as it was
        await first.page.goto(plain(clicked));
        expect(await first.page.isChecked('[name=nps][value="3"]')).toBe(false);
        expect(await history.timeline(policyNo)).toEqual(before);

        await first.page.goto(clicked);
        await first.page.click('#go .main');
        await first.page.getByText(say.better).waitFor();
        if (script) {
          const saved = first.page.waitForResponse((response) => response.request().method() === 'POST');
          await first.page.click(PRICE);
          await saved;
        }
        await lookAt(first.page, `2-branch-${name}`);
        await first.context.close();

        const second = await open({ script, width });
        const stale = await second.context.newPage();
        await second.page.goto(plain(clicked));
        await second.page.getByText(say.resumed).waitFor();
        await second.page.getByText(say.better).waitFor();
        expect(await second.page.isChecked('[name=improve][value=price]')).toBe(script);
        if (!script) await second.page.click(PRICE);
        await lookAt(second.page, `3-resumed-${name}`);
        await stale.goto(plain(clicked));
        expect(await answersOf(policyNo)).toEqual([]);
        await second.page.fill('textarea', `等了三周 & <b>nobody</b> of ${policyNo}`);
        await second.page.click('#go .main');
        await second.page.locator('h1', { hasText: say.thanks }).waitFor();
        expect(await second.page.innerText('.was')).toContain(`等了三周 & <b>nobody</b> of ${policyNo}`);
        await lookAt(second.page, `4-thanks-${name}`);

        // the second time: the same link, another number of the mail, a page that was open all the while
        for (const address of [plain(clicked), await linkOf(mail, '10')]) {
          await second.page.goto(address);
          await second.page.locator('h1', { hasText: say.already }).waitFor();
          expect(await second.page.locator('form').count()).toBe(0);
          expect(await second.page.content()).not.toContain('nobody');
        }
        await lookAt(second.page, `5-answered-${name}`);
        await stale.click('#go .main');
        await stale.locator('h1', { hasText: say.already }).waitFor();
        expect([...first.faults, ...second.faults]).toEqual([]);
        await second.context.close();
        expect(await answersOf(policyNo)).toMatchObject([
          { campaign: 'renewal-survey', step: 'ask', details: { survey: 'renewal', score: 3 } },
        ]);
      },
    );

    test('S2: WeChat’s browser is led there without a detour, and its answer counts', async () => {
      const say = words['zh-CN'];
      const mail = await mailTo('WECHAT1', 'renewal-survey', 'ask');
      const { context, page, faults } = await open(
        { script: true, width: 360 },
        { userAgent: WECHAT, locale: 'zh-CN' },
      );
      const statuses: number[] = [];
      page.on('response', (response) => response.request().isNavigationRequest() && statuses.push(response.status()));
      await page.goto(await linkOf(mail, '9'));
      expect(statuses.at(-1)).toBe(200);
      expect(statuses.slice(0, -1).filter((status) => status >= 300 && status < 400).length).toBeLessThanOrEqual(1);
      await lookAt(page, 'wechat-clicked');
      await page.click('#go .main');
      await page.getByText('您最满意的是什么？').waitFor();
      await lookAt(page, 'wechat-branch');
      await page.click('#go .main');
      await page.locator('h1', { hasText: say.thanks }).waitFor();
      expect(faults).toEqual([]);
      await context.close();
      expect(await answersOf('WECHAT1')).toMatchObject([{ details: { score: 9 } }]);
    });

    /** Those whose task is closed; the others' stay open past their deadline. */
    const settled = visitors.filter((_, n) => n % 2 === 0);
    const left = visitors.filter((_, n) => n % 2 === 1);
    const policiesOf = (all: readonly { readonly policyNo?: string }[]): string[] =>
      all.map(({ policyNo = '-' }) => policyNo).sort();

    test('S4: within a minute each low score is a task of the customer’s manager, with words and deadline; nobody else’s is', async () => {
      await system.clock({ by: 'PT1M' });
      const tasks = await mine();
      expect(policiesOf(tasks)).toEqual(policiesOf(visitors));
      for (const task of tasks) {
        const policyNo = task.policyNo ?? '';
        const [answered] = await answersOf(policyNo);
        const at = Date.parse(answered?.at ?? '');
        expect(task, policyNo).toMatchObject({
          kind: 'low-score',
          reason: 'low-nps',
          deadline: new Date(at + 48 * HOUR).toISOString(),
          answer: { score: 3, texts: [{ text: `等了三周 & <b>nobody</b> of ${policyNo}` }] },
        });
        expect(Date.parse(task.createdAt) - at, policyNo).toBeLessThanOrEqual(60_000);
      }
      expect((await staff.get('/api/tasks/mine?queue=true', 'manager')).items).toEqual([]);
      expect(await deadLettersOf(system)).toEqual([]);
    });

    test('S4: a task is closed with an outcome and no other way, once', async () => {
      const tasks = await mine();
      for (const { policyNo } of settled) {
        const path = `/api/tasks/${tasks.find((task) => task.policyNo === policyNo)?.taskId}/close`;
        const close = async (body: object) => (await staff.ask('manager', 'POST', path, body)).status;
        expect([await close({}), await close({ outcome: 'no-action' })]).toEqual([400, 400]);
        expect(await close({ outcome: 'resolved', note: '已致电，退还手续费' })).toBe(200);
        expect(await close({ outcome: 'cannot-resolve' })).toBe(409);
      }
      expect(policiesOf(await mine())).toEqual(policiesOf(left));
    });

    test('S2: the code of a letter opens the same page by one redirect, and the answer counts for the letter', async () => {
      const letters = async () => system.printTray({ policy: 'PAPER1' });
      await system.clock({ to: '2019-02-01T12:00:00Z' });
      const [letter, ...others] = await letters();
      expect(others).toEqual([]);
      const pdf = await (await system.fetch(`/local/print-tray/${letter?.id}.pdf`)).arrayBuffer();
      const { text } = await readPdf(new Uint8Array(pdf));
      const [address] = /\S+\/k\/[a-z0-9]{4}-?[a-z0-9]{4}/.exec(text) ?? [];
      expect(address).toBeDefined();
      const { context, page } = await open({ script: false, width: 390 });
      const redirects: string[] = [];
      page.on(
        'response',
        (response) => response.status() >= 300 && response.status() < 400 && redirects.push(response.url()),
      );
      await page.goto(address?.startsWith('http') === true ? address : `http://${address}`);
      expect([redirects.length, new URL(page.url()).pathname.slice(0, 3)]).toEqual([1, '/s/']);
      await page.locator('label:has([name=nps][value="8"])').click();
      await lookAt(page, 'letter-first');
      await page.click('#go .main');
      await page.click('#go .main');
      await page.locator('h1', { hasText: words.en.thanks }).waitFor();
      await context.close();
      expect(await answersOf('PAPER1')).toMatchObject([{ step: 'letter', details: { score: 8 } }]);
    });

    test('S3: of all who were asked one was silent and is reminded; S4: what lies past its deadline is escalated', async () => {
      const reminded = await system.mailbox({ step: 'remind' });
      expect(reminded.flatMap(({ policyIds }) => policyIds)).toEqual([]);
      await system.clock({ to: '2019-02-06T12:00:00Z' });
      expect((await system.mailbox({ step: 'remind' })).flatMap(({ policyIds }) => policyIds)).toEqual(['SILENT1']);
      const tasks = await mine();
      expect(policiesOf(tasks)).toEqual(policiesOf(left));
      for (const { deadline, escalatedAt = '' } of tasks)
        expect(Date.parse(escalatedAt) - Date.parse(deadline)).toBeLessThanOrEqual(60_000);
    });

    test('S4: on the first working morning two weeks after their task was closed, and no earlier, customers are asked whether it was put right', async () => {
      await system.clock({ to: '2019-02-12T08:59:00Z' });
      const asked = async () => (await system.mailbox()).filter(({ campaign }) => campaign === 'closed-loop');
      expect(await asked()).toEqual([]);
      await system.clock({ to: '2019-02-12T09:01:00Z' });
      const customers = await Promise.all(settled.map(({ policyNo }) => history.customerOf(policyNo)));
      expect((await asked()).map(({ customerId }) => customerId).sort()).toEqual(customers.sort());

      for (const { policyNo, locale, width } of settled.filter((visitor) => visitor.width === 390)) {
        const mail = await mailTo(policyNo, 'closed-loop', 'ask');
        const { context, page, faults } = await open({ script: true, width });
        await page.goto(await linkOf(mail, '5'));
        await page.getByText(words[locale].resolved).waitFor();
        expect(await page.isChecked('[name=satisfaction][value="5"]')).toBe(true);
        await lookAt(page, `6-resolution-${locale}`);
        await page.click('#go .main');
        await page.click('#go .main');
        await page.locator('h1', { hasText: words[locale].thanks }).waitFor();
        expect(faults).toEqual([]);
        await context.close();
        expect((await answersOf(policyNo)).map(({ details }) => `${details?.survey} ${details?.score}`)).toEqual([
          'resolution 5',
          'renewal 3',
        ]);
      }
      // a good one is no task, and no mail of theirs leads to another
      expect(policiesOf(await mine())).toEqual(policiesOf(left));
      expect(await deadLettersOf(system)).toEqual([]);
    });

    test('N7: no words and no address of theirs were printed', () => {
      expect(system.output()).not.toMatch(/等了三周|@mail\.example/);
    });
  },
);
