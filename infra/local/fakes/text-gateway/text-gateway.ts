import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import { randomToken } from '../../../../shared/platform/ids.ts';
import { formatInstant, type Instant } from '../../../../shared/platform/time.ts';
import type { GatewayEvent } from '../../../../shared/relay/contract.ts';
import { endpointKey, sign, verify } from '../../../../shared/relay/signature.ts';
import { type Fake, type VirtualClock, WireRefusal } from '../../wire.ts';
import { inTransaction } from '../transaction.ts';

/** One text that the gateway took: the oracle of every test about who got which text. */
export interface AcceptedText {
  /** Place in the log, `1` for the first. */
  readonly id: string;
  /** The gateway's own id, as it was answered. */
  readonly messageId: string;
  readonly at: Instant;
  readonly gateway: string;
  readonly to: string;
  readonly text: string;
  /** Name that stands before the text. */
  readonly signature: string;
  readonly template: string;
  readonly sendClass: string;
  readonly reference: string;
}

/** What somebody does with a text. */
const feedbackSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('delivered') }),
  z.strictObject({ type: z.literal('failed'), code: z.string().default('unknown-number') }),
  z.strictObject({ type: z.literal('reply'), text: z.string().min(1) }),
]);

const sendSchema = z.object({
  type: z.literal('text.send'),
  data: z.object({
    to: z.string().min(1),
    reference: z.string().min(1),
    message: z.object({
      text: z.string().min(1),
      signature: z.string().min(1),
      template: z.string().min(1),
      sendClass: z.string().min(1),
    }),
  }),
});

export interface TextGatewayAnswer {
  readonly status: number;
  readonly body: string;
}

/** The insurer's gateway, imitated: takes signed texts, tells what became of them. */
export interface TextGateway extends Fake {
  /** A call to `/text-gateway/<name>`. */
  take(name: string, headers: Readonly<Record<string, string>>, body: Buffer): TextGatewayAnswer;
  /** In the order in which they were taken, from `after` (exclusive) on. */
  list(query: { readonly limit: number; readonly after?: string }): readonly AcceptedText[];
  /** Has the gateway tell something about a text, at the next step of the engine. @throws EngagementError `bad-input`, `not-found` */
  feedback(id: string, report: unknown): void;
  /** How the gateway answers from now on; 200 unless set. */
  answerWith(status: number): void;
  count(): number;
}

interface Row {
  readonly id: number;
  readonly message_id: string;
  readonly at: Instant;
  readonly content: string;
}

/** How often a call to us that was not taken is tried. */
const TRIES = 5;

