import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DynamoDb, startDynamoDb } from '../../../infra/local/fakes/dynamodb/dynamodb.ts';
import { openEngine } from '../../../infra/local/fakes/dynamodb/engine.ts';
import { accessKeyOf } from '../../../infra/local/principal.ts';
import type { FunctionResource, TableResource } from '../../../infra/local/template/resources.ts';
import type { Instant } from '../../../shared/platform/time.ts';

const TABLE: TableResource = {
  logicalId: 'Table',
  name: 'perennial-test',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/perennial-test',
  keys: [
    { name: 'pk', type: 'S', role: 'HASH' },
    { name: 'sk', type: 'S', role: 'RANGE' },
  ],
  indexes: [
    {
      name: 'byTask',
      keys: [
        { name: 'byTaskPk', type: 'S', role: 'HASH' },
        { name: 'byTaskSk', type: 'S', role: 'RANGE' },
      ],
      projection: 'ALL',
    },
  ],
  ttlAttribute: 'expiresAt',
};

const READER: FunctionResource = {
  logicalId: 'Reader',
  name: 'reader',
  arn: 'arn:aws:lambda:us-east-1:000000000000:function:reader',
  entry: '/none',
  exportName: 'handler',
  environment: {},
  timeoutMs: 1_000,
  memoryMb: 128,
  statements: [
    {
      effect: 'Allow',
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
      resources: [TABLE.arn],
      conditions: {},
    },
  ],
};

const kills: string[] = [];
const start = (folder?: string): Promise<DynamoDb> =>
  startDynamoDb({
    ...(folder === undefined ? {} : { folder }),
    resources: { tables: [TABLE], functions: [READER] },
    effects: { killHost: () => kills.push('host'), killSystem: () => kills.push('system') },
  });

const clientOf = (endpoint: string, accessKeyId = 'anybody', maxAttempts = 3): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    maxAttempts,
    credentials: { accessKeyId, secretAccessKey: 'local' },
  });

const item = (pk: string, more: Record<string, { S: string } | { N: string }> = {}) => ({
  TableName: TABLE.name,
  Item: { pk: { S: pk }, sk: { S: 'A' }, ...more },
});

