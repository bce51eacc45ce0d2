import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { wire as wireFeedback } from '../../functions/receive-feedback/wire.ts';
import { wire as wireSendMail } from '../../functions/send-mail/wire.ts';
import { shippedIndex } from '../../shared/content/shipped-templates.ts';
import type { MailTags } from '../../shared/message/mailer.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import type { Table } from '../../shared/platform/table.ts';
import { formatInstant } from '../../shared/platform/time.ts';
import { createSending, NOW, orderOf } from '../message/sending.ts';
import PRICE from '../support/aws-prices.json' with { type: 'json' };
import { createCountingTable, type Usage } from './counting-table.ts';

/** Messages that a consumer gets at a time, batches that are measured after some that warm it up. */
const [BATCH, WARM, MEASURED] = [10, 5, 20];
const PEOPLE = BATCH * (WARM + MEASURED);

/** How long the services take to answer inside their region, in milliseconds: assumed, and rather long. */
const LATENCY = { table: 6, bucket: 40, provider: 100, queue: 10 };
/** Memory of the two functions, as the stack has it. */
const GB = { sendMail: 1_769 / 1_024, feedback: 512 / 1_024 };
/** X-Ray's own rule traces one request in twenty where there are many. */
const TRACED = 0.05;
/** What Lambda and Powertools add to a line of log, and Lambda's own lines of one invocation, in bytes. */
const [LINE, INVOCATION] = [250, 400];

type Consumer = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const delayed = (table: Table): Table =>
  new Proxy(table, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...given: unknown[]) => unknown;
      return async (...given: unknown[]) => {
        await sleep(LATENCY.table);
        return Reflect.apply(method, target, given);
      };
    },
  });

/** What a mail of a broadcast costs on AWS beside SES's own price, in dollars: the consumer of the send queues, in full
 *  batches and with real templates, and its two events, Send and Delivery, through theirs. */
export const costOfMail = async (): Promise<number> => {
  const usage: Usage = { calls: 0, readUnits: 0, writeUnits: 0 };
  let [puts, logged] = [0, 0];
  const sent: { readonly to: string; readonly tags: MailTags }[] = [];
  const profile = { locale: 'en', name: { given: 'Ana', family: 'Li' } };
  const people = Array.from({ length: PEOPLE }, (_, n) => ({ n, profile }));
  const { memory } = await createSending(people);
  const note = (name: string, fields: object): void => {
    logged += LINE + JSON.stringify({ name, ...fields }).length;
  };
  const log: EventLog = { info: note, warn: note, error: note };
  const bucket: Parts['bucket'] = () =>
    ({
      get: async () => undefined,
      list: async () => ({ keys: [] }),
      put: async () => {
        puts += 1;
        await sleep(LATENCY.bucket);
      },
    }) as unknown as ReturnType<Parts['bucket']>;
  const parts: Parts = {
    table: delayed(createCountingTable(memory, usage)),
    queue: () => ({
      send: async (messages) => {
        if (messages.length > 0) await sleep(LATENCY.queue);
      },
    }),
    bucket,
    bus: createMemoryBus(),
    secret: () => async () => Buffer.alloc(32, 7),
    setting: (name) => (name === 'PUBLIC_ORIGIN' ? 'https://renewals.example.com' : 'mail.example.com'),
    ids: { next: () => `i${puts}`.padEnd(26, '0') },
    clock: () => NOW,
    log,
    meter: { count: (name, value, dimensions) => note(name, { value, ...dimensions }) },
  };
  const sendMail = wireSendMail({
    ...parts,
    mailer: {
      send: async ({ to, tags }) => {
        await sleep(LATENCY.provider);
        sent.push({ to, tags });
        return { kind: 'accepted', messageId: `m${sent.length}` };
      },
    },
    limits: async () => ({ perSecond: 1_000, perDay: 10_000_000, sentLast24Hours: 0 }),
  });
  const feedback = wireFeedback(parts);

  const give = async (consumer: Consumer, bodies: readonly unknown[]): Promise<number> => {
    const Records = bodies.map((body, n) => ({
      messageId: `m${n}`,
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1' },
    }));
    const begun = performance.now();
    const { batchItemFailures } = await consumer({ Records } as unknown as SQSEvent, {} as Context);
    if (batchItemFailures.length > 0) throw new Error('every message of the batch should have been done');
    return performance.now() - begun;
  };
  const templateVersion = shippedIndex['renewal-m30']?.version ?? '';
  const time = { sendMail: 0, feedback: 0 };
  const round = async (batch: number): Promise<void> => {
    const numbers = Array.from({ length: BATCH }, (_, n) => batch * BATCH + n);
    time.sendMail += await give(
      sendMail,
      numbers.map((n) => orderOf(n, { template: 'renewal-m30', templateVersion })),
    );
    const timestamp = formatInstant(NOW);
    for (const eventType of ['Send', 'Delivery'])
      time.feedback += await give(
        feedback,
        sent.slice(-BATCH).map(({ to, tags }, n) => ({
          eventType,
          mail: {
            messageId: `m${batch * BATCH + n + 1}`,
            timestamp,
            destination: [to],
            tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
          },
          ...(eventType === 'Delivery' ? { delivery: { timestamp } } : { send: {} }),
        })),
      );
  };
  for (let batch = 0; batch < WARM; batch += 1) await round(batch);
  Object.assign(usage, { calls: 0, readUnits: 0, writeUnits: 0 });
  Object.assign(time, { sendMail: 0, feedback: 0 });
  [puts, logged] = [0, 0];
  for (let batch = WARM; batch < WARM + MEASURED; batch += 1) await round(batch);
  if (sent.length !== PEOPLE) throw new Error(`${PEOPLE} mails were expected, ${sent.length} went`);

  const mails = MEASURED * BATCH;
  const invocations = 3 * MEASURED;
  const dollars =
    usage.writeUnits * PRICE.tableWriteUnit +
    usage.readUnits * PRICE.tableReadUnit +
    puts * PRICE.s3Put +
    // each message is sent, received and deleted, ten at a time; both events come by SNS
    3 * invocations * PRICE.sqsRequest +
    2 * mails * PRICE.snsRequest +
    invocations * (PRICE.lambdaRequest + TRACED * PRICE.trace) +
    ((time.sendMail * GB.sendMail + time.feedback * GB.feedback) / 1_000) * PRICE.lambdaArmGbSecond +
    ((logged + invocations * INVOCATION) / 1e9) * PRICE.logGb;
  return dollars / mails;
};
