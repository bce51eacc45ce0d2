import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createTextGateway } from '../../../infra/local/fakes/text-gateway/text-gateway.ts';
import { type Instant, parseInstant } from '../../../shared/platform/time.ts';
import { gatewayEvent } from '../../../shared/relay/contract.ts';
import { endpointKey, sign, verify } from '../../../shared/relay/signature.ts';

const SECRET = Buffer.from('the secret of a stage');
const NOW = parseInstant('2026-03-11T04:00:00Z') as Instant;
const KEY = endpointKey(SECRET, 'local');

const createWorld = (db = new DatabaseSync(':memory:')) => {
  const posted: { path: string; headers: Readonly<Record<string, string>>; body: string }[] = [];
  let status = 200;
  const gateway = createTextGateway({
    db,
    clock: { now: () => NOW },
    secret: () => SECRET,
    post: async (path, headers, body) => {
      posted.push({ path, headers, body });
      return status;
    },
  });
  const message = { text: 'hello', signature: 'Evermere', template: 't', sendClass: 'service' };
  const take = (
    id: string,
    body: unknown = { type: 'text.send', data: { to: '+34600', reference: 'p.r', message } },
  ) => {
    const raw = Buffer.from(JSON.stringify(body));
    return gateway.take('local', { ...sign(KEY, id, NOW, raw) }, raw);
  };
  return {
    db,
    gateway,
    posted,
    take,
    refuse: (wanted: number) => {
      status = wanted;
    },
  };
};

test('takes a signed text once, however often it comes', () => {
  const { gateway, take } = createWorld();
  const first = take('a');
  expect(first.status).toBe(200);
  expect(take('a')).toEqual(first);
  expect(take('b').body).not.toBe(first.body);
  expect(gateway.list({ limit: 10 }).map(({ id, to, text }) => [id, to, text])).toEqual([
    ['1', '+34600', 'hello'],
    ['2', '+34600', 'hello'],
  ]);
  expect(gateway.list({ limit: 10, after: '1' })).toHaveLength(1);
});

test('refuses what is not signed, or not a text', () => {
  const { gateway, take } = createWorld();
  expect(gateway.take('local', {}, Buffer.from('{}')).status).toBe(401);
  const body = Buffer.from('{}');
  expect(gateway.take('other', { ...sign(KEY, 'a', NOW, body) }, body).status).toBe(401);
  expect(take('a', { type: 'text.send' }).status).toBe(400);
  expect(gateway.count()).toBe(0);
});

test('tells what it is asked to, signed, in the contract’s words; a restart in between loses none of it', async () => {
  const before = createWorld();
  before.take('a');
  before.gateway.feedback('1', { type: 'delivered' });
  before.gateway.feedback('1', { type: 'failed', code: 'DB:0141' });
  before.gateway.feedback('1', { type: 'reply', text: 'TD' });
  expect(before.gateway.nextDueAt?.()).toBe(NOW);
  const { gateway, posted } = createWorld(before.db);
  expect(await gateway.run?.()).toBe(true);
  expect(gateway.nextDueAt?.()).toBeUndefined();
  expect(posted.map(({ path }) => path)).toEqual(['/h/local', '/h/local', '/h/local']);
  for (const { headers, body } of posted) expect(verify(KEY, headers, Buffer.from(body), NOW)).toBeDefined();
  expect(posted.map(({ body }) => gatewayEvent.parse(JSON.parse(body)))).toMatchObject([
    { type: 'text.delivered', data: { reference: 'p.r', at: NOW } },
    { type: 'text.failed', data: { code: 'DB:0141' } },
    { type: 'text.reply', data: { from: '+34600', text: 'TD' } },
  ]);
});

test('tries five times where it is not heard', async () => {
  const { gateway, posted, take, refuse } = createWorld();
  take('a');
  gateway.feedback('1', { type: 'delivered' });
  refuse(503);
  while (gateway.nextDueAt?.() !== undefined) await gateway.run?.();
  expect(posted).toHaveLength(5);
  expect(new Set(posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('says what is wrong with a report', () => {
  const { gateway, take } = createWorld();
  take('a');
  expect(() => gateway.feedback('7', { type: 'delivered' })).toThrow('took no text 7');
  expect(() => gateway.feedback('1', { type: 'opened' })).toThrow('feedback');
});
