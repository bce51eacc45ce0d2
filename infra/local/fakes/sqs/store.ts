import { randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../../../../shared/platform/time.ts';
import type { QueueResource } from '../../template/resources.ts';
import { inTransaction, joinCommit } from '../transaction.ts';
import type { MessageAttributes } from './attributes.ts';

/** A message as its receiver gets it. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly sentAt: Instant;
  readonly firstReceivedAt: Instant;
  /** 1 on the first delivery. */
  readonly receiveCount: number;
  readonly traceHeader?: string;
  /** On a dead-letter queue: where it came from. */
  readonly sourceArn?: string;
}

/** A message as its sender gives it. */
export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly delayMs?: number;
  readonly traceHeader?: string;
}

interface Row {
  seq: number;
  id: string;
  body: string;
  attributes: string;
  sender: string;
  sent_at: number;
  receives: number;
  first_received: number | null;
  trace_header: string | null;
  source: string | null;
}

/** `visible_at` is 0 for what is visible since it came, so that only hidden messages stand in the index of times. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sqs_message (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, queue TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL,
    sender TEXT NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0, first_received INTEGER, receipt TEXT, trace_header TEXT, source TEXT,
    place REAL NOT NULL
  );
  CREATE INDEX IF NOT EXISTS sqs_place ON sqs_message (queue, place);
  CREATE INDEX IF NOT EXISTS sqs_hidden ON sqs_message (visible_at) WHERE visible_at > 0;`;

/** Messages delivered at about the same time come in an order nobody may rely on: each gets a place up to this many
 *  further back than its own. Small enough that none starves. */
const DISORDER = 50;

/** The queues' messages in the state file. Every method is one short transaction.
 *  @param random the disorder's source */