export interface TextGatewayParts {
  readonly db: DatabaseSync;
  readonly clock: VirtualClock;
  /** The stage's secret that endpoint keys are derived from. */
  readonly secret: () => Uint8Array;
  /** Posts to the product's own address. @returns the status */
  readonly post: (path: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;
}

export const createTextGateway = ({ db, clock, secret, post }: TextGatewayParts): TextGateway => {
  db.exec(`
    CREATE TABLE IF NOT EXISTS texts_taken (
      id INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL, at INTEGER NOT NULL, content TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS texts_told (
      id INTEGER PRIMARY KEY, gateway TEXT NOT NULL, event TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0);`);
  const statements = {
    known: db.prepare('SELECT message_id FROM texts_taken WHERE webhook_id = ?'),
    add: db.prepare('INSERT INTO texts_taken (webhook_id, message_id, at, content) VALUES (?, ?, ?, ?)'),
    list: db.prepare('SELECT id, message_id, at, content FROM texts_taken WHERE id > ? ORDER BY id LIMIT ?'),
    get: db.prepare('SELECT id, message_id, at, content FROM texts_taken WHERE id = ?'),
    count: db.prepare('SELECT count(*) AS n FROM texts_taken'),
    tell: db.prepare('INSERT INTO texts_told (gateway, event) VALUES (?, ?)'),
    due: db.prepare('SELECT id, gateway, event FROM texts_told WHERE tries < ? ORDER BY id LIMIT 100'),
    tried: db.prepare('UPDATE texts_told SET tries = tries + 1 WHERE id = ?'),
    told: db.prepare('UPDATE texts_told SET tries = 1000 WHERE id = ?'),
  };
  let status = 200;

  const fromRow = ({ id, message_id: messageId, at, content }: Row): AcceptedText => ({
    ...(JSON.parse(content) as Omit<AcceptedText, 'id' | 'messageId' | 'at'>),
    id: String(id),
    messageId,
    at,
  });
  const find = (id: string): AcceptedText => {
    const row = statements.get.get(Number(id)) as Row | undefined;
    if (row === undefined) throw new EngagementError('not-found', `the gateway took no text ${id}: see /local/texts`);
    return fromRow(row);
  };
  const answer = (code: number, body: object): TextGatewayAnswer => ({ status: code, body: JSON.stringify(body) });
  const noCalls = (): never => {
    throw new WireRefusal(400, 'UnknownOperation', 'the text gateway speaks no AWS protocol');
  };

  return {
    accepts: () => false,
    actionOf: noCalls,
    handle: async () => noCalls(),

    take(name, headers, body) {
      const id = verify(endpointKey(secret(), name), headers, body, clock.now());
      if (id === undefined) return answer(401, { error: 'the signature does not hold' });
      if (status !== 200) return answer(status, { error: 'as the test wants it' });
      let json: unknown;
      try {
        json = JSON.parse(body.toString('utf8'));
      } catch {
        return answer(400, { error: 'the body is not JSON' });
      }
      const read = sendSchema.safeParse(json);
      if (!read.success) return answer(400, { error: z.prettifyError(read.error) });
      const { to, reference, message } = read.data.data;
      const messageId = inTransaction(db, () => {
        // a gateway that knows its trade keeps the ids of what it took
        const before = statements.known.get(id) as { message_id: string } | undefined;
        if (before !== undefined) return before.message_id;
        const made = `text-${randomToken(9)}`;
        const { text, signature, template, sendClass } = message;
        const content = { gateway: name, to, text, signature, template, sendClass, reference };
        statements.add.run(id, made, clock.now(), JSON.stringify(content));
        return made;
      });
      return answer(200, { id: messageId });
    },

    list: ({ limit, after = '0' }) => (statements.list.all(Number(after), limit) as unknown as Row[]).map(fromRow),
    count: () => (statements.count.get() as { n: number }).n,
    answerWith(wanted) {
      status = wanted;
    },

    feedback(id, report) {
      const read = feedbackSchema.safeParse(report);
      if (!read.success) throw new EngagementError('bad-input', `feedback: ${z.prettifyError(read.error)}`);
      const { gateway, reference, to } = find(id);
      const at = formatInstant(clock.now());
      const told = {
        delivered: () => ({ type: 'text.delivered', data: { reference, at } }),
        failed: (code: string) => ({ type: 'text.failed', data: { reference, at, code } }),
        reply: (text: string) => ({ type: 'text.reply', data: { reference, from: to, text, at } }),
      } satisfies Record<string, (value: string) => { readonly type: GatewayEvent['type']; readonly data: object }>;
      const { data } = read;
      const event =
        data.type === 'delivered'
          ? told.delivered()
          : data.type === 'failed'
            ? told.failed(data.code)
            : told.reply(data.text);
      inTransaction(db, () => statements.tell.run(gateway, JSON.stringify(event)));
    },

    nextDueAt: () => (statements.due.get(TRIES) === undefined ? undefined : clock.now()),
    async run() {
      const due = statements.due.all(TRIES) as unknown as { id: number; gateway: string; event: string }[];
      for (const { id, gateway, event } of due) {
        const signed = sign(endpointKey(secret(), gateway), `event-${id}`, clock.now(), Buffer.from(event, 'utf8'));
        const taken = await post(`/h/${gateway}`, { 'content-type': 'application/json', ...signed }, event);
        inTransaction(db, () => (taken < 300 ? statements.told : statements.tried).run(id));
      }
      return due.length > 0;
    },
  };
};
