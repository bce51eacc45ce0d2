import * as z from 'zod';
import * as contract from '../../functions/serve-templates/contract.ts';
import {
  apiOf,
  type Call,
  Misuse,
  type Program,
  runProgram,
  STAFF_USAGE,
  type StaffWorld,
  textOf,
} from '../staff/command-line.ts';
import { recipientOf } from '../staff/find-customer.ts';
import { placeText, Refused, type StaffApi } from '../staff/staff-api.ts';

const USAGE = `usage: npm run template -- COMMAND …

  list                     every template, its languages, and as what it may be sent
  fields                   what a template may say of a customer
  profiles                 the test profiles

  pull NAME FOLDER         write its languages into FOLDER: zh-CN.mjml, en.mjml (letters .liquid, texts .txt)
  check FOLDER             what is wrong with the files, each with line and remedy; saves nothing
  preview FOLDER           what a customer or test profile would get, before it is saved
  save FOLDER              check and save them as a new version of the template that FOLDER is named after
  preview NAME             the same of a saved template
  test-send NAME ADDRESS … a test mail to addresses of the seed list

  seeds                    the seed list
  seeds ADDRESS …          --as approver: set it

preview and test-send take
  --profile PROFILE        as a test profile, or
  --customer CUSTOMER      as a customer: a number, or the beginning of a name
  --locale LOCALE          in this language whatever theirs is
  --html FILE              preview: write what is seen in a mail program into FILE
All take
${STAFF_USAGE}`;

const options = {
  profile: { type: 'string' },
  customer: { type: 'string' },
  locale: { type: 'string' },
  html: { type: 'string' },
} as const;

type Kind = z.output<typeof contract.listed>['kind'];
const ENDING: Readonly<Record<Kind, string>> = { mail: '.mjml', letter: '.liquid', text: '.txt' };

const encoded = encodeURIComponent;
const nameOf = (folder: string): string => folder.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');

/** The languages in a folder; undefined where it holds none. @throws Refused where it holds several kinds */
const readFolder = (world: StaffWorld, folder: string) => {
  const found = Object.entries(ENDING).flatMap(([kind, ending]) =>
    world
      .list(folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => ({ kind: kind as Kind, file, locale: file.slice(0, -ending.length) })),
  );
  const [first] = found;
  if (first === undefined) return undefined;
  if (found.some(({ kind }) => kind !== first.kind))
    throw new Refused(`${folder} holds files of several kinds: keep ${ENDING[first.kind]} only, or make two folders`);
  return {
    kind: first.kind,
    files: found.map(({ file, locale }) => ({ locale, text: world.read(`${folder.replace(/[\\/]+$/, '')}/${file}`) })),
  };
};

const folderOrMisuse = (world: StaffWorld, folder: string) => {
  const read = readFolder(world, folder);
  if (read === undefined)
    throw new Misuse(`${folder} holds no template: npm run template -- pull NAME ${folder} writes one there`);
  return read;
};

const noTemplate = (name: string): Refused =>
  new Refused(`there is no template "${name}": npm run template -- list tells which there are`);

/** As whom a template is looked at, and in which language. */
const shownAs = async (api: StaffApi, { values }: Call): Promise<object> => {
  const locale = textOf(values, 'locale');
  const recipient = { profile: textOf(values, 'profile'), customer: textOf(values, 'customer') };
  return { ...(await recipientOf(api, recipient)), ...(locale === undefined ? {} : { locale }) };
};

type Findings = readonly z.output<typeof contract.finding>[];

const sayFindings = ({ say }: StaffWorld, findings: Findings): void => {
  for (const { level, message, place } of findings) say(`  ${level}: ${placeText(place)}: ${message}`);
};

const pull = async (world: StaffWorld, api: StaffApi, name: string, folder: string): Promise<number> => {
  const found = await api.call(contract.templateAnswer, 'GET', `/api/templates/${encoded(name)}`);
  if (found === undefined) throw noTemplate(name);
  for (const { locale, text } of found.files)
    world.write(`${folder.replace(/[\\/]+$/, '')}/${locale}${ENDING[found.kind]}`, text);
  world.say(`${name}: ${found.files.map(({ locale }) => `${locale}${ENDING[found.kind]}`).join(', ')} in ${folder}`);
  return 0;
};

const check = async (world: StaffWorld, api: StaffApi, folder: string): Promise<number> => {
  const body = { name: nameOf(folder), ...folderOrMisuse(world, folder) };
  const answer = await api.call(contract.checkAnswer, 'POST', '/api/templates/check', body);
  if (answer === undefined) throw noTemplate(folder);
  world.say(`${folder}: ${answer.good ? 'can be saved' : 'cannot be saved'}`);
  sayFindings(world, answer.findings);
  return answer.good ? 0 : 1;
};

const save = async (world: StaffWorld, api: StaffApi, folder: string): Promise<number> => {
  const name = nameOf(folder);
  const sources = folderOrMisuse(world, folder);
  const path = `/api/templates/${encoded(name)}`;
  const before = await api.call(contract.templateAnswer, 'GET', path);
  const saved = await api.call(contract.savedAnswer, 'PUT', path, { ...sources, revision: before?.revision ?? 0 });
  if (saved === undefined) throw noTemplate(name);
  world.say(
    before?.version === saved.version
      ? `${name}: it is this text already, version ${saved.version}`
      : `${name}: saved as version ${saved.version}; a campaign takes it when it is submitted next`,
  );
  sayFindings(world, saved.warnings);
  return 0;
};