export const createMessageStore = (db: DatabaseSync, now: () => Instant, random: () => number) => {
  db.exec(SCHEMA);
  const insert = db.prepare(
    `INSERT INTO sqs_message (id, queue, body, attributes, sender, sent_at, visible_at, expires_at, trace_header, place)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare(
    `SELECT seq, id, body, attributes, sender, sent_at, receives, first_received, trace_header, source FROM sqs_message
     WHERE queue = ? AND visible_at <= ? AND expires_at > ? ORDER BY place LIMIT ?`,
  );
  const take = db.prepare(
    `UPDATE sqs_message SET receives = receives + 1, first_received = COALESCE(first_received, ?), visible_at = ?,
     receipt = ? WHERE seq = ?`,
  );
  const bury = db.prepare(
    `UPDATE sqs_message SET queue = ?, source = queue, visible_at = 0, receipt = NULL, receives = 0,
     first_received = NULL, expires_at = sent_at + ? WHERE seq = ?`,
  );
  const remove = db.prepare('DELETE FROM sqs_message WHERE seq = ? AND receipt = ? AND queue = ?');
  const hide = db.prepare(
    'UPDATE sqs_message SET visible_at = ? WHERE seq = ? AND receipt = ? AND queue = ? AND visible_at > ?',
  );
  const receives = db.prepare('SELECT receives FROM sqs_message WHERE seq = ?');
  const expire = db.prepare('DELETE FROM sqs_message WHERE expires_at <= ?');
  const highest = db.prepare('SELECT CAST(COALESCE(MAX(place), 0) AS INTEGER) AS place FROM sqs_message');
  const count = db.prepare(
    `SELECT COUNT(*) FILTER (WHERE visible_at <= :now) AS visible,
       COUNT(*) FILTER (WHERE visible_at > :now AND receipt IS NOT NULL) AS inFlight,
       COUNT(*) FILTER (WHERE visible_at > :now AND receipt IS NULL) AS delayed
     FROM sqs_message WHERE queue = :queue AND expires_at > :now`,
  );
  const purge = db.prepare('DELETE FROM sqs_message WHERE queue = ?');
  const reveal = db.prepare(
    'UPDATE sqs_message SET visible_at = 0 WHERE visible_at > 0 AND visible_at > ? AND receipt IS NOT NULL',
  );
  const earliest = db.prepare('SELECT MIN(visible_at) AS at FROM sqs_message WHERE visible_at > 0 AND visible_at > ?');
  const nowVisible = db.prepare(
    'SELECT DISTINCT queue FROM sqs_message WHERE visible_at > 0 AND visible_at > ? AND visible_at <= ?',
  );
  const anyVisible = db.prepare('SELECT DISTINCT queue FROM sqs_message WHERE visible_at <= ?');
  let lastPlace = (highest.get() as { place: number }).place;

  const isSpent = (queue: QueueResource, received: number): boolean =>
    queue.redrive !== undefined && received >= queue.redrive.maxReceiveCount;

  return {
    /** @returns the new message's id */
    add(queue: QueueResource, message: NewMessage): string {
      const id = randomUUID();
      const at = now();
      const place = ++lastPlace + random() * DISORDER;
      const delay = message.delayMs ?? queue.delayMs;
      joinCommit(db);
      insert.run(
        id,
        queue.arn,
        message.body,
        JSON.stringify(message.attributes),
        message.senderId,
        at,
        delay === 0 ? 0 : at + delay,
        at + queue.retentionMs,
        message.traceHeader ?? null,
        place,
      );
      return id;
    },

    /** Takes up to `max` visible messages and hides each for what `timeoutOf` says; 0 leaves it visible, so that it is
     *  delivered again at once. What has been received often enough goes to `deadLetters` instead. */
    receive(
      queue: QueueResource,
      max: number,
      timeoutOf: () => number,
      deadLetters: QueueResource | undefined,
    ): ReceivedMessage[] {
      return inTransaction(db, () => {
        const taken: ReceivedMessage[] = [];
        const at = now();
        for (;;) {
          const rows = select.all(queue.arn, at, at, max - taken.length) as unknown as Row[];
          let buried = false;
          for (const row of rows) {
            if (deadLetters && isSpent(queue, row.receives)) {
              bury.run(deadLetters.arn, deadLetters.retentionMs, row.seq);
              buried = true;
              continue;
            }
            const receipt = randomBytes(12).toString('base64url');
            const timeout = timeoutOf();
            take.run(at, timeout === 0 ? 0 : at + timeout, receipt, row.seq);
            taken.push(received(row, receipt, at));
          }
          if (!buried || taken.length === max) return taken;
        }
      });
    },

    /** False where the receipt is no longer the newest: then nothing happens, as in the service. */
    remove(queue: QueueResource, { seq, receipt }: Receipt): boolean {
      joinCommit(db);
      return remove.run(seq, receipt, queue.arn).changes > 0;
    },

    /** False where the message is not in flight under this receipt. With 0 it is visible at once, or buried. */
    hide(queue: QueueResource, { seq, receipt }: Receipt, ms: number, deadLetters: QueueResource | undefined): boolean {
      return inTransaction(db, () => {
        const at = now();
        if (hide.run(ms === 0 ? 0 : at + ms, seq, receipt, queue.arn, at).changes === 0) return false;
        const found = receives.get(seq) as { receives: number };
        if (ms === 0 && deadLetters && isSpent(queue, found.receives)) {
          bury.run(deadLetters.arn, deadLetters.retentionMs, seq);
        }
        return true;
      });
    },

    /** After a start no worker of before lives: what was in flight is visible again. */
    releaseAllInFlight(): void {
      reveal.run(now());
    },

    purge(queue: QueueResource): void {
      purge.run(queue.arn);
    },

    /** Forgets what is older than its queue keeps. @returns how many */
    expire: (): number => Number(expire.run(now()).changes),

    count(queue: QueueResource): { visible: number; inFlight: number; delayed: number } {
      const { visible, inFlight, delayed } = count.get({ now: now(), queue: queue.arn }) as Record<string, number>;
      return { visible: visible ?? 0, inFlight: inFlight ?? 0, delayed: delayed ?? 0 };
    },

    /** When the next hidden or delayed message shows, of those that show after `after`. */
    nextVisibleAt(after: number): Instant | undefined {
      const { at } = earliest.get(after) as { at: number | null };
      return at === null ? undefined : (at as Instant);
    },

    /** ARNs of the queues on which a hidden or delayed message showed after `after`, up to now; of all that have a
     *  visible one where `after` is undefined. */
    shownSince: (after: number | undefined): string[] =>
      ((after === undefined ? anyVisible.all(now()) : nowVisible.all(after, now())) as { queue: string }[]).map(
        ({ queue }) => queue,
      ),
  };
};

const received = (row: Row, receipt: string, at: Instant): ReceivedMessage => ({
  messageId: row.id,
  receiptHandle: Buffer.from(`${row.seq} ${receipt}`).toString('base64'),
  body: row.body,
  attributes: JSON.parse(row.attributes) as MessageAttributes,
  senderId: row.sender,
  sentAt: row.sent_at as Instant,
  firstReceivedAt: (row.first_received ?? at) as Instant,
  receiveCount: row.receives + 1,
  ...(row.trace_header === null ? {} : { traceHeader: row.trace_header }),
  ...(row.source === null ? {} : { sourceArn: row.source }),
});

/** What a receipt handle says: which message, and which delivery of it. */
export interface Receipt {
  readonly seq: number;
  readonly receipt: string;
}

/** Reads a handle; undefined where it is none of ours. */
export const readHandle = (handle: string): Receipt | undefined => {
  const [, seq, receipt] = /^(\d{1,15}) ([\w-]{16})$/.exec(Buffer.from(handle, 'base64').toString('utf8')) ?? [];
  return seq === undefined || receipt === undefined ? undefined : { seq: Number(seq), receipt };
};
