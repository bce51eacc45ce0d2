import { EngagementError, type ErrorCode } from '../../../shared/platform/errors.ts';

/** A request to `/local/*`. */
export interface LocalRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

/** A whole answer, or one that grows: headers at once, `text` when it is there, white space while it is not. */
export type LocalAnswer =
  | { readonly kind: 'whole'; readonly status: number; readonly type: string; readonly body: string | Uint8Array }
  | { readonly kind: 'growing'; readonly text: Promise<string> };

/** One route. `path` may hold `{name}` for a segment; `{name}.eml` takes the ending off. */
export interface LocalRoute {
  readonly key: string;
  readonly answer: (
    request: LocalRequest,
    parameters: Readonly<Record<string, string>>,
  ) => LocalAnswer | Promise<LocalAnswer>;
}

export const json = (value: unknown, status = 200): LocalAnswer => ({
  kind: 'whole',
  status,
  type: 'application/json; charset=utf-8',
  body: `${JSON.stringify(value)}\n`,
});

const STATUS: Readonly<Record<ErrorCode, number>> = {
  'bad-input': 400,
  'not-found': 404,
  conflict: 409,
  throttled: 429,
  unavailable: 503,
  forbidden: 403,
  'too-large': 413,
  misconfigured: 500,
  'unknown-version': 400,
};

/** Any fault as the answer to a request. */
export const failure = (error: unknown): LocalAnswer =>
  error instanceof EngagementError
    ? json({ error: { code: error.code, message: error.message } }, STATUS[error.code])
    : json({ error: { code: 'internal', message: error instanceof Error ? error.message : String(error) } }, 500);

/** The body as JSON. @throws EngagementError bad-input */
export const readJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new EngagementError('bad-input', 'the body is not JSON: send an object, content-type application/json');
  }
};

const matcherOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+?)')}$`);

/** Answers by the first route whose method and path fit. */
export const createRouter = (routes: readonly LocalRoute[]): ((request: LocalRequest) => Promise<LocalAnswer>) => {
  const compiled = routes.map(({ key, answer }) => {
    const [method = '', pattern = ''] = key.split(' ');
    return { method, matcher: matcherOf(pattern), answer };
  });
  return async (request) => {
    try {
      const here = compiled.filter(({ matcher }) => matcher.test(request.path));
      const route = here.find(({ method }) => method === request.method);
      if (!route) {
        if (here.length > 0) {
          return json(
            {
              error: {
                code: 'bad-input',
                message: `${request.path} takes ${here.map(({ method }) => method).join(', ')}`,
              },
            },
            405,
          );
        }
        throw new EngagementError(
          'not-found',
          `there is no ${request.path}: docs/guides/local.md lists what is under /local`,
        );
      }
      const groups = route.matcher.exec(request.path)?.groups ?? {};
      const parameters = Object.fromEntries(
        Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]),
      );
      return await route.answer(request, parameters);
    } catch (error) {
      return failure(error);
    }
  };
};
