/**
 * Sign-in by OAuth2 code flow with PKCE (RFC 7636). Tokens live in the tab's session storage: they end with the tab, and
 * the page's policy lets no foreign script near them.
 */

export interface SignInConfig {
  readonly signInOrigin: string;
  readonly clientId: string;
}

interface Tokens {
  readonly access: string;
  readonly refresh?: string;
}

const TOKENS = 'perennial.tokens';
const PENDING = 'perennial.pending';
const SCOPES = 'openid email perennial/use';

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

const challengeOf = async (verifier: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));

const redirectUri = (): string => `${location.origin}/`;

const read = <Shape>(key: string): Shape | undefined => {
  const text = sessionStorage.getItem(key);
  return text === null ? undefined : (JSON.parse(text) as Shape);
};

const keep = (answer: { access_token?: unknown; refresh_token?: unknown }, former?: Tokens): Tokens | undefined => {
  if (typeof answer.access_token !== 'string') return undefined;
  const refresh = typeof answer.refresh_token === 'string' ? answer.refresh_token : former?.refresh;
  const tokens: Tokens = { access: answer.access_token, ...(refresh === undefined ? {} : { refresh }) };
  sessionStorage.setItem(TOKENS, JSON.stringify(tokens));
  return tokens;
};

/** Asks the sign-in for tokens. @returns undefined where it refuses or cannot be reached */
const ask = async (
  { signInOrigin, clientId }: SignInConfig,
  fields: Record<string, string>,
  former?: Tokens,
): Promise<Tokens | undefined> => {
  try {
    const answer = await fetch(`${signInOrigin}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: clientId, ...fields }),
    });
    return answer.ok ? keep((await answer.json()) as object, former) : undefined;
  } catch {
    return undefined;
  }
};

/** The access token at hand, if any. */
export const accessToken = (): string | undefined => read<Tokens>(TOKENS)?.access;

/** Id of who is signed in, as tasks and customers name their account manager; undefined where the token does not tell.
 *  For showing only: what may be seen is for the API to say. */
export const userId = (): string | undefined => {
  try {
    const claims = accessToken()?.split('.')[1] ?? '';
    const { sub } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: unknown };
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
};

/** Leaves for the sign-in page. */
export const beginSignIn = async ({ signInOrigin, clientId }: SignInConfig): Promise<void> => {
  const pending = { state: randomText(), verifier: randomText() };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: SCOPES,
    state: pending.state,
    code_challenge: await challengeOf(pending.verifier),
    code_challenge_method: 'S256',
  });
  location.assign(`${signInOrigin}/oauth2/authorize?${query}`);
};

/** Takes the code with which the sign-in page sent the browser back.
 *  @returns `none` where there is none in the address, `failed` where it is not ours or was refused */
export const completeSignIn = async (config: SignInConfig): Promise<'done' | 'none' | 'failed'> => {
  const query = new URLSearchParams(location.search);
  const [code, state] = [query.get('code'), query.get('state')];
  if (code === null && !query.has('error')) return 'none';
  // the code must not stay in the address, whatever becomes of it
  history.replaceState(null, '', `/${location.hash}`);
  const pending = read<{ state: string; verifier: string }>(PENDING);
  sessionStorage.removeItem(PENDING);
  if (code === null || pending === undefined || pending.state !== state) return 'failed';
  const tokens = await ask(config, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(),
    code_verifier: pending.verifier,
  });
  return tokens === undefined ? 'failed' : 'done';
};

/** A new access token by the refresh token. @returns false where one must sign in again */
export const refreshSignIn = async (config: SignInConfig): Promise<boolean> => {
  const former = read<Tokens>(TOKENS);
  if (former?.refresh === undefined) return false;
  return (await ask(config, { grant_type: 'refresh_token', refresh_token: former.refresh }, former)) !== undefined;
};

/** Forgets the tokens. */
export const signOut = (): void => sessionStorage.removeItem(TOKENS);
