import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../infra/local/sample/random.ts';

const HELP = `npm run demo -- [--days 90] [--sample 2000] [--now 2026-12-01] [--kill] [--seed 1] [--keep]

Starts the system with the sample book in a folder of its own, plays DAYS days and tells what happens.
--kill   plays them once undisturbed, then again killing the system (kill -9) ten times on the way, and compares:
         ends with what was sent twice and what was lost, which must be 0 and 0
--keep   leaves the state folder for a look: npm start -- --state FOLDER`;

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '90' },
    sample: { type: 'string', default: '2000' },
    now: { type: 'string', default: '2026-12-01' },
    kill: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const days = Number(values.days);
if (!Number.isInteger(days) || days < 1 || Number.isNaN(Date.parse(values.now))) {
  console.error(`--days ${values.days} or --now ${values.now} cannot be: give a whole number of days and an ISO date`);
  process.exit(2);
}

interface Mail {
  readonly id: string;
  readonly at: string;
  readonly to: string;
  readonly subject: string;
  readonly policyIds: readonly string[];
  readonly campaign: string;
  readonly step: string;
}
interface Letter {
  readonly id: string;
  readonly at: string;
  readonly policyIds: readonly string[];
  readonly campaign: string;
  readonly step: string;
}
interface Moved {
  readonly now: string;
  readonly sent: number;
  readonly held: number;
  readonly skipped: number;
  readonly failed: number;
}

const freePort = async (): Promise<number> => {
  // the system takes two neighbouring ports; an even one from the dynamic range leaves room
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port - (port % 2);
};

const state = mkdtempSync(join(tmpdir(), 'perennial-demo-'));
const folders = [state];

/** What was started and may still run: nothing is left behind, however this ends. */
const started = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

/** One system under our hand: started, asked, killed. */
const startSystem = (folder: string, port: number): ChildProcess => {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      'infra/local/start.ts',
      '--state',
      folder,
      '--port',
      String(port),
      '--sample',
      values.sample,
      '--now',
      values.now,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
};

const get = async <T>(port: number, path: string): Promise<T> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).json() as Promise<T>;

const untilIdle = async (port: number, child: ChildProcess): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`the system ended with code ${child.exitCode}: see its messages above`);
    try {
      const { ready, idle } = await get<{ ready: boolean; idle: boolean }>(port, '/local/status');
      if (ready && idle) return;
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const moveTo = async (port: number, to: string): Promise<Moved> => {
  const answer = await fetch(`http://127.0.0.1:${port}/local/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to }),
  });
  return JSON.parse((await answer.text()).trim()) as Moved;
};

const all = async <T>(port: number, path: string): Promise<T[]> => {
  const items: T[] = [];
  let cursor = '';
  do {
    const page = await get<{ items: T[]; next?: string | null }>(
      port,
      `${path}?limit=500${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...page.items);
    cursor = page.next ?? '';
  } while (cursor !== '');
  return items;
};

const dayAfter = (count: number): string => new Date(Date.parse(values.now) + count * 86_400_000).toISOString();
const keysOf = (items: readonly (Mail | Letter)[], kind: string): string[] =>
  items.flatMap(({ policyIds, campaign, step }) => policyIds.map((policy) => `${kind} ${policy} ${campaign} ${step}`));

/** Plays the days. @returns every message by policy, campaign, step and channel */
const play = async (folder: string, tell: boolean, killOn: ReadonlySet<number>): Promise<string[]> => {
  const random = createRandom(Number(values.seed) + 7);
  const port = await freePort();
  let child = startSystem(folder, port);
  await untilIdle(port, child);
  let seen = 0;
  for (let day = 1; day <= days; day += 1) {
    if (killOn.has(day)) {
      const move = moveTo(port, dayAfter(day)).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, random.between(20, 900)));
      child.kill('SIGKILL');
      await once(child, 'exit');
      await move;
      console.log(`  ${dayAfter(day).slice(0, 10)}  kill -9, restarted`);
      child = startSystem(folder, port);
      await untilIdle(port, child);
    }
    const { now, sent, held, skipped, failed } = await moveTo(port, dayAfter(day));
    if (!tell) continue;
    const mails = await all<Mail>(port, '/local/mailbox');
    const news = mails.slice(seen).filter(({ to }) => to.startsWith('cast') || to.startsWith('sunjia'));
    seen = mails.length;
    if (sent + held + skipped + failed > 0)
      console.log(`${now.slice(0, 10)}  sent ${sent}, held ${held}, skipped ${skipped}, failed ${failed}`);
    for (const { at, to, subject, campaign, step } of news)
      console.log(`            ${at.slice(11, 16)}Z ${to}: ${subject} (${campaign} ${step})`);
  }
  const keys = [
    ...keysOf(await all<Mail>(port, '/local/mailbox'), 'mail'),
    ...keysOf(await all<Letter>(port, '/local/print-tray'), 'letter'),
  ];
  const { deadLetters } = await get<{ deadLetters: Record<string, number> }>(port, '/local/status');
  const dead = Object.values(deadLetters).reduce((sum, count) => sum + count, 0);
  console.log(`  messages ${keys.length}, dead letters ${dead}`);
  child.kill('SIGTERM');
  await once(child, 'exit');
  return keys.sort();
};

const twiceIn = (keys: readonly string[]): string[] => keys.filter((key, n) => key === keys[n - 1]);

try {
  if (!values.kill) {
    console.log(`${days} days from ${values.now} over ${values.sample} customers`);
    const keys = await play(state, true, new Set());
    console.log(`sent ${keys.length} messages in ${days} days, ${twiceIn(keys).length} twice`);
    if (twiceIn(keys).length > 0) process.exitCode = 1;
  } else {
    console.log('first undisturbed, as the measure …');
    const expected = await play(state, false, new Set());
    const second = mkdtempSync(join(tmpdir(), 'perennial-demo-'));
    folders.push(second);
    const random = createRandom(Number(values.seed));
    const killOn = new Set<number>();
    while (killOn.size < Math.min(10, days)) killOn.add(random.between(1, days));
    console.log(`now again, killed ${killOn.size} times …`);
    const got = await play(second, false, killOn);
    const twice = twiceIn(got);
    const lost = expected.filter((key) => !got.includes(key));
    const extra = got.filter((key) => !expected.includes(key));
    console.log(`${got.length} messages: ${twice.length} twice, ${lost.length} lost, ${extra.length} not expected`);
    for (const key of [...twice, ...lost, ...extra].slice(0, 20)) console.log(`  ${key}`);
    if (twice.length + lost.length + extra.length > 0) process.exitCode = 1;
  }
} finally {
  if (values.keep) console.log(`state kept in ${folders.join(' and ')}`);
  else for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
