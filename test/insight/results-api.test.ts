import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QuotesAnswer, ResultsAnswer } from '../../shared/insight/contract.ts';
import { onLambda } from '../../shared/platform/api/on-lambda.ts';
import { readCsv } from '../../shared/platform/csv.ts';
import { DAY, HOUR, type Instant } from '../../shared/platform/time.ts';
import { createResultsRig } from './rig.ts';
import { answerOf, invitationOf, START } from './rows.ts';

const RESULTS = '/api/surveys/renewal/results?from=2027-03-01&to=2027-04-20';
const east = { facets: { scope: 'house/east', channel: 'email' as const, locale: 'en', tier: 'A' } };
const west = { facets: { scope: 'house/west', channel: 'email' as const, locale: 'en', tier: 'B' } };
const EAST = ['manager', 'marketing', 'scope:house/east'];

const invited = (n: number, given: object) => invitationOf(answerOf({ n, ...given }));

describe('S5: results by API', () => {
  test('rates, score, periods and breakdown of what was asked and answered', async () => {
    const rig = createResultsRig();
    await rig.add(
      Array.from({ length: 40 }, (_, n) => {
        const of = n % 4 === 0 ? west : east;
        return {
          invitation: invited(n, of),
          ...(n % 2 === 0
            ? { answer: answerOf({ n, ...of, values: { why: '保费贵' }, score: n % 11, low: false }) }
            : {}),
        };
      }),
    );
    const { status, json } = await rig.call('GET', `${RESULTS}&by=tier`);
    const results = json as ResultsAnswer;
    expect(status).toBe(200);
    expect(results).toMatchObject({ survey: 'renewal', metric: 'nps', per: 'week', by: 'tier', zone: 'Asia/Shanghai' });
    expect(results.total.rate).toMatchObject({ asked: 40, replied: 20, percent: 50 });
    expect(results.groups.map(({ value, rate }) => [value, rate.asked, rate.replied])).toEqual([
      ['A', 30, 10],
      ['B', 10, 10],
    ]);
    expect(results.periods[0]?.from).toBe('2027-03-01');
    expect(results.periods.reduce((sum, { answers }) => sum + answers, 0)).toBe(20);
    expect(results.topics).toEqual([expect.objectContaining({ topic: 'price', answers: 20 })]);
  });

  test('S10: a branch reads its own rows only, in results, quotes and export', async () => {
    const rig = createResultsRig();
    await rig.add(
      Array.from({ length: 20 }, (_, n) => {
        const of = n < 8 ? east : west;
        return {
          invitation: invited(n, of),
          answer: answerOf({ n, ...of, values: { why: n < 8 ? 'east words' : 'west words' } }),
        };
      }),
    );
    const { json } = await rig.call('GET', RESULTS, { groups: EAST });
    expect((json as ResultsAnswer).total).toMatchObject({ answers: 8, rate: { asked: 8 } });
    expect((json as ResultsAnswer).groups.map(({ value }) => value)).toEqual(['A']);
    for (const [path, body] of [
      ['/api/surveys/renewal/quotes?limit=100', undefined],
      ['/api/surveys/renewal/export.csv', undefined],
      ['/api/surveys/renewal/quotes/search', { text: 'words' }],
    ] as const) {
      const { text } = await rig.call(body ? 'POST' : 'GET', path, { groups: EAST, ...(body ? { body } : {}) });
      expect(text).toContain('east words');
      expect(text).not.toContain('west words');
    }
  });

  test('what cannot be asked is refused; a range that cannot be read in time gives no figures rather than wrong ones', async () => {
    const rig = createResultsRig();
    const asked = (path: string) => rig.call('GET', path).then(({ status }) => status);
    expect(await asked('/api/surveys/nothing/results')).toBe(404);
    expect(await asked('/api/surveys/renewal/results?from=2027-04-02&to=2027-04-01')).toBe(400);
    expect(await asked('/api/surveys/renewal/results?from=2020-01-01&to=2027-04-01')).toBe(400);
    expect(await asked('/api/surveys/renewal/results?from=2027-02-30')).toBe(400);
    expect(await asked('/api/surveys/renewal/results?zone=Moon/Base')).toBe(400);
    expect(await asked('/api/surveys/renewal/results?by=name')).toBe(400);
    expect(await asked('/api/surveys/renewal/quotes?after=x')).toBe(400);
    expect(await asked('/api/surveys/renewal/results?from=2027-06-01&to=2027-06-30')).toBe(200);
    await rig.add([{ answer: answerOf({ n: 1 }) }]);
    rig.slowDown(11_000);
    const { status, json } = await rig.call('GET', RESULTS);
    expect([status, (json as { error: { message: string } }).error.message]).toEqual([
      400,
      expect.stringContaining('shorter'),
    ]);
  });

  test('roles: everyone reads results, quotes are for those who work with customers, the file for fewer', async () => {
    const rig = createResultsRig();
    const asked = (path: string, group: string) =>
      rig.call('GET', `/api/surveys/renewal/${path}`, { groups: [group] }).then(({ status }) => status);
    expect(await Promise.all(['results', 'quotes', 'export.csv'].map((path) => asked(path, 'engineer')))).toEqual([
      200, 403, 403,
    ]);
    expect(await Promise.all(['results', 'quotes', 'export.csv'].map((path) => asked(path, 'manager')))).toEqual([
      200, 200, 403,
    ]);
    expect(await Promise.all(['results', 'quotes', 'export.csv'].map((path) => asked(path, 'head')))).toEqual([
      200, 200, 200,
    ]);
  });
});

