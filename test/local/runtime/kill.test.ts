import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../../support/local-system.ts';

const entry = fileURLToPath(new URL('fixture/start.ts', import.meta.url));
const MESSAGES = 200;

const started: LocalSystem[] = [];
afterEach(async () => {
  for (const system of started.splice(0).reverse()) await system.stop();
});

const tableOf = (at: LocalSystem): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: at.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'x' },
  });

const childrenOf = (pid: number): string[] => {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter(Boolean);
  } catch {
    return [];
  }
};
const isAlive = (pid: string): boolean => {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
};
/** Looks again and again, not by a fixed time: a loaded machine is slow. */
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the condition did not come true within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test('F01 F35 kill -9 in the middle of a move loses nothing that was accepted, and leaves no process behind', async () => {
  let system = await startSystem({ entry, now: '2019-01-31T09:00:00Z' });
  started.push(system);
  const table = tableOf(system);
  const planned = Array.from({ length: MESSAGES }, (_, n) => String(10 + (n % 40)).padStart(2, '0'));
  for (const [n, minute] of planned.entries()) {
    await table.send(
      new PutItemCommand({
        TableName: 'fixture-Table',
        Item: {
          pk: { S: 'PLAN' },
          sk: { S: `2019-01-31T09:${minute}:00.${String(n).padStart(3, '0')}Z` },
          body: { S: JSON.stringify({ do: 'mail', to: `m${n}@x.example` }) },
        },
      }),
    );
  }
  for (let kills = 0; kills < 3; kills++) {
    const accepted = (await system.mailbox()).length;
    const children = childrenOf(system.pid);
    expect(children.length).toBeGreaterThanOrEqual(2);
    const move = system.clock({ to: '2019-01-31T10:00:00Z' }).catch(() => undefined);
    const running = system;
    await until(async () => (await running.mailbox()).length > accepted + 20);
    await system.kill();
    await move;
    await until(() => children.every((pid) => !isAlive(pid)));
    system = await system.restart();
    started.push(system);
    // What was accepted is there; what was in flight is worked off without a move of the clock.
    const now = (await system.status()).now;
    expect((await system.idle()).now).toBe(now);
    const sent = new Set((await system.mailbox()).map(({ customerId }) => customerId));
    for (const [n, minute] of planned.entries()) {
      if (`2019-01-31T09:${minute}` <= now) expect(sent).toContain(`m${n}`);
    }
  }
  await system.clock({ to: '2019-01-31T10:00:00Z' });
  const got = new Set((await system.mailbox()).map(({ customerId }) => customerId));
  expect(got.size).toBe(MESSAGES);
  const { Count } = await tableOf(system).send(
    new QueryCommand({
      TableName: 'fixture-Table',
      KeyConditionExpression: 'pk = :plan',
      ExpressionAttributeValues: { ':plan': { S: 'PLAN' } },
    }),
  );
  expect(Count).toBe(MESSAGES);
}, 120_000);
