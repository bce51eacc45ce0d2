import { createHash } from 'node:crypto';
import { toCsv } from '../platform/csv.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Objects } from '../platform/objects.ts';
import { inParallel } from '../platform/parallel.ts';
import { formatInstant, HOUR, type Instant } from '../platform/time.ts';
import type { Letter } from './letter.ts';
import { batchFile, letterFile, MANIFEST } from './letter-files.ts';
import type { Batch, Letters, PrintDay } from './letter-store.ts';
import { letterRow, type RecallPorts, recallLetters } from './recall-letters.ts';

/** Everything that handing over needs from outside. */
export interface HandOverPorts extends RecallPorts {
  readonly letters: Letters;
  /** The print bucket. */
  readonly files: Pick<Objects, 'get' | 'put' | 'head'>;
}

export type HandOverOutcome =
  | { readonly kind: 'handed-over'; readonly batch: string; readonly letters: number; readonly recalled: number }
  /** No letter of the day waits: an earlier hand-over took them, or all were recalled. */
  | { readonly kind: 'nothing-to-print'; readonly recalled: number };

/** Letters of a paused or stopped campaign are asked about again after this long. */
const PAUSE_RECHECK = HOUR;

/** What one run can copy well within its time; those beyond go into the next batch of the day. */
const MAX_LETTERS = 2_000;
/** Files and rows at a time. */
const WIDTH = 8;

const COLUMNS = [
  'letterId',
  'file',
  'sha256',
  'pages',
  'sendClass',
  'at',
  'customerId',
  'policyNos',
  'campaign',
  'step',
  ...[1, 2, 3, 4, 5, 6].map((line) => `addressLine${line}`),
];

const manifestRow = (letter: Letter, batch: Batch): readonly string[] => [
  letter.letterId,
  `${letter.letterId}.pdf`,
  letter.sha256,
  String(letter.pages),
  letter.sendClass,
  formatInstant(batch.openedAt),
  letter.partyId,
  letter.policyNos.join(';'),
  letter.campaign,
  letter.step,
  ...Array.from({ length: 6 }, (_, line) => letter.addressLines[line] ?? ''),
];

/** They are composed and counted: once their campaign goes on, they make another batch of their day. */
const comeAgain = async (ports: HandOverPorts, { house, printOn }: PrintDay): Promise<void> => {
  const now = ports.clock();
  const at = (now + PAUSE_RECHECK) as Instant;
  await ports.due.place(
    [{ at, kind: 'print', id: `${printOn}#${house}`, payload: { kind: 'print', house, printOn } }],
    now,
  );
};

/** The batch that an interrupted hand-over left, or a new one over the letters that may go. */
const openBatch = async (
  ports: HandOverPorts,
  day: PrintDay,
): Promise<{ batch: Batch | undefined; recalled: number }> => {
  const batches = await ports.letters.batches(day);
  const unfinished = batches.find(({ state }) => state === 'open');
  if (unfinished) return { batch: unfinished, recalled: 0 };
  const waiting = (await ports.letters.ofDay(day)).filter(({ state }) => state === 'composed' || state === 'remaking');
  const { going, waiting: kept } = await recallLetters(ports, waiting);
  if (kept.length > 0) await comeAgain(ports, day);
  const recalled = waiting.length - going.length - kept.length;
  if (going.length === 0) return { batch: undefined, recalled };
  const number = batches.length + 1;
  const batch: Batch = {
    ...day,
    batch: `${day.printOn}-${day.house}-${number}`,
    number,
    letterIds: going.slice(0, MAX_LETTERS).map(({ letterId }) => letterId),
    openedAt: ports.clock(),
    state: 'open',
  };
  if (await ports.letters.openBatch(batch)) return { batch, recalled };
  throw new EngagementError('conflict', `batch ${batch.batch} is being handed over by another worker: come again`, {
    retryable: true,
  });
};

/** Copies one letter into the batch. @returns false where its file is lost or not the one that was recorded */
const copy = async (ports: HandOverPorts, letter: Letter, batch: Batch): Promise<boolean> => {
  const file = await ports.files.get(letterFile(letter.letterId));
  if (file === undefined || createHash('sha256').update(file.body).digest('hex') !== letter.sha256) return false;
  await ports.files.put(batchFile(batch.batch, `${letter.letterId}.pdf`), file.body, {
    contentType: 'application/pdf',
  });
  return true;
};

const giveUp = async (ports: HandOverPorts, letter: Letter): Promise<void> => {
  const details = {
    detail: 'the file is lost or damaged: restore its version in the print bucket',
    failedAt: ports.clock(),
  };
  await ports.timeline.advance(letterRow(letter), 'failed', { reason: 'not-printable', details });
  await ports.letters.move(letter, 'composed', 'failed');
};

/**
 * Hands over the letters of one print day at its cut-off: recalls what must not go, fixes the batch, copies the files,
 * writes the manifest last, then marks the letters (F36). The manifest is the act: before it the print house takes
 * nothing, after it nothing of the batch changes. Repeated after any interruption, it finishes the same batch; repeated
 * after the end, it does nothing, unless letters came late or were too many: those make the day's next batch, so call it
 * until there is nothing to print.
 */
export const handOver = async (ports: HandOverPorts, day: PrintDay): Promise<HandOverOutcome> => {
  const { batch, recalled } = await openBatch(ports, day);
  if (batch === undefined) return { kind: 'nothing-to-print', recalled };

  const wanted = new Set<string>(batch.letterIds);
  const letters = (await ports.letters.ofDay(day)).filter(({ letterId }) => wanted.has(letterId));
  const manifest = batchFile(batch.batch, MANIFEST);
  let printed = letters.filter(({ state }) => state !== 'failed');
  if ((await ports.files.head(manifest)) === undefined) {
    const copied = await inParallel(printed, WIDTH, async (letter) => {
      const ok = await copy(ports, letter, batch);
      if (!ok) await giveUp(ports, letter);
      return ok;
    });
    printed = printed.filter((_, n) => copied[n]);
    const rows = printed.map((letter) => manifestRow(letter, batch));
    await ports.files.put(manifest, toCsv(COLUMNS, rows), { contentType: 'text/csv; charset=utf-8' });
  }
  await inParallel(printed, WIDTH, async (letter) => {
    const details = { batch: batch.batch, handedOverAt: batch.openedAt };
    await ports.letters.move(letter, 'composed', 'handed-over', batch.batch);
    await ports.timeline.advance(letterRow(letter), 'handed-over', { details });
  });
  await ports.letters.closeBatch(batch);
  return { kind: 'handed-over', batch: batch.batch, letters: printed.length, recalled };
};