describe('S5: quotes', () => {
  const quotesOf = async (rig: ReturnType<typeof createResultsRig>, query: string): Promise<string[]> => {
    const texts: string[] = [];
    let after = '';
    for (let page = 0; page < 100; page += 1) {
      const { json } = await rig.call('GET', `/api/surveys/renewal/quotes?${query}${after}`);
      const { items, next } = json as QuotesAnswer;
      texts.push(...items.map(({ text }) => text));
      if (next === undefined) return texts;
      after = `&after=${encodeURIComponent(next)}`;
    }
    throw new Error('pages never end');
  };

  test('newest first, page by page over months, each once, even where many came at one instant', async () => {
    const rig = createResultsRig();
    await rig.add(
      Array.from({ length: 60 }, (_, n) => ({
        answer: answerOf({ n, at: (START + Math.floor(n / 3) * 2 * DAY) as Instant, values: { why: `text ${n}` } }),
      })),
    );
    const wanted = Array.from({ length: 60 }, (_, n) => `text ${59 - n}`);
    for (const limit of [1, 7, 100]) expect(await quotesOf(rig, `from=2027-03-01&limit=${limit}`)).toEqual(wanted);
    expect(await quotesOf(rig, 'from=2027-03-05&to=2027-03-05&limit=2')).toEqual(['text 8', 'text 7', 'text 6']);
  });

  test('by topic, by none, by low score, by part of the text', async () => {
    const rig = createResultsRig();
    const words = ['保费太贵', 'fine', 'Price of ÉLAN', 'friendly', ''];
    await rig.add(words.map((why, n) => ({ answer: answerOf({ n, values: { why }, low: n === 3 }) })));
    expect(await quotesOf(rig, 'from=2027-03-01&topic=price')).toEqual(['Price of ÉLAN', '保费太贵']);
    expect(await quotesOf(rig, 'from=2027-03-01&topic=none')).toEqual(['fine']);
    expect(await quotesOf(rig, 'from=2027-03-01&mood=low')).toEqual(['friendly']);
    const search = async (text: string) => {
      const { json } = await rig.call('POST', '/api/surveys/renewal/quotes/search', {
        body: { from: '2027-03-01', text },
      });
      return (json as QuotesAnswer).items.map((item) => item.text);
    };
    expect(await search('élan')).toEqual(['Price of ÉLAN']);
    expect(await search('太贵')).toEqual(['保费太贵']);
    expect(await search('.*')).toEqual([]);
  });

  test('S15: a comment of a megabyte, emoji and markup are shown as text, cut but never within a character', async () => {
    const rig = createResultsRig();
    const long = `${'x'.repeat(1_999)}😀${'y'.repeat(1_000_000)}`;
    await rig.add([{ answer: answerOf({ n: 1, values: { why: long, 'liked-Comment': '<img src=x onerror=1>' } }) }]);
    const { json } = await rig.call('GET', '/api/surveys/renewal/quotes?from=2027-03-01');
    const { items } = json as QuotesAnswer;
    expect(items.map(({ question, text, cut }) => [question, text.length, cut])).toEqual([
      ['why', 1_999, true],
      ['liked', 21, false],
    ]);
    const { text } = await rig.call('GET', '/api/surveys/renewal/export.csv?from=2027-03-01');
    expect(readCsv(text)[1]).toContain(long);
  });

  test('when time is up, what was found is told, with a mark to go on from', async () => {
    const rig = createResultsRig();
    await rig.add(
      Array.from({ length: 9 }, (_, n) => ({ answer: answerOf({ n, values: { why: n === 0 ? 'price' : 'x' } }) })),
    );
    rig.slowDown(1_500);
    expect(await quotesOf(rig, 'from=2027-03-01&to=2027-04-20&topic=price')).toEqual(['price']);
  });
});

