import { readFileSync } from 'node:fs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { wire as wireCallOut } from '../../../functions/call-out/wire.ts';
import { wire as wireComposeLetters } from '../../../functions/compose-letters/wire.ts';
import { wire as wireFollowChanges } from '../../../functions/follow-changes/wire.ts';
import { wire as wireHandOver } from '../../../functions/hand-over/wire.ts';
import { wire as wireLoadRows } from '../../../functions/load-rows/wire.ts';
import { wire as wireReceiveEvents } from '../../../functions/receive-events/wire.ts';
import { wire as wireReceiveFeedback } from '../../../functions/receive-feedback/wire.ts';
import { wire as wireRunDue } from '../../../functions/run-due/wire.ts';
import { wire as wireSendMail } from '../../../functions/send-mail/wire.ts';
import { wire as wireSplitImport } from '../../../functions/split-import/wire.ts';
import { wire as wireTick } from '../../../functions/tick/wire.ts';
import { wire as wireWorkAudiences } from '../../../functions/work-audiences/wire.ts';
import type { Bus, BusEvent } from '../../../shared/platform/bus.ts';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { codeOf, type EventLog, silentLog } from '../../../shared/platform/logging.ts';
import { createMemoryObjects } from '../../../shared/platform/memory-objects.ts';
import { createMemoryTable } from '../../../shared/platform/memory-table.ts';
import type { Parts } from '../../../shared/platform/parts.ts';
import { DAY, formatInstant, type Instant, MINUTE, parseInstant } from '../../../shared/platform/time.ts';
import type { BookFile } from '../book.ts';

/** A mail that the provider took. */
export interface TakenMail {
  readonly at: Instant;
  readonly to: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The provider's. */
  readonly messageId: string;
}

export interface MemorySystemOptions {
  readonly start: Instant;
  /** What the provider allows; unbounded, as far as a book goes, unless said. */
  readonly limits?: { readonly perSecond: number; readonly perDay: number };
  /** Called with each mail as it was sent; a rehearsal keeps none. */
  readonly read?: (mail: { readonly to: string; readonly raw: Uint8Array }) => void;
}

type Consumer = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

interface Waiting {
  readonly id: string;
  readonly body: string;
  attempt: number;
}

/** Who works off which queue, in the order in which a rehearsal does it: what changes first, then what follows from it. */
const ORDER = [
  'CHUNKS_QUEUE_URL',
  'EVENTS',
  'CHANGES_QUEUE_URL',
  'DUE_QUEUE_URL',
  'AUDIENCES_QUEUE_URL',
  'SEND_STATUTORY_QUEUE_URL',
  'SEND_SERVICE_QUEUE_URL',
  'SEND_MARKETING_QUEUE_URL',
  'LETTERS_QUEUE_URL',
  'OUTBOUND_QUEUE_URL',
  'FEEDBACK',
  'PRINT_QUEUE_URL',
] as const;
type QueueName = (typeof ORDER)[number];

/** Messages a consumer gets at once, where it is not ten. */
const BATCH: Readonly<Partial<Record<QueueName, number>>> = {
  CHUNKS_QUEUE_URL: 1,
  AUDIENCES_QUEUE_URL: 1,
  PRINT_QUEUE_URL: 1,
};
const ATTEMPTS = 12;
/** Proof of what was never sent is not kept: a year of it would not fit in memory. */
const PROOFS = 'MESSAGES_BUCKET';
const forgetful = () => ({ ...createMemoryObjects(), put: async () => {} });
/** Sources on the bus that the customer-events queue hears. */
const HEARD: readonly string[] = ['policy.admin', 'customer.events', 'perennial.pages', 'perennial.journeys'];

const SETTINGS: Readonly<Record<string, string>> = {
  PUBLIC_ORIGIN: 'https://rehearsal.invalid',
  SENDER_DOMAIN: 'perennial.example',
};

/**
 * The whole system in memory, for rehearsals: the functions' own wiring over a table, queues and buckets in this process,
 * one thing at a time, on a clock that only the caller moves. The same book and events give the same history. Nothing
 * leaves: mails end in `taken`, texts and webhooks are answered as if they had arrived.
 */
