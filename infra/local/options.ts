import { parseArgs } from 'node:util';
import { EngagementError } from '../../shared/platform/errors.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';

/** What `npm start` was asked for. */
export interface StartOptions {
  /** Which customers to start with. */
  readonly book:
    | { readonly kind: 'sample'; readonly customers: number }
    | { readonly kind: 'folder'; readonly path: string }
    | { readonly kind: 'empty' };
  /** The virtual time a new state begins at; undefined: the machine's now. */
  readonly now?: Instant;
  readonly port: number;
  readonly state: string;
  readonly fresh: boolean;
}

export const HELP = `Starts Perennial on this machine.

  npm start -- [--book DIR] [--now ISO] [--port 4600] [--state DIR] [--fresh] [--sample N] [--empty]

  --book DIR    import every data file of DIR that has a mapping, instead of the sample book
  --now ISO     virtual time at the first start (2018-12-01 or 2018-12-01T08:00:00Z); default: the machine's
  --port N      HTTP API, pages and /local on 127.0.0.1:N, AWS endpoint on N+1; default 4600
  --state DIR   where everything is kept; default .perennial
  --fresh       forget what the state folder holds
  --sample N    customers of the sample book; default 2000
  --empty       start without any customers
  --help        this text

The clock stands still until it is moved: POST /local/clock {"by": "P1D"}. docs/guides/local.md tells the rest.
`;

const DEFAULT_PORT = 4600;
const DEFAULT_CUSTOMERS = 2000;
const DEFAULT_STATE = '.perennial';

const wholeNumber = (name: string, text: string, from: number, to: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new EngagementError('bad-input', `--${name} "${text}" is not a whole number from ${from} to ${to}`);
  }
  return value;
};

/** Reads the command line. @returns 'help' where help was asked for
 *  @throws EngagementError bad-input naming what is wrong */
export const parseOptions = (argv: readonly string[]): StartOptions | 'help' => {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(argv);
  } catch (error) {
    throw new EngagementError(
      'bad-input',
      `${error instanceof Error ? error.message : String(error)}; --help lists the options`,
    );
  }
  if (values.help) return 'help';
  const books = [values.book, values.sample, values.empty].filter((value) => value !== undefined);
  if (books.length > 1) {
    throw new EngagementError('bad-input', 'choose one of --book, --sample and --empty');
  }
  const now = values.now === undefined ? undefined : parseInstant(values.now);
  if (values.now !== undefined && now === undefined) {
    throw new EngagementError(
      'bad-input',
      `--now "${values.now}" is no date or instant: write 2018-12-01 or 2018-12-01T08:00:00Z`,
    );
  }
  return {
    book: bookOf(values),
    ...(now === undefined ? {} : { now }),
    port: values.port === undefined ? DEFAULT_PORT : wholeNumber('port', values.port, 0, 65_534),
    state: values.state ?? DEFAULT_STATE,
    fresh: values.fresh ?? false,
  };
};

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    strict: true,
    options: {
      book: { type: 'string' },
      now: { type: 'string' },
      port: { type: 'string' },
      state: { type: 'string' },
      fresh: { type: 'boolean' },
      sample: { type: 'string' },
      empty: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;

const bookOf = (values: ReturnType<typeof parse>): StartOptions['book'] => {
  if (values.empty) return { kind: 'empty' };
  if (values.book !== undefined) return { kind: 'folder', path: values.book };
  const customers =
    values.sample === undefined ? DEFAULT_CUSTOMERS : wholeNumber('sample', values.sample, 1, 10_000_000);
  return { kind: 'sample', customers };
};
