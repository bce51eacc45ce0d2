import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesOfBook } from '../infra/local/book.ts';
import { writeSampleBook } from '../infra/local/sample/generate.ts';
import { makeLive } from '../infra/local/simulate/make-live.ts';
import { createMemorySystem } from '../infra/local/simulate/memory-system.ts';
import { reportOn, showReport } from '../infra/local/simulate/report.ts';
import { checkDefinition } from '../shared/campaign/check-definition.ts';
import { pinWith } from '../shared/campaign/pins.ts';
import { shippedIndex } from '../shared/campaign/programmes.ts';
import { EngagementError } from '../shared/platform/errors.ts';
import { DAY, formatInstant, type Instant, parseInstant } from '../shared/platform/time.ts';
import { houseNames } from './campaign/house-names.ts';

const HELP = `usage: npm run simulate -- --campaign FILE [--book DIR | --sample N] [--days 90] [--now ISO] [--rate N] [--json FILE]

Plays a campaign over a book on a virtual clock, together with the campaigns that are live by default, without sending
anything: the functions' own code in memory. Says what would go out per day and step, what would not and why, what it
costs, how long the provider is busy, and whom other campaigns write to at the same time. The same input gives the same
report.

  --campaign FILE   the definition, such as campaigns/birthday.json; it may name templates and surveys that this build
                    ships, and no saved audience or list
  --book DIR        departments' files with their mappings (docs/guides/import.md)
  --sample N        or an invented book of N customers (default 500)
  --days N          how far to look (default 90)
  --now ISO         from when (default: today)
  --rate N          mails a second that the provider takes (default 14)
  --json FILE       writes the report there, too`;

const SAVED_MAPPINGS = fileURLToPath(new URL('../mappings', import.meta.url));
const SAMPLE_FILES_ASIDE = ['future.ndjson'];

const wrong = (message: string): never => {
  throw new EngagementError('bad-input', message);
};

const numberOf = (text: string | undefined, name: string, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text);
  return Number.isInteger(value) && value > 0 ? value : wrong(`--${name} ${text}: write a whole number above 0`);
};

const readDefinition = (path: string) => {
  if (!existsSync(path)) wrong(`--campaign ${path} is no file: name a definition such as campaigns/birthday.json`);
  let source: unknown;
  try {
    source = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return wrong(`${path} is not JSON: ${(error as Error).message}`);
  }
  const names = houseNames(source);
  if (names.length > 0)
    wrong(
      `${path} names what only a running system may know: ${names.join(', ')}. A simulation knows the templates and surveys of this build, and no saved audience or list: write a template under templates/ and a survey under surveys/ and build, an audience as "rule" in the file; or ask the house itself: npm run campaign -- pre-flight ID --to URL`,
    );
  const checked = checkDefinition(source, shippedIndex);
  if (checked.kind === 'valid') return checked.definition;
  return wrong(
    `${path} cannot be simulated:\n${checked.problems.map((found) => `  ${found.path}: ${found.message}`).join('\n')}`,
  );
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      campaign: { type: 'string' },
      book: { type: 'string' },
      sample: { type: 'string' },
      days: { type: 'string' },
      now: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const definition = readDefinition(values.campaign ?? wrong('--campaign FILE is missing: see --help'));
  const days = numberOf(values.days, 'days', 90);
  const perSecond = numberOf(values.rate, 'rate', 14);
  const today = `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
  const start = parseInstant(values.now ?? today) ?? wrong(`--now ${values.now}: write an instant such as 2026-12-01`);

  const invented = values.book === undefined ? mkdtempSync(join(tmpdir(), 'perennial-simulate-')) : undefined;
  try {
    if (invented !== undefined) {
      const customers = numberOf(values.sample, 'sample', 500);
      console.error(`inventing a book of ${customers} customers …`);
      await writeSampleBook(invented, { customers, seed: 1, now: start });
    }
    const system = createMemorySystem({ start, limits: { perSecond, perDay: perSecond * 86_400 } });
    await makeLive(system, pinWith(definition, shippedIndex));
    console.error('importing …');
    await system.importBook(filesOfBook(values.book ?? (invented as string), SAVED_MAPPINGS, SAMPLE_FILES_ASIDE));
    let told = '';
    await system.moveTo((start + days * DAY) as Instant, (at) => {
      const month = formatInstant(at).slice(0, 7);
      if (month !== told) console.error(`playing ${month} …`);
      told = month;
    });
    const report = reportOn(definition.id, system.table.all(), perSecond);
    console.log(showReport(report, days));
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  } finally {
    if (invented !== undefined) rmSync(invented, { recursive: true, force: true });
  }
};

try {
  await main();
} catch (error) {
  if (!(error instanceof EngagementError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
