import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { ApiAuthorizer, ApiRoute } from '../template/resources.ts';
import type { JwtContext } from './payload.ts';

/** What the JWT authorizer of an HTTP API decides. */
export type Authorization =
  | { readonly kind: 'authorized'; readonly jwt: JwtContext }
  /** 401: no token, or none that may be trusted. */
  | { readonly kind: 'unauthorized' }
  /** 403: a good token without the scope the route asks for. */
  | { readonly kind: 'forbidden' };

/** Checks a token as API Gateway documents it: signature, issuer, audience (or `client_id`), times, one of the scopes.
 *  @param header the Authorization header, with or without `Bearer`
 *  @param now virtual time, epoch milliseconds */
export const authorize = async (
  header: string | undefined,
  authorizer: ApiAuthorizer,
  route: ApiRoute,
  keys: JSONWebKeySet,
  now: number,
): Promise<Authorization> => {
  const token = header?.replace(/^Bearer\s+/i, '').trim();
  if (!token) return { kind: 'unauthorized' };
  const payload = await verify(token, authorizer, keys, now);
  if (!payload) return { kind: 'unauthorized' };
  const audience = [payload.aud ?? payload['client_id']].flat().map(String);
  if (!audience.some((one) => authorizer.audience.includes(one))) return { kind: 'unauthorized' };
  const granted = String(payload['scope'] ?? payload['scp'] ?? '').split(' ');
  if (route.scopes.length > 0 && !route.scopes.some((scope) => granted.includes(scope))) return { kind: 'forbidden' };
  return {
    kind: 'authorized',
    jwt: {
      claims: claimsOf(payload),
      scopes: route.scopes.length > 0 ? route.scopes.filter((scope) => granted.includes(scope)) : null,
    },
  };
};

const verify = async (
  token: string,
  authorizer: ApiAuthorizer,
  keys: JSONWebKeySet,
  now: number,
): Promise<JWTPayload | undefined> => {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: authorizer.issuer,
      algorithms: ['RS256', 'RS384', 'RS512'],
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    });
    return payload;
  } catch {
    return undefined;
  }
};

/** API Gateway passes every claim as text; a list as `[a b]`. */
const claimsOf = (payload: JWTPayload): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );
