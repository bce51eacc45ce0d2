import PostalMime from 'postal-mime';
import { filesOfBook } from '../../infra/local/book.ts';
import { makeLive } from '../../infra/local/simulate/make-live.ts';
import { createMemorySystem, type MemorySystem } from '../../infra/local/simulate/memory-system.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { DAY, formatInstant, HOUR, type Instant, MINUTE, parseInstant } from '../../shared/platform/time.ts';
import type { Task } from '../../shared/task/task.ts';
import { readPdf } from '../letter/read-pdf.ts';
import { stateIn } from '../support/survey-pages.ts';
import { createSurveyApps } from './survey-apps.ts';
import { fate, type Invented, inventCustomers, oneOf, policyNoOf, RENEWAL, withSurveyBook } from './survey-book.ts';

export const START = parseInstant('2019-03-01T00:00:00Z') as Instant;
export const DAYS = 60;

/** What a customer got or did, as the test saw it happen. */
export interface Happened {
  readonly no: number;
  readonly at: number;
  readonly what:
    | { readonly kind: 'invited'; readonly by: 'email' | 'post' | 'phone'; readonly reminder: boolean }
    | { readonly kind: 'answered'; readonly by: Way; readonly score: number; readonly died: boolean }
    | { readonly kind: 'began' | 'refused' };
}
type Way = 'page' | 'click' | 'resumed' | 'code' | 'phone' | 'reply-slip';

export interface Played {
  readonly system: MemorySystem;
  readonly people: readonly Invented[];
  readonly log: readonly Happened[];
  /** When each task was stored, by its id. */
  readonly opened: ReadonlyMap<string, number>;
  readonly party: ReadonlyMap<number, string>;
  /** Asks the API as staff of the head office do. */
  readonly ask: (path: string) => Promise<Record<string, unknown>>;
}

/** What people think of us depends on line, region and manager, and on themselves. */
const scoreOf = (seed: number, { no, line, region, manager }: Invented): number => {
  const base = { motor: 8.4, home: 7.6, travel: 6.4 }[line] ?? 7;
  const place = region === '广东' || region === 'Andalucía' ? -1 : 0.4;
  const person = manager === 'manager-d' ? -1.6 : manager === undefined ? -0.6 : 0.5;
  const noise = fate(seed, no, 'a') + fate(seed, no, 'b') + fate(seed, no, 'c') - 1.5;
  return Math.max(0, Math.min(10, Math.round(base + place + person + noise * 5)));
};
/** The contented answer more often than the others, the very angry more often still. */
const readiness = (score: number): number => (score >= 9 ? 0.34 : score <= 3 ? 0.42 : 0.22);

/** What somebody chooses and writes on the second page, which depends on the score. */
const wordsOf = (seed: number, no: number, score: number, language: Invented['language']): Record<string, string> => {
  if (fate(seed, no, 'writes') > 0.4) return {};
  const chinese = language === 'zh-CN';
  if (score <= 6)
    return { improve: 'price', detail: chinese ? '保费太贵，理赔太慢' : 'The claim took far too long, =cmd()' };
  if (score <= 8) return { wish: chinese ? '希望便宜一点' : 'A lower premium' };
  return { best: 'manager', praise: chinese ? '客户经理很热情 👍' : 'Ms Li is great <3' };
};

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/**
 * Sixty days of the programme that asks after a renewal, over an invented book, in the system in memory: customers read
 * their mail and letters and answer by what a seed decides; staff call those on the call list and enter slips. One in
 * twenty requests that store an answer dies before the answer's task is written.
 */
export const playSurveys = async (seed: number, count: number): Promise<Played> => {
  const people = inventCustomers(count, seed);
  const inbox: { to: string; at: number; raw: Uint8Array }[] = [];
  const system = createMemorySystem({
    start: START,
    read: ({ to, raw }) => inbox.push({ to, raw, at: system.now() }),
  });
  const { parts, table } = system;
  const log: Happened[] = [];
  const opened = new Map<string, number>();

  let dies = false;
  const put = table.put;
  Object.assign(table, {
    put: async (...[item, condition]: Parameters<typeof put>) => {
      if (item.entity !== 'Task') return put(item, condition);
      if (dies) throw new Error('the request died');
      const outcome = await put(item, condition);
      const { taskId } = item.task as Task;
      if (outcome.kind === 'written' && !opened.has(taskId)) opened.set(taskId, system.now());
      return outcome;
    },
  });

  const { origin, open, ask } = await createSurveyApps(system);

  const programme = programmes.find(({ definition }) => definition.id === 'renewal-survey');
  if (programme === undefined) throw new Error('the programme renewal-survey is gone: name the one that asks now');
  await makeLive(system, programme);
  await withSurveyBook(people, (dir) => system.importBook(filesOfBook(dir, dir)));
  const party = new Map<number, string>();
  for (const { entity, profile } of table.all()) {
    if (entity !== 'Profile') continue;
    const { partyId, records } = profile as Profile;
    party.set(Number(records[0]?.key.slice(1)), partyId);
  }
  const byParty = new Map([...party].map(([no, partyId]) => [partyId, no]));

  /** What will be done, by the minute in which it is. */
  const agenda = new Map<number, (() => Promise<void>)[]>();
  const plan = (at: number, act: () => Promise<void>): void => {
    const minute = Math.ceil(at / MINUTE) * MINUTE;
    agenda.set(minute, [...(agenda.get(minute) ?? []), act]);
  };
  const note = (no: number, what: Happened['what'], at: number = system.now()): void => void log.push({ no, at, what });
  const [invited, answered] = [new Set<number>(), new Set<number>()];
  const person = (no: number): Invented => people[no] as Invented;

  const get = async (path: string): Promise<string> => (await open(path)).text();
  const post = (path: string, fields: Record<string, string>): Promise<Response> =>
    open(path, { method: 'POST', headers: FORM, body: new URLSearchParams(fields).toString() });

  /** Fills in what a page asks and presses its button; the next page, or the response where that is the end. */
  const turnPage = async (path: string, html: string, values: Record<string, string>): Promise<Response> => {
    const response = await post(path, { ...stateIn(html), _do: 'next', ...values });
    if (response.status !== 303) return response;
    return open(new URL(response.headers.get('location') ?? '', origin + path).href);
  };

  /** Opens the link and answers, from wherever an earlier visit left off. */
  const answerPage = async (no: number, path: string, way: Way): Promise<void> => {
    const score = scoreOf(seed, person(no));
    const first = await get(way === 'click' ? `${path}?score=${score}` : path);
    if (answered.has(no)) return note(no, { kind: 'refused' });
    const second = first.includes('name="nps"')
      ? await (await turnPage(path, first, { nps: String(score) })).text()
      : first;
    dies = score <= 6 && fate(seed, no, 'dies') < 0.05;
    const died = dies;
    const last = await turnPage(path, second, wordsOf(seed, no, score, person(no).language));
    dies = false;
    if (last.status !== (died ? 500 : 200)) throw new Error(`customer ${no} sent an answer and got ${last.status}`);
    answered.add(no);
    note(no, { kind: 'answered', by: way, score, died });
    // some send it again, with another score
    if (fate(seed, no, 'again') < 0.05 && !died)
      await post(path, { ...stateIn(first), _do: 'next', nps: String(10 - score) });
  };

  const enter = async (no: number, given: 'phone' | 'reply-slip', call: object = {}): Promise<void> => {
    const score = scoreOf(seed, person(no));
    const answer = { customerId: party.get(no), given, values: { nps: score }, ...call };
    const { status, json } = await ask('/api/surveys/renewal/answers', answer);
    if (answered.has(no) && status === 409) return note(no, { kind: 'refused' });
    if (answered.has(no) || status !== 200)
      throw new Error(`entering an answer of ${no}: ${status} ${JSON.stringify(json)}`);
    answered.add(no);
    note(no, { kind: 'answered', by: given, score, died: false });
  };

  /** What a mail brings about. Reminders persuade some of those who have not planned anything. */
  const decide = (no: number, path: string, which: 'first' | 'reminder', now: number): void => {
    const score = scoreOf(seed, person(no));
    const at = (days: number, word: string): number => now + HOUR + fate(seed, no, which, word) ** 2 * days * DAY;
    if (which === 'first' && fate(seed, no, 'scanner') < 0.06)
      plan(now + 2 * MINUTE, async () => {
        for (const query of ['', '?score=0', '?score=10']) {
          await open(path + query, { method: 'HEAD' });
          await open(path + query);
        }
      });
    const draw = fate(seed, no, which, 'does');
    const ready = readiness(score);
    if (draw < ready) {
      const way = oneOf(['page', 'click', 'click', 'phone'] as const, seed, no, which, 'way');
      plan(at(which === 'first' ? 11 : 6, 'when'), () =>
        way === 'phone' ? enter(no, 'phone') : answerPage(no, path, way),
      );
    } else if (draw < ready + 0.08) {
      const begun = at(4, 'begins');
      plan(begun, async () => {
        const html = await get(path);
        if (answered.has(no)) return note(no, { kind: 'refused' });
        // whoever began after the first mail sees the page after it
        if (html.includes('name="nps"')) await turnPage(path, html, { nps: String(score) });
        note(no, { kind: 'began' });
      });
      if (fate(seed, no, which, 'resumes') < 0.4)
        plan(begun + HOUR + fate(seed, no, 'resumes after') * 5 * DAY, () => answerPage(no, path, 'resumed'));
    }
  };

  const readMail = async (): Promise<void> => {
    for (const { to, raw, at } of inbox.splice(0)) {
      const { text = '' } = await PostalMime.parse(raw);
      const no = Number(/c(\d+)@/.exec(to)?.[1]);
      const path = /https:\/\/rehearsal\.invalid(\/s\/[\w-]+)/.exec(text)?.[1];
      if (path === undefined) throw new Error(`a mail to ${to} has no link to the survey`);
      const reminder = invited.has(no);
      invited.add(no);
      note(no, { kind: 'invited', by: 'email', reminder }, at);
      decide(no, path, reminder ? 'reminder' : 'first', at);
    }
  };

  const seen = new Set<string>();
  /** Letters that were composed since yesterday: each is read some days later. */
  const readLetters = async (): Promise<void> => {
    const bucket = parts.bucket('PRINT_BUCKET');
    for await (const key of bucket.list('letters/')) {
      if (seen.has(key)) continue;
      seen.add(key);
      const { text } = await readPdf((await bucket.get(key))?.body ?? new Uint8Array());
      const no = Number(/Survey Road (\d+)/.exec(text)?.[1]) - 1;
      const code = /rehearsal\.invalid\/k\/(\w{8})/.exec(text)?.[1];
      if (code === undefined) throw new Error(`a letter to ${no} has no short code`);
      note(no, { kind: 'invited', by: 'post', reminder: false });
      const draw = fate(seed, no, 'letter');
      const arrives = system.now() + 3 * DAY + fate(seed, no, 'letter read') * 15 * DAY;
      if (draw < 0.15)
        plan(arrives, async () => {
          // typed as people type
          const response = await open(`/k/${code.toUpperCase().slice(0, 4)}-${code.slice(4)}`);
          await answerPage(no, response.headers.get('location') ?? '', 'code');
        });
      else if (draw < 0.25) plan(arrives, () => enter(no, 'reply-slip'));
    }
  };

  /** Staff go through the call list each noon, and close each task with how the call went. */
  const makeCalls = async (): Promise<void> => {
    const { json } = await ask('/api/surveys/renewal/call-list?limit=500');
    for (const { taskId, customerId, policyId, campaign, occurrence } of json.items as readonly Record<
      string,
      string
    >[]) {
      const no = byParty.get(customerId ?? '') ?? -1;
      note(no, { kind: 'invited', by: 'phone', reminder: false });
      const reached = fate(seed, no, 'reached') < 0.45;
      if (reached) await enter(no, 'phone', { policyId, campaign, occurrence });
      const closed = await ask(`/api/tasks/${taskId}/close`, { outcome: reached ? 'reached' : 'not-reached' });
      if (closed.status !== 200) throw new Error(`closing a call: ${closed.status} ${JSON.stringify(closed.json)}`);
    }
  };

  const renewals = people.flatMap(({ no, renewsOn }) => renewsOn.map((day, n) => ({ no, n, day })));
  for (let day = 0; day < DAYS; day += 1) {
    for (const { no, n } of renewals.filter((renewal) => renewal.day === day)) {
      const policyNo = policyNoOf(no, n);
      system.raise('policy.admin', 'PolicyRenewed', {
        schemaVersion: 1,
        eventId: `renewed-${policyNo}`,
        occurredAt: formatInstant(system.now()),
        policyNo,
        termStartsOn: RENEWAL,
        nextRenewalOn: '2020-02-28',
      });
    }
    for (let hour = 1; hour <= 24; hour += 1) {
      const end = START + day * DAY + hour * HOUR;
      for (;;) {
        const next = Math.min(end, ...[...agenda.keys()].filter((minute) => minute <= end));
        await system.moveTo(next as Instant);
        await readMail();
        const acts = agenda.get(next) ?? [];
        agenda.delete(next);
        for (const act of acts) await act();
        await system.drain();
        if (next === end && !agenda.has(end)) break;
      }
      if (hour === 12) {
        await readLetters();
        await makeCalls();
      }
    }
  }
  return {
    system,
    people,
    log,
    opened,
    party,
    ask: async (path) => (await ask(path)).json,
  };
};