const preview = async (world: StaffWorld, api: StaffApi, what: string, call: Call): Promise<number> => {
  const draft = readFolder(world, what);
  const body = { ...(await shownAs(api, call)), ...(draft === undefined ? {} : { draft }) };
  const path = `/api/templates/${encoded(nameOf(what))}/preview`;
  const shown = await api.call(contract.previewAnswer, 'POST', path, body);
  if (shown === undefined)
    throw draft === undefined && call.values.profile === undefined ? noTemplate(what) : new Refused(NOBODY);
  if (shown.kind === 'failed')
    throw new Refused(`it would fail: ${[shown.reason, shown.detail].filter((word) => word !== undefined).join(' ')}`);
  world.say(`${shown.locale}, from ${draft === undefined ? 'the saved template' : `the files in ${what}`}`);
  if (shown.subject !== undefined) world.say(shown.subject);
  if (shown.text !== undefined) world.say(`\n${shown.text}`);
  sayFindings(world, shown.warnings);
  const file = textOf(call.values, 'html');
  if (file !== undefined && shown.html !== undefined) {
    world.write(file, shown.html);
    world.say(`${file}: open it in a browser`);
  }
  return 0;
};

const NOBODY =
  'there is no such template or test profile: npm run template -- list, and profiles, tell which there are';

const testSend = async (
  world: StaffWorld,
  api: StaffApi,
  [name = '', ...to]: readonly string[],
  call: Call,
): Promise<number> => {
  const body = { to, ...(await shownAs(api, call)) };
  const answer = await api.call(contract.testAnswer, 'POST', `/api/templates/${encoded(name)}/test-send`, body);
  if (answer === undefined) throw new Refused(NOBODY);
  for (const { to: address, outcome } of answer.sent) world.say(`${address}: ${outcome}`);
  if (call.values.to === undefined || textOf(call.values, 'to')?.includes('127.0.0.1'))
    world.say('read it: npm run local -- mails');
  return answer.sent.every(({ outcome }) => outcome === 'accepted') ? 0 : 1;
};

const seeds = async (world: StaffWorld, api: StaffApi, wanted: readonly string[]): Promise<number> => {
  const path = '/api/templates/seeds';
  const there = await api.call(contract.seedsAnswer, 'GET', path);
  const body = { addresses: wanted, revision: there?.revision ?? 0 };
  const now = wanted.length === 0 ? there : await api.call(contract.seedsAnswer, 'PUT', path, body);
  for (const address of now?.addresses ?? []) world.say(address);
  if (now === undefined || now.addresses.length === 0)
    world.say('nobody: npm run template -- seeds ADDRESS --as approver');
  return 0;
};

const itemsOf = async <T>(api: StaffApi, schema: z.ZodType<{ items: T[] }>, path: string): Promise<readonly T[]> =>
  (await api.call(schema, 'GET', path))?.items ?? [];

const run = async (call: Call, world: StaffWorld): Promise<number> => {
  const [command, ...words] = call.words;
  if (command === undefined) throw new Misuse('name a command');
  const need = (count: number, what: string): void => {
    if (words.length !== count) throw new Misuse(`"${command}" needs ${what}`);
  };
  const [first = '', second = ''] = words;
  const api = () => apiOf(world, call.values);
  switch (command) {
    case 'list':
      for (const { name, kind, locales, classes } of await itemsOf(
        await api(),
        contract.templatesAnswer,
        '/api/templates',
      ))
        world.say(`${name.padEnd(24)}${kind.padEnd(8)}${locales.join(' ').padEnd(12)}${classes.join(' ')}`);
      return 0;
    case 'fields':
      for (const field of await itemsOf(await api(), contract.fieldsAnswer, '/api/templates/fields'))
        world.say(
          `${`${field.name}${field.optional ? '?' : ''}`.padEnd(24)}${field['zh-CN']} · ${field.en}: ${field.example}`,
        );
      return 0;
    case 'profiles':
      for (const { id, title } of await itemsOf(await api(), contract.profilesAnswer, '/api/templates/profiles'))
        world.say(`${id.padEnd(24)}${title['zh-CN']} · ${title.en}`);
      return 0;
    case 'pull':
      need(2, 'the name of a template and a folder');
      return pull(world, await api(), first, second);
    case 'check':
      need(1, 'a folder');
      return check(world, await api(), first);
    case 'save':
      need(1, 'a folder');
      return save(world, await api(), first);
    case 'preview':
      need(1, 'a folder, or the name of a template');
      return preview(world, await api(), first, call);
    case 'test-send':
      if (words.length < 2) throw new Misuse('"test-send" needs the name of a template and an address');
      return testSend(world, await api(), words, call);
    case 'seeds':
      return seeds(world, await api(), words);
    default:
      throw new Misuse(`there is no command "${command}"`);
  }
};

/** Runs one command. @returns the exit code */
export const templateCommand = (args: readonly string[], world: StaffWorld): Promise<number> => {
  const program: Program = { usage: USAGE, options, run: (call) => run(call, world) };
  return runProgram(args, program, world);
};