describe('DynamoDB in a process of its own', () => {
  let table: DynamoDb;
  let client: DynamoDBClient;
  beforeAll(async () => {
    table = await start();
    client = clientOf(table.url);
  });
  afterAll(async () => {
    client.destroy();
    await table.stop();
  });

  test("makes the template's table with its indexes, ready at once, for a client with default settings", async () => {
    await client.send(new PutItemCommand(item('one', { byTaskPk: { S: 't' }, byTaskSk: { S: '1' } })));
    const { Items: items } = await client.send(
      new QueryCommand({
        TableName: TABLE.name,
        IndexName: 'byTask',
        KeyConditionExpression: 'byTaskPk = :t',
        ExpressionAttributeValues: { ':t': { S: 't' } },
      }),
    );
    expect(items?.map(({ pk }) => pk?.S)).toEqual(['one']);
  });

  test('F05 a refused condition can give back the item that refused it', async () => {
    await client.send(new PutItemCommand(item('owned', { owner: { S: 'me' } })));
    const again = client.send(
      new PutItemCommand({
        ...item('owned'),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    const error = await again.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item?.['owner']).toEqual({ S: 'me' });
  });

  test('a function does what its statements allow and nothing else', async () => {
    const reader = clientOf(table.url, accessKeyOf('Reader'));
    const get = new GetItemCommand({ TableName: TABLE.name, Key: { pk: { S: 'one' }, sk: { S: 'A' } } });
    expect((await reader.send(get)).Item?.['pk']).toEqual({ S: 'one' });
    await expect(reader.send(new PutItemCommand(item('two')))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:PutItem') as string,
    });
    const query = new QueryCommand({
      TableName: TABLE.name,
      IndexName: 'byTask',
      KeyConditionExpression: 'byTaskPk = :t',
      ExpressionAttributeValues: { ':t': { S: 't' } },
    });
    await expect(reader.send(query)).rejects.toMatchObject({
      message: expect.stringContaining('/index/byTask') as string,
    });
    const stranger = clientOf(table.url, accessKeyOf('Stranger'));
    await expect(stranger.send(get)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    reader.destroy();
    stranger.destroy();
  });

  test('refuses by name what it does not cover: operations, parameters, tables', async () => {
    await expect(client.send(new TransactWriteItemsCommand({ TransactItems: [] }))).rejects.toThrow(
      /dynamodb:TransactWriteItems is not covered/,
    );
    await expect(
      client.send(new PutItemCommand({ ...item('x'), ReturnItemCollectionMetrics: 'SIZE' })),
    ).resolves.toBeDefined();
    const raw = await fetch(table.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.GetItem',
        authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({ TableName: TABLE.name, Key: {}, Novelty: true }),
    });
    expect(await raw.json()).toMatchObject({ message: expect.stringContaining('Novelty') as string });
    await expect(
      client.send(new BatchGetItemCommand({ RequestItems: { elsewhere: { Keys: [{ pk: { S: 'a' } }] } } })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('sweeps the items whose time is over, by the clock it is given', async () => {
    await client.send(new PutItemCommand(item('gone', { expiresAt: { N: '1000' } })));
    await client.send(new PutItemCommand(item('stays', { expiresAt: { N: '1001' } })));
    expect(await table.sweepExpired(1_000_999 as Instant)).toBe(1);
    const { Items: left } = await client.send(new ScanCommand({ TableName: TABLE.name }));
    expect(left?.map(({ pk }) => pk?.S)).toContain('stays');
    expect(left?.map(({ pk }) => pk?.S)).not.toContain('gone');
  });

  test('F05 a reply lost after the commit: the SDK tries again and meets its own write', async () => {
    await table.setFaults([{ service: 'dynamodb', action: 'PutItem', mode: 'drop-reply', times: 1 }]);
    const put = client.send(new PutItemCommand({ ...item('lost'), ConditionExpression: 'attribute_not_exists(pk)' }));
    await expect(put).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await table.setFaults([]);
  });

  test("F19 throttling on demand, in the service's own words", async () => {
    await table.setFaults([{ service: 'dynamodb', mode: 'throttle' }]);
    const impatient = clientOf(table.url, 'anybody', 1);
    const put = impatient.send(new PutItemCommand(item('throttled')));
    await expect(put).rejects.toBeInstanceOf(ProvisionedThroughputExceededException);
    await table.setFaults([{ service: 'dynamodb', mode: 'kill-host', times: 1 }]);
    await expect(impatient.send(new PutItemCommand(item('killed')))).rejects.toThrow();
    expect(kills).toEqual(['host']);
    await table.setFaults([]);
    impatient.destroy();
  });

  test('as a fake it hands calls at the common endpoint on', async () => {
    const input = JSON.stringify({ TableName: TABLE.name, Key: { pk: { S: 'one' }, sk: { S: 'A' } } });
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.GetItem',
        'x-amz-date': '20200101T000000Z',
        authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: Buffer.from(input),
      principal: 'operator',
    };
    expect(table.accepts(request)).toBe(true);
    expect(table.actionOf(request)).toEqual({ action: 'dynamodb:GetItem', resources: [TABLE.arn] });
    const { status, body } = await table.handle(request);
    expect(status).toBe(200);
    expect(JSON.parse(String(body))).toMatchObject({ Item: { pk: { S: 'one' } } });
  });
});

test('what was accepted is there after a new start on the same folder; another shape is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'table-'));
  const first = await start(folder);
  const client = clientOf(first.url);
  await client.send(new PutItemCommand(item('kept')));
  client.destroy();
  // the second begins while the first still holds the lock
  const [second] = await Promise.all([start(folder), first.stop()]);
  const again = clientOf(second.url);
  const { Item: kept } = await again.send(
    new GetItemCommand({ TableName: TABLE.name, Key: { pk: { S: 'kept' }, sk: { S: 'A' } } }),
  );
  expect(kept?.['pk']).toEqual({ S: 'kept' });
  again.destroy();
  await second.stop();
  const other = startDynamoDb({
    folder,
    resources: { tables: [{ ...TABLE, indexes: [] }], functions: [] },
    effects: { killHost: () => {}, killSystem: () => {} },
  });
  await expect(other).rejects.toThrow(/--fresh/);
  rmSync(folder, { recursive: true });
});

test('a query leaves no iterator of the store open', async () => {
  const require = createRequire(import.meta.url);
  const ofLevel = createRequire(createRequire(require.resolve('dynalite')).resolve('level'));
  const { AbstractValueIterator } = ofLevel('abstract-level') as { AbstractValueIterator: { prototype: object } };
  const common = Object.getPrototypeOf(AbstractValueIterator.prototype) as { close: () => Promise<void> };
  const { close } = common;
  let closed = 0;
  common.close = function () {
    closed++;
    return close.call(this);
  };
  const engine = openEngine();
  const keys = [{ AttributeName: 'pk', AttributeType: 'S' }];
  const schema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
  await engine.call('CreateTable', {
    TableName: 'abc',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys,
    KeySchema: schema,
  });
  await expect
    .poll(async () => JSON.stringify((await engine.call('DescribeTable', { TableName: 'abc' })).body))
    .toContain('ACTIVE');
  for (let n = 0; n < 5; n++) {
    const { status } = await engine.call('Query', {
      TableName: 'abc',
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: String(n) } },
    });
    expect(status).toBe(200);
  }
  await expect.poll(() => closed).toBeGreaterThanOrEqual(5);
  common.close = close;
  await engine.close();
});
