import * as z from 'zod';
import { readMime } from '../../shared/history/read-mime.ts';
import { type Call, LOCAL, Misuse, type Program, runProgram, type StaffWorld, textOf } from '../staff/command-line.ts';
import { Refused, request } from '../staff/staff-api.ts';

const USAGE = `usage: npm run local -- COMMAND …

  now                      what the clock of the local system says
  move DURATION            move it on: PT10M ten minutes, P3D three days; what falls due meanwhile happens
  mails [BEGINNING]        what went out, latest first: of everybody, or to addresses that begin so
  mail NUMBER              one of them, as its reader sees it; --html FILE writes what a mail program shows

  --to URL                 the system, ${LOCAL} unless said
  --html FILE

Exit code: 0 done · 1 refused · 2 wrong use, or the system does not answer`;

const options = { html: { type: 'string' } } as const;

/** As many as fit on a screen. */
const SHOWN = 20;

const status = z.object({ now: z.string() });
const moved = z.object({
  now: z.string(),
  sent: z.int(),
  held: z.int(),
  skipped: z.int(),
  failed: z.int(),
});
const mails = z.object({
  items: z.array(z.object({ id: z.string(), at: z.string(), to: z.string(), subject: z.string() })),
  next: z.string().nullable(),
});
const refusal = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

const run = async ({ values, words }: Call, world: StaffWorld): Promise<number> => {
  const [command, what] = words;
  const to = (textOf(values, 'to') ?? LOCAL).replace(/\/$/, '');
  const ask = async <T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = (await (await request(world.fetch, `${to}${path}`, init)).json()) as unknown;
    const wrong = refusal.safeParse(answer);
    if (!wrong.success) return schema.parse(answer);
    const { error } = wrong.data;
    throw new Refused(typeof error === 'string' ? error : error.message);
  };
  switch (command) {
    case 'now':
      world.say((await ask(status, '/local/status')).now);
      return 0;
    case 'move': {
      if (what === undefined) throw new Misuse('"move" needs a duration, such as P3D');
      const { now, sent, held, skipped, failed } = await ask(moved, '/local/clock', { by: what });
      world.say(`it is ${now}; meanwhile sent ${sent}, held ${held}, skipped ${skipped}, failed ${failed}`);
      return 0;
    }
    case 'mails': {
      const items: z.output<typeof mails>['items'] = [];
      for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
        const search = new URLSearchParams({ limit: '1000', ...(cursor === null ? {} : { cursor }) });
        const page: z.output<typeof mails> = await ask(mails, `/local/mailbox?${search}`);
        items.push(...page.items);
        cursor = page.next;
      }
      const wanted = items.filter((mail) => mail.to.startsWith(what ?? '')).reverse();
      for (const { id, at, to: address, subject } of wanted.slice(0, SHOWN))
        world.say(`${id.padStart(5)}  ${at.slice(0, 16).replace('T', ' ')} UTC  ${address}  ${subject}`);
      if (wanted.length > SHOWN) world.say(`${wanted.length - SHOWN} more: give the beginning of an address`);
      if (wanted.length === 0) world.say('no mails');
      return 0;
    }
    case 'mail': {
      if (what === undefined) throw new Misuse('"mail" needs a number: npm run local -- mails tells which there are');
      const answer = await request(world.fetch, `${to}/local/mailbox/${encodeURIComponent(what)}.eml`, {});
      if (!answer.ok) throw new Refused(`there is no mail ${what}: npm run local -- mails tells which there are`);
      const { from, to: reader, subject, text = '', html } = readMime(new Uint8Array(await answer.arrayBuffer()));
      for (const line of [`from ${from}`, `to ${reader}`, subject, '', text.trim().replaceAll('\r\n', '\n')])
        world.say(line);
      const file = textOf(values, 'html');
      if (file !== undefined && html !== undefined) {
        world.write(file, html);
        world.say(`${file}: open it in a browser`);
      }
      return 0;
    }
    case undefined:
      throw new Misuse('name a command');
    default:
      throw new Misuse(`there is no command "${command}"`);
  }
};

/** Runs one command. @returns the exit code */
export const localCommand = (args: readonly string[], world: StaffWorld): Promise<number> => {
  const program: Program = { usage: USAGE, options, run: (call) => run(call, world) };
  return runProgram(args, program, world);
};
