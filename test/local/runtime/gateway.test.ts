import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { authorize } from '../../../infra/local/gateway/authorize.ts';
import { targetOf } from '../../../infra/local/gateway/clock-route.ts';
import { readEvent } from '../../../infra/local/gateway/event-routes.ts';
import { matchRoute } from '../../../infra/local/gateway/match-route.ts';
import { eventOf, responseOf } from '../../../infra/local/gateway/payload.ts';
import { readManifest } from '../../../infra/local/gateway/print-tray.ts';
import { createThrottle } from '../../../infra/local/gateway/throttle.ts';
import { parseOptions } from '../../../infra/local/options.ts';
import type { ApiRoute } from '../../../infra/local/template/resources.ts';
import { type Instant, parseInstant } from '../../../shared/platform/time.ts';

const route = (key: string, scopes: string[] = []): ApiRoute => ({ key, functionId: key, scopes });

test.each([
  ['GET', '/', 'GET /'],
  ['GET', '/r/abc', 'GET /r/{token}'],
  ['POST', '/r/abc', 'POST /r/{token}'],
  ['PUT', '/r/abc', undefined],
  ['GET', '/r/', undefined],
  ['GET', '/r/a/b', undefined],
  ['GET', '/api/openapi.json', 'GET /api/openapi.json'],
  ['GET', '/api/customers/1', 'ANY /api/{proxy+}'],
  ['DELETE', '/api/openapi.json', 'ANY /api/{proxy+}'],
  ['GET', '/api/', undefined],
  ['GET', '/nowhere', undefined],
])('%s %s goes to %s', (method, path, key) => {
  const routes = ['ANY /api/{proxy+}', 'GET /api/openapi.json', 'GET /', 'GET /r/{token}', 'POST /r/{token}'].map(
    (one) => route(one),
  );
  expect(matchRoute(routes, method, path)?.route.key).toBe(key);
});

test('variables are decoded; a greedy one keeps its slashes', () => {
  expect(matchRoute([route('GET /a/{x}')], 'GET', '/a/%E4%BD%A0')?.parameters).toEqual({ x: '你' });
  expect(matchRoute([route('GET /a/{rest+}')], 'GET', '/a/b/c')?.parameters).toEqual({ rest: 'b/c' });
});

test.each([
  ['application/json', false],
  ['text/plain; charset=utf-8', false],
  ['application/problem+json', false],
  ['application/x-www-form-urlencoded', true],
  ['application/octet-stream', true],
  ['', true],
])('a body of type "%s" reaches the function in base64: %s', (type, isBase64Encoded) => {
  const request = {
    method: 'POST',
    path: '/',
    rawQuery: '',
    headers: { 'content-type': type },
    body: Buffer.from('a=1'),
    sourceIp: '::1',
    at: 0,
    requestId: 'r',
    apiId: 'a',
  };
  const event = eventOf(request, { route: route('POST /'), parameters: {} });
  expect(event).toMatchObject({ isBase64Encoded, body: isBase64Encoded ? 'YT0x' : 'a=1' });
});

test.each([
  [
    { statusCode: 201, headers: { 'X-A': 1 }, body: 'aGk=', isBase64Encoded: true },
    { status: 201, headers: { 'x-a': '1' }, body: 'hi' },
  ],
  [{ hello: 1 }, { status: 200, body: '{"hello":1}' }],
  ['text', { status: 200, body: 'text' }],
  [null, { status: 200, body: 'null' }],
  [{ statusCode: 'x' }, undefined],
])('the answer %j becomes %j', (value, expected) => {
  const response = responseOf(value);
  if (expected === undefined) return void expect(response).toBeUndefined();
  const { headers = {}, ...rest } = expected as { headers?: Record<string, string>; status: number; body: string };
  expect({ ...response, body: response?.body.toString() }).toMatchObject(rest);
  expect(response?.headers).toMatchObject(headers);
});

describe('S05 the JWT authorizer', () => {
  const now = parseInstant('2019-01-31T09:00:00Z') as Instant;
  const authorizer = { logicalId: 'a', issuer: 'https://pool', audience: ['client'], identitySource: '' };
  let keys: JSONWebKeySet;
  let sign: (claims: object, more?: { issuer?: string; expires?: number; kid?: string }) => Promise<string>;
  let foreign: CryptoKey;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256');
    foreign = (await generateKeyPair('RS256')).privateKey;
    keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256' }] };
    sign = (claims, { issuer = 'https://pool', expires = now / 1000 + 60, kid = 'k' } = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(issuer)
        .setExpirationTime(expires)
        .sign(pair.privateKey);
  });
  const decide = async (token: string | undefined, scopes: string[] = []) =>
    (await authorize(token, authorizer, route('GET /', scopes), keys, now)).kind;

  test('lets in a token of the pool for the client, by the virtual clock', async () => {
    expect(await decide(`Bearer ${await sign({ client_id: 'client' })}`)).toBe('authorized');
    expect(await decide(await sign({ aud: 'client' }))).toBe('authorized');
  });
  test('keeps out every other', async () => {
    expect(await decide(undefined)).toBe('unauthorized');
    expect(await decide('Bearer x')).toBe('unauthorized');
    expect(await decide(await sign({ client_id: 'other' }))).toBe('unauthorized');
    expect(await decide(await sign({}))).toBe('unauthorized');
    expect(await decide(await sign({ client_id: 'client' }, { issuer: 'https://other' }))).toBe('unauthorized');
    expect(await decide(await sign({ client_id: 'client' }, { expires: now / 1000 - 1 }))).toBe('unauthorized');
    const forged = await new SignJWT({ client_id: 'client' })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer('https://pool')
      .setExpirationTime(now / 1000 + 60)
      .sign(foreign);
    expect(await decide(forged)).toBe('unauthorized');
    const none = `${btoa('{"alg":"none"}')}.${btoa('{"iss":"https://pool","client_id":"client","exp":9999999999}')}.`;
    expect(await decide(none)).toBe('unauthorized');
  });
  test('asks for one of the scopes of the route', async () => {
    const token = await sign({ client_id: 'client', scope: 'openid perennial/use', 'cognito:groups': ['a', 'b'] });
    expect(await decide(token, ['perennial/use'])).toBe('authorized');
    expect(await decide(token, ['perennial/rule'])).toBe('forbidden');
    const granted = await authorize(token, authorizer, route('GET /', ['perennial/use']), keys, now);
    expect(granted).toMatchObject({ jwt: { scopes: ['perennial/use'], claims: { 'cognito:groups': '[a b]' } } });
  });
});

