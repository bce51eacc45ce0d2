import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readerOf } from '../../shared/platform/api/reader.ts';
import { idParam, route } from '../../shared/platform/api/route.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { type ApiRig, createApiRig } from '../support/api.ts';

const maria = '01jmaria000000000000000000' as PartyId;

const withMaria = async (): Promise<ApiRig> => {
  const rig = createApiRig({
    routes: [
      route({
        method: 'get',
        path: '/api/broken/{id}',
        summary: 'fails',
        roles: ['marketing'],
        params: z.object({ id: idParam }),
        answer: z.object({}),
        handle: () => Promise.reject(new Error('table arn:aws:dynamodb:secret of maria@mail.example')),
      }),
    ],
  });
  await rig.addCustomer({ partyId: maria, email: 'maria.garcia@mail.example' });
  return rig;
};

describe('the API', () => {
  test('401 without a token, 403 for a token without a role of ours, logged', async () => {
    const rig = await withMaria();
    for (const { method, path } of rig.routes) {
      const url = path.replaceAll(/\{\w+\}/g, 'x');
      expect((await rig.call(method.toUpperCase(), url, { groups: undefined })).status).toBe(401);
      expect((await rig.call(method.toUpperCase(), url, { groups: ['visitor'] })).status).toBe(403);
    }
    expect(rig.logged).toContainEqual({
      name: 'request.refused',
      fields: { requestId: 'gateway-id', route: 'get /api/overview', status: 403 },
    });
  });

  test('S07: a role may not what it may not', async () => {
    const rig = await withMaria();
    const close = (group: string) =>
      rig.call('POST', '/api/tasks/x/close', { groups: [group], body: { outcome: 'reached' } });
    expect((await close('compliance')).status).toBe(403);
    expect((await close('approver')).status).toBe(403);
    expect((await close('manager')).status).toBe(404);
  });

  test('nobody is anybody by a header or a body', async () => {
    const rig = await withMaria();
    const { status } = await rig.call('GET', '/api/overview', {
      groups: undefined,
      headers: { authorization: 'Bearer x', 'cognito-groups': '[head]', 'x-amzn-oidc-identity': 'me' },
    });
    expect(status).toBe(401);
  });

  test('S08, S09: a branch sees its own, and what is another’s is as if it were not there', async () => {
    const rig = await withMaria();
    const own = { groups: ['manager', 'scope:house/east'] };
    const foreign = { groups: ['manager', 'scope:house/west'] };
    const near = { groups: ['manager', 'scope:house/ea'] };
    expect((await rig.call('GET', `/api/customers/${maria}`, own)).status).toBe(200);
    const missing = await rig.call('GET', '/api/customers/01jnobody0000000000000000x', foreign);
    for (const reader of [foreign, near])
      for (const path of [
        `/api/customers/${maria}`,
        `/api/customers/${maria}/timeline`,
        `/api/messages/${maria}/1-fact-x`,
      ]) {
        const answer = await rig.call('GET', path, reader);
        expect([answer.status, answer.text]).toEqual([404, missing.text]);
      }
    expect((await rig.call('POST', '/api/search', { ...foreign, body: { text: 'maria' } })).json.items).toEqual([]);
    expect((await rig.call('GET', '/api/tasks?scope=house/east', foreign)).json.items).toEqual([]);
    expect((await rig.call('POST', '/api/search', { ...own, body: { text: 'maria', scope: 'x' } })).status).toBe(400);
  });

  test.each([
    ['GET', '/api/tasks?limit=1000000000', undefined, 'query.limit'],
    ['GET', '/api/tasks?limit=-1', undefined, 'query.limit'],
    ['GET', '/api/tasks?state=any', undefined, 'query.state'],
    ['GET', '/api/tasks?unknown=1', undefined, 'query'],
    ['GET', '/api/tasks?limit=1&limit=2', undefined, 'query'],
    ['POST', '/api/search', { text: 'm' }, 'body.text'],
    ['POST', '/api/search', { text: 'x'.repeat(101) }, 'body.text'],
    ['POST', '/api/search', { text: 'maria', __proto__x: 1 }, 'body'],
    ['POST', '/api/search', '{"text":', 'body'],
  ] as [string, string, unknown, string][])(
    'S30, S34: %s %s %j is 400 and names %s',
    async (method, path, body, where) => {
      const rig = await withMaria();
      const { status, json } = await rig.call(method, path, { body });
      expect(status).toBe(400);
      expect(json.error).toMatchObject({ code: 'bad-input', path: where, requestId: 'gateway-id' });
      expect(json.error.message.length).toBeGreaterThan(10);
    },
  );

  test('S34: 405, 413 and 415', async () => {
    const rig = await withMaria();
    const wrong = await rig.call('DELETE', `/api/customers/${maria}`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await rig.call('POST', '/api/search', { body: { text: 'x'.repeat(70_000) } })).status).toBe(413);
    const plain = { body: 'text=maria', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect((await rig.call('POST', '/api/search', plain)).status).toBe(415);
  });

  test('S35, S36: a fault is a sentence and an id; the log holds codes only', async () => {
    const rig = await withMaria();
    const { status, text, json } = await rig.call('GET', '/api/broken/x');
    expect(status).toBe(500);
    expect(json.error.requestId).toBe('gateway-id');
    for (const secret of ['arn:', 'maria', 'dynamodb', '.ts'])
      expect(text + JSON.stringify(rig.logged)).not.toContain(secret);
  });

  test('S32: every answer carries the security headers and is not stored', async () => {
    const rig = await withMaria();
    for (const path of [
      '/api/overview',
      '/api/nothing',
      '/api/openapi.json',
      '/console/config.json',
      '/api/broken/x',
    ]) {
      const { headers } = await rig.call('GET', path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('S41: OpenAPI describes exactly the routes that are served; docs name each', async () => {
    const rig = createApiRig();
    const { json } = await rig.call('GET', '/api/openapi.json', { groups: undefined });
    const described = Object.entries(json.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(rig.routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(json.openapi).toBe('3.1.0');
    for (const operation of Object.values(json.paths).flatMap((entry) => Object.values(entry as object)))
      expect((operation as { security: unknown }).security).toEqual([{ staff: [] }]);
    const guide = readFileSync('docs/guides/api.md', 'utf8');
    for (const { path } of rig.routes) expect(guide).toContain(path);
  });

  test('the reader is what the gateway says, in each of the shapes it says it', () => {
    const of = (groups: unknown) =>
      readerOf({ authorizer: { jwt: { claims: { sub: 'u', 'cognito:groups': groups } } } });
    expect(of('[marketing head]')?.roles).toEqual(['marketing', 'head']);
    expect(of('marketing,head')?.roles).toEqual(['marketing', 'head']);
    expect(of(['engineer'])?.roles).toEqual(['engineer']);
    expect(of('[scope:house/east manager]')).toEqual({ id: 'u', roles: ['manager'], scopes: ['house/east'] });
    expect(of(undefined)?.roles).toEqual([]);
    expect(readerOf(undefined)).toBeUndefined();
    expect(readerOf({ authorizer: { lambda: { sub: 'u' } } })).toBeUndefined();
  });
});
