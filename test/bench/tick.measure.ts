import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dueBook } from './due-book.ts';
import { withLocalTable } from './local-table.ts';
import type { Measurement } from './measurement.ts';

const DUE = 10_000;

interface Ran {
  readonly longest: number;
  readonly invocations: number;
  readonly ordered: number;
  readonly peakMb: number;
}

/** The function in a process of its own, with the memory that it has in the cloud. */
const runDueAt = async (url: string): Promise<Ran> => {
  const script = fileURLToPath(new URL('run-due-alone.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout) printed += String(chunk);
  return JSON.parse(printed) as Ran;
};

let ran: Promise<Ran> | undefined;
const measured = (): Promise<Ran> => {
  ran ??= withLocalTable(async (table, url) => {
    await table.writeMany(await dueBook(DUE));
    const outcome = await runDueAt(url);
    if (outcome.ordered !== DUE) throw new Error(`${DUE} orders were expected, ${outcome.ordered} came`);
    return outcome;
  });
  return ran;
};

/** One tick that finds ten thousand enrolments due, within the limits that the stack gives `run-due`: two minutes an
 *  invocation of up to ten messages, 1,024 MB. */
export const measurements: readonly Measurement[] = [
  {
    id: 'T1a',
    name: 'a tick with 10,000 due: longest invocation of run-due',
    unit: 's',
    floor: 120,
    goal: 60,
    more: false,
    run: async () => (await measured()).longest,
  },
  {
    id: 'T1b',
    name: 'a tick with 10,000 due: memory of run-due',
    unit: 'MB',
    floor: 1_024,
    goal: 512,
    more: false,
    run: async () => (await measured()).peakMb,
  },
];
