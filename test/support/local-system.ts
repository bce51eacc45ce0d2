import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Starting a whole system from a test, as a user would: by its command line, then over HTTP. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_PATIENCE_MS = 120_000;

export interface LocalSystemOptions {
  /** Virtual time of a new state, ISO 8601. */
  readonly now?: string;
  /** A folder of source files with mappings, a sample book of so many customers, or (default) nobody. */
  readonly book?: string | { readonly sample: number };
  /** State folder; default: a temporary one that goes with `stop`. */
  readonly state?: string;
  /** 0 (default): any free pair. */
  readonly port?: number;
  /** Module to run instead of infra/local/start.ts: a system over another app. */
  readonly entry?: string;
}

export interface MailItem {
  readonly id: string;
  readonly messageId: string;
  readonly at: string;
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly customerId: string | null;
  readonly policyIds: readonly string[];
  readonly campaign: string | null;
  readonly step: string | null;
  readonly sendClass: string | null;
}

export interface LetterItem {
  readonly id: string;
  readonly at: string;
  readonly batch: string;
  readonly customerId: string;
  readonly policyIds: readonly string[];
  readonly campaign: string;
  readonly step: string;
  readonly pages: number;
  readonly sha256: string;
  readonly addressLines: readonly string[];
}

export interface Status {
  readonly ready: boolean;
  readonly now: string;
  readonly idle: boolean;
  readonly queues: Readonly<
    Record<string, { readonly visible: number; readonly inFlight: number; readonly delayed: number }>
  >;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, unknown>>;
  readonly awsEndpoint: string;
}

export interface Move {
  readonly now: string;
  readonly sent: number;
  readonly held: number;
  readonly skipped: number;
  readonly failed: number;
}

/** A system in a process of its own. */
export interface LocalSystem {
  readonly origin: string;
  readonly awsEndpoint: string;
  readonly state: string;
  /** Of the main process. */
  readonly pid: number;
  /** Moves the clock and waits until the system is idle. */
  clock(move: { readonly to: string } | { readonly by: string }): Promise<Move>;
  /** All mails that fit, page after page. */
  mailbox(query?: Readonly<Record<string, string>>): Promise<readonly MailItem[]>;
  eml(id: string): Promise<string>;
  feedback(id: string, feedback: object): Promise<void>;
  printTray(query?: Readonly<Record<string, string>>): Promise<readonly LetterItem[]>;
  event(event: { source: string; detailType: string; detail: object; time?: string }): Promise<void>;
  faults(rules: readonly object[]): Promise<void>;
  signIn(as: string): Promise<string>;
  status(): Promise<Status>;
  /** Waits until nothing is due or in flight. */
  idle(): Promise<Status>;
  /** Any request; a path is taken from the origin. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts again on the same state and port, after `kill`. */
  restart(): Promise<LocalSystem>;
  /** Ends it and, where it was temporary, removes its state. */
  stop(): Promise<void>;
  /** The last lines it printed. */
  output(): string;
}

const node = (): string => {
  const pinned = join(ROOT, 'node_modules', '.bin', 'node');
  return existsSync(pinned) ? pinned : process.execPath;
};

const bookArguments = (book: LocalSystemOptions['book']): readonly string[] => {
  if (book === undefined) return ['--empty'];
  return typeof book === 'string' ? ['--book', book] : ['--sample', String(book.sample)];
};

/** Starts a system and waits until it serves. What it printed is in the error where it does not. */
export const startSystem = (options: LocalSystemOptions = {}): Promise<LocalSystem> =>
  launch({
    ...options,
    state: options.state ?? mkdtempSync(join(tmpdir(), 'perennial-state-')),
    temporary: options.state === undefined,
  });

interface Launch extends LocalSystemOptions {
  readonly state: string;
  readonly temporary: boolean;
}

const launch = async (options: Launch): Promise<LocalSystem> => {
  const child = spawn(
    node(),
    [
      options.entry ?? join(ROOT, 'infra', 'local', 'start.ts'),
      ...bookArguments(options.book),
      '--state',
      options.state,
      '--port',
      String(options.port ?? 0),
      ...(options.now === undefined ? [] : ['--now', options.now]),
    ],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString('utf8')).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const origin = await whenServing(child, () => printed);
  return systemAt(origin, child, options, () => printed);
};

const whenServing = (child: ChildProcess, output: () => string): Promise<string> =>
  new Promise((resolve, reject) => {
    const give = (): void => {
      clearTimeout(timer);
      child.stdout?.off('data', look);
      child.off('exit', fail);
    };
    const fail = (): void => {
      give();
      child.kill('SIGKILL');
      reject(new Error(`the local system did not start:\n${output()}`));
    };
    const look = (): void => {
      const origin = /Perennial is at (http:\/\/[\d.:]+)/.exec(output())?.[1];
      if (origin === undefined) return;
      give();
      resolve(origin);
    };
    const timer = setTimeout(fail, START_PATIENCE_MS);
    child.stdout?.on('data', look);
    child.on('exit', fail);
  });

const systemAt = (origin: string, child: ChildProcess, options: Launch, output: () => string): LocalSystem => {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const call = async (path: string, init?: RequestInit): Promise<Response> => {
    try {
      return await fetch(new URL(path, origin), init);
    } catch (cause) {
      throw new Error(
        `${init?.method ?? 'GET'} ${path} got no answer; the system printed:\n${output().slice(-4_000)}`,
        { cause },
      );
    }
  };
  const ask = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await call(path, body === undefined ? undefined : { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    const value = JSON.parse(text) as T & { error?: unknown };
    if (value.error !== undefined)
      throw new Error(`${path} failed: ${text}\nthe system printed:\n${output().slice(-4_000)}`);
    return value;
  };
  const pages = async <T>(path: string, query: Readonly<Record<string, string>>): Promise<readonly T[]> => {
    const all: T[] = [];
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const search = new URLSearchParams({ limit: '1000', ...query, ...(cursor === null ? {} : { cursor }) });
      const page: { items: T[]; next: string | null } = await ask(`${path}?${search}`);
      all.push(...page.items);
      cursor = page.next;
    }
    return all;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  const system: LocalSystem = {
    origin,
    awsEndpoint: `http://127.0.0.1:${Number(new URL(origin).port) + 1}`,
    state: options.state,
    pid: child.pid ?? 0,
    clock: (move) => ask('/local/clock', move),
    mailbox: (query = {}) => pages('/local/mailbox', query),
    eml: async (id) => (await call(`/local/mailbox/${id}.eml`)).text(),
    feedback: async (id, feedback) => void (await ask(`/local/mailbox/${id}/feedback`, feedback)),
    printTray: (query = {}) => pages('/local/print-tray', query),
    event: async (event) => void (await ask('/local/events', event)),
    faults: async (rules) => void (await ask('/local/faults', rules)),
    signIn: async (as) => (await ask<{ token: string }>('/local/sign-in', { as })).token,
    status: () => ask('/local/status'),
    // A move by nothing answers when everything that is due now has been done.
    async idle() {
      await ask('/local/clock', { by: 'PT0S' });
      return system.status();
    },
    fetch: call,
    kill: () => end('SIGKILL'),
    async restart() {
      await ended;
      return launch({ ...options, port: Number(new URL(origin).port) });
    },
    async stop() {
      await end('SIGTERM');
      if (options.temporary) rmSync(options.state, { recursive: true, force: true });
    },
    output,
  };
  return system;
};
