import { Agent, request } from 'node:http';

/** One request and what must come back. */
export interface LoadRequest {
  readonly kind: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Form fields of a POST. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly expected: readonly number[];
  /** Told what came, in time for the next request of the same customer. */
  readonly after?: (answer: LoadAnswer) => void;
}

export interface LoadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface LoadResult {
  readonly sent: number;
  readonly errors: readonly string[];
  /** Milliseconds by kind of request, in no order. */
  readonly times: ReadonlyMap<string, readonly number[]>;
}

const call = (agent: Agent, origin: string, { method, path, fields }: LoadRequest): Promise<LoadAnswer> =>
  new Promise((resolve, reject) => {
    const body = fields === undefined ? undefined : new URLSearchParams(fields).toString();
    const headers = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const outgoing = request(new URL(path, origin), { method, agent, headers, timeout: 30_000 }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer for 30 seconds')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });

/**
 * Sends so many requests a second, each at its own time whether or not those before it were answered, as the world does. A
 * request's time runs from when it was due, so that a server that stalls cannot make its own figures look good.
 */
export const openLoad = async (
  origin: string,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  next: (n: number) => LoadRequest,
): Promise<LoadResult> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const errors: string[] = [];
  const times = new Map<string, number[]>();
  const total = rate * seconds;
  const begun = performance.now();
  const underWay: Promise<void>[] = [];
  const one = async (n: number): Promise<void> => {
    const due = begun + (n * 1_000) / rate;
    const asked = next(n);
    try {
      const answer = await call(agent, origin, asked);
      const known = times.get(asked.kind) ?? [];
      known.push(performance.now() - due);
      times.set(asked.kind, known);
      if (!asked.expected.includes(answer.status)) errors.push(`${asked.kind}: ${answer.status}`);
      asked.after?.(answer);
    } catch (error) {
      errors.push(`${asked.kind}: ${String(error)}`);
    }
  };
  for (let n = 0; n < total; n += 1) {
    const wait = begun + (n * 1_000) / rate - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    underWay.push(one(n));
  }
  await Promise.all(underWay);
  agent.destroy();
  return { sent: total, errors, times };
};

/** The value below which a share of all lie. @param share 0 … 1 */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
