import type { Table } from '../../shared/platform/table.ts';
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
import { act, approve, copy, list, requestChanges, show, stop, testSend } from './acts.ts';
import { calendar, count, fields, preFlight, progress, whyOf } from './ask.ts';
import { type CampaignApi, createCampaignApi, plainActs } from './campaign-api.ts';
import { diff, pull, push, stored, validate } from './files.ts';

/** The world around the command, so that tests can play it. */
export interface CommandWorld extends StaffWorld {
  readonly table: (name: string) => Table;
}

const USAGE = `usage: npm run campaign -- COMMAND …

  list                     every campaign, and where it and its draft stand
  show ID                  where one stands, and what is wrong with it by now
  copy ID NEW-ID           a new draft with the same content; --title-zh and --title-en name it

  pull FILE                write the draft of the campaign that FILE is named after into FILE (birthday.json)
  validate FILE …          whether definitions hold against what this build ships; with --to, against that system
  count FILE               for how many customers its audience rule holds
  diff FILE                what saving the file would change, place by place
  push FILE                save the file as the draft of its campaign; it is never live by this
  fields                   what audience rules can ask

  test-send ID             every mail of the draft to the seed list; --profile PROFILE or --customer CUSTOMER: as whom
  pre-flight ID            what launching the draft would come to
  submit ID                hand the draft in for review, with the templates as they are now
  approve ID               --as approver: approve what is in review; --hash CONTENT: only if it is that
  request-changes ID NOTE  --as approver: give it back
  launch ID                make it live; the first send waits ten minutes
  pause, resume, end, cancel, archive ID
  progress ID              how far its runs are
  calendar FROM TO         what went out and what is planned, by day: 2027-06-15 2027-06-30
  why ID CUSTOMER          why it wrote to a customer, or did not; CUSTOMER: a number, or the beginning of a name

  stop, release, stops     --as approver: halt all sending, go on, what is halted; --scope BRANCH: only there
  check-stored TABLE       before a deploy: whether this build can run every definition stored in the table

All but check-stored take
  --live                   pull and diff: the version that is live instead of the draft
${STAFF_USAGE}`;

const options = {
  live: { type: 'boolean' },
  hash: { type: 'string' },
  scope: { type: 'string' },
  profile: { type: 'string' },
  customer: { type: 'string' },
  'title-zh': { type: 'string' },
  'title-en': { type: 'string' },
} as const;

/** The words after the command. @throws Misuse unless there are just as many as it takes */
const wordsFor = ([command = '', ...words]: readonly string[], ...names: readonly string[]): readonly string[] => {
  if (words.length < names.length) throw new Misuse(`"${command}" needs ${names.slice(words.length).join(' and ')}`);
  if (words.length > names.length)
    throw new Misuse(
      `"${command}" takes ${names.join(' and ') || 'nothing more'}: leave out ${words.slice(names.length).join(', ')}`,
    );
  return words;
};

const run = async ({ values, words }: Call, world: CommandWorld): Promise<number> => {
  const [command] = words;
  if (command === undefined) throw new Misuse('name a command');
  const staff = () => apiOf(world, values);
  const campaigns = async (): Promise<CampaignApi> => createCampaignApi(await staff());
  const one = (name = 'the id of a campaign'): string => wordsFor(words, name)[0] as string;
  const plain = plainActs.find((name) => name === command);
  if (plain !== undefined) return act(world, await campaigns(), one(), plain);
  switch (command) {
    case 'list':
      wordsFor(words);
      return list(world, await campaigns());
    case 'show':
      return show(world, await campaigns(), one());
    case 'copy': {
      const [id = '', as = ''] = wordsFor(words, 'the id of a campaign', 'a new id');
      const [zh, en] = [textOf(values, 'title-zh'), textOf(values, 'title-en')];
      const title = { ...(zh === undefined ? {} : { 'zh-CN': zh }), ...(en === undefined ? {} : { en }) };
      return copy(world, await campaigns(), id, as, title);
    }
    case 'validate':
      if (words.length < 2) throw new Misuse('"validate" needs a file');
      return validate(world, words.slice(1), values.to === undefined ? undefined : await campaigns());
    case 'push':
      return push(world, await campaigns(), one('one file'));
    case 'pull':
      return pull(world, await campaigns(), one('one file'), values.live === true);
    case 'diff':
      return diff(world, await campaigns(), one('one file'), values.live === true);
    case 'count':
      return count(world, await staff(), one('one file'));
    case 'fields':
      wordsFor(words);
      return fields(world, await staff());
    case 'test-send':
      return testSend(world, await staff(), one(), {
        profile: textOf(values, 'profile'),
        customer: textOf(values, 'customer'),
      });
    case 'pre-flight':
      return preFlight(world, await staff(), one());
    case 'approve':
      return approve(world, await campaigns(), one(), textOf(values, 'hash'));
    case 'request-changes': {
      const [id = '', note = ''] = wordsFor(words, 'the id of a campaign', 'a note in quotes');
      return requestChanges(world, await campaigns(), id, note);
    }
    case 'progress':
      return progress(world, await staff(), one());
    case 'calendar': {
      const [from = '', to = ''] = wordsFor(words, 'the first day', 'the last day');
      return calendar(world, await staff(), from, to);
    }
    case 'why': {
      const [id = '', customer = ''] = wordsFor(words, 'the id of a campaign', 'a customer');
      return whyOf(world, await staff(), id, customer);
    }
    case 'stop':
    case 'release':
    case 'stops':
      wordsFor(words);
      return stop(world, await staff(), command, textOf(values, 'scope') ?? '');
    case 'check-stored': {
      const name = one('a table');
      return stored(world, world.table(name), name);
    }
    default:
      throw new Misuse(`there is no command "${command}"`);
  }
};

/** Runs one command. @returns the exit code */
export const campaignCommand = (args: readonly string[], world: CommandWorld): Promise<number> => {
  const program: Program = { usage: USAGE, options, run: (call) => run(call, world) };
  return runProgram(args, program, world);
};
