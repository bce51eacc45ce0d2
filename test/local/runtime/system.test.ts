import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type System, startSystem } from '../../../infra/local/system.ts';
import { type Instant, MINUTE, parseInstant } from '../../../shared/platform/time.ts';
import { fixtureTemplates } from './fixture/template.ts';

const START = parseInstant('2019-01-31T09:00:00Z') as Instant;
const at = (text: string): Instant => parseInstant(`2019-01-31T${text}Z`) as Instant;
const credentials = { accessKeyId: 'someone', secretAccessKey: 'x' };

/** The whole runtime over the small app: schedule → queue → function → table and SES. */
describe('a system over the small app', () => {
  let state: string;
  let system: System;
  let table: DynamoDBClient;
  let sqs: SQSClient;
  const said: string[] = [];

  const plan = (when: string, body: object): Promise<unknown> =>
    table.send(
      new PutItemCommand({
        TableName: 'fixture-Table',
        Item: { pk: { S: 'PLAN' }, sk: { S: `2019-01-31T${when}.000Z` }, body: { S: JSON.stringify(body) } },
      }),
    );
  const seen = async (): Promise<string[]> => {
    const { Items } = await table.send(
      new QueryCommand({
        TableName: 'fixture-Table',
        KeyConditionExpression: 'pk = :seen',
        ExpressionAttributeValues: { ':seen': { S: 'SEEN' } },
        ConsistentRead: true,
      }),
    );
    return (Items ?? []).map((item) => item['sk']?.S?.slice(11) ?? '');
  };
  const send = (body: object, queue = 'work'): Promise<unknown> =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: `${system.awsEndpoint}/000000000000/${queue}`,
        MessageBody: JSON.stringify(body),
      }),
    );
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${system.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  const start = async (): Promise<void> => {
    system = await startSystem({
      port: 0,
      state,
      fresh: false,
      now: START,
      say: (line) => void said.push(line),
      onProgress: () => {},
      templates: async () => fixtureTemplates(),
    });
    const sdk = { endpoint: system.awsEndpoint, region: 'us-east-1', credentials };
    table = new DynamoDBClient(sdk);
    sqs = new SQSClient(sdk);
  };

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'perennial-runtime-'));
    await start();
  });
  afterAll(async () => {
    await system.stop();
    rmSync(state, { recursive: true, force: true });
  });
  beforeEach(() => {
    said.length = 0;
  });

  test('the clock moves through what falls due, in order, each thing at its own time', async () => {
    await plan('09:30:00', { do: 'mail', to: 'b@x.example' });
    await plan('09:10:00', { do: 'mail', to: 'a@x.example' });
    await plan('10:30:00', { do: 'mail', to: 'late@x.example' });
    const moved = await system.mover.move(at('10:00:00'));
    expect(moved).toEqual({ now: '2019-01-31T10:00:00.000Z', sent: 2, held: 0, skipped: 0, failed: 0 });
    expect(await seen()).toEqual(['09:10:00.000Z mail a@x.example 1', '09:30:00.000Z mail b@x.example 1']);
    const { items } = system.services.ses.mailbox.list({});
    expect(items.map((mail) => [mail.to[0], mail.at])).toEqual([
      ['a@x.example', at('09:10:00')],
      ['b@x.example', at('09:30:00')],
    ]);
    // The handler saw virtual time, too.
    expect(system.services.ses.mailbox.raw(items[0]?.id ?? '')?.toString()).toContain('2019-01-31T09:10:00.000Z');
  });

  test('the clock jumps over minutes in which nothing can be due', async () => {
    const { next } = (await (await fetch(`${system.origin}/local/trace?after=1000000`)).json()) as { next: number };
    await system.mover.move(at('10:20:00'));
    const { hops } = (await (await fetch(`${system.origin}/local/trace?after=${next}`)).json()) as {
      hops: { action: string; at: string }[];
    };
    expect(hops.filter(({ action }) => action === 'fired').map((hop) => hop.at)).toEqual(['2019-01-31T10:01:00.000Z']);
  });

  test('work that a function makes sooner than the tick foretold is still done at its own time', async () => {
    await plan('13:00:00', { do: 'mail', to: 'far@x.example' });
    await send({ do: 'plan', to: '2019-01-31T10:25:00.000Z' });
    await system.mover.move(at('10:22:00'));
    // The tick has just looked and named 10:25; now comes something for 10:24.
    await send({ do: 'plan', to: '2019-01-31T10:24:00.000Z' });
    await system.mover.move(at('10:28:00'));
    const { items } = system.services.ses.mailbox.list({ to: 'planned@x.example' });
    expect(items.map((mail) => mail.at)).toEqual([at('10:24:00'), at('10:25:00')]);
  });

  test('nothing runs between moves but what is due now', async () => {
    const before = system.clock.now();
    await send({ do: 'mail', to: 'now@x.example' });
    await system.engine.whenIdle();
    expect(system.clock.now()).toBe(before);
    expect(system.services.ses.mailbox.list({ to: 'now@x.example' }).items).toHaveLength(1);
    // Due in ten minutes: waits for a move, however long that takes.
    expect(system.services.ses.mailbox.list({ to: 'late@x.example' }).items).toHaveLength(0);
    expect(system.engine.idle()).toBe(true);
  });

  test('a failed message comes back when its virtual visibility timeout is over, and dies after three receives', async () => {
    const from = system.clock.now();
    await send({ do: 'fail', to: 'x' });
    await system.engine.whenIdle();
    await system.mover.move((from + 10 * MINUTE) as Instant);
    const tries = (await seen()).filter((row) => row.includes('fail'));
    expect(tries.map((row) => row.slice(0, 5))).toEqual(['10:28', '10:29', '10:30']);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: `${system.awsEndpoint}/000000000000/work-dead`,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    expect(Attributes?.['ApproximateNumberOfMessages']).toBe('1');
    const status = (await (await fetch(`${system.origin}/local/status`)).json()) as {
      deadLetters: object;
      idle: boolean;
    };
    expect(status.deadLetters).toMatchObject({ 'work-dead': 1 });
    expect(status.idle).toBe(true);
  });

  test('S25 a call the statements do not allow is refused as the service would, traced, and said loudly', async () => {
    await send({ do: 'trespass' });
    await system.engine.whenIdle();
    expect(said.join('\n')).toMatch(/DENIED Worker .*sqs:SendMessage.*:private/);
    expect(readFileSync(join(state, 'logs', 'fixture-Worker.log'), 'utf8')).toContain('"name":"AccessDenied');
    expect(system.services.sqs.visibleCount('arn:aws:sqs:us-east-1:000000000000:private')).toBe(0);
  });

  test.each(['exit', 'hang'])(
    'a function that does not come back (%s) is replaced, and so is its message',
    async (act) => {
      await send({ do: act });
      await system.engine.whenIdle();
      await send({ do: 'mail', to: `after-${act}@x.example` });
      await system.engine.whenIdle();
      expect(system.services.ses.mailbox.list({ to: `after-${act}@x.example` }).items).toHaveLength(1);
      await system.mover.move((system.clock.now() + 5 * MINUTE) as Instant);
      const tries = (await seen()).filter((row) => row.includes(act) && !row.includes('after'));
      expect(tries.map((row) => row.split(' ').at(-1))).toEqual(['1', '2', '3']);
    },
    60_000,
  );

  test('a function has the environment of the template, and nothing of this machine', async () => {
    const answered = (await (await post('/open/sesame?a=1&a=2', { hello: 1 })).json()) as {
      environment: string[];
      now: string;
    };
    expect(answered.environment.filter((name) => !name.startsWith('AWS_'))).toEqual([
      'LANG',
      'PRINT_BUCKET',
      'TABLE_NAME',
      'TZ',
      'WORK_QUEUE_URL',
    ]);
    expect(answered.now).toBe(new Date(system.clock.now()).toISOString());
  });

  test('the HTTP API speaks payload format 2.0', async () => {
    const response = await post('/open/se%20same?a=1&a=2', { hello: 1 }, { cookie: 'x=1; y=2' });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    const { event } = (await response.json()) as { event: Record<string, unknown> };
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /open/{thing}',
      rawQueryString: 'a=1&a=2',
      queryStringParameters: { a: '1,2' },
      pathParameters: { thing: 'se same' },
      cookies: ['x=1', 'y=2'],
      body: '{"hello":1}',
      isBase64Encoded: false,
    });
    expect((await fetch(`${system.origin}/nowhere`)).status).toBe(404);
    expect((await fetch(`${system.origin}/open/x`)).status).toBe(404);
    const denied = await fetch(`${system.origin}/api/x`);
    expect([denied.status, await denied.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect((await post('/open/big', 'x'.repeat(11 * 1024 * 1024))).status).toBe(413);
  });

  test('POST /local/clock answers with white space first and JSON last; a second move is refused with 409', async () => {
    await plan('12:00:00', { do: 'hang' });
    const [first, second] = await Promise.all([
      post('/local/clock', { to: '2019-01-31T12:00:00Z' }),
      post('/local/clock', { by: 'PT1H' }),
    ]);
    expect([first.status, second.status].sort()).toEqual([200, 409]);
    const answered = first.status === 200 ? first : second;
    expect(JSON.parse(await answered.text())).toMatchObject({ now: '2019-01-31T12:00:00.000Z', sent: 0 });
    expect((await post('/local/clock', { to: '2019-01-01T00:00:00Z' })).status).toBe(400);
    expect((await post('/local/clock', { by: '3 days' })).status).toBe(400);
  }, 30_000);

  test('S24 a page of another site cannot drive /local', async () => {
    expect((await post('/local/clock', { by: 'P1D' }, { origin: 'https://elsewhere.example' })).status).toBe(403);
  });

  test('GET /local/mailbox filters and pages', async () => {
    const all = (await (await fetch(`${system.origin}/local/mailbox`)).json()) as {
      items: { to: string; step: string; customerId: string }[];
    };
    expect(all.items.length).toBeGreaterThan(2);
    expect(all.items[0]).toMatchObject({ to: 'a@x.example', step: 'first', customerId: 'a', subject: 'hello' });
    const one = (await (await fetch(`${system.origin}/local/mailbox?to=B@x.example`)).json()) as { items: unknown[] };
    expect(one.items).toHaveLength(1);
    const page = (await (await fetch(`${system.origin}/local/mailbox?limit=2`)).json()) as {
      items: unknown[];
      next: string;
    };
    const rest = (await (await fetch(`${system.origin}/local/mailbox?cursor=${page.next}`)).json()) as {
      items: unknown[];
    };
    expect([...page.items, ...rest.items]).toEqual(all.items);
    expect((await fetch(`${system.origin}/local/mailbox/1.eml`)).headers.get('content-type')).toBe('message/rfc822');
    expect((await fetch(`${system.origin}/local/mailbox/999.eml`)).status).toBe(404);
  });

  test('a state folder has one owner', async () => {
    const second = startSystem({
      port: 0,
      state,
      fresh: false,
      say: () => {},
      onProgress: () => {},
      templates: async () => fixtureTemplates(),
    });
    await expect(second).rejects.toThrow(/is in use by process \d+/);
  }, 30_000);

  test('a restart goes on where the clock stood, with everything that was there', async () => {
    const now = system.clock.now();
    const mails = system.services.ses.mailbox.count();
    await system.stop();
    await start();
    expect(system.existed).toBe(true);
    expect(system.clock.now()).toBe(now);
    expect(system.services.ses.mailbox.count()).toBe(mails);
    expect((await seen()).length).toBeGreaterThan(0);
  }, 30_000);
});