/** What a function hands the gateway. */
interface FilePage {
  readonly body: string;
  readonly statusCode: number;
  readonly isBase64Encoded: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the gateway hands a function. */
const gatewayEvent = (rig: ReturnType<typeof createResultsRig>, path: string) => {
  const [rawPath, rawQueryString = ''] = path.split('?');
  return {
    version: '2.0',
    rawPath,
    rawQueryString,
    headers: {},
    requestContext: {
      ...rig.gatewayOf(['marketing']).requestContext,
      domainName: 'api.example',
      http: { method: 'GET' },
    },
  };
};

describe('S5, S21: export', () => {
  const fetchAll = async (rig: ReturnType<typeof createResultsRig>): Promise<{ text: string; pages: number }> => {
    let path: string | undefined = '/api/surveys/renewal/export.csv?from=2027-03-01&to=2027-04-20';
    let text = '';
    let pages = 0;
    while (path !== undefined && pages < 20) {
      const page: FilePage = await onLambda(rig.app)(gatewayEvent(rig, path) as never);
      expect(page.statusCode).toBe(200);
      expect(page.headers?.['content-type']).toBe('text/csv; charset=utf-8');
      expect(page.isBase64Encoded).toBe(true);
      expect(JSON.stringify(page).length).toBeLessThan(6_000_000);
      text += Buffer.from(page.body, 'base64').toString('utf8');
      pages += 1;
      path = /^<([^>]+)>; rel="next"$/.exec(page.headers?.link ?? '')?.[1];
    }
    return { text, pages };
  };

  const rowsOf = (text: string): Record<string, string>[] => {
    const [header = [], ...lines] = readCsv(text);
    return lines.map((line) => Object.fromEntries(line.map((cell, n) => [header[n], cell])));
  };

  test('whatever was written comes back exactly, and no cell is a formula', async () => {
    const nasty = fc.oneof(
      fc.constantFrom('=cmd|"/c calc"!A1', '+1', "'=1", '@x', '-2', '\tx', '"', 'a\r\nb', '＝1', '很好，谢谢'),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(nasty, { minLength: 1, maxLength: 6 }), async (words) => {
        const rig = createResultsRig();
        await rig.add(
          words.map((why, n) => ({ answer: answerOf({ n, at: (START + n * HOUR) as Instant, values: { why } }) })),
        );
        const { text } = await fetchAll(rig);
        expect(text.startsWith('\ufeffanswerId,')).toBe(true);
        expect(rowsOf(text).map((row) => row['q.why'])).toEqual(words);
      }),
      { numRuns: 12 },
    );
  });

  test('one row an answer: ids, dates, facets, score, every value; no address that a customer wrote', async () => {
    const rig = createResultsRig();
    await rig.add([
      {
        answer: answerOf({
          n: 1,
          score: 9,
          low: false,
          ...west,
          at: (START + 20 * HOUR) as Instant,
          values: {
            score: 9,
            why: '保费',
            liked: ['staff', 'other'],
            'liked-Comment': '=x',
            mail: 'secret@mail.example',
          },
        }),
      },
      { answer: answerOf({ n: 2, version: 'v1', values: { score: 2, old: 'yes', phone: '13800001111' } }) },
    ]);
    const { text } = await fetchAll(rig);
    expect(text).not.toMatch(/secret@|13800001111/);
    const [first, second] = rowsOf(text);
    expect(first).toMatchObject({
      answerId: 'a1',
      customerId: 'party-1',
      invitedAt: '2027-03-01T00:00:00.000Z',
      answeredAt: '2027-03-01T20:00:00.000Z',
      answeredOn: '2027-03-02',
      scope: 'house/west',
      tier: 'B',
      score: '9',
      low: 'false',
      topics: 'price',
      'q.why': '保费',
      'q.liked': '["staff","other"]',
      'q.liked-Comment': '=x',
      otherValues: '',
    });
    expect(second).toMatchObject({ version: 'v1', 'q.score': '2', 'q.why': '', otherValues: '{"old":"yes"}' });
  });

  test('many and long answers come in pages that make one file, none above what a function may answer', async () => {
    const rig = createResultsRig();
    const rows = Array.from({ length: 300 }, (_, n) => ({
      answer: answerOf({
        n,
        at: (START + (n % 40) * DAY) as Instant,
        values: { why: `${n} ${'"很好"\n'.repeat(3_000)}` },
      }),
    }));
    await rig.add(rows);
    const { text, pages } = await fetchAll(rig);
    expect(pages).toBeGreaterThan(3);
    const ids = rowsOf(text).map(({ answerId }) => answerId);
    expect([ids.length, new Set(ids).size]).toEqual([300, 300]);
    expect(text.lastIndexOf('\ufeff')).toBe(0);
  });
});
