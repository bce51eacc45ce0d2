import * as z from 'zod';
import type { Problem } from '../../shared/campaign/problem.ts';

/** The system said no, and why. */
export class Refused extends Error {
  readonly problems: readonly Problem[];
  constructor(message: string, problems: readonly Problem[] = []) {
    super(message);
    this.problems = problems;
  }
}

/** A running system, as somebody who is signed in. */
export interface StaffApi {
  /** @param path from the origin, such as `/api/campaigns`
   *  @returns the answer as `schema` reads it; undefined where there is nothing that the person may see
   *  @throws Refused with every problem, its path as it stands in the file */
  call<T>(schema: z.ZodType<T>, method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T | undefined>;
}

const place = z.object({ locale: z.string().optional(), part: z.string(), line: z.int().optional() });
const refusal = z.object({
  error: z.object({
    message: z.string(),
    path: z.string().optional(),
    problems: z
      .array(z.object({ path: z.string().default(''), message: z.string(), place: place.optional() }))
      .optional(),
  }),
});

/** @throws Error naming the remedy where nobody answers at `url` */
export const request = async (send: typeof fetch, url: string, init: RequestInit): Promise<Response> => {
  try {
    return await send(url, init);
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
    throw new Error(`${url} does not answer (${cause}): start the system with npm start, or name another with --to`);
  }
};

/** The access token of a demo person of a local system. */
export const signIn = async (send: typeof fetch, to: string, as: string): Promise<string> => {
  const answer = await request(send, `${to}/local/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as }),
  });
  const read = z.object({ token: z.string() }).safeParse(await answer.json().catch(() => undefined));
  if (!answer.ok || !read.success)
    throw new Error(`${to} lets nobody in as "${as}": only a local system does; give an access token with --token`);
  return read.data.token;
};

/** Where a finding of a template is, for people: `zh-CN body 7`. */
export const placeText = ({ locale, part, line }: z.output<typeof place>): string =>
  [locale, part, line === undefined ? undefined : `line ${line}`].filter((word) => word !== undefined).join(' ');

const wrong = async (answer: Response): Promise<never> => {
  const read = refusal.safeParse(await answer.json().catch(() => undefined));
  if (!read.success || answer.status >= 500) throw new Error(`the system answers ${answer.status}: try again later`);
  const { message, problems = [] } = read.data.error;
  // the one problem that is the message itself need not be said twice
  const others = problems.filter((problem) => problem.message !== message);
  throw new Refused(
    message,
    others.map((problem) => ({
      message: problem.message,
      // as it stands in the file, not in the request
      path: problem.place ? placeText(problem.place) : problem.path.replace(/^body\.(definition\.?)?/, ''),
    })),
  );
};

/** The system at `to`, by its API. */
export const createStaffApi = (send: typeof fetch, to: string, token: string): StaffApi => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    async call(schema, method, path, body) {
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await request(send, `${to}${path}`, init);
      if (answer.status === 404) return undefined;
      return answer.ok ? schema.parse(await answer.json()) : wrong(answer);
    },
  };
};
