import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EngagementError } from '../../shared/platform/errors.ts';
import { formatInstant, parseInstant } from '../../shared/platform/time.ts';
import { loadBook } from './book.ts';
import type { MoveCounts } from './move-clock.ts';
import { HELP, parseOptions, type StartOptions } from './options.ts';
import { writeSampleBook } from './sample/generate.ts';
import { type System, startSystem } from './system.ts';
import { valueOf } from './template/resources.ts';
import { ROOT } from './template/synthesize.ts';

/** `npm start`: the command line around a system. */

const SAMPLE_SEED = 1;
/** Lines on the terminal at most this often while the clock moves, in real milliseconds. */
const PROGRESS_EVERY = 1_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const progressLine = (now: string, { sent, held, skipped, failed }: MoveCounts): string =>
  `${now.slice(0, 16).replace('T', ' ')}  sent ${sent}  held ${held}  skipped ${skipped}  failed ${failed}`;

const bookFolder = async (options: StartOptions, system: System): Promise<string | undefined> => {
  switch (options.book.kind) {
    case 'empty':
      return undefined;
    case 'folder':
      return resolve(options.book.path);
    case 'sample': {
      const dir = join(resolve(options.state), 'sample-book', String(options.book.customers));
      // Kept beside the state: made again later, at another time, it would be another book.
      if (!existsSync(dir)) {
        await writeSampleBook(dir, { customers: options.book.customers, seed: SAMPLE_SEED, now: system.clock.now() });
      }
      return dir;
    }
  }
};

const load = async (options: StartOptions, system: System): Promise<void> => {
  const dir = await bookFolder(options, system);
  if (dir === undefined) return;
  const bucket = valueOf(system.resources, 'IMPORTS_BUCKET');
  if (bucket === undefined)
    throw new EngagementError('misconfigured', 'no function has IMPORTS_BUCKET in its environment');
  const future = join(dir, 'future.ndjson');
  if (existsSync(future)) system.services.future.load(future);
  await loadBook(dir, {
    s3: system.s3,
    bucket,
    savedMappings: join(ROOT, 'mappings'),
    memory: join(resolve(options.state), 'book.json'),
    // What the sample's people will do: the demo plays it.
    ignore: ['future.ndjson'],
    say,
  });
};

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') return say(HELP);
  if (options.book.kind === 'folder' && !existsSync(options.book.path)) {
    throw new EngagementError('bad-input', `--book "${options.book.path}" is not there`);
  }
  let lastLine = 0;
  const system = await startSystem({
    port: options.port,
    state: resolve(options.state),
    fresh: options.fresh,
    ...(options.now === undefined ? {} : { now: options.now }),
    say,
    onProgress(now, counts) {
      if (performance.now() - lastLine < PROGRESS_EVERY) return;
      lastLine = performance.now();
      say(progressLine(formatInstant(now), counts));
    },
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    say('stopping');
    void system.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // started by scripts/run.mjs, which was killed: nobody is left to stop this process
  process.on('disconnect', () => process.exit(1));

  const now = formatInstant(system.clock.now());
  say(`Perennial is at ${system.origin}/ (state ${options.state}, AWS endpoint ${system.awsEndpoint})`);
  say(system.existed ? `the clock goes on at ${now}, where it stood` : `the clock stands at ${now}`);
  if (system.existed && options.now !== undefined && options.now !== parseInstant(now)) {
    say('--now is for a new state only; use --fresh to begin again');
  }
  say(`  mailbox      ${system.origin}/local/mailbox`);
  say(`  print tray   ${system.origin}/local/print-tray`);
  say(`  move on      curl -X POST ${system.origin}/local/clock -d '{"by":"P1D"}'`);
  await system.engine.during(() => load(options, system));
  await system.engine.whenIdle();
  if (options.book.kind !== 'empty') say('the book is loaded');
};

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof EngagementError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
});
