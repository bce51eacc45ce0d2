import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqs, type Sqs } from '../../../infra/local/fakes/sqs/sqs.ts';
import { clientSettings, createTestWorld, queueNamed, type TestWorld } from './world.ts';

const DEAD = queueNamed('dead', { retentionMs: 14 * 86_400_000 });
const WORK = queueNamed('work', { redrive: { deadLetterArn: DEAD.arn, maxReceiveCount: 2 } });

describe('SQS', () => {
  let world: TestWorld;
  let sqs: Sqs;
  let client: SQSClient;
  let url: string;
  beforeEach(async () => {
    world = createTestWorld({ queues: [WORK, DEAD] });
    sqs = createSqs(world, { faults: world.faults });
    const endpoint = await world.serve(sqs);
    client = new SQSClient(clientSettings(endpoint));
    url = `${endpoint}/000000000000/work`;
  });
  afterEach(async () => {
    client.destroy();
    await world.close();
  });
  const receive = async (max = 10) => {
    const answer = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: max,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return answer.Messages ?? [];
  };

  test('a message goes in and out through the SDK, which checks both digests', async () => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: '保单 ✓',
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'renewal' } },
      }),
    );
    const [message] = await receive();
    expect(message?.Body).toBe('保单 ✓');
    expect(message?.MessageAttributes?.['kind']?.StringValue).toBe('renewal');
    // computed outside this code, as the service documents it
    expect(message?.MD5OfMessageAttributes).toBe('ede695b80eec9655c245c5c235d60ffe');
    expect(message?.Attributes).toMatchObject({
      ApproximateReceiveCount: '1',
      SentTimestamp: String(Date.parse('2019-01-31T09:00:00Z')),
    });
    await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
    expect(sqs.counts?.()).toEqual({ work: 0, dead: 0 });
  });

  test('visibility runs on the virtual clock; a late receipt deletes nothing', async () => {
    sqs.send(WORK.arn, 'one');
    const [first] = await receive();
    expect(await receive()).toEqual([]);
    expect(sqs.nextVisibleAt()).toBe(world.clock.now() + 30_000);
    world.moveBy(30_000);
    const [second] = await receive();
    expect(second?.Attributes?.['ApproximateReceiveCount']).toBe('2');
    await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }));
    expect(sqs.count(WORK.arn).inFlight).toBe(1);
    await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: second?.ReceiptHandle }));
    expect(sqs.count(WORK.arn)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('F09 a message received often enough goes to the dead-letter queue, on release at once', async () => {
    sqs.send(WORK.arn, 'poison');
    sqs.send(WORK.arn, 'good');
    for (const message of sqs.receive(WORK.arn, 10)) sqs.release(WORK.arn, message.receiptHandle);
    const again = sqs.receive(WORK.arn, 10);
    expect(again.map(({ receiveCount }) => receiveCount)).toEqual([2, 2]);
    for (const message of again) {
      if (message.body === 'good') sqs.delete(WORK.arn, message.receiptHandle);
      else sqs.release(WORK.arn, message.receiptHandle);
    }
    expect(sqs.count(WORK.arn).visible).toBe(0);
    const [dead] = sqs.receive(DEAD.arn, 10);
    expect(dead).toMatchObject({ body: 'poison', sourceArn: WORK.arn, receiveCount: 1 });
  });

  test('a message whose worker vanished twice is buried at the next receive', async () => {
    sqs.send(WORK.arn, 'poison');
    for (let round = 0; round < 2; round++) {
      expect(sqs.receive(WORK.arn, 1)).toHaveLength(1);
      world.moveBy(30_000);
    }
    expect(sqs.receive(WORK.arn, 1)).toEqual([]);
    expect(sqs.visibleCount(DEAD.arn)).toBe(1);
  });

  test('delay and retention run on the virtual clock', async () => {
    await sqs.run?.();
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'later', DelaySeconds: 60 }));
    expect(await receive()).toEqual([]);
    expect(sqs.nextDueAt?.()).toBe(world.clock.now() + 60_000);
    world.moveBy(60_000);
    const shown: string[] = [];
    sqs.onVisible((arn) => shown.push(arn));
    expect(await sqs.run?.()).toBe(true);
    expect(shown).toEqual([WORK.arn]);
    expect(await sqs.run?.()).toBe(false);
    world.moveBy(WORK.retentionMs);
    expect(await receive()).toEqual([]);
    expect(sqs.counts?.()).toEqual({ work: 0, dead: 0 });
  });

  test('F28 one byte over 1 MiB is refused, exactly 1 MiB is taken', async () => {
    const most = 'x'.repeat(1_048_576);
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: most }));
    await expect(client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: `${most}x` }))).rejects.toThrow(
      /shorter than 1048576 bytes/,
    );
    const halves = ['a', 'b', 'c'].map((id) => ({ Id: id, MessageBody: 'x'.repeat(400_000) }));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: halves }))).rejects.toMatchObject({
      name: 'BatchRequestTooLong',
    });
    expect(sqs.visibleCount(WORK.arn)).toBe(1);
  });

  test('a batch does what it can and tells the rest one by one; eleven entries are too many', async () => {
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'good', MessageBody: 'a' },
          { Id: 'empty', MessageBody: '' },
          { Id: 'late', MessageBody: 'b', DelaySeconds: 901 },
        ],
      }),
    );
    expect(answer.Successful?.map(({ Id: id }) => id)).toEqual(['good']);
    expect(answer.Failed?.map(({ Id: id, Code: code, SenderFault: fault }) => [id, code, fault])).toEqual([
      ['empty', 'MissingParameter', true],
      ['late', 'InvalidParameterValue', true],
    ]);
    const eleven = Array.from({ length: 11 }, (_, n) => ({ Id: String(n), MessageBody: 'x' }));
    const send = (Entries: { Id: string; MessageBody: string }[]) =>
      client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    await expect(send(eleven)).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
    await expect(send([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    await expect(
      send([
        { Id: 'same', MessageBody: 'x' },
        { Id: 'same', MessageBody: 'y' },
      ]),
    ).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
  });

  test('messages come in an order nobody may rely on, the same for a seed, and none starves', () => {
    const order = (seed: number): number[] => {
      const other = createTestWorld({ queues: [WORK, DEAD] });
      const queue = createSqs(other, { seed });
      for (let n = 0; n < 300; n++) queue.send(WORK.arn, String(n));
      const out: number[] = [];
      for (let batch = queue.receive(WORK.arn, 10); batch.length > 0; batch = queue.receive(WORK.arn, 10)) {
        out.push(...batch.map(({ body }) => Number(body)));
      }
      other.db.close();
      return out;
    };
    const once = order(7);
    expect(once).toEqual(order(7));
    expect(once).not.toEqual(order(8));
    expect([...once].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(once).not.toEqual([...once].sort((a, b) => a - b));
    expect(Math.max(...once.map((sent, place) => Math.abs(sent - place)))).toBeLessThan(60);
  });

  test('F07 a fault rule delivers one message five times at once', () => {
    sqs.send(WORK.arn, 'again');
    world.faults.set([{ service: 'sqs', action: 'ReceiveMessage', principal: 'dead', mode: 'duplicate', times: 4 }]);
    sqs.send(DEAD.arn, 'again');
    const bodies = Array.from({ length: 6 }, () => sqs.receive(DEAD.arn, 1)).flat();
    expect(bodies.map(({ receiveCount }) => receiveCount)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(bodies.map(({ messageId }) => messageId)).size).toBe(1);
    expect(sqs.receive(WORK.arn, 1)).toHaveLength(1);
    expect(sqs.receive(WORK.arn, 1)).toHaveLength(0);
  });

  test('a worker may ask for more time, or give the message back', async () => {
    sqs.send(WORK.arn, 'slow');
    const [message] = await receive();
    const change = (seconds: number) =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    await change(600);
    world.moveBy(599_000);
    expect(await receive()).toEqual([]);
    await change(0);
    expect(await receive()).toHaveLength(1);
    await expect(change(43_201)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('long polling wakes when a message comes', async () => {
    const waiting = client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }));
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'news' }));
    expect((await waiting).Messages?.map(({ Body: body }) => body)).toEqual(['news']);
  });

  test('URL, attributes, purge; errors as the SDK knows them', async () => {
    expect(await client.send(new GetQueueUrlCommand({ QueueName: 'work' }))).toMatchObject({ QueueUrl: WORK.url });
    sqs.send(WORK.arn, 'one');
    const { Attributes: attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    expect(attributes).toMatchObject({ ApproximateNumberOfMessages: '1', QueueArn: WORK.arn, VisibilityTimeout: '30' });
    await client.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(sqs.visibleCount(WORK.arn)).toBe(0);
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toBeInstanceOf(QueueDoesNotExist);
    const entry = { Id: 'a', ReceiptHandle: 'nonsense' };
    const { Failed: failed } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: [entry] }));
    expect(failed?.[0]?.Code).toBe('ReceiptHandleIsInvalid');
  });

  test('refuses by name what it does not cover', async () => {
    await expect(client.send(new CreateQueueCommand({ QueueName: 'new' }))).rejects.toThrow(
      /sqs:CreateQueue is not covered/,
    );
    const grouped = new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageGroupId: 'g' });
    await expect(client.send(grouped)).rejects.toThrow(/MessageGroupId is not covered/);
  });

  test('asks IAM for the single action on the queue, for batches too', async () => {
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': 'AmazonSQS.SendMessageBatch' },
      body: Buffer.from(JSON.stringify({ QueueUrl: url, Entries: [] })),
      principal: 'Anybody',
    };
    expect(sqs.actionOf(request)).toEqual({ action: 'sqs:SendMessage', resources: [WORK.arn] });
  });
});

