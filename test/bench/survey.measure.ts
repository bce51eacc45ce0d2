import { startBrowser } from '../support/browser.ts';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import { stateIn } from '../support/survey-pages.ts';
import { inventCustomers, policyNoOf, RENEWAL, withSurveyBook } from '../year/survey-book.ts';
import { bundleSizes, loadTimeOf } from './function-bundles.ts';
import type { Measurement } from './measurement.ts';
import { type LoadRequest, openLoad, quantile } from './open-load.ts';

const RATE = 200;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 120);
const CUSTOMERS = 1_500;
const SEED = 5;

/** An invitation as its mail brought it. */
interface Invited {
  readonly path: string;
}

/** A system in which customers of both languages have just been asked by mail after their renewal. */
const startAsking = async (customers: number): Promise<{ system: LocalSystem; invited: readonly Invited[] }> => {
  const people = inventCustomers(customers, SEED).filter(({ asked }) => asked === 'email');
  let started: LocalSystem | undefined;
  await withSurveyBook(people, async (dir) => {
    started = await startSystem({ book: dir, now: '2019-03-01' });
    await started.idle();
  });
  const system = started as LocalSystem;
  for (const { no } of people)
    await system.event({
      source: 'policy.admin',
      detailType: 'PolicyRenewed',
      detail: {
        schemaVersion: 1,
        eventId: `renewed-${no}`,
        occurredAt: '2019-03-01T00:00:00Z',
        policyNo: policyNoOf(no, 0),
        termStartsOn: RENEWAL,
        nextRenewalOn: '2020-02-28',
      },
    });
  await system.clock({ by: 'P21D' });
  const invited: Invited[] = [];
  for (const { id } of await system.mailbox({ campaign: 'renewal-survey' })) {
    const mail = (await system.eml(id)).replaceAll('=\r\n', '');
    const path = /\/s\/[\w-]+/.exec(mail)?.[0];
    if (path === undefined) throw new Error(`mail ${id} has no link to its survey`);
    invited.push({ path });
  }
  if (invited.length < people.length * 0.9)
    throw new Error(`of ${people.length} customers ${invited.length} were asked: too few to measure with`);
  return { system, invited };
};

/**
 * What customers send: of ten requests seven open a page, one follows the click of a mail, one saves a draft by script, one
 * is a press of a button. Each of the last two belongs to a customer who has one page open at a time.
 */
const createCustomers = (invited: readonly Invited[]): ((n: number) => LoadRequest) => {
  const readers = invited.slice(0, invited.length >> 2);
  const open = (n: number, kind: string, query = ''): LoadRequest => ({
    kind,
    method: 'GET',
    path: `${(readers[n % readers.length] as Invited).path}${query}`,
    expected: [200],
  });
  const fresh = invited.slice(readers.length).map(({ path }) => path);
  /** Pages that are open before somebody, ready for their next request. */
  const ready: Record<'draft' | 'press', LoadRequest[]> = { draft: [], press: [] };

  const draft = (path: string, state: Record<string, string>, version: number): LoadRequest => ({
    kind: 'save',
    method: 'POST',
    path,
    fields: { ...state, _do: 'save', _version: String(version), nps: String(version % 11) },
    expected: [200, 204],
    after: ({ headers }) => ready.draft.push(draft(path, state, Number(headers['x-version']))),
  });
  const press = (path: string, state: Record<string, string>, values: Record<string, string>): LoadRequest => ({
    kind: 'answer',
    method: 'POST',
    path,
    fields: { ...state, _do: 'next', ...values },
    expected: [200, 303],
    after: ({ status, headers }) => {
      if (status !== 303) return;
      const location = new URL(String(headers.location), `http://local${path}`);
      ready.press.push({
        kind: 'open',
        method: 'GET',
        path: location.pathname + location.search,
        expected: [200],
        after: ({ text }) => ready.press.push(press(path, stateIn(text), { detail: '太慢了 too slow' })),
      });
    },
  });
  const begin = (n: number, then: (path: string, html: string) => void): LoadRequest => {
    const path = fresh.pop();
    if (path === undefined) return open(n, 'open');
    return { kind: 'open', method: 'GET', path, expected: [200], after: ({ text }) => then(path, text) };
  };

  return (n) => {
    switch (n % 10) {
      case 3:
        return open(n, 'click', `?score=${n % 11}`);
      case 5:
        return ready.draft.shift() ?? begin(n, (path, html) => ready.draft.push(draft(path, stateIn(html), 0)));
      case 8:
        return (
          ready.press.shift() ??
          begin(n, (path, html) => ready.press.push(press(path, stateIn(html), { nps: String(n % 7) })))
        );
      default:
        return open(n, 'open');
    }
  };
};

