import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { script, scriptPath } from '../../functions/serve-surveys/pages/script.ts';
import { sheets } from '../../shared/page/style.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { createSurveyRig, everyKind, type SurveyRig, stateIn } from '../support/survey-pages.ts';

const unescaped = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
const ANSWERED = '您已经评价过了';
const THANKS = '感谢您的评价';

/** Fills pages in as a browser without script would: each page's own fields go with the answers. */
const walk = (rig: SurveyRig, path = rig.pathOf()) => {
  let html = '';
  let response: Response;
  const keep = async (next: Response): Promise<Response> => {
    response = next.status === 303 ? await rig.follow(path, next) : next;
    html = await response.clone().text();
    return response;
  };
  return {
    open: async (query = '') => keep(await rig.get(path + query)),
    press: async (answers: Record<string, string | readonly string[]>, act = 'next') =>
      keep(await rig.post(`${path}?lang=en`, { ...stateIn(html), _do: act, ...answers })),
    html: () => html,
  };
};

describe('the page of a survey', () => {
  test('S2: shows each of the six kinds, labelled and grouped', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open('?lang=en');
    expect(customer.html()).toContain('<title>Step 1 of 2 · How was it? · Evermere Insurance</title>');
    expect(customer.html().match(/name="score" value="\d+"/g)).toHaveLength(11);
    expect(customer.html()).toContain('<span>0 – not at all likely</span><span>10 – very likely</span>');
    expect(customer.html()).toContain('<input type="radio" name="channel" value="phone">');
    expect(customer.html()).toContain('<label for="q-channel-Comment">In your own words</label>');

    await customer.press({ score: '9' });
    expect(customer.html()).toContain('<title>Step 2 of 3 · How was it?');
    expect(customer.html()).toContain('<h2>In detail</h2>');
    expect(customer.html()).toContain('<input type="checkbox" name="good" value="kind">');
    expect(customer.html()).toContain('<th scope="row" id="q-parts-r1">our people</th>');
    expect(customer.html()).toContain(
      '<input type="radio" name="parts.staff" value="fine" aria-labelledby="q-parts-r1 q-parts-c2">',
    );
    expect(customer.html()).toMatch(
      /<label class="over" for="q-hobby-in">.*<input type="text" id="q-hobby-in" name="hobby" maxlength="60"/,
    );

    await customer.press({ 'parts.app': 'fair', 'parts.staff': 'fine' });
    expect(customer.html()).toMatch(/<textarea id="q-praise-in" name="praise"/);
    expect(customer.html()).toContain('>Send my answer</button>');
  });

  test('answers of three pages are stored as SurveyJS has them, and thanked for with what was said', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open('?lang=en');
    await customer.press({ score: '9', channel: 'other', 'channel-Comment': 'by pigeon' });
    await customer.press({ good: ['fast', 'kind'], 'parts.app': 'fair', 'parts.staff': 'fine', hobby: 'chess' });
    const response = await customer.press({ praise: 'Ms Li\r\nand all' });
    expect(response.status).toBe(200);
    const html = customer.html();
    expect(html).toContain('Thank you for your answer');
    for (const said of ['by pigeon', 'Speed, Kindness', 'our app: fair\nour people: fine', 'chess', 'Ms Li\nand all'])
      expect(html).toContain(said);
    expect(await rig.answers.get(rig.invitationId)).toMatchObject({
      values: {
        score: 9,
        channel: 'other',
        'channel-Comment': 'by pigeon',
        good: ['fast', 'kind'],
        parts: { app: 'fair', staff: 'fine' },
        hobby: 'chess',
        praise: 'Ms Li\nand all',
      },
      metric: 'nps',
      score: 9,
      low: false,
      given: 'page',
      version: everyKind.version,
      facets: { scope: 'house', channel: 'email', locale: 'zh-CN', manager: 'manager-li' },
    });
    // the way to the preferences is a link of its own purpose
    const [, preferences = ''] = /href="\/p\/([^"]+)"/.exec(html) ?? [];
    expect(rig.links.read('preferences', preferences, rig.start).kind).toBe('valid');
    expect(rig.links.read('survey', preferences, rig.start).kind).toBe('invalid');
  });

  test.each([
    ['first', {}, ['q-score']],
    ['first', { score: '11' }, ['q-score']],
    ['second', { hobby: 'x'.repeat(61), 'parts.app': 'fair', 'parts.staff': 'bad' }, ['q-hobby']],
    ['second', { 'parts.app': 'fair' }, ['q-parts']],
    ['second', { hobby: 'x'.repeat(61) }, ['q-parts', 'q-hobby']],
  ] as [string, Record<string, string>, string[]][])(
    'on the %s page %j is refused beside the question and above it, and kept',
    async (page, answers, wrong) => {
      const rig = await createSurveyRig({ survey: everyKind });
      const customer = walk(rig);
      await customer.open();
      if (page === 'second') await customer.press({ score: '7' });
      const response = await customer.press(answers);
      expect(response.status).toBe(422);
      const html = customer.html();
      expect(html).toContain('role="alert" tabindex="-1" autofocus');
      expect([...html.matchAll(/<li><a href="#([^"]+)">/g)].map(([, id]) => id)).toEqual(wrong);
      for (const id of wrong) expect(html).toMatch(new RegExp(`aria-describedby="[^"]*${id}-error[^"]*"`));
      if (answers.hobby) expect(html).toContain(`value="${answers.hobby}"`);
      if (answers['parts.app']) expect(html).toMatch(/name="parts.app" value="fair"[^>]* checked/);
      expect(await rig.answers.get(rig.invitationId)).toBeUndefined();
    },
  );

  test('a question that an answer brings up is asked before the page is left, without telling anybody off', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open('?lang=en');
    expect(customer.html()).not.toContain('What went wrong?');
    const response = await customer.press({ score: '3' });
    expect(response.status).toBe(200);
    expect(customer.html()).toContain('What went wrong?');
    expect(customer.html()).toContain('something more to ask on this page');
    expect(customer.html()).not.toContain('class="error"');
    expect((await customer.press({ score: '3' })).status).toBe(422);
    await customer.press({ score: '3', why: 'slow' });
    expect(customer.html()).toContain('Step 2 of 2');
  });

  test('back and forth keeps what was given, also of a branch that was left', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open();
    await customer.press({ score: '9' });
    await customer.press({ hobby: 'chess' }, 'back');
    expect(customer.html()).toContain('value="9" checked');
    await customer.press({ score: '8' });
    expect(customer.html()).toContain('value="chess"');
    await customer.press({ 'parts.app': 'fair', 'parts.staff': 'fine', hobby: 'chess' });
    expect((await rig.answers.get(rig.invitationId))?.values).toEqual({
      score: 8,
      parts: { app: 'fair', staff: 'fine' },
      hobby: 'chess',
    });
  });

  test('an answer taken back is gone', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open();
    await customer.press({ score: '7', channel: 'other', 'channel-Comment': 'pigeon' });
    await customer.press({ good: ['fast'], 'parts.app': 'bad', 'parts.staff': 'bad' }, 'back');
    await customer.press({ score: '7', channel: 'mail', 'channel-Comment': 'pigeon' });
    await customer.press({ 'parts.app': 'bad', 'parts.staff': 'bad' });
    expect((await rig.answers.get(rig.invitationId))?.values).toEqual({
      score: 7,
      channel: 'mail',
      parts: { app: 'bad', staff: 'bad' },
    });
  });

  test('words beside the other choice choose it', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open();
    await customer.press({ score: '7', 'channel-Comment': 'pigeon' });
    expect((await rig.answers.partial(rig.invitationId)).values).toEqual({
      score: '7',
      channel: 'other',
      'channel-Comment': 'pigeon',
    });
  });

  test('goes back to the page whose answer is missing, however a later one was reached', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open('?page=second&lang=en');
    const response = await customer.press({ 'parts.app': 'fair', 'parts.staff': 'fine' });
    expect(response.status).toBe(422);
    expect(customer.html()).toContain('Step 1 of 2');
    expect(customer.html()).toContain('href="#q-score"');
  });

  test('the switch of language keeps what was typed', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open('?lang=zh-CN');
    await customer.press({ score: '7', 'channel-Comment': 'pigeon' }, 'lang:en');
    expect(customer.html()).toContain('<html lang="en">');
    expect(customer.html()).toContain('value="7" checked');
    expect(customer.html()).toContain('value="pigeon"');
    expect(customer.html()).toContain('How likely are you');
  });

  test('what is known is not asked, and what was answered meanwhile counts', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const learn = (hobby: string) =>
      rig.evidence.add([
        {
          id: 'e1',
          partyId: rig.profile.partyId,
          fact: 'hobby',
          value: hobby,
          at: rig.start,
          source: 'survey:other',
        } as unknown as Parameters<typeof rig.evidence.add>[0][number],
      ]);
    const customer = walk(rig);
    await customer.open();
    await customer.press({ score: '7' });
    expect(customer.html()).toContain('name="hobby"');
    await learn('reading');
    // asked before it was known: still taken
    await customer.press({ 'parts.app': 'fair', 'parts.staff': 'fine', hobby: 'chess' });
    expect((await rig.answers.get(rig.invitationId))?.values.hobby).toBe('chess');

    const other = await createSurveyRig({ survey: everyKind, profile: {} });
    await other.evidence.add([
      {
        id: 'e1',
        partyId: other.profile.partyId,
        fact: 'hobby',
        value: 'reading',
        at: other.start,
        source: 'survey:other',
      } as unknown as Parameters<typeof other.evidence.add>[0][number],
    ]);
    const asked = walk(other);
    await asked.open();
    await asked.press({ score: '7' });
    expect(asked.html()).not.toContain('name="hobby"');
  });

  test('is light: 14 KB with all in it, nothing from elsewhere, three reads when warm', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open();
    for (const [answers, query] of [
      [{ score: '9' }, ''],
      [{ 'parts.app': 'fair', 'parts.staff': 'fine' }, ''],
    ] as const) {
      rig.takeReads();
      await customer.open(query);
      expect(rig.takeReads()).toBe(3);
      const html = customer.html();
      expect(Buffer.byteLength(html)).toBeLessThan(14_336);
      expect(gzipSync(html).length).toBeLessThan(6_000);
      expect(html).not.toMatch(/<img|<link|@import|\son\w+=|style="|https?:\/\//i);
      expect([...html.matchAll(/<script[^>]*>/g)].map(String)).toEqual([`<script src="${scriptPath}" defer>`]);
      await customer.press(answers);
    }
    expect(Buffer.byteLength(script)).toBeLessThan(4_096);
    const served = await rig.get(scriptPath);
    expect(served.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(served.headers.get('cache-control')).toContain('immutable');
    expect(await served.text()).toBe(script);
  });
});