test('what was accepted outlives the process; what was in flight is visible again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqs-'));
  const file = join(folder, 'state.sqlite');
  const before = createTestWorld({ queues: [WORK, DEAD] }, file);
  const old = createSqs(before);
  old.send(WORK.arn, 'in flight');
  const [taken] = old.receive(WORK.arn, 1);
  old.send(WORK.arn, 'waiting');
  await Promise.resolve();
  // no close: the process is gone, its file is not
  const after = createTestWorld({ queues: [WORK, DEAD] }, file);
  const sqs = createSqs(after);
  const shown: string[] = [];
  sqs.onVisible((arn) => shown.push(arn));
  sqs.releaseAllInFlight();
  expect(sqs.nextDueAt?.()).toBe(after.clock.now());
  expect(await sqs.run?.()).toBe(true);
  expect(shown).toEqual([WORK.arn]);
  const bodies = sqs.receive(WORK.arn, 10).map(({ body }) => body);
  expect(bodies.sort()).toEqual(['in flight', 'waiting']);
  // the dead worker's receipt, should it come from somewhere, does nothing
  sqs.delete(WORK.arn, taken?.receiptHandle ?? '');
  expect(sqs.inFlight(WORK.arn)).toBe(2);
  after.db.close();
  before.db.close();
  rmSync(folder, { recursive: true });
});
