import { createHash, randomBytes } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Cognito, createCognito } from '../../../infra/local/fakes/cognito/cognito.ts';
import type { UserPoolResource } from '../../../infra/local/template/resources.ts';
import { createTestWorld, type TestWorld } from './world.ts';

const POOL: UserPoolResource = {
  logicalId: 'Pool',
  id: 'us-east-1_local',
  arn: 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_local',
  issuer: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_local',
  groups: ['marketing', 'approver', 'manager', 'compliance', 'head', 'engineer'],
  clients: [
    {
      logicalId: 'Client',
      id: 'client1',
      callbackUrls: ['http://127.0.0.1:4600/'],
      logoutUrls: ['http://127.0.0.1:4600/'],
      scopes: ['openid', 'email', 'perennial/use'],
      idTokenMinutes: 15,
      accessTokenMinutes: 15,
    },
  ],
};

describe('the local user pool', () => {
  let world: TestWorld;
  let cognito: Cognito;
  beforeEach(() => {
    world = createTestWorld({ userPools: [POOL] });
    cognito = createCognito(world);
  });
  afterEach(() => world.db.close());

  const verifier = randomBytes(32).toString('base64url');
  const asked = {
    response_type: 'code',
    client_id: 'client1',
    redirect_uri: 'http://127.0.0.1:4600/',
    state: '"><script>',
    scope: 'openid perennial/use',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  const get = (path: string, query: Record<string, string>, headers: Record<string, string> = {}) =>
    cognito.serve({ method: 'GET', path, query: new URLSearchParams(query), headers, body: Buffer.alloc(0) });
  const post = (path: string, form: Record<string, string>) => {
    const body = Buffer.from(new URLSearchParams(form).toString());
    return cognito.serve({ method: 'POST', path, query: new URLSearchParams(), headers: {}, body });
  };
  const verify = (token: string, audience?: string) =>
    jwtVerify(token, createLocalJWKSet(cognito.jwks), {
      issuer: POOL.issuer,
      currentDate: new Date(world.clock.now()),
      ...(audience === undefined ? {} : { audience }),
    });
  const codeFrom = async (as: string): Promise<string> => {
    const { headers } = await post('/cognito/login', { ...asked, as });
    return new URL(headers['location'] ?? '').searchParams.get('code') ?? '';
  };
  const trade = (code: string, more: object = {}) =>
    post('/cognito/oauth2/token', {
      grant_type: 'authorization_code',
      client_id: 'client1',
      redirect_uri: asked.redirect_uri,
      code,
      code_verifier: verifier,
      ...more,
    });

  test('the page offers the six people in Chinese and English, and writes nothing of the request as markup', async () => {
    const page = await get('/cognito/oauth2/authorize', asked, { 'accept-language': 'zh-CN,zh;q=0.9' });
    const html = page.body.toString();
    expect(page.status).toBe(200);
    expect(html).toContain('<html lang="zh-CN">');
    expect(html).toContain('客户经理');
    expect(html.match(/name="as"/g)).toHaveLength(6);
    expect(html).not.toContain('"><script>');
    const english = await get('/cognito/oauth2/authorize', { ...asked, lang: 'en' });
    expect(english.body.toString()).toContain('Account manager');
  });

  test('a code becomes tokens once, with the right verifier', async () => {
    const { status, headers } = await post('/cognito/login', { ...asked, as: 'marketing' });
    const back = new URL(headers['location'] ?? '');
    expect([status, back.origin, back.searchParams.get('state')]).toEqual([302, 'http://127.0.0.1:4600', asked.state]);
    const code = back.searchParams.get('code') ?? '';
    const answer = await trade(code);
    const tokens = JSON.parse(answer.body.toString()) as Record<string, string>;
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 12 * 3_600 });
    const { payload } = await verify(tokens['access_token'] ?? '');
    expect(payload).toMatchObject({
      token_use: 'access',
      client_id: 'client1',
      scope: 'openid perennial/use',
      username: 'marketing',
      'cognito:groups': ['marketing'],
    });
    const { payload: identity } = await verify(tokens['id_token'] ?? '', 'client1');
    expect(identity).toMatchObject({ token_use: 'id', sub: payload.sub });
    expect((await trade(code)).body.toString()).toBe('{"error":"invalid_grant"}');
  });

  test('a code is worth nothing with another verifier, client or callback', async () => {
    for (const wrong of [{ code_verifier: 'x' }, { client_id: 'other' }, { redirect_uri: 'http://127.0.0.1:4600/x' }]) {
      expect((await trade(await codeFrom('head'), wrong)).status).toBe(400);
    }
    expect((await trade(await codeFrom('head'), { grant_type: 'refresh_token' })).body.toString()).toBe(
      '{"error":"unsupported_grant_type"}',
    );
  });

  test('a request with a strange client, callback, flow or scope is answered by no redirect', async () => {
    for (const wrong of [
      { client_id: 'other' },
      { redirect_uri: 'https://evil.example/' },
      { response_type: 'token' },
      { code_challenge_method: 'plain' },
      { scope: 'openid admin' },
    ]) {
      const page = await get('/cognito/oauth2/authorize', { ...asked, ...wrong });
      expect([page.status, page.headers['location']]).toEqual([400, undefined]);
      expect((await post('/cognito/login', { ...asked, ...wrong, as: 'head' })).status).toBe(400);
    }
    expect((await post('/cognito/login', { ...asked, as: 'nobody' })).status).toBe(400);
  });

  test('signing in without a page; the token ends on the virtual clock and outlives a restart', async () => {
    const token = await cognito.signIn('engineer');
    expect((await verify(token)).payload['cognito:groups']).toEqual(['engineer']);
    const restarted = createCognito(world);
    expect(restarted.jwks).toEqual(cognito.jwks);
    world.moveBy(12 * 3_600_000 + 1_000);
    await expect(verify(token)).rejects.toThrow(/exp/);
    await expect(cognito.signIn('nobody')).rejects.toThrow(/known are marketing, approver/);
  });

  test('logout goes to a known place only; keys are public; the rest is not covered', async () => {
    const leave = { client_id: 'client1', logout_uri: 'http://127.0.0.1:4600/' };
    expect((await get('/cognito/logout', leave)).headers['location']).toBe('http://127.0.0.1:4600/');
    expect((await get('/cognito/logout', { ...leave, logout_uri: 'https://evil.example/' })).status).toBe(400);
    const keys = await get('/cognito/.well-known/jwks.json', {});
    expect(JSON.parse(keys.body.toString())).toEqual(cognito.jwks);
    expect((await get('/cognito/confirmUser', {})).body.toString()).toMatch(/not covered/);
  });
});
