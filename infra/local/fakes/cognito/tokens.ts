import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type JSONWebKeySet, SignJWT } from 'jose';
import { HOUR, type Instant, MINUTE, SECOND } from '../../../../shared/platform/time.ts';
import type { UserPoolClient, UserPoolResource } from '../../template/resources.ts';
import type { DemoPerson } from './people.ts';

/** Local tokens live this long at least, in virtual time: the template's quarter of an hour would end with the first
 *  small move of the clock. */
const SHORTEST_LIFE = 12 * HOUR;

const SCHEMA = 'CREATE TABLE IF NOT EXISTS cognito_key (id INTEGER PRIMARY KEY CHECK (id = 1), pem TEXT NOT NULL)';

interface TokenRequest {
  readonly pool: UserPoolResource;
  readonly client: UserPoolClient;
  readonly person: DemoPerson;
  readonly scopes: readonly string[];
  readonly nonce?: string;
  readonly now: Instant;
}

/** Makes tokens as a user pool does. */
export interface TokenMaker {
  readonly jwks: JSONWebKeySet;
  access(request: TokenRequest): Promise<string>;
  id(request: TokenRequest): Promise<string>;
  /** Seconds an access token lives. */
  lifeOf(client: UserPoolClient): number;
}

/** @param db keeps the signing key, so that a token outlives a restart */
export const createTokenMaker = (db: DatabaseSync): TokenMaker => {
  const key = readKey(db);
  const { n, e, kty } = createPublicKey(key).export({ format: 'jwk' });
  const kid = createHash('sha256').update(String(n)).digest('base64url').slice(0, 22);
  const lifeMs = (minutes: number): number => Math.max(minutes * MINUTE, SHORTEST_LIFE);

  const sign = (request: TokenRequest, minutes: number, claims: Record<string, unknown>): Promise<string> => {
    const issuedAt = Math.floor(request.now / SECOND);
    return new SignJWT({
      sub: request.person.id,
      'cognito:groups': [request.person.role],
      iss: request.pool.issuer,
      origin_jti: randomUUID(),
      event_id: randomUUID(),
      auth_time: issuedAt,
      iat: issuedAt,
      exp: issuedAt + lifeMs(minutes) / SECOND,
      jti: randomUUID(),
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign(key);
  };

  return {
    jwks: { keys: [{ kty: String(kty), n: String(n), e: String(e), kid, alg: 'RS256', use: 'sig' }] },
    lifeOf: ({ accessTokenMinutes }) => lifeMs(accessTokenMinutes) / SECOND,
    access: (request) =>
      sign(request, request.client.accessTokenMinutes, {
        token_use: 'access',
        version: 2,
        client_id: request.client.id,
        scope: request.scopes.join(' '),
        username: request.person.role,
      }),
    id: (request) =>
      sign(request, request.client.idTokenMinutes, {
        token_use: 'id',
        aud: request.client.id,
        'cognito:username': request.person.role,
        email: `${request.person.role}@insurer.example`,
        email_verified: true,
        name: request.person.name.en,
        ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      }),
  };
};

const readKey = (db: DatabaseSync): KeyObject => {
  db.exec(SCHEMA);
  const row = db.prepare('SELECT pem FROM cognito_key').get() as { pem: string } | undefined;
  if (row) return createPrivateKey(row.pem);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  db.prepare('INSERT INTO cognito_key (id, pem) VALUES (1, ?)').run(pem);
  return privateKey;
};