/** The slow network of the requirement: 150 ms each way and back, 1.6 Mb/s. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 200_000 };
/** Round trips before the first request on a new connection: name, TCP, TLS 1.3. Loopback has none of them. */
const CONNECTING = 3 * SLOW.latency;

const measured = async () => {
  const { system, invited } = await startAsking(60);
  try {
    const path = (invited[0] as Invited).path;
    const page = await system.fetch(path);
    const first = await page.text();
    const script = /<script[^>]* src="([^"]+)"/.exec(first)?.[1] ?? '';
    const whole = first.length + (await (await system.fetch(script)).text()).length;
    const browser = await startBrowser();
    const times: number[] = [];
    try {
      for (let n = 0; n < 5; n += 1) {
        const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
        const tab = await context.newPage();
        const devtools = await context.newCDPSession(tab);
        await devtools.send('Network.enable');
        await devtools.send('Network.emulateNetworkConditions', SLOW);
        const begun = performance.now();
        await tab.goto(new URL(path, system.origin).href, { waitUntil: 'commit' });
        await tab.locator('label:has([name=nps][value="9"])').click();
        times.push(performance.now() - begun + CONNECTING);
        await context.close();
      }
    } finally {
      await browser.close();
    }
    return {
      first: Buffer.byteLength(first) / 1_024,
      whole: whole / 1_024,
      usable: quantile(times, 0.5) / 1_000,
    };
  } finally {
    await system.stop();
  }
};
let page: ReturnType<typeof measured> | undefined;
const ofPage = async () => {
  page ??= measured();
  return page;
};

const loaded = async () => {
  const { system, invited } = await startAsking(CUSTOMERS);
  try {
    const next = createCustomers(invited);
    await openLoad(system.origin, { rate: 50, seconds: 5 }, next);
    const { sent, errors, times } = await openLoad(system.origin, { rate: RATE, seconds: SECONDS }, next);
    for (const [kind, own] of times)
      console.log(
        `      ${kind.padEnd(8)} ${String(own.length).padStart(6)} requests, ms: p50 ${quantile(own, 0.5).toFixed(1)}, p90 ${quantile(own, 0.9).toFixed(1)}, p99 ${quantile(own, 0.99).toFixed(1)}, longest ${Math.max(...own).toFixed(0)}`,
      );
    const all = [...times.values()].flat();
    return { sent, errors, p50: quantile(all, 0.5), p99: quantile(all, 0.99) };
  } finally {
    await system.stop();
  }
};
let load: ReturnType<typeof loaded> | undefined;
const ofLoad = async () => {
  load ??= loaded();
  return load;
};

export const measurements: readonly Measurement[] = [
  {
    id: 'P13a',
    name: `survey page, ${RATE} requests/s for ${SECONDS} s, p99`,
    unit: 'ms',
    floor: 300,
    goal: 100,
    more: false,
    run: async () => (await ofLoad()).p99,
  },
  {
    id: 'P13b',
    name: 'survey page, the same, p50',
    unit: 'ms',
    floor: 100,
    goal: 20,
    more: false,
    run: async () => (await ofLoad()).p50,
  },
  {
    id: 'P13c',
    name: 'survey page, the same, requests that failed',
    unit: '',
    floor: 0,
    goal: 0,
    more: false,
    run: async () => {
      const { errors } = await ofLoad();
      for (const error of new Set(errors)) console.log(`      ${error}`);
      return errors.length;
    },
  },
  {
    id: 'P13d',
    name: 'survey page, first response as sent',
    unit: 'KB',
    floor: 14,
    goal: 12,
    more: false,
    run: async () => (await ofPage()).first,
  },
  {
    id: 'P13e',
    name: 'survey page, all that is loaded',
    unit: 'KB',
    floor: 60,
    goal: 20,
    more: false,
    run: async () => (await ofPage()).whole,
  },
  {
    id: 'P13f',
    name: 'first question answered by a click, 150 ms, 1.6 Mb/s, new connection',
    unit: 's',
    floor: 1,
    goal: 0.8,
    more: false,
    run: async () => (await ofPage()).usable,
  },
  {
    id: 'P13g',
    name: 'bundle of serve-surveys, survey-core in it',
    unit: 'KB',
    // the limit of test/infra/synth
    floor: 2_441,
    goal: 1_024,
    more: false,
    run: async () => (bundleSizes().get('serve-surveys') ?? Number.NaN) / 1_024,
  },
  {
    id: 'P13h',
    name: 'serve-surveys to load, median of 5',
    unit: 'ms',
    floor: 400,
    goal: 200,
    more: false,
    run: () => loadTimeOf('serve-surveys'),
  },
];
