import * as z from 'zod';
import { campaignDetails, definitionFile } from '../../shared/campaign/contract.ts';
import type { Problem } from '../../shared/campaign/problem.ts';

/** The system said no, and why. */
export class Refused extends Error {
  readonly problems: readonly Problem[];
  constructor(message: string, problems: readonly Problem[]) {
    super(message);
    this.problems = problems;
  }
}

const saved = campaignDetails.pick({ hash: true, state: true, version: true });
type Saved = z.output<typeof saved>;

/** What the command needs of a running system. */
export interface CampaignApi {
  /** @returns undefined where there is no such campaign */
  get(id: string): Promise<Saved | undefined>;
  file(id: string, of: 'draft' | 'live'): Promise<Record<string, unknown> | undefined>;
  /** @throws Refused with every problem, each with its path in the file */
  save(id: string, definition: unknown, version: number): Promise<Saved>;
}

const refusal = z.object({
  error: z.object({
    message: z.string(),
    problems: z.array(z.object({ path: z.string().default(''), message: z.string() })).optional(),
  }),
});

const request = async (send: typeof fetch, url: string, init: RequestInit): Promise<Response> => {
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

const wrong = async (answer: Response): Promise<never> => {
  const read = refusal.safeParse(await answer.json().catch(() => undefined));
  if (!read.success || answer.status >= 500) throw new Error(`the system answers ${answer.status}: try again later`);
  const { message, problems = [] } = read.data.error;
  // paths as they stand in the file, not in the request
  throw new Refused(
    message,
    problems.map((problem) => ({ ...problem, path: problem.path.replace(/^body\.(definition\.?)?/, '') })),
  );
};

/** The campaigns of the system at `to`. */
export const createCampaignApi = (send: typeof fetch, to: string, token: string): CampaignApi => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = (id: string, rest = '') => `${to}/api/campaigns/${encodeURIComponent(id)}${rest}`;
  return {
    async get(id) {
      const answer = await request(send, url(id), { headers });
      if (answer.status === 404) return undefined;
      return answer.ok ? saved.parse(await answer.json()) : wrong(answer);
    },

    async file(id, of) {
      const answer = await request(send, url(id, `/export?of=${of}`), { headers });
      if (answer.status === 404) return undefined;
      return answer.ok ? definitionFile.parse(await answer.json()) : wrong(answer);
    },

    async save(id, definition, version) {
      const body = JSON.stringify({ version, definition });
      const answer = await request(send, url(id), { method: 'PUT', headers, body });
      return answer.ok ? saved.parse(await answer.json()) : wrong(answer);
    },
  };
};
