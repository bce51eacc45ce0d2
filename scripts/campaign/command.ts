import { parseArgs } from 'node:util';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { checkStored } from '../../shared/campaign/check-stored.ts';
import { pinDefinition } from '../../shared/campaign/definition.ts';
import { diffDefinitions } from '../../shared/campaign/diff-definition.ts';
import type { Problem } from '../../shared/campaign/problem.ts';
import { shippedTemplates } from '../../shared/campaign/programmes.ts';
import { versionsFor } from '../../shared/campaign/template-index.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type CampaignApi, createCampaignApi, Refused, signIn } from './campaign-api.ts';

/** The world around the command, so that tests can play it. */
export interface CommandWorld {
  readonly fetch: typeof fetch;
  readonly read: (file: string) => string;
  readonly write: (file: string, text: string) => void;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly token: string | undefined;
  readonly table: (name: string) => Table;
}

const USAGE = `usage: npm run campaign -- COMMAND …

  validate FILE …          whether definitions hold, against the templates and fields of this build; nothing is sent
  push FILE                save the file as the draft of its campaign; it is never live by this
  pull FILE                write the draft of the campaign that FILE is named after into FILE (birthday.json)
  diff FILE                what saving the file would change, place by place
  check-stored TABLE       before a deploy: whether this build can run every definition stored in the table

push, pull and diff take
  --to URL                 the system, http://127.0.0.1:4600 unless said
  --as ROLE                a demo person of a local system (marketing unless said)
  --token TOKEN            an access token of staff, for any other system; also from PERENNIAL_TOKEN
  --live                   pull and diff: the version that is live instead of the draft

Exit code: 0 done, nothing differs · 1 refused, or differs · 2 wrong use, or the system does not answer`;

const LOCAL = 'http://127.0.0.1:4600';

class Misuse extends Error {}

const options = {
  to: { type: 'string', default: LOCAL },
  as: { type: 'string', default: 'marketing' },
  token: { type: 'string' },
  live: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const told = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.length > 100 ? `${json.slice(0, 97)}…` : json;
};