test('a route admits its burst, then its rate', () => {
  const throttle = createThrottle({ '*': { rate: 10, burst: 3 }, 'GET /free': {} });
  const admitted = (at: number) => throttle.admit('GET /', at);
  expect([0, 0, 0, 0].map(admitted)).toEqual([true, true, true, false]);
  expect([100, 100, 1_000].map(admitted)).toEqual([true, false, true]);
  expect(throttle.admit('GET /free', 0)).toBe(true);
});

test('the clock is moved to an instant, to a day, or by a duration', () => {
  const now = parseInstant('2019-01-31T09:00:00Z') as Instant;
  const at = (text: string) => parseInstant(text);
  expect(targetOf({ to: '2019-02-01T00:00:00+01:00' }, now)).toBe(at('2019-01-31T23:00:00Z'));
  expect(targetOf({ to: '2019-02-01' }, now)).toBe(at('2019-02-01T00:00:00Z'));
  expect(targetOf({ by: 'P1M' }, now)).toBe(at('2019-02-28T09:00:00Z'));
  expect(targetOf({ by: 'PT90M' }, now)).toBe(at('2019-01-31T10:30:00Z'));
  for (const wrong of [
    {},
    { to: 'x' },
    { by: '1 day' },
    { to: '2019-01-01' },
    { by: '-P1D' },
    { to: '2019-02-01', by: 'P1D' },
    null,
  ]) {
    expect(() => targetOf(wrong, now)).toThrow();
  }
});

test('an event of the policy administration must fit its contract', () => {
  const detail = {
    schemaVersion: 1,
    eventId: 'e1',
    occurredAt: '2019-01-31T09:00:00Z',
    policyNo: 'P1',
    effectiveOn: '2019-02-01',
    reason: 'sold',
  };
  const event = { source: 'policy.admin', detailType: 'PolicyCancelled', detail };
  expect(readEvent(event)).toEqual(event);
  expect(() => readEvent({ ...event, detailType: 'PolicySold' })).toThrow(/PolicySold.*known are/);
  expect(() => readEvent({ ...event, detail: { ...detail, effectiveOn: '31/01/2019' } })).toThrow(/effectiveOn/);
  expect(() => readEvent({ ...event, colour: 'red' })).toThrow();
});

test('a manifest is read back into letters', () => {
  const csv =
    '\uFEFFletterId,file,sha256,pages,sendClass,at,customerId,policyNos,campaign,step,addressLine1,addressLine2\r\n' +
    'l1,l1.pdf,ab,2,service,2019-01-31T09:00:00.000Z,c1,P1;P2,renewal,m14,"Wang, Lei",1 Road\r\n';
  expect(readManifest('b1', csv)).toEqual([
    {
      id: 'l1',
      file: 'l1.pdf',
      at: '2019-01-31T09:00:00.000Z',
      batch: 'b1',
      customerId: 'c1',
      policyIds: ['P1', 'P2'],
      campaign: 'renewal',
      step: 'm14',
      sendClass: 'service',
      pages: 2,
      sha256: 'ab',
      addressLines: ['Wang, Lei', '1 Road'],
    },
  ]);
});

test('the command line is read, or refused with the remedy', () => {
  expect(parseOptions([])).toEqual({
    book: { kind: 'sample', customers: 2000 },
    port: 4600,
    state: '.perennial',
    fresh: false,
  });
  expect(parseOptions(['--book', 'x', '--now', '2018-12-01', '--port', '0', '--state', 's', '--fresh'])).toEqual({
    book: { kind: 'folder', path: 'x' },
    now: parseInstant('2018-12-01T00:00:00Z'),
    port: 0,
    state: 's',
    fresh: true,
  });
  expect(parseOptions(['--help'])).toBe('help');
  for (const [argv, message] of [
    [['--book', 'x', '--empty'], /choose one/],
    [['--now', 'yesterday'], /--now "yesterday"/],
    [['--port', 'x'], /--port "x"/],
    [['--sample', '0'], /--sample "0"/],
    [['--colour'], /--help lists/],
  ] as const) {
    expect(() => parseOptions(argv)).toThrow(message);
  }
});
