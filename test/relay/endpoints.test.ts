import { expect, test } from 'vitest';
import { endpointRoutes } from '../../functions/serve-api/routes/endpoints.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { OutboundNetwork } from '../../shared/platform/outbound-http.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { endpointKey, writtenKey } from '../../shared/relay/signature.ts';
import { createApiRig } from '../support/api.ts';

const SECRET = Buffer.from('the secret of a stage');
const createRig = (network: OutboundNetwork = 'public') => {
  const endpoints = createEndpoints(createMemoryTable());
  const now = () => parseInstant('2026-03-11T04:00:00Z') as Instant;
  return createApiRig({ routes: endpointRoutes({ endpoints, network, outboundSecret: async () => SECRET, now }) });
};
const engineer = { groups: ['engineer'] };
const gateway = { kind: 'gateway', url: 'https://sms.evermere.example.com/send', perMinute: 300, version: 0 };

test('engineers register endpoints and are given the key that signs; nobody else sees a key', async () => {
  const { call } = createRig();
  const made = await call('PUT', '/api/endpoints/sms', { ...engineer, body: gateway });
  expect(made.status).toBe(200);
  expect(made.json).toMatchObject({ name: 'sms', kind: 'gateway', perMinute: 300, version: 1, changedBy: 'user-1' });
  expect(made.json.signingKey).toBe(writtenKey(endpointKey(SECRET, 'sms')));
  expect((await call('GET', '/api/endpoints/sms', engineer)).json).toEqual(made.json);
  const list = await call('GET', '/api/endpoints', { groups: ['marketing'] });
  expect(list.json.items).toHaveLength(1);
  expect(list.text).not.toContain('whsec_');
  for (const groups of [['marketing'], ['compliance'], undefined]) {
    expect((await call('GET', '/api/endpoints/sms', { groups })).status).toBe(groups === undefined ? 401 : 403);
    expect((await call('PUT', '/api/endpoints/sms', { groups, body: gateway })).status).toBe(
      groups === undefined ? 401 : 403,
    );
  }
});

test('F32: of two changes to one version, one is refused', async () => {
  const { call } = createRig();
  await call('PUT', '/api/endpoints/sms', { ...engineer, body: gateway });
  expect((await call('PUT', '/api/endpoints/sms', { ...engineer, body: gateway })).status).toBe(409);
  expect(
    (await call('PUT', '/api/endpoints/sms', { ...engineer, body: { ...gateway, version: 1 } })).json.version,
  ).toBe(2);
});

test.each([
  'http://sms.evermere.example.com/',
  'https://169.254.169.254/latest/meta-data',
  'https://10.0.0.7/',
  'https://localhost/',
  'https://user:pw@sms.evermere.example.com/',
  'javascript:alert(1)',
])('S19: %s is no address to call', async (url) => {
  const { call } = createRig();
  const refused = await call('PUT', '/api/endpoints/sms', { ...engineer, body: { ...gateway, url } });
  expect(refused.status).toBe(400);
  expect(refused.json.error.message).toContain('body.url');
  expect((await call('GET', '/api/endpoints', engineer)).json.items).toEqual([]);
});

test('a stage for trying out may call this machine', async () => {
  const { call } = createRig('loopback');
  const body = { ...gateway, url: 'http://127.0.0.1:4600/text-gateway/local' };
  expect((await call('PUT', '/api/endpoints/local', { ...engineer, body })).status).toBe(200);
});
