import { type Instant, MINUTE, SECOND } from '../../../shared/platform/time.ts';
import type { World } from '../wire.ts';
import { joinCommit } from './transaction.ts';

/** Something a service has accepted and still has to hand on. */
interface OutboxEntry {
  readonly target: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Not before; absent: now. */
  readonly dueAt?: Instant;
  /** How long and how often it is tried; absent: for ever. */
  readonly retry?: { readonly maxAttempts?: number; readonly maxAgeSeconds?: number };
  /** Where it goes when that is over; absent: it is dropped, as the service does. */
  readonly deadLetterArn?: string;
}

/**
 * What one service hands on to others, in the state file: written in the transaction that accepts the call, deleted
 * when the target has it. A kill between the two delivers it once more, never less.
 */
export interface Outbox {
  /** Call inside the accepting transaction, then `kick` after it. */
  add(entry: OutboxEntry): void;
  /** Delivers what is due, in the background. */
  kick(): void;
  /** Delivers what is due. @returns true if there was anything */
  flush(): Promise<boolean>;
  nextDueAt(): Instant | undefined;
  /** Entries due now or being delivered. */
  busy(): number;
}

interface Row {
  id: number;
  target: string;
  body: string;
  attributes: string;
  due_at: number;
  born_at: number;
  attempts: number;
  max_attempts: number | null;
  max_age: number | null;
  dead_letter: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, service TEXT NOT NULL, target TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL,
    due_at INTEGER NOT NULL, born_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER, max_age INTEGER, dead_letter TEXT
  );
  CREATE INDEX IF NOT EXISTS outbox_due ON outbox (service, due_at);`;

/** Deliveries that run side by side. */
const WIDTH = 20;

/** The wait before the next attempt: doubling from one second, five minutes at most. */
const backoff = (attempts: number): number => Math.min(SECOND * 2 ** (attempts - 1), 5 * MINUTE);

/** Hands one entry on; `attempt` is 1 the first time. Rejects where the target would not have it. */
export type HandOn = (
  target: string,
  body: string,
  attributes: Readonly<Record<string, string>>,
  attempt: number,
) => Promise<void>;

/** The outbox of `service`. What an earlier process left in it is delivered at the first `run`. */
export const createOutbox = (world: World, service: string, handOn: HandOn = world.deliver): Outbox => {
  const { db, clock } = world;
  db.exec(SCHEMA);
  const insert = db.prepare(
    `INSERT INTO outbox (service, target, body, attributes, due_at, born_at, max_attempts, max_age, dead_letter)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const due = db.prepare('SELECT * FROM outbox WHERE service = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?');
  const countDue = db.prepare('SELECT COUNT(*) AS n FROM outbox WHERE service = ? AND due_at <= ?');
  const next = db.prepare('SELECT MIN(due_at) AS at FROM outbox WHERE service = ?');
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?');
  const later = db.prepare('UPDATE outbox SET attempts = ?, due_at = ? WHERE id = ?');
  const redirect = db.prepare(
    `UPDATE outbox SET target = ?, attributes = ?, attempts = 0, due_at = ?, max_attempts = NULL, max_age = NULL,
     dead_letter = NULL WHERE id = ?`,
  );
  let running: Promise<boolean> | undefined;

  const giveUp = (row: Row, error: unknown): void => {
    joinCommit(db);
    const message = error instanceof Error ? error.message : String(error);
    world.trace({ service, action: 'given-up', from: service, to: row.target, note: message });
    if (row.dead_letter === null) {
      remove.run(row.id);
      return;
    }
    const attributes = {
      ...(JSON.parse(row.attributes) as Record<string, string>),
      ERROR_CODE: 'NO_CONSUMER_CONFIRMATION',
      ERROR_MESSAGE: message.slice(0, 1_000),
      TARGET_ARN: row.target,
    };
    redirect.run(row.dead_letter, JSON.stringify(attributes), clock.now(), row.id);
  };

  const deliver = async (row: Row): Promise<void> => {
    try {
      await handOn(row.target, row.body, JSON.parse(row.attributes) as Record<string, string>, row.attempts + 1);
      joinCommit(db);
      remove.run(row.id);
    } catch (error) {
      const attempts = row.attempts + 1;
      const again = clock.now() + backoff(attempts);
      const tooOften = row.max_attempts !== null && attempts > row.max_attempts;
      const tooOld = row.max_age !== null && again > row.born_at + row.max_age * SECOND;
      if (tooOften || tooOld) giveUp(row, error);
      else {
        joinCommit(db);
        later.run(attempts, again, row.id);
      }
    }
  };

  const drain = async (): Promise<boolean> => {
    let any = false;
    for (;;) {
      const rows = due.all(service, clock.now(), WIDTH) as unknown as Row[];
      if (rows.length === 0) return any;
      any = true;
      await Promise.all(rows.map(deliver));
    }
  };

  const outbox: Outbox = {
    add({ target, body, attributes = {}, dueAt, retry, deadLetterArn }) {
      const at = clock.now();
      joinCommit(db);
      insert.run(
        service,
        target,
        body,
        JSON.stringify(attributes),
        Math.max(at, dueAt ?? at),
        at,
        retry?.maxAttempts ?? null,
        retry?.maxAgeSeconds ?? null,
        deadLetterArn ?? null,
      );
    },
    kick() {
      outbox.flush().catch((error: unknown) => {
        world.trace({ service, action: 'outbox-failed', from: service, to: 'outbox', note: String(error) });
      });
    },
    flush() {
      running ??= drain().finally(() => {
        running = undefined;
      });
      return running;
    },
    nextDueAt() {
      const { at } = next.get(service) as { at: number | null };
      return at === null ? undefined : (at as Instant);
    },
    busy: () => (countDue.get(service, clock.now()) as { n: number }).n,
  };
  return outbox;
};
