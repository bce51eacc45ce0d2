import { parseArgs } from 'node:util';
import type { Problem } from '../../shared/campaign/problem.ts';
import { createStaffApi, Refused, type StaffApi, signIn } from './staff-api.ts';

/** The world around a command, so that tests can play it. */
export interface StaffWorld {
  readonly fetch: typeof fetch;
  readonly read: (file: string) => string;
  /** Makes the folders on the way. */
  readonly write: (file: string, text: string) => void;
  /** Names of the files in a folder; none where it is not there. */
  readonly list: (folder: string) => readonly string[];
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly token: string | undefined;
}

/** Wrong use of a command: the usage is shown with it. */
export class Misuse extends Error {}

/** Options that every command of this kind takes. */
export const staffOptions = {
  to: { type: 'string' },
  as: { type: 'string' },
  token: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** How the usage tells of them. */
export const STAFF_USAGE = `  --to URL                 the system, http://127.0.0.1:4600 unless said
  --as ROLE                a demo person of a local system: marketing (unless said), approver, compliance, …
  --token TOKEN            an access token of staff, for any other system; also from PERENNIAL_TOKEN

Exit code: 0 done · 1 refused, or differs · 2 wrong use, or the system does not answer`;

export const LOCAL = 'http://127.0.0.1:4600';

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** A value that stands once, as text. */
export const textOf = (values: Values, name: string): string | undefined =>
  typeof values[name] === 'string' ? values[name] : undefined;

/** The system that the options name, signed in as whom they say. */
export const apiOf = async (world: StaffWorld, values: Values): Promise<StaffApi> => {
  const to = (textOf(values, 'to') ?? LOCAL).replace(/\/$/, '');
  const token = textOf(values, 'token') ?? world.token;
  return createStaffApi(world.fetch, to, token ?? (await signIn(world.fetch, to, textOf(values, 'as') ?? 'marketing')));
};

/** Prints what is wrong, one line each. */
export const complainAll = (
  { complain }: Pick<StaffWorld, 'complain'>,
  title: string,
  problems: readonly Problem[],
): void => {
  complain(title);
  for (const { path, message } of problems) complain(`  ${path === '' ? '' : `${path}: `}${message}`);
};

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** A command line taken apart. */
export interface Call {
  readonly values: Values;
  /** The command and what it is about. */
  readonly words: readonly string[];
}

/** What a program is: its usage, the options beside `staffOptions`, and what it does. */
export interface Program {
  readonly usage: string;
  readonly options: Options;
  /** @returns the exit code */
  run(call: Call): Promise<number>;
}

const readCall = (args: readonly string[], options: Options): Call => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...staffOptions, ...options },
    });
    return { values: values as Values, words: positionals };
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
};

/** Runs one command of a program; faults are told to the person. @returns the exit code */
export const runProgram = async (
  args: readonly string[],
  { usage, options, run }: Program,
  world: Pick<StaffWorld, 'say' | 'complain'>,
): Promise<number> => {
  try {
    const call = readCall(args, options);
    if (!call.values.help) return await run(call);
    world.say(usage);
    return 0;
  } catch (error) {
    if (error instanceof Refused) {
      complainAll(world, error.message, error.problems);
      return 1;
    }
    world.complain(error instanceof Error ? error.message : String(error));
    if (error instanceof Misuse) world.complain(`\n${usage}`);
    return 2;
  }
};

/** A file that the command was told to read. @throws Misuse where it cannot be read */
export const readNamed = ({ read }: Pick<StaffWorld, 'read'>, file: string, such: string): string => {
  try {
    return read(file);
  } catch {
    throw new Misuse(`${file} cannot be read: name ${such}`);
  }
};
