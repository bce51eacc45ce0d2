import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';
import type { Problem } from '../../shared/platform/api/problem.ts';
import { accessToken, refreshSignIn, type SignInConfig } from './sign-in.ts';

/** An answer of the API, or what stood in its way. */
export type Answer<Body> =
  | { readonly kind: 'ok'; readonly body: Body }
  | { readonly kind: 'failed'; readonly status: number; readonly requestId?: string };

export interface Api {
  get<Body>(path: string): Promise<Answer<Body>>;
  post<Body>(path: string, body: unknown): Promise<Answer<Body>>;
  /** A file, whole: its pages follow one another by their `Link` headers. */
  file(path: string): Promise<Answer<Blob>>;
}

/** The API of this origin. @param onSignedOut called when there is no token that is still good */
export const createApi = (config: SignInConfig, onSignedOut: () => void): Api => {
  const send = (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${accessToken() ?? ''}`);
    return fetch(path, { ...init, headers });
  };

  const call = async <Body>(
    path: string,
    init: RequestInit,
    read = async (response: Response): Promise<Body> => (await response.json()) as Body,
  ): Promise<Answer<Body>> => {
    try {
      let response = await send(path, init);
      if (response.status === 401 && (await refreshSignIn(config))) response = await send(path, init);
      if (response.status === 401) onSignedOut();
      if (response.ok) return { kind: 'ok', body: await read(response) };
      const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
      const requestId = problem.error?.requestId;
      return { kind: 'failed', status: response.status, ...(requestId === undefined ? {} : { requestId }) };
    } catch {
      return { kind: 'failed', status: 0 };
    }
  };

  const pageOf = async (response: Response) => ({
    part: await response.blob(),
    next: /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1],
  });
  const file = async (path: string): Promise<Answer<Blob>> => {
    const parts: Blob[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const page: Answer<Awaited<ReturnType<typeof pageOf>>> = await call(next, {}, pageOf);
      if (page.kind === 'failed') return page;
      parts.push(page.body.part);
      next = page.body.next;
    }
    return { kind: 'ok', body: new Blob(parts, { type: parts[0]?.type ?? '' }) };
  };

  return {
    file,
    get: (path) => call(path, {}),
    post: (path, body) =>
      call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  };
};

const nowhere: Answer<never> = { kind: 'failed', status: 0 };

export const ApiContext = createContext<Api>({
  get: async () => nowhere,
  post: async () => nowhere,
  file: async () => nowhere,
});

export const useApi = (): Api => useContext(ApiContext);

/** What a view shows: nothing yet, the answer, or why there is none. */
export interface Loaded<Body> {
  readonly answer: Answer<Body> | undefined;
  readonly reload: () => void;
}

/** Loads `path`, again whenever it changes and whenever the window is looked at again (the clock may have moved). */
export const useData = <Body>(path: string): Loaded<Body> => {
  const api = useApi();
  const [loaded, setLoaded] = useState<{ path: string; answer: Answer<Body> }>();
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    let stale = false;
    void api.get<Body>(path).then((answer) => {
      if (!stale) setLoaded({ path, answer });
    });
    return () => {
      stale = true;
    };
  }, [api, path, round]);

  useEffect(() => {
    addEventListener('focus', reload);
    return () => removeEventListener('focus', reload);
  }, [reload]);

  return { answer: loaded?.path === path ? loaded.answer : undefined, reload };
};

/** Lists that go on: the first page is loaded by `path`, the next ones when asked for. */
export const useList = <Item>(path: string) => {
  const api = useApi();
  const { answer, reload } = useData<{ items: Item[]; next?: string }>(path);
  const [more, setMore] = useState<{ items: readonly Item[]; next: string | undefined }>({
    items: [],
    next: undefined,
  });
  const first = answer?.kind === 'ok' ? answer.body : undefined;

  useEffect(() => setMore({ items: [], next: first?.next }), [first]);

  const loadMore = async (): Promise<void> => {
    if (more.next === undefined) return;
    const mark = `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(more.next)}`;
    const page = await api.get<{ items: Item[]; next?: string }>(path + mark);
    if (page.kind === 'ok')
      setMore((before) => ({ items: [...before.items, ...page.body.items], next: page.body.next }));
  };
  return {
    answer,
    reload,
    items: first && [...first.items, ...more.items],
    hasMore: more.next !== undefined,
    next: more.next,
    loadMore,
  };
};