test('S2: style and script hold nothing that WeChat’s browser on an old phone does not know', () => {
  for (const sheet of Object.values(sheets)) {
    expect(sheet).not.toMatch(/:has\(|:is\(|:where\(|inset:|@layer|@container|color-mix|&|\bdvh\b/);
    // no rule within a rule but those of @media
    expect(sheet.replaceAll(/@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\}/g, '$1')).not.toMatch(/\{[^}]*\{/);
  }
  expect(script).not.toMatch(/=>|`|\?\.|\?\?|\b(?:const|let|async|await|replaceAll)\b|\.\.\./);
});

describe('the one click of the mail', () => {
  test('S24: only preselects, says so, and counts when it is sent', async () => {
    const rig = await createSurveyRig();
    const before = JSON.stringify(rig.table.all());
    const customer = walk(rig);
    await customer.open('?score=9&lang=en');
    expect(customer.html()).toContain('value="9" checked');
    expect(customer.html().match(/ checked/g)).toHaveLength(1);
    expect(customer.html()).toContain('it counts once you have sent your answer');
    expect(JSON.stringify(rig.table.all())).toBe(before);
    await customer.press({ score: '9' });
    expect((await rig.answers.get(rig.invitationId))?.score).toBe(9);
  });

  test.each(['11', '-1', '9"><b>', '09', '', '5.0'])('of %j is none', async (score) => {
    const rig = await createSurveyRig();
    const html = await (await rig.get(`${rig.pathOf()}?score=${encodeURIComponent(score)}`)).text();
    expect(html).not.toContain(' checked');
    expect(html).not.toContain('<b>');
  });

  test('on another number than before it is that number; going back to its page it is what was said since', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open('?score=9');
    await customer.press({ score: '8' });
    await customer.open('?score=9&page=first');
    expect(customer.html()).toContain('value="8" checked');
    await customer.open('?score=7');
    expect(customer.html()).toContain('value="7" checked');
  });
});

describe('a draft', () => {
  test('is kept at each turn of the page, and the link leads back to where it was left', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open();
    await customer.press({ score: '9' });
    const later = walk(rig);
    await later.open('?lang=en');
    expect(later.html()).toContain('Step 2 of 3');
    expect(later.html()).toContain('we have kept your answers so far');
  });

  test('is saved by the script as answers are given; the form comes back only where it has changed', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const path = rig.pathOf();
    const state = stateIn(await (await rig.get(path)).text());
    const same = await rig.post(path, { ...state, _do: 'save', 'channel-Comment': 'x' });
    expect([same.status, same.headers.get('x-version')]).toEqual([204, '1']);
    const changed = await rig.post(path, { ...state, _version: '1', _do: 'save', score: '2' });
    expect([changed.status, changed.headers.get('x-version')]).toEqual([200, '2']);
    const html = await changed.text();
    expect(html.startsWith('<form')).toBe(true);
    expect(html).toContain('id="q-why"');
  });

  test('that comes late overwrites nothing: neither a newer one nor the answer', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open();
    const old = stateIn(customer.html());
    await customer.press({ score: '9' });
    const late = () => rig.post(rig.pathOf(), { ...old, _do: 'save', score: '1' });
    expect((await late()).status).toBe(409);
    expect((await rig.answers.partial(rig.invitationId)).values).toEqual({ score: '9' });
    await customer.press({ 'parts.app': 'fair', 'parts.staff': 'fine' });
    await customer.press({});
    expect((await rig.answers.get(rig.invitationId))?.score).toBe(9);
    expect((await late()).status).toBe(409);
    expect((await rig.answers.partial(rig.invitationId)).values).toEqual({});
    const draft = rig.table.all().find(({ sk }) => sk === 'PART');
    expect(JSON.stringify(draft)).not.toContain('fair');
  });

  test('of two windows: the buttons of both count, each for its own page', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const [one, two] = [walk(rig), walk(rig)];
    await one.open();
    await two.open();
    await one.press({ score: '9' });
    await two.press({ score: '8' });
    await one.press({ 'parts.app': 'fair', 'parts.staff': 'fine' });
    expect((await rig.answers.get(rig.invitationId))?.score).toBe(8);
  });
});

describe('a link', () => {
  const once = async (rig: SurveyRig, score = '9') => rig.post(rig.pathOf(), { score, comment: 'private words' });

  test('F30: posted fifty times at once stores one answer; the others see that it is answered', async () => {
    const rig = await createSurveyRig();
    const pages = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => (await once(rig, String(n % 11))).text()),
    );
    expect(pages.filter((html) => html.includes(THANKS))).toHaveLength(1);
    expect(pages.filter((html) => html.includes(ANSWERED))).toHaveLength(49);
    expect(rig.table.all().filter(({ entity }) => entity === 'SurveyAnswer')).toHaveLength(1);
    expect(
      (await rig.timeline.list(rig.profile.partyId)).entries.filter(({ kind }) => kind === 'reaction'),
    ).toHaveLength(1);
    expect(
      new Set(
        rig.bus.events
          .filter(({ detailType }) => detailType === 'SurveyAnswered')
          .map(({ detail }) => JSON.stringify(detail)),
      ).size,
    ).toBe(1);
  });

  test('F30: cut off after the answer was stored, the next press does what should have followed', async () => {
    const rig = await createSurveyRig();
    rig.breakTable((call) => call.startsWith('put') && call.includes('"sk":"T#'));
    expect((await once(rig, '2')).status).toBe(500);
    expect(rig.bus.events.filter(({ detailType }) => detailType === 'SurveyAnswered')).toEqual([]);
    rig.breakTable(undefined);
    expect(await (await once(rig, '9')).text()).toContain(ANSWERED);
    const rows = (await rig.timeline.list(rig.profile.partyId)).entries.filter(({ kind }) => kind === 'reaction');
    expect(rows.map(({ details }) => details?.score)).toEqual([2]);
    const [event] = rig.bus.events.filter(({ detailType }) => detailType === 'SurveyAnswered');
    expect(event?.detail).toMatchObject({ score: 2, low: true });
  });

  test('S4: a low score has a task for the account manager before the page is answered', async () => {
    const rig = await createSurveyRig();
    await once(rig, '2');
    const { tasks } = await rig.tasks.list('house', 'open');
    expect(tasks).toMatchObject([{ kind: 'low-score', assignee: 'manager-li', partyId: rig.profile.partyId }]);
    expect(JSON.stringify(tasks)).not.toContain('private words');
    const asked = (await rig.asked.of([rig.profile.partyId])).get(rig.profile.partyId);
    expect(asked?.['one-page']?.answeredAt).toBe(rig.start);
  });

  test('S26: used again says that it was answered and when, and nothing of what was said', async () => {
    const rig = await createSurveyRig();
    expect(await (await once(rig)).text()).toContain('private words');
    for (const response of [
      await rig.get(rig.pathOf()),
      await rig.get(`${rig.pathOf()}?score=3`),
      await once(rig, '1'),
    ]) {
      const html = await response.text();
      expect(html).toContain(ANSWERED);
      expect(html).toContain('2019年1月2日');
      for (const personal of ['private', '张', 'zhang', '138', 'value="9"']) expect(html).not.toContain(personal);
    }
    expect((await rig.answers.get(rig.invitationId))?.score).toBe(9);
  });

  test('S26: that has expired is 410, before and after an answer, and names nobody', async () => {
    const rig = await createSurveyRig();
    rig.at((rig.start + 61 * DAY) as Instant);
    for (const response of [await rig.get(rig.pathOf()), await once(rig)]) {
      expect(response.status).toBe(410);
      expect(await response.text()).not.toMatch(/张|zhang|138/);
    }
    expect(rig.table.all().some(({ entity }) => entity === 'SurveyAnswer')).toBe(false);
  });

  test('S25: with any byte flipped, cut or extended is 404, one answer for all', async () => {
    const rig = await createSurveyRig();
    const path = rig.pathOf();
    const token = path.slice(3);
    const bytes = Buffer.from(token, 'base64url');
    const wrong = [
      ...[...bytes.keys()].map((at) => {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        return flipped.toString('base64url');
      }),
      token.slice(0, -1),
      `${token}A`,
      token.toUpperCase(),
    ];
    const answers = await Promise.all(
      wrong.map(async (changed) => {
        const response = await rig.get(`/s/${changed}`);
        return `${response.status} ${await response.text()}`;
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^404 /);
    expect((await rig.post(`/s/${wrong[3]}`, { score: '9' })).status).toBe(404);
  });

  test('S25: of another survey, version or customer is another link', async () => {
    const rig = await createSurveyRig();
    const mine = rig.pathOf();
    for (const changed of [{ survey: 'other' }, { surveyVersion: 'other' }, { occurrence: '2020-01-31' }]) {
      const other = rig.pathOf('survey', changed);
      expect(other.slice(-22)).not.toBe(mine.slice(-22));
      const mixed = Buffer.concat([
        Buffer.from(other.slice(3), 'base64url').subarray(0, -16),
        Buffer.from(mine.slice(3), 'base64url').subarray(-16),
      ]).toString('base64url');
      expect((await rig.get(`/s/${mixed}`)).status).toBe(404);
    }
  });

  test.each(['renew', 'unsubscribe', 'preferences', 'confirm', 'click'] as const)(
    'S27: made for %s opens no survey',
    async (purpose) => {
      const rig = await createSurveyRig();
      const response = await rig.get(`/s/${rig.pathOf(purpose).split('/')[2]}`);
      expect(response.status).toBe(404);
    },
  );

  test('to a version that is not there cannot be shown, and is told to the log by name only', async () => {
    const rig = await createSurveyRig();
    const response = await rig.get(rig.pathOf('survey', { surveyVersion: 'gone' }));
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('该问卷已无法显示');
    expect(rig.logged).toEqual([
      { level: 'warn', name: 'survey.missing', fields: { survey: 'one-page', version: 'gone' } },
    ]);
  });

  test('S24: fetched ten times by GET and HEAD, by scanners and by WeChat, changes nothing', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const before = JSON.stringify(rig.table.all());
    for (const agent of ['Barracuda Sentinel (EE)', 'Mozilla/5.0 MicroMessenger/8.0.49'])
      for (const method of ['GET', 'HEAD'])
        for (let n = 0; n < 10; n += 1)
          for (const query of ['', '?score=9', '?page=second&more=1&lang=en', '?_do=next&score=9']) {
            const response = await rig.app.request(`https://pages.example${rig.pathOf()}${query}`, {
              method,
              headers: { 'user-agent': agent },
            });
            expect(response.status).toBe(200);
            if (method === 'HEAD') expect(await response.text()).toBe('');
          }
    expect(JSON.stringify(rig.table.all())).toBe(before);
    expect([rig.bus.events, rig.changes.messages, rig.objects.keys()]).toEqual([[], [], []]);
  });

  test('S31, S36: no token, name or word of an answer in a redirect, an event or a log line', async () => {
    const rig = await createSurveyRig({ survey: everyKind });
    const redirect = await rig.post(rig.pathOf(), { score: '9', 'channel-Comment': 'private words' });
    expect(redirect.status).toBe(303);
    const customer = walk(rig);
    await customer.open();
    await customer.press({ 'parts.app': 'fair', 'parts.staff': 'fine' });
    await customer.press({ praise: 'private words' });
    rig.breakTable(() => true);
    await rig.get(rig.pathOf());
    const told = JSON.stringify([redirect.headers.get('location'), rig.logged, rig.bus.events, rig.changes.messages]);
    for (const personal of ['private', '张', '伟', 'zhang', '13812345678', rig.pathOf().slice(3)])
      expect(told).not.toContain(personal);
    expect(rig.logged).toHaveLength(2);
  });

  test('S32, S33, S34, S35: headers, foreign posts, methods, failures', async () => {
    const rig = await createSurveyRig();
    const path = rig.pathOf();
    const shown = await rig.get(path);
    const policy = shown.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect((await rig.post(path, { score: '9' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const put = await rig.app.request(`https://pages.example${path}`, { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    const json = await rig.app.request(`https://pages.example${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"score":9}',
    });
    expect(json.status).toBe(415);
    rig.breakTable(() => true);
    const failed = await (await rig.post(path, { score: '9' })).text();
    expect(failed).toContain('made-up-id');
    for (const secret of ['arn:', 'dynamodb', 'Error:']) expect(failed).not.toContain(secret);
    rig.breakTable(undefined);
    // S26: nothing of the script on pages without a form
    await rig.post(path, { score: '9' });
    expect((await rig.get(path)).headers.get('content-security-policy')).not.toContain('script-src');
  });
});

describe('what is written', () => {
  const naughty = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=1>',
    "' onmouseover='1",
    '</textarea><b>out</b>',
    '=cmd()|/C calc',
    '\u202Etxt.exe\u202C مرحبا',
    '👩‍👩‍👧‍👦 🇨🇳 𝒳 ﷽',
    '\u0000\u0001\u0007\u001B[31m\uFEFF',
    '\nbegins with a line',
    '  spaces around  ',
    '{{ 7 * 7 }} ${7*7} {% raw %}',
    '__proto__',
    '[object Object]',
    '%00%0d%0aSet-Cookie: a=b',
    'Ω≈ç√∫˜µ≤≥÷ 田中さんにあげて下さい 社會科學院語學研究所',
  ];

  test.each(naughty)('S15: %j is stored as given and shown as text', async (text) => {
    const rig = await createSurveyRig({ survey: everyKind });
    const customer = walk(rig);
    await customer.open();
    await customer.press({ score: '3' });
    await customer.press({ score: '3', why: text, channel: 'other', 'channel-Comment': 'x' });
    await customer.press({}, 'back');
    const [, inArea = ''] = /<textarea[^>]*name="why"[^>]*>\n([^]*?)<\/textarea>/.exec(customer.html()) ?? [];
    expect(unescaped(inArea)).toBe(text);
    expect(customer.html()).not.toMatch(/<(?:img|b>out)/);
    await customer.press({ score: '3', why: text, channel: 'other', 'channel-Comment': text.replaceAll('\n', ' ') });
    await customer.press({ 'parts.app': 'fair', 'parts.staff': 'fine', hobby: text.replaceAll('\n', ' ') });
    expect((await rig.answers.get(rig.invitationId))?.values.why).toBe(text);
    // in the thanks, too: no tag but ours
    expect(customer.html()).not.toMatch(/<(?:script|img|b)\b/);
    const [row] = (await rig.timeline.list(rig.profile.partyId)).entries.filter(({ kind }) => kind === 'reaction');
    expect(String(row?.details?.text)).toContain(text);
  });

  test('a comment of 1 MB is stored whole, kept in the history in short, and shown shortened', async () => {
    const rig = await createSurveyRig();
    const comment = '保险😀<b>&'.repeat(110_000).slice(0, 650_000);
    expect(Buffer.byteLength(comment)).toBeGreaterThan(1_000_000);
    const response = await rig.post(rig.pathOf(), { score: '9', comment });
    expect(response.status).toBe(200);
    const html = await response.text();
    expect(Buffer.byteLength(html)).toBeLessThan(60_000);
    expect(html).toContain('…');
    expect((await rig.answers.get(rig.invitationId))?.values.comment).toBe(comment);
    expect(rig.objects.keys()).toHaveLength(1);
    const [item] = rig.table.all().filter(({ entity }) => entity === 'SurveyAnswer');
    expect(JSON.stringify(item).length).toBeLessThan(3_000);
    const [row] = (await rig.timeline.list(rig.profile.partyId)).entries;
    expect([...String(row?.details?.text)]).toHaveLength(600);
    expect(String(row?.details?.text).isWellFormed()).toBe(true);
  });

  test('S30: more than 2 MB is 413, a file is 400', async () => {
    const rig = await createSurveyRig();
    expect((await rig.post(rig.pathOf(), { score: '9', comment: 'x'.repeat(2_000_000) })).status).toBe(413);
    const body = new FormData();
    body.append('score', new File(['9'], 'score.txt'));
    const file = await rig.app.request(`https://pages.example${rig.pathOf()}`, { method: 'POST', body });
    expect(file.status).toBe(400);
    expect(await rig.answers.get(rig.invitationId)).toBeUndefined();
  });

  test('fields that are no question are nothing', async () => {
    const rig = await createSurveyRig();
    await rig.post(rig.pathOf(), {
      score: '9',
      partyId: 'somebody',
      __proto__: 'x',
      'comment.x': 'y',
      _asked: 'score comment __proto__ low',
    });
    expect((await rig.answers.get(rig.invitationId))?.values).toEqual({ score: 9 });
  });
});