export const createMemorySystem = ({
  start,
  limits = { perSecond: 1_000, perDay: 10_000_000 },
  read = () => {},
}: MemorySystemOptions) => {
  let now = start;
  let ids = 0;
  const table = createMemoryTable();
  const clock = (): Instant => now;
  const waiting = new Map<QueueName, Waiting[]>(ORDER.map((name) => [name, []]));
  const buckets = new Map<string, ReturnType<typeof createMemoryObjects>>();
  const events: BusEvent[] = [];
  const taken: TakenMail[] = [];
  const faults: string[] = [];

  const send = (name: QueueName, bodies: readonly unknown[]): void => {
    for (const body of bodies) {
      ids += 1;
      waiting.get(name)?.push({ id: `q${ids}`, body: JSON.stringify(body), attempt: 0 });
    }
  };
  const isQueue = (name: string): name is QueueName => (ORDER as readonly string[]).includes(name);

  const publish = (source: string, detailType: string, at: Instant, detail: unknown): void => {
    if (!HEARD.includes(source)) return;
    ids += 1;
    send('EVENTS', [{ id: `e${ids}`, source, 'detail-type': detailType, time: formatInstant(at), detail }]);
  };
  const bus: Bus = {
    async publish(published) {
      events.push(...published);
      for (const { source, detailType, at, detail } of published) publish(source, detailType, at, detail);
    },
  };

  const log: EventLog = {
    ...silentLog,
    error: (event, fields) => {
      faults.push(`${event} ${JSON.stringify(fields)}`);
    },
  };
  const parts: Parts = {
    table,
    queue: (variable) => {
      if (!isQueue(variable))
        throw new EngagementError('misconfigured', `no queue ${variable} in a rehearsal: add it to ORDER`);
      return { send: async (messages) => send(variable, messages) };
    },
    bucket: (variable) => {
      const bucket = buckets.get(variable) ?? (variable === PROOFS ? forgetful() : createMemoryObjects());
      buckets.set(variable, bucket);
      return bucket;
    },
    bus,
    secret: () => async () => Buffer.from('a rehearsal needs no secret that anybody keeps'),
    setting: (variable) => {
      const value = SETTINGS[variable];
      if (value === undefined)
        throw new EngagementError('misconfigured', `no setting ${variable} in a rehearsal: add it to SETTINGS`);
      return value;
    },
    ids: { next: () => `x${String(++ids).padStart(25, '0')}` },
    clock,
    log,
    meter: { count: () => {} },
  };

  const mailer = {
    async send({ to, raw, tags }: { to: string; raw: Uint8Array; tags: Readonly<Record<string, string>> }) {
      ids += 1;
      read({ to, raw });
      const messageId = `m${ids}`;
      taken.push({ at: now, to, tags, messageId });
      const mail = {
        messageId,
        timestamp: formatInstant(now),
        destination: [to],
        tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
      };
      send('FEEDBACK', [
        { eventType: 'Send', mail, send: {} },
        { eventType: 'Delivery', mail, delivery: { timestamp: formatInstant(now) } },
      ]);
      return { kind: 'accepted' as const, messageId };
    },
  };
  /** From the end, where the last day is: `taken` is in order. */
  const sentLastDay = (): number => taken.length - 1 - taken.findLastIndex(({ at }) => at <= now - DAY);
  const ses = { limits: async () => ({ ...limits, sentLast24Hours: sentLastDay() }), mailer };
  const http = { post: async () => ({ kind: 'answered' as const, status: 202, body: '{}' }) };

  const sendMail = wireSendMail({ ...parts, ...ses });
  const consumers: Readonly<Record<QueueName, Consumer>> = {
    CHUNKS_QUEUE_URL: wireLoadRows(parts),
    EVENTS: wireReceiveEvents(parts),
    CHANGES_QUEUE_URL: wireFollowChanges(parts),
    DUE_QUEUE_URL: wireRunDue(parts),
    AUDIENCES_QUEUE_URL: wireWorkAudiences({ ...parts, ...ses }),
    SEND_STATUTORY_QUEUE_URL: sendMail,
    SEND_SERVICE_QUEUE_URL: sendMail,
    SEND_MARKETING_QUEUE_URL: sendMail,
    LETTERS_QUEUE_URL: wireComposeLetters(parts),
    OUTBOUND_QUEUE_URL: wireCallOut({ ...parts, http }),
    FEEDBACK: wireReceiveFeedback(parts),
    PRINT_QUEUE_URL: wireHandOver(parts),
  };
  const splitImport = wireSplitImport(parts);
  const tick = wireTick(parts);

  const context = { awsRequestId: 'rehearsal' } as Context;
  const recordOf = ({ id, body, attempt }: Waiting): SQSRecord => ({
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempt),
      SentTimestamp: String(now),
      SenderId: 'rehearsal',
      ApproximateFirstReceiveTimestamp: String(now),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  });

  /** Works off one batch of the first queue that has any. @returns false where all are empty */
  const workOne = async (): Promise<boolean> => {
    const name = ORDER.find((each) => (waiting.get(each)?.length ?? 0) > 0);
    if (name === undefined) return false;
    const batch = (waiting.get(name) as Waiting[]).splice(0, BATCH[name] ?? 10);
    for (const message of batch) message.attempt += 1;
    const { batchItemFailures } = await consumers[name]({ Records: batch.map(recordOf) }, context);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of batch) {
      if (!failed.has(message.id)) continue;
      if (message.attempt >= ATTEMPTS)
        throw new EngagementError(
          'unavailable',
          `a message of ${name} failed ${ATTEMPTS} times: ${faults.at(-1) ?? 'without a word'}`,
        );
      waiting.get(name)?.push(message);
    }
    return true;
  };
  const drain = async (): Promise<void> => {
    while (await workOne());
  };

  return {
    table,
    parts,
    /** Everything published on the bus. */
    events: events as readonly BusEvent[],
    /** Every mail the provider took, in order. */
    taken: taken as readonly TakenMail[],
    now: clock,
    drain,

    /** Puts an event of another system on the bus. */
    raise: (source: string, detailType: string, detail: unknown): void => publish(source, detailType, now, detail),

    /** Tells what SES would tell. */
    feedback: (event: unknown): void => send('FEEDBACK', [event]),

    /**
     * Imports the files of a book by the importer's own functions.
     * @throws EngagementError `bad-input` where no file has a mapping
     */
    async importBook(files: readonly BookFile[]): Promise<void> {
      const mapped = files.flatMap(({ file, path, mapping }) => (mapping ? [{ file, path, mapping }] : []));
      if (mapped.length === 0)
        throw new EngagementError('bad-input', 'no file of the book has a mapping: write FILE.mapping.json beside one');
      const imports = parts.bucket('IMPORTS_BUCKET');
      for (const { file, path, mapping } of mapped) {
        const key = `incoming/${file}`;
        await imports.put(`mappings/${mapping.id}.json`, mapping.text);
        await imports.put(key, readFileSync(path), { metadata: { mapping: mapping.id, confirmed: 'yes' } });
        const body = JSON.stringify({
          Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'imports' }, object: { key } } }],
        });
        const record = recordOf({ id: file, body, attempt: 1 });
        const { batchItemFailures } = await splitImport({ Records: [record] }, context);
        if (batchItemFailures.length > 0)
          throw new EngagementError('bad-input', `${file} cannot be imported: ${faults.at(-1) ?? 'see its mapping'}`);
        await drain();
      }
    },

    /** Moves the clock and does all that falls due on the way, minute by minute where anything does.
     *  @param each called after each minute in which something was done */
    async moveTo(to: Instant, each?: (at: Instant) => void): Promise<void> {
      for (;;) {
        const { nextDueAt } = await tick({ scheduledAt: formatInstant(now) }, context).catch((cause: unknown) => {
          throw new EngagementError('unavailable', `tick failed: ${codeOf(cause)}`, { cause });
        });
        await drain();
        each?.(now);
        const next = nextDueAt === null ? undefined : parseInstant(nextDueAt);
        const minute = Math.ceil(Math.max(next ?? to, now + 1) / MINUTE) * MINUTE;
        if (now >= to) return;
        now = Math.min(minute, to) as Instant;
      }
    },
  };
};

export type MemorySystem = ReturnType<typeof createMemorySystem>;
