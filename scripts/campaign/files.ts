import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { checkStored } from '../../shared/campaign/check-stored.ts';
import { diffDefinitions } from '../../shared/campaign/diff-definition.ts';
import { pinWith } from '../../shared/campaign/pins.ts';
import { shippedIndex } from '../../shared/campaign/programmes.ts';
import type { Table } from '../../shared/platform/table.ts';
import { complainAll, readNamed, type StaffWorld } from '../staff/command-line.ts';
import { Refused } from '../staff/staff-api.ts';
import type { CampaignApi } from './campaign-api.ts';
import { houseNames } from './house-names.ts';

/** Definition files: against a build or a system, and to and from one. Each answers with its exit code. */

const SCHEMA = fileURLToPath(new URL('../../campaigns/schema.json', import.meta.url));

/** Where an editor finds the schema of a definition file: this build's, seen from the file. */
const schemaFrom = (file: string): string => {
  const path = relative(dirname(resolve(file)), SCHEMA)
    .split(sep)
    .join('/');
  return path.startsWith('.') ? path : `./${path}`;
};

/** A definition without what is only of its file. */
const contentOf = (definition: unknown): unknown => {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) return definition;
  const { $schema: _schema, ...content } = definition as Record<string, unknown>;
  return content;
};

const told = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.length > 100 ? `${json.slice(0, 97)}…` : json;
};

/** A definition file as JSON. @throws Misuse, Refused */
export const readDefinition = (world: Pick<StaffWorld, 'read'>, file: string): unknown => {
  const text = readNamed(world, file, 'a definition file, such as campaigns/birthday.json');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Refused(`${file} is not JSON: ${(error as Error).message}`);
  }
};

/** The id of the campaign that a file is about: by its content, or by its name where it is not there yet. */
const idOf = ({ read }: Pick<StaffWorld, 'read'>, file: string): string => {
  try {
    const { id } = JSON.parse(read(file)) as { id?: unknown };
    if (typeof id === 'string') return id;
  } catch {
    // no such file yet, or not a definition: its name says which
  }
  return file.replace(/^.*[\\/]/, '').replace(/\.json$/, '');
};

/** @param house the system whose templates, audiences and lists count; undefined: what this build ships */
export const validate = async (
  world: StaffWorld,
  files: readonly string[],
  house: CampaignApi | undefined,
): Promise<number> => {
  let worst = 0;
  for (const file of files) {
    const source = readDefinition(world, file);
    const outcome = checkDefinition(source, house === undefined ? shippedIndex : {});
    const answer = await house?.check(source);
    const problems = answer?.problems ?? (outcome.kind === 'invalid' ? outcome.problems : []);
    if (outcome.kind === 'valid' && problems.length === 0) {
      const { definition } = outcome;
      const hash = answer?.hash ?? pinWith(definition, shippedIndex).hash;
      const steps = definition.steps.length === 1 ? '1 step' : `${definition.steps.length} steps`;
      world.say(`${file}: valid, ${steps}, ${definition.class}, content ${hash}`);
    } else {
      complainAll(world, `${file} cannot be used:`, problems);
      worst = 1;
    }
    const names = house === undefined ? houseNames(source) : [];
    if (names.length > 0)
      world.complain(
        `${file}: this build does not ship ${names.join(', ')}: if your house has it, ask the house: npm run campaign -- validate ${file} --to URL`,
      );
  }
  return worst;
};

export const push = async (world: StaffWorld, api: CampaignApi, file: string): Promise<number> => {
  const definition = readDefinition(world, file);
  const id = idOf(world, file);
  const before = await api.find(id);
  const saved = await api.save(id, definition, before?.version ?? 0);
  if (before?.hash === saved.hash) world.say(`${id}: the draft is this content already (${saved.state})`);
  else {
    world.say(`${id}: saved as draft, content ${saved.hash}; the campaign is ${saved.state}`);
    if (before?.approved?.hash === before?.hash && before?.approved !== undefined)
      world.say(`${id}: the approval was of ${before.hash} and does not hold for this: submit it again`);
  }
  return 0;
};

export const pull = async (world: StaffWorld, api: CampaignApi, file: string, live: boolean): Promise<number> => {
  const id = idOf(world, file);
  const definition = await api.file(id, live ? 'live' : 'draft');
  if (definition === undefined) throw new Refused(`there is no ${live ? 'live version of ' : ''}campaign "${id}"`);
  const content = contentOf(definition) as object;
  world.write(file, `${JSON.stringify({ $schema: schemaFrom(file), ...content }, undefined, 2)}\n`);
  world.say(`${id}: written into ${file}`);
  return 0;
};

export const diff = async (world: StaffWorld, api: CampaignApi, file: string, live: boolean): Promise<number> => {
  const source = readDefinition(world, file);
  const id = idOf(world, file);
  const there = await api.file(id, live ? 'live' : 'draft');
  if (there === undefined) {
    world.say(`${id}: not there yet: all of it is new`);
    return 1;
  }
  // with what the format fills in, so that leaving out a default is no difference
  const checked = checkDefinition(source);
  const here = checked.kind === 'valid' ? checked.definition : source;
  const differences = diffDefinitions(contentOf(there), contentOf(here));
  if (differences.length === 0) world.say(`${id}: nothing differs`);
  for (const difference of differences) {
    const { path, before, after } = difference;
    if (!('before' in difference)) world.say(`+ ${path}: ${told(after)}`);
    else if (!('after' in difference)) world.say(`- ${path}: ${told(before)}`);
    else world.say(`~ ${path}: ${told(before)} → ${told(after)}`);
  }
  return differences.length === 0 ? 0 : 1;
};

/** Whether this build can run every definition that is stored in a table. */
export const stored = async (
  world: Pick<StaffWorld, 'say' | 'complain'>,
  table: Table,
  name: string,
): Promise<number> => {
  const { looked, unreadable } = await checkStored(table);
  for (const { campaign, hash, problems } of unreadable)
    complainAll(world, `this build cannot run definition ${hash} of campaign "${campaign}":`, problems);
  if (unreadable.length === 0) world.say(`${name}: this build can run all ${looked} stored definitions`);
  else
    world.complain(
      `${unreadable.length} of ${looked} stored definitions cannot be run: do not deploy this build before their enrolments have ended, or teach it to read them`,
    );
  return unreadable.length === 0 ? 0 : 1;
};
