import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wire } from '../../functions/manage-surveys/wire.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { type CivilDate, DAY, type ZoneId } from '../../shared/platform/time.ts';
import type { ApiRig } from '../support/api.ts';
import { axe, browserPath, startBrowser } from '../support/browser.ts';
import { startConsole } from '../support/console.ts';

/** What a customer may write: markup, a formula, marks that turn text around, emoji. */
const HOSTILE = '<img src=x onerror="stolen=true"> =cmd()|calc \u202Eelpoep\u202C 👩‍👩‍👧 等了三周';
const wang = '01jwang0000000000000000000' as PartyId;
const scope = 'house/east';

const surveysOf = (rig: ApiRig) =>
  wire({
    table: rig.table,
    queue: () => createMemoryQueue(),
    bucket: () => rig.messages,
    bus: rig.bus,
    setting: () => 'https://api.example',
    ids: { next: () => 'id' },
    clock: () => rig.start,
    log: silentLog,
  });

/** A customer of mine who was not content, a call for a survey, renewals with an owner, one of them lost. */
const furnish = async (rig: ApiRig): Promise<void> => {
  await rig.addCustomer({
    partyId: wang,
    scope,
    name: { family: '王', given: `芳\u202E<b>` },
    locale: 'zh-CN',
    zone: 'Asia/Shanghai' as ZoneId,
    phone: '+86 138 0013 8000',
    manager: 'user-1',
  });
  const said = await surveysOf(rig).request(
    '/api/surveys/renewal/answers',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        customerId: wang,
        given: 'reply-slip',
        at: new Date(rig.start - 3 * DAY).toISOString(),
        values: { nps: 2, detail: HOSTILE },
      }),
    },
    rig.gatewayOf(['marketing']),
  );
  expect(said.status).toBe(200);
  await rig.tasks.add({
    taskId: 'ask-1',
    // the API of surveys knows the branches that ship
    scope: 'head-office',
    kind: 'survey-call',
    reason: 'service-call',
    state: 'open',
    dueOn: '2019-01-04' as CivilDate,
    createdAt: rig.start,
    partyId: '01jperson00000000000000003' as PartyId,
    assignee: 'user-1',
    campaign: 'service-call',
    occurrence: 'call-1',
    details: { survey: 'service-call' },
  });
  const { policies } = await rig.policies.due(scope, '2019-01', { limit: 3 });
  for (const [n, policy] of policies.entries()) {
    const owner = policy.partyId && (await rig.profiles.get(policy.partyId));
    if (n === 0 && owner) await rig.profiles.put({ ...owner, manager: 'user-1', version: 2 }, 1);
    if (n === 1)
      await rig.policies.put({ ...policy, ending: { kind: 'lapsed', on: policy.term.renewsOn }, version: 2 }, 1);
  }
};