const readJson = ({ read }: CommandWorld, file: string): unknown => {
  let text: string;
  try {
    text = read(file);
  } catch {
    throw new Misuse(`${file} cannot be read: name a definition file, such as campaigns/birthday.json`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Refused(`${file} is not JSON: ${(error as Error).message}`, []);
  }
};

const complainAll = ({ complain }: CommandWorld, title: string, problems: readonly Problem[]): void => {
  complain(title);
  for (const { path, message } of problems) complain(`  ${path === '' ? '' : `${path}: `}${message}`);
};

/** The id of the campaign that a file is about: by its content, or by its name where it is not there yet. */
const idOf = (world: CommandWorld, file: string): string => {
  try {
    const { id } = JSON.parse(world.read(file)) as { id?: unknown };
    if (typeof id === 'string') return id;
  } catch {
    // no such file yet, or not a definition: its name says which
  }
  return file.replace(/^.*[\\/]/, '').replace(/\.json$/, '');
};

const validate = (world: CommandWorld, files: readonly string[]): number => {
  let worst = 0;
  for (const file of files) {
    const outcome = checkDefinition(readJson(world, file), { templates: shippedTemplates });
    if (outcome.kind === 'valid') {
      const { definition } = outcome;
      const { hash } = pinDefinition(definition, versionsFor(definition, shippedTemplates));
      world.say(`${file}: valid, ${definition.steps.length} steps, ${definition.class}, content ${hash}`);
    } else {
      complainAll(world, `${file} cannot be used:`, outcome.problems);
      worst = 1;
    }
  }
  return worst;
};

const push = async (world: CommandWorld, api: CampaignApi, file: string): Promise<number> => {
  const definition = readJson(world, file);
  const id = idOf(world, file);
  const before = await api.get(id);
  const saved = await api.save(id, definition, before?.version ?? 0);
  world.say(
    before?.hash === saved.hash
      ? `${id}: the draft is this content already (${saved.state})`
      : `${id}: saved as draft, content ${saved.hash}; the campaign is ${saved.state}`,
  );
  return 0;
};

const pull = async (world: CommandWorld, api: CampaignApi, file: string, live: boolean): Promise<number> => {
  const id = idOf(world, file);
  const definition = await api.file(id, live ? 'live' : 'draft');
  if (definition === undefined) throw new Refused(`there is no ${live ? 'live version of ' : ''}campaign "${id}"`, []);
  world.write(file, `${JSON.stringify(definition, undefined, 2)}\n`);
  world.say(`${id}: written into ${file}`);
  return 0;
};

const diff = async (world: CommandWorld, api: CampaignApi, file: string, live: boolean): Promise<number> => {
  const source = readJson(world, file);
  const id = idOf(world, file);
  const there = await api.file(id, live ? 'live' : 'draft');
  if (there === undefined) {
    world.say(`${id}: not there yet: all of it is new`);
    return 1;
  }
  // with what the format fills in, so that leaving out a default is no difference
  const checked = checkDefinition(source);
  const differences = diffDefinitions(there, checked.kind === 'valid' ? checked.definition : source);
  if (differences.length === 0) world.say(`${id}: nothing differs`);
  for (const difference of differences) {
    const { path, before, after } = difference;
    if (!('before' in difference)) world.say(`+ ${path}: ${told(after)}`);
    else if (!('after' in difference)) world.say(`- ${path}: ${told(before)}`);
    else world.say(`~ ${path}: ${told(before)} → ${told(after)}`);
  }
  return differences.length === 0 ? 0 : 1;
};

const stored = async (world: CommandWorld, table: string): Promise<number> => {
  const { looked, unreadable } = await checkStored(world.table(table));
  for (const { campaign, hash, problems } of unreadable)
    complainAll(world, `this build cannot run definition ${hash} of campaign "${campaign}":`, problems);
  if (unreadable.length === 0) world.say(`${table}: this build can run all ${looked} stored definitions`);
  else
    world.complain(
      `${unreadable.length} of ${looked} stored definitions cannot be run: do not deploy this build before their enrolments have ended, or teach it to read them`,
    );
  return unreadable.length === 0 ? 0 : 1;
};

const run = async (args: readonly string[], world: CommandWorld): Promise<number> => {
  const { values, positionals } = (() => {
    try {
      return parseArgs({ args: [...args], allowPositionals: true, options });
    } catch (error) {
      throw new Misuse((error as Error).message);
    }
  })();
  const [command, ...files] = positionals;
  if (values.help) {
    world.say(USAGE);
    return 0;
  }
  const [file] = files;
  if (command === undefined || file === undefined) throw new Misuse('name a command and a file');
  if (command === 'validate') return validate(world, files);
  if (files.length > 1) throw new Misuse(`"${command}" takes one file: leave out ${files.slice(1).join(', ')}`);
  if (command === 'check-stored') return stored(world, file);
  const api = async (): Promise<CampaignApi> => {
    const token = values.token ?? world.token ?? (await signIn(world.fetch, values.to, values.as));
    return createCampaignApi(world.fetch, values.to, token);
  };
  switch (command) {
    case 'push':
      return push(world, await api(), file);
    case 'pull':
      return pull(world, await api(), file, values.live);
    case 'diff':
      return diff(world, await api(), file, values.live);
    default:
      throw new Misuse(`there is no command "${command}"`);
  }
};

/** Runs one command. @returns the exit code */
export const campaignCommand = async (args: readonly string[], world: CommandWorld): Promise<number> => {
  try {
    return await run(args, world);
  } catch (error) {
    if (error instanceof Refused) {
      complainAll(world, error.message, error.problems);
      return 1;
    }
    world.complain(error instanceof Error ? error.message : String(error));
    if (error instanceof Misuse) world.complain(`\n${USAGE}`);
    return 2;
  }
};
