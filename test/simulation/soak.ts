import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { hardFaults } from './faults.ts';
import { violationsOf } from './invariants.ts';
import { drawWorld, type MailWorld } from './mail-world.ts';
import { runSimulation, type SimulationReport } from './run-simulation.ts';
import { createRandom } from './scheduler.ts';

/**
 * `npm run soak`: the sending of mail under random fault schedules, many more than the tests play. Every schedule must
 * keep N1–N5 and, played again from its seed, give the same history.
 */

const HELP = `usage: npm run soak -- [--seeds 5000] [--sends 200] [--from 1]

Plays fault schedules on the simulation rig: kills, lost answers, repeats, throttling, opt-outs and exits in the middle
of it. A schedule that breaks N1–N5, or that does not replay alike, is named with its seed; play it alone by
--from SEED --seeds 1.

  --seeds N   how many schedules
  --sends N   orders of each
  --from N    first seed`;

interface Share {
  readonly first: number;
  readonly step: number;
  readonly last: number;
  readonly sends: number;
}

interface Played {
  readonly seed: number;
  readonly accepted: number;
  readonly kills: number;
  readonly problems: readonly string[];
}

/** A world of exactly `sends` orders. */
const worldOf = (seed: number, sends: number): MailWorld => {
  for (let persons = Math.ceil(sends / 3); ; persons *= 2) {
    const world = drawWorld(createRandom(seed), persons);
    if (world.orders.length >= sends) return { ...world, orders: world.orders.slice(0, sends) };
  }
};

const fingerprint = (report: SimulationReport): string =>
  createHash('sha256')
    .update(JSON.stringify([report.accepted, [...report.rows], report.ledger, report.steps, report.endedAt]))
    .digest('hex');

const play = async (seed: number, sends: number): Promise<Played> => {
  const options = { rates: hardFaults, interventions: true, trouble: 0.1, world: worldOf(seed, sends) };
  const report = await runSimulation(seed, options);
  const again = await runSimulation(seed, options);
  const problems = [...violationsOf(report)];
  if (fingerprint(again) !== fingerprint(report)) problems.push('played again, it went otherwise');
  const kills = report.counts['kill-before'] + report.counts['kill-after'];
  return { seed, accepted: report.accepted.length, kills, problems };
};

const work = async ({ first, step, last, sends }: Share): Promise<void> => {
  for (let seed = first; seed <= last; seed += step) parentPort?.postMessage(await play(seed, sends));
};

const numberOf = (text: string | undefined, name: string, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} ${text}: write a whole number above 0`);
  process.exit(2);
};

const lead = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      sends: { type: 'string' },
      from: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const seeds = numberOf(values.seeds, 'seeds', 5_000);
  const sends = numberOf(values.sends, 'sends', 200);
  const from = numberOf(values.from, 'from', 1);
  const step = Math.min(availableParallelism(), seeds);
  const sum = { played: 0, accepted: 0, kills: 0, broken: 0 };
  const began = Date.now();
  await Promise.all(
    Array.from({ length: step }, (_, n) => {
      const share: Share = { first: from + n, step, last: from + seeds - 1, sends };
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      return new Promise<void>((resolve, reject) => {
        worker.on('error', reject).on('exit', () => resolve());
        worker.on('message', ({ seed, accepted, kills, problems }: Played) => {
          sum.played += 1;
          sum.accepted += accepted;
          sum.kills += kills;
          if (problems.length > 0) {
            sum.broken += 1;
            console.log(`seed ${seed}: ${problems.join('; ')}`);
          }
          if (sum.played % 100 === 0)
            console.log(`${sum.played} of ${seeds} schedules, ${Math.round((Date.now() - began) / 1_000)} s`);
        });
      });
    }),
  );
  console.log(
    `${sum.played} schedules of ${sends} sends: ${sum.accepted} mails accepted under ${sum.kills} kills, ${sum.broken} schedules broken`,
  );
  process.exitCode = sum.broken === 0 && sum.played === seeds ? 0 : 1;
};

await (isMainThread ? lead() : work(workerData as Share));
