import type { Context, SQSEvent } from 'aws-lambda';
import { wire } from '../../functions/run-due/wire.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { tick } from '../../shared/journey/run-due.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';
import { DUE_AT } from './due-book.ts';
import { tableAt } from './local-table.ts';

/**
 * Runs one tick and all that it finds due, as the function `run-due` does and nothing else in this process. Prints what it
 * took: the longest invocation in seconds, how many there were, orders queued, highest resident memory in MB.
 * Usage: node run-due-alone.ts URL
 */

/** Messages that an invocation gets at most, as the stack has it. */
const BATCH = 10;

const table = tableAt(process.argv[2] ?? '');
const now = parseInstant(DUE_AT) as Instant;
const waiting: unknown[] = [];
let ordered = 0;
const handler = wire({
  table,
  queue: (variable) => ({
    async send(messages) {
      if (variable === 'DUE_QUEUE_URL') waiting.push(...messages);
      else if (variable.startsWith('SEND_')) ordered += messages.length;
    },
  }),
  bucket: () => createMemoryObjects(),
  ids: randomIds,
  bus: createMemoryBus(),
  clock: () => now,
  log: silentLog,
  meter: { count: () => {} },
});

await tick({ dueWork: createDueWork(table), due: { send: async (messages) => void waiting.push(...messages) } }, now);
let [longest, invocations] = [0, 0];
while (waiting.length > 0) {
  const Records = waiting.splice(0, BATCH).map((message, n) => ({
    messageId: `m${invocations}-${n}`,
    body: JSON.stringify(message),
    attributes: { ApproximateReceiveCount: '1' },
  }));
  const begun = performance.now();
  const { batchItemFailures } = await handler({ Records } as unknown as SQSEvent, {} as Context);
  if (batchItemFailures.length > 0) throw new Error('every message should have been done');
  longest = Math.max(longest, (performance.now() - begun) / 1_000);
  invocations += 1;
}
const peakMb = process.resourceUsage().maxRSS / 1_024;
console.log(JSON.stringify({ longest, invocations, ordered, peakMb }));
process.exit(0);
