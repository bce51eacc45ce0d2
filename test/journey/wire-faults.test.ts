import { createHash } from 'node:crypto';
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plusDays, workingDaysBefore } from './book-oracle.ts';
import { deadLettersOf, madridDay } from './support/observe.ts';
import { acceptedOf, startWaves, type Wave, type Waves } from './support/waves.ts';

/**
 * What may go wrong between the functions and the services, made to go wrong on the wire, each on a wave of mails of its
 * own. The simulation does this thousands of times in memory; here a few times, to prove that it tells the truth.
 */

const WAVES = 10;
const SIZE = 4;

describe('faults on the wire', () => {
  let waves: Waves;

  beforeAll(async () => {
    waves = await startWaves(WAVES, SIZE);
    await waves.next([]);
  });
  afterAll(() => waves?.stop());

  /** One row each that ends as delivered under the provider's own id, and nobody's outcome unknown. */
  const settled = async ({ policies, accepted }: Wave): Promise<void> => {
    for (const policyNo of policies) {
      const rows = (await waves.history.timeline(policyNo)).filter(({ step }) => step === 'm60');
      expect(rows).toMatchObject([{ state: 'delivered' }]);
      const ids = accepted.filter(({ policyIds }) => policyIds.includes(policyNo)).map(({ messageId }) => messageId);
      expect(ids).toContain(rows[0]?.details?.messageId);
    }
    const { items } = await waves.history.get<{ items: unknown[] }>('/api/troubles/unknown');
    expect(items).toEqual([]);
    expect(await deadLettersOf(waves.system)).toEqual([]);
  };
  const onceEach = async (rules: readonly object[]): Promise<Wave> => {
    const wave = await waves.next(rules);
    for (const [n, struck] of wave.struck.entries())
      expect(struck, `rule ${JSON.stringify(rules[n])} never struck`).toBeGreaterThan(0);
    expect(acceptedOf(wave)).toEqual(wave.policies);
    await settled(wave);
    return wave;
  };
  const atProvider = { service: 'ses', action: 'SendRawEmail' };

  test.each([
    ['reset', { mode: 'drop-reply' }],
    ['silence', { mode: 'hang', times: 2 }],
    ['500 after accept', { mode: 'error-after' }],
  ])(
    'F04 the reply of the provider is lost (%s): one accept each',
    async (_, how) => {
      await onceEach([{ ...atProvider, ...how }]);
    },
    90_000,
  );

  test('F05 the table commits and its reply is lost: nothing lost, no conflict with oneself', async () => {
    await onceEach([
      { service: 'dynamodb', action: 'UpdateItem', mode: 'drop-reply', share: 0.4, seed: 5 },
      { service: 'dynamodb', action: 'PutItem', mode: 'drop-reply', share: 0.4, seed: 6 },
    ]);
  }, 60_000);

  test('F06 F07 every message of every queue is delivered twice: one accept each', async () => {
    await onceEach([
      { service: 'sqs', mode: 'duplicate' },
      { service: 'sns', mode: 'duplicate' },
    ]);
  }, 60_000);

  test('F18 the provider’s events come before its answer: matched by the tags, no orphans', async () => {
    await onceEach([{ ...atProvider, mode: 'delay', when: 'after', ms: 500 }]);
  }, 60_000);

  test('F19 the table throttles a third of all calls: all sent, none twice', async () => {
    await onceEach([{ service: 'dynamodb', mode: 'throttle', share: 0.3, seed: 19, times: 20 }]);
  }, 90_000);

  test('F02 killed after the accept, and the events are lost too: service mail goes once more, flagged', async () => {
    const wave = await waves.next([
      { ...atProvider, mode: 'kill-host', when: 'after', times: 1, skip: SIZE - 1 },
      { service: 'ses', action: 'Event:Send', mode: 'lose', times: SIZE },
      { service: 'ses', action: 'Event:Delivery', mode: 'lose', times: SIZE },
    ]);
    const accepts = (policyNo: string) => acceptedOf(wave).filter((each) => each === policyNo).length;
    const flagged: string[] = [];
    for (const policyNo of wave.policies)
      if ((await waves.history.timeline(policyNo)).some(({ details }) => details?.resent === true))
        flagged.push(policyNo);
    // the kill takes everyone in the batch whose row was not written yet
    expect(flagged.length).toBeGreaterThan(0);
    expect(wave.policies.map(accepts)).toEqual(wave.policies.map((policyNo) => (flagged.includes(policyNo) ? 2 : 1)));
    const { items } = await waves.history.get<{ items: unknown[] }>('/api/troubles/unknown');
    expect(items).toEqual([]);
  }, 60_000);

  test('F09 poison on every queue goes to its dead letters after its receives; the good ones are done', async () => {
    const sqs = new SQSClient({
      endpoint: waves.system.awsEndpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    });
    const urlOf = async (QueueName: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
    const deep = `${'['.repeat(20)}${']'.repeat(20)}`;
    const poison = ['null', '{"schemaVersion":99,"kind":"future"}', deep, 'not even JSON'];
    const queues = Object.keys((await waves.system.status()).queues);
    expect(queues.length).toBeGreaterThanOrEqual(10);
    for (const queue of queues) {
      const QueueUrl = await urlOf(queue);
      for (const MessageBody of poison) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    const wave = await waves.next([]);
    expect(acceptedOf(wave)).toEqual(wave.policies);
    expect(await deadLettersOf(waves.system)).toEqual(queues.map((queue) => `${queue}-dead ${poison.length}`));
    for (const queue of queues) {
      const QueueUrl = await urlOf(`${queue}-dead`);
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      expect(Messages.map(({ Body }) => Body).sort()).toEqual([...poison].sort());
    }
  }, 90_000);

  test('F36 killed while letters are made and handed over: one piece a letter, manifests and files agree', async () => {
    const { system } = waves;
    const letters = (from: string, to: string) =>
      waves.policies.flatMap((policyNo) => {
        const renewsOn = plusDays('2019-03-20', Number(policyNo.slice(1, 3)));
        const day = workingDaysBefore(plusDays(renewsOn, -14), 4, new Set());
        return day >= from && day < to ? [`${policyNo} ${day}`] : [];
      });
    await system.clock({ to: '2019-02-28' });
    const before = await deadLettersOf(system);
    const kill = (service: string, action: string, when: 'before' | 'after', skip: number) => ({
      service,
      action,
      mode: 'kill-host',
      when,
      times: 1,
      skip,
    });
    // what the two functions read and write on these days, struck wherever it comes
    for (const [day, rules] of [
      ['2019-02-28', [kill('s3', 'PutObject', 'after', 1), kill('s3', 'PutObject', 'before', 6)]],
      ['2019-03-01', [kill('s3', 'GetObject', 'after', 2), kill('s3', 'PutObject', 'after', 2 * SIZE)]],
      ['2019-03-04', [kill('s3', 'PutObject', 'before', 3 * SIZE), kill('s3', 'PutObject', 'after', 4 * SIZE)]],
    ] as const) {
      await system.faults(rules);
      await system.clock({ to: plusDays(day, 1) });
      await system.faults([]);
    }
    const printed = await system.printTray();
    expect(await deadLettersOf(system)).toEqual(before);
    expect(printed.map(({ policyIds, at }) => `${policyIds.join()} ${madridDay(at)}`).sort()).toEqual(
      letters('2019-02-28', '2019-03-05').sort(),
    );
    expect(new Set(printed.map(({ id }) => id)).size).toBe(printed.length);
    for (const { id, sha256 } of printed) {
      const pdf = await (await system.fetch(`/local/print-tray/${id}.pdf`)).arrayBuffer();
      expect(createHash('sha256').update(Buffer.from(pdf)).digest('hex')).toBe(sha256);
    }
    for (const batch of new Set(printed.map((letter) => letter.batch))) {
      const manifest = await (await system.fetch(`/local/print-tray/batches/${batch}/manifest.csv`)).text();
      expect(manifest.trim().split(/\r?\n/).length - 1).toBe(printed.filter((letter) => letter.batch === batch).length);
    }
    expect(await system.printTray()).toEqual(printed);
  }, 90_000);
});