describe.skipIf(browserPath === undefined)('A2: the pages of account managers', () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof startConsole>>;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  beforeEach(async () => {
    served = await startConsole([], ['manager', 'scope:house/east', 'scope:head-office'], surveysOf);
    await furnish(served.rig);
  });
  afterEach(async () => {
    await context?.close();
    await served.server.close();
  });
  afterAll(async () => {
    await browser?.close();
  });

  const open = async (locale: string, width: number): Promise<Page> => {
    context = await browser.newContext({ viewport: { width, height: 900 }, locale, timezoneId: 'Asia/Shanghai' });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(served.server.origin);
    await page.click('.welcome button.main');
    await page.waitForSelector('.figures');
    return page;
  };
  const go = async (page: Page, hash: string, ready: string): Promise<void> => {
    await page.goto(`${served.server.origin}/${hash}`);
    await page.waitForSelector(ready);
  };
  const look = async (page: Page, name: string): Promise<void> => {
    const problems = await axe(page);
    const fits = await page.evaluate(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
    );
    if (process.env.SCREENSHOTS !== undefined)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
    expect({ name, problems, fits }).toEqual({ name, problems: [], fits: true });
    expect(await page.evaluate(() => 'stolen' in globalThis)).toBe(false);
  };

  test.each([
    ['zh-CN', 375],
    ['en', 1280],
    ['zh-CN', 1280],
    ['en', 375],
  ])('O4, S15: in %s at %i px every page is whole; axe finds nothing, texts are only texts', async (locale, width) => {
    const page = await open(locale, width);
    const as = (name: string) => `${name}-${locale}-${width}`;
    await go(page, '#/tasks/mine', '.tasks li');
    await look(page, as('mine'));
    await page.click('.tasks li:first-child h2 a');
    await page.waitForSelector('.said blockquote');
    expect(await page.textContent('.said blockquote')).toBe(HOSTILE);
    await look(page, as('task'));
    await go(page, '#/tasks/queue', '.tasks li');
    await look(page, as('queue'));
    await go(page, '#/tasks/done', '.card.quiet');
    await look(page, as('done'));
    await go(page, '#/renewals', '.renewals li');
    await look(page, as('renewals'));
    await go(page, '#/renewals/lost/all/2019-01', '.renewals li');
    await look(page, as('lost'));
    await go(page, '#/surveys/service-call/calls', '.tasks li');
    await look(page, as('calls'));
    await page.click('.tasks .button');
    await page.waitForSelector('.entry fieldset');
    await look(page, as('enter'));
  });

  test('S4: a low score is seen, not reached, closed with what came of it, gone from mine and kept among what I did', async () => {
    const page = await open('en', 375);
    await go(page, '#/tasks/mine', '.tasks li');
    expect(await page.innerText('.tasks li:first-child')).toContain('overdue');
    await page.click('.tasks li:first-child h2 a');
    await page.waitForSelector('.said');
    expect(await page.getAttribute('.phone', 'href')).toBe('tel:+8613800138000');
    expect(await page.innerText('main')).toContain('would not recommend us');

    await page.selectOption('form >> nth=0 >> select[name=outcome]', 'not-reached');
    await page.fill('form >> nth=0 >> textarea', HOSTILE);
    await page.click('form >> nth=0 >> button');
    await page.waitForSelector('.attempts li');
    expect(await page.innerText('.attempts li')).toContain('not reached');
    expect(await page.textContent('.attempts blockquote')).toBe(HOSTILE);
    const [task] = (await served.rig.tasks.mine('user-1', 'open')).tasks;
    const gate = (await served.rig.gates.getMany([wang])).get(wang);
    expect(Object.values(gate?.recent ?? {}).map(({ channel }) => channel)).toEqual(['phone']);

    // without an outcome and what was done nothing is sent
    await page.click('button.main');
    expect((await served.rig.tasks.get(task?.taskId ?? ''))?.state).toBe('open');
    await page.selectOption('form >> nth=1 >> select[name=outcome]', 'resolved');
    await page.click('button.main');
    expect((await served.rig.tasks.get(task?.taskId ?? ''))?.state).toBe('open');
    await page.fill('form >> nth=1 >> textarea', 'apologised, sent the papers');
    await page.click('button.main');
    await page.waitForSelector('.note-good:has-text("The task is closed.")');
    await page.waitForSelector('.card:has-text("Closed: resolved, by you")');
    expect(await page.locator('form').count()).toBe(0);

    await go(page, '#/tasks/mine', '.tasks li');
    expect(await page.innerText('.tasks')).not.toContain('Low score');
    await go(page, '#/tasks/done', '.tasks li');
    expect(await page.innerText('.tasks')).toContain('Low score resolved');
  });

  test('a call that ends a task is logged and told with the same words', async () => {
    const page = await open('en', 1280);
    await go(page, '#/tasks/mine', '.tasks li');
    await page.click('.tasks li:first-child h2 a');
    await page.selectOption('form >> nth=1 >> select[name=outcome]', 'compensated');
    await page.selectOption('select[name=contact]', 'phone');
    await page.fill('form >> nth=1 >> textarea', 'a voucher');
    await page.click('button.main');
    await page.waitForSelector('.note-good:has-text("The task is closed.")');
    expect(await page.innerText('.attempts')).toContain('Call: reached');
    const rows = await served.rig.timeline.list(wang);
    const notes = rows.entries.flatMap(({ details }) => details?.note ?? []);
    expect(notes).toEqual(['a voucher', 'a voucher']);
  });

  test('one takes a task of the queue; who comes second is told and sees how it stands', async () => {
    const page = await open('en', 1280);
    await go(page, '#/tasks/queue', '.tasks li');
    const before = await page.locator('.tasks li').count();
    await served.rig.call('POST', '/api/tasks/task-0/take', {
      groups: ['manager', 'scope:house/east'],
      sub: 'user-2',
      body: {},
    });
    await page.locator('.tasks li:has-text("Call back") button').click();
    await page.waitForSelector('[role=alert]:has-text("Somebody was faster")');
    await page.waitForFunction((count) => document.querySelectorAll('.tasks li').length === count, before - 1);
    await page.locator('.tasks li >> nth=0 >> button').click();
    await page.waitForSelector('form');
    expect(await page.innerText('dl')).toContain('you');
    const mine = (await served.rig.tasks.mine('user-1', 'open')).tasks.map(({ taskId }) => taskId);
    expect(mine).toContain('task-1');

    // closed by somebody else while it is open here
    await served.rig.call('POST', '/api/tasks/task-1/close', {
      groups: ['manager', 'scope:house/east'],
      sub: 'user-2',
      body: { outcome: 'corrected' },
    });
    await page.selectOption('form >> nth=1 >> select[name=outcome]', 'no-action');
    await page.fill('form >> nth=1 >> textarea', 'nothing');
    await page.click('button.main');
    await page.waitForSelector('[role=alert]:has-text("nothing of yours was saved")');
    await page.waitForSelector('.card:has-text("Closed: corrected, by user-2")');
  });

  test('a task is given to a colleague, whom the page proposes, or back to be taken', async () => {
    const page = await open('en', 1280);
    const [low] = (await served.rig.tasks.mine('user-1', 'open')).tasks;
    await served.rig.call('POST', '/api/tasks/task-0/take', {
      groups: ['manager', 'scope:house/east'],
      sub: 'user-2',
      body: {},
    });
    await go(page, `#/task/${low?.taskId}`, 'details');
    await page.click('details summary');
    await page.waitForSelector('datalist option[value=user-2]', { state: 'attached' });
    await page.fill('input[name=assignee]', 'user-2');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.note-good');
    expect((await served.rig.tasks.get(low?.taskId ?? ''))?.assignee).toBe('user-2');
    await page.click('details summary');
    await page.click('details > button');
    await page.waitForSelector('[role=alert]:has-text("You may not do that")');
  });

  test('S2: a call of the list is asked in the customer’s language, with its branches, entered once, and off the list', async () => {
    const page = await open('en', 375);
    await go(page, '#/surveys/service-call/calls', '.tasks li');
    expect(await page.getAttribute('.phone', 'href')).toBe('tel:13800001003');
    await page.click('.tasks .button');
    await page.waitForSelector('.entry fieldset');
    // Li reads Chinese, whatever the account manager reads
    expect(await page.getAttribute('.entry [lang]', 'lang')).toBe('zh-CN');
    expect(await page.innerText('.entry [lang]')).toMatch(/\p{Script=Han}/u);
    await page.click('.entry button.main');
    await page.waitForSelector('.note-bad');
    expect(await page.locator('.entry .bad').count()).toBeGreaterThan(0);

    const questions = await page.locator('.entry [lang] fieldset, .entry .question').count();
    await page.locator('.scale label').first().click();
    await page.waitForFunction(
      (count) => document.querySelectorAll('.entry [lang] fieldset, .entry .question').length > count,
      questions,
    );
    await page.locator('.entry .choices label:has-text("未解决")').click();
    await page.locator('.entry textarea').last().fill(HOSTILE);
    await page.click('.entry button.main');
    await page.waitForSelector('.note-good:has-text("The answers are saved.")');
    expect(await page.innerText('.note-good')).toContain('there is a task for the account manager');
    const { answers } = await served.rig.answers.ofSurvey('service-call', '2019-01');
    expect(answers).toMatchObject([{ given: 'phone', enteredBy: 'user-1', campaign: 'service-call', low: true }]);
    expect(Object.values(answers[0]?.values ?? {})).toContain(HOSTILE);
    expect(await served.rig.tasks.get('ask-1')).toMatchObject({ state: 'done', outcome: 'reached' });
    await page.click('.note-good a');
    await page.waitForSelector('.card.quiet');
    expect(await page.locator('.tasks li').count()).toBe(0);
  });

  test('S2: a slip is entered for a customer who is found by name; a second one is told that there is an answer', async () => {
    const page = await open('zh-CN', 1280);
    const enter = async (): Promise<void> => {
      await go(page, '#/surveys/complaint/calls', '.slip input');
      await page.fill('.slip input', 'María');
      await page.click('.slip .found a >> nth=0');
      await page.waitForSelector('.entry fieldset');
      expect(await page.isChecked('input[value=reply-slip]')).toBe(true);
      await page.locator('.scale label').last().click();
      await page.click('.entry button.main');
    };
    await enter();
    await page.waitForSelector('.note-good');
    await enter();
    await page.waitForSelector('[role=alert]:has-text("以第一次回答为准")');
    const { answers } = await served.rig.answers.ofSurvey('complaint', '2019-01');
    expect(answers).toMatchObject([{ given: 'reply-slip', enteredBy: 'user-1' }]);
  });

  test('A2: renewals by month, by whose they are and by how they stand', async () => {
    const page = await open('en', 1280);
    await go(page, '#/renewals', '.renewals li');
    expect(await page.innerText('.month h2')).toBe('January 2019');
    expect(await page.innerText('.renewals')).toContain('Next: 14 days before');
    const all = await page.locator('.renewals li').count();
    await page.click('.month a:has-text("My customers")');
    await page.waitForFunction((count) => document.querySelectorAll('.renewals li').length < count, all);
    expect(await page.innerText('.renewals li >> nth=0')).toContain('you');
    await page.click('.month a:has-text("Everybody")');
    await page.click('.month a:has-text("Lost")');
    await page.waitForSelector('.renewals:has-text("lapsed on")');
    await page.click('.month a:has-text("Month after")');
    await page.waitForSelector('h2:has-text("February 2019")');
    await page.click('.month a:has-text("Renewed")');
    await page.waitForSelector('.card.quiet:has-text("Nothing was renewed")');
    await page.click('.month a:has-text("Due")');
    await page.waitForSelector('.renewals li a');
    await page.click('.renewals li a >> nth=0');
    await page.waitForSelector('.timeline, .two');
  });
});
