import { createHash, randomBytes } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import type { UserPoolClient, UserPoolResource } from '../../template/resources.ts';
import type { WireRequest, World } from '../../wire.ts';
import { type PageLanguage, signInPage } from './page.ts';
import { DEMO_PEOPLE, type DemoPerson } from './people.ts';
import { createTokenMaker } from './tokens.ts';

/** An answer to a browser. */
interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** The user pool: its hosted pages under `/cognito`, its keys, and sign-in without a page. */
export interface Cognito {
  readonly jwks: JSONWebKeySet;
  /** An access token of the person with that role. @throws EngagementError `bad-input` for an unknown role */
  signIn(as: string): Promise<string>;
  /** Authorization code with PKCE, token, logout, keys. */
  serve(request: Pick<WireRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>): Promise<PageAnswer>;
}

interface Grant {
  readonly client: UserPoolClient;
  readonly person: DemoPerson;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
}

/** An authorization request that may be answered. */
interface Asked {
  readonly client: UserPoolClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

const PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
  'nonce',
];

/** The template's one user pool. @throws EngagementError `misconfigured` where it has none, or several */
export const createCognito = (world: World): Cognito => {
  const [pool, ...others] = world.resources.userPools;
  if (!pool || others.length > 0) {
    throw new EngagementError('misconfigured', 'the local sign-in wants exactly one user pool in the template');
  }
  const tokens = createTokenMaker(world.db);
  const people = DEMO_PEOPLE.filter(({ role }) => pool.groups.includes(role));
  // codes live seconds and are used once; a restart asks for another sign-in
  const codes = new Map<string, Grant>();

  const personOf = (role: string | null): DemoPerson => {
    const person = people.find((candidate) => candidate.role === role);
    if (person) return person;
    const known = people.map((candidate) => candidate.role).join(', ');
    throw new EngagementError('bad-input', `nobody signs in as "${role}": known are ${known}`);
  };

  const askPage = (query: URLSearchParams, headers: Readonly<Record<string, string>>): PageAnswer => {
    const asked = readAsked(pool, query);
    if (typeof asked === 'string') return text(400, asked);
    const language = languageOf(query.get('lang'), headers['accept-language']);
    const other = new URLSearchParams({ ...asked.parameters, lang: language === 'zh' ? 'en' : 'zh' });
    const page = signInPage(language, asked.parameters, pool.groups, `/cognito/oauth2/authorize?${other}`);
    return answer(200, 'text/html; charset=utf-8', page, {
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
  };

  const chosen = (form: URLSearchParams): PageAnswer => {
    const asked = readAsked(pool, form);
    if (typeof asked === 'string') return text(400, asked);
    const code = randomBytes(24).toString('base64url');
    const { client, redirectUri, scopes } = asked;
    const challenge = form.get('code_challenge') ?? '';
    codes.set(code, {
      client,
      person: personOf(form.get('as')),
      redirectUri,
      challenge,
      scopes,
      nonce: form.get('nonce') ?? undefined,
    });
    const target = new URL(redirectUri);
    target.searchParams.set('code', code);
    const state = form.get('state');
    if (state !== null) target.searchParams.set('state', state);
    return redirect(target.href);
  };

  const exchange = async (form: URLSearchParams): Promise<PageAnswer> => {
    if (form.get('grant_type') !== 'authorization_code') return refuse('unsupported_grant_type');
    const code = form.get('code') ?? '';
    const grant = codes.get(code);
    codes.delete(code);
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const fits =
      grant?.client.id === form.get('client_id') &&
      grant?.redirectUri === form.get('redirect_uri') &&
      grant?.challenge === verifier;
    if (!grant || !fits) return refuse('invalid_grant');
    const { client, person, scopes, nonce } = grant;
    const request = { pool, client, person, scopes, now: world.clock.now(), ...(nonce === undefined ? {} : { nonce }) };
    return json(200, {
      access_token: await tokens.access(request),
      ...(scopes.includes('openid') ? { id_token: await tokens.id(request) } : {}),
      token_type: 'Bearer',
      expires_in: tokens.lifeOf(client),
    });
  };

  const leave = (query: URLSearchParams): PageAnswer => {
    const client = pool.clients.find(({ id }) => id === query.get('client_id'));
    const target = query.get('logout_uri') ?? '';
    return client?.logoutUrls.includes(target) ? redirect(target) : text(400, 'invalid logout_uri or client_id');
  };

  return {
    jwks: tokens.jwks,
    async signIn(as) {
      const [client] = pool.clients;
      if (!client) throw new EngagementError('misconfigured', 'the user pool of the template has no client');
      return tokens.access({ pool, client, person: personOf(as), scopes: client.scopes, now: world.clock.now() });
    },
    async serve({ method, path, query, headers, body }) {
      const form = () => new URLSearchParams(body.toString('utf8'));
      try {
        switch (`${method} ${path.replace(/^\/cognito/, '')}`) {
          case 'GET /oauth2/authorize':
          case 'GET /login':
            return askPage(query, headers);
          case 'POST /login':
            return chosen(form());
          case 'POST /oauth2/token':
            return await exchange(form());
          case 'GET /logout':
            return leave(query);
          case 'GET /.well-known/jwks.json':
            return json(200, tokens.jwks);
          default:
            return text(404, `cognito: ${method} ${path} is not covered by the local runtime`);
        }
      } catch (error) {
        if (error instanceof EngagementError) return text(400, error.message);
        throw error;
      }
    },
  };
};

/** Reads an authorization request; a text where it must not be answered, not even by a redirect. */
const readAsked = (pool: UserPoolResource, query: URLSearchParams): Asked | string => {
  const client = pool.clients.find(({ id }) => id === query.get('client_id'));
  if (!client) return 'invalid client_id';
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.callbackUrls.includes(redirectUri)) return 'redirect_uri is not a callback URL of the client';
  if (query.get('response_type') !== 'code') return 'response_type must be code';
  if (query.get('code_challenge_method') !== 'S256' || !query.get('code_challenge')) {
    return 'code_challenge with method S256 is missing: the client has no secret, so it must use PKCE';
  }
  const scopes = (query.get('scope') ?? client.scopes.join(' ')).split(' ').filter((scope) => scope !== '');
  const unknown = scopes.find((scope) => !client.scopes.includes(scope));
  if (unknown !== undefined) return `scope ${unknown} is not one of the client`;
  const parameters = PARAMETERS.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { client, redirectUri, scopes, parameters: Object.fromEntries(parameters) };
};

const languageOf = (asked: string | null, accepted = ''): PageLanguage =>
  asked === 'zh' || asked === 'en' ? asked : /^\s*zh/i.test(accepted) ? 'zh' : 'en';

const answer = (
  status: number,
  type: string,
  body: string,
  more: Readonly<Record<string, string>> = {},
): PageAnswer => ({
  status,
  headers: { 'content-type': type, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...more },
  cookies: [],
  body: Buffer.from(body),
});
const text = (status: number, message: string): PageAnswer => answer(status, 'text/plain; charset=utf-8', message);
const json = (status: number, value: unknown): PageAnswer => answer(status, 'application/json', JSON.stringify(value));
const refuse = (error: string): PageAnswer => json(400, { error });
const redirect = (location: string): PageAnswer => answer(302, 'text/plain; charset=utf-8', '', { location });
