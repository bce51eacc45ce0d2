import { describe, expect, test } from 'vitest';
import type { WebhookCall } from '../../shared/message/webhook-call.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { OutboundAnswer } from '../../shared/platform/outbound-http.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';
import { callWebhook } from '../../shared/relay/call-webhook.ts';
import { outboundMessage } from '../../shared/relay/contract.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { endpointKey, verify } from '../../shared/relay/signature.ts';

const NOW = parseInstant('2026-03-11T04:00:00Z') as Instant;
const SECRET = Buffer.from('the secret of a stage');
const CALL: WebhookCall = {
  kind: 'webhook',
  id: 'call1',
  endpoint: 'crm',
  campaign: 'welcome',
  step: 'tell',
  partyId: 'party1' as PartyId,
  policyId: 'policy1' as PolicyId,
  occurrence: '2026-03-01',
  occurredAt: (NOW - 60_000) as Instant,
};

const answered = (status: number, retryAfter?: number): OutboundAnswer => ({
  kind: 'answered',
  status,
  body: '',
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

const createWorld = async (answer: OutboundAnswer) => {
  const endpoints = createEndpoints(createMemoryTable());
  const changed = { by: 'e', at: NOW };
  await endpoints.put({ name: 'crm', kind: 'webhook', url: 'https://crm.example.com/hook', changed }, 0);
  await endpoints.put({ name: 'sms', kind: 'gateway', url: 'https://sms.example.com/', changed }, 0);
  const posted: { url: string; headers: Readonly<Record<string, string>>; body: Uint8Array }[] = [];
  const delays: (number | undefined)[] = [];
  const retries = createMemoryQueue<WebhookCall>();
  const givenUp: unknown[] = [];
  return {
    posted,
    delays,
    retries,
    givenUp,
    call: (call: WebhookCall = CALL) =>
      callWebhook(
        {
          endpoints,
          secret: SECRET,
          http: {
            async post(url, headers, body) {
              posted.push({ url, headers, body });
              return answer;
            },
          },
          retries: {
            async send(messages, options) {
              delays.push(options?.delaySeconds);
              await retries.send(messages);
            },
          },
          giveUp: async (call_, ref, because) => {
            givenUp.push({ id: call_.id, ref, because });
          },
        },
        call,
        NOW,
      ),
  };
};

describe('a webhook', () => {
  test('is signed with the endpoint’s key and tells names only', async () => {
    const world = await createWorld(answered(204));
    expect(await world.call()).toEqual({ kind: 'delivered' });
    const [{ url, headers, body }] = world.posted as [(typeof world.posted)[0]];
    expect(url).toBe('https://crm.example.com/hook');
    expect(verify(endpointKey(SECRET, 'crm'), headers, body, NOW)).toBe('call1');
    expect(JSON.parse(Buffer.from(body).toString('utf8'))).toEqual({
      type: 'journey.step',
      timestamp: '2026-03-11T03:59:00.000Z',
      data: {
        id: 'call1',
        campaign: 'welcome',
        step: 'tell',
        customerId: 'party1',
        policyId: 'policy1',
        occurrence: '2026-03-01',
      },
    });
    expect(world.retries.messages).toEqual([]);
  });

  test.each<[string, OutboundAnswer, number]>([
    ['status 500', answered(500), 15],
    ['status 503 that asks for more', answered(503, 120), 120],
    ['status 429 that asks for too much', answered(429, 86_400), 900],
    ['status 408', answered(408), 15],
    ['status 425', answered(425), 15],
    ['no answer', { kind: 'lost', code: 'ABORT_ERR' }, 15],
    ['nobody there', { kind: 'not-sent', code: 'ECONNREFUSED' }, 15],
  ])('is tried again later: %s', async (_, answer, seconds) => {
    const world = await createWorld(answer);
    expect(await world.call()).toMatchObject({ kind: 'retry-later', afterSeconds: seconds });
    expect(world.delays).toEqual([seconds]);
    // the same call, by its id, that the consumer reads from the queue
    expect(outboundMessage.parse(world.retries.messages[0])).toEqual({ ...CALL, tried: 1 });
    expect(world.givenUp).toEqual([]);
  });

  test('waits twice as long each time, a quarter of an hour at most, and is given up after sixteen tries', async () => {
    const world = await createWorld(answered(502));
    let next: WebhookCall | undefined = CALL;
    let tries = 0;
    while (next !== undefined) {
      await world.call(next);
      tries += 1;
      next = world.retries.take()[0];
    }
    expect(tries).toBe(16);
    expect(world.delays).toEqual([15, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900, 900, 900, 900, 900]);
    expect(new Set(world.posted.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['call1']));
    expect(world.givenUp).toHaveLength(1);
  });

  test.each([301, 302, 307, 400, 401, 403, 404, 410, 422])(
    'status %i is an answer for good: the journey’s step failed',
    async (status) => {
      const world = await createWorld(answered(status));
      expect(await world.call()).toEqual({ kind: 'given-up', because: `status ${status}` });
      expect(world.givenUp).toEqual([
        {
          id: 'call1',
          ref: { partyId: 'party1', campaign: 'welcome', policyId: 'policy1', occurrence: '2026-03-01' },
          because: `status ${status}`,
        },
      ]);
      expect(world.retries.messages).toEqual([]);
    },
  );

  test.each(['nobody', 'sms'])(
    'to "%s", which is no registered webhook, is given up without a call',
    async (endpoint) => {
      const world = await createWorld(answered(200));
      expect(await world.call({ ...CALL, endpoint })).toMatchObject({ kind: 'given-up' });
      expect(world.posted).toEqual([]);
      expect(world.givenUp).toHaveLength(1);
    },
  );
});
