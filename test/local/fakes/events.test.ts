import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEvents, type Events } from '../../../infra/local/fakes/events/events.ts';
import { readPattern } from '../../../infra/local/fakes/events/pattern.ts';
import type { Resources, RuleResource } from '../../../infra/local/template/resources.ts';
import { formatInstant, type Instant } from '../../../shared/platform/time.ts';
import { clientSettings, createTestWorld, queueNamed, type TestWorld } from './world.ts';

const BUS = { logicalId: 'Bus', name: 'perennial', arn: 'arn:aws:events:us-east-1:000000000000:event-bus/perennial' };
const RULE_ARN = 'arn:aws:events:us-east-1:000000000000:rule/perennial/customer-events';
const QUEUE = queueNamed('customer-events', {
  policy: [
    {
      effect: 'Allow',
      principals: ['events.amazonaws.com'],
      actions: ['sqs:SendMessage'],
      resources: ['arn:aws:sqs:us-east-1:000000000000:customer-events'],
      conditions: { ArnEquals: { 'aws:SourceArn': [RULE_ARN] } },
    },
  ],
});
const DEAD = queueNamed('customer-events-dead');
const ruleWith = (more: Partial<RuleResource> = {}): RuleResource => ({
  logicalId: 'Rule',
  name: 'customer-events',
  arn: RULE_ARN,
  busName: 'perennial',
  pattern: { source: ['policy.admin', { prefix: 'perennial.' }] },
  enabled: true,
  targets: [{ id: 'queue', arn: QUEUE.arn, deadLetterArn: DEAD.arn, retry: { maxAttempts: 1 } }],
  ...more,
});
const resourcesWith = (rule: RuleResource): Partial<Resources> => ({
  buses: [BUS],
  rules: [rule],
  queues: [QUEUE, DEAD],
});

describe('EventBridge', () => {
  let world: TestWorld;
  let events: Events;
  let client: EventBridgeClient;
  beforeEach(async () => {
    world = createTestWorld(resourcesWith(ruleWith()));
    events = createEvents(world, { faults: world.faults });
    client = new EventBridgeClient(clientSettings(await world.serve(events)));
  });
  afterEach(async () => {
    client.destroy();
    await world.close();
  });
  const put = (more: object = {}) => ({
    EventBusName: 'perennial',
    Source: 'policy.admin',
    DetailType: 'PolicyRenewed',
    Detail: '{"policyNo":"A1"}',
    ...more,
  });

  test('an event that fits reaches the queue in its envelope; one that does not goes nowhere', async () => {
    const time = new Date('2019-01-30T00:00:00Z');
    const { Entries: entries, FailedEntryCount: failed } = await client.send(
      new PutEventsCommand({ Entries: [put({ Time: time, Resources: ['r'] }), put({ Source: 'someone.else' })] }),
    );
    expect(failed).toBe(0);
    await expect.poll(() => world.delivered.length).toBe(1);
    expect(JSON.parse(world.delivered[0]?.body ?? '')).toEqual({
      version: '0',
      id: entries?.[0]?.EventId,
      'detail-type': 'PolicyRenewed',
      source: 'policy.admin',
      account: '000000000000',
      time: '2019-01-30T00:00:00Z',
      region: 'us-east-1',
      resources: ['r'],
      detail: { policyNo: 'A1' },
    });
    expect(world.delivered[0]?.arn).toBe(QUEUE.arn);
  });

  test('wrong entries are told one by one, the others are taken', async () => {
    const { Entries: entries, FailedEntryCount: failed } = await client.send(
      new PutEventsCommand({
        Entries: [put(), put({ Detail: '[1]' }), put({ Detail: '{' }), put({ Source: '' }), put({ Source: 'aws.s3' })],
      }),
    );
    expect(failed).toBe(4);
    expect(entries?.map(({ ErrorCode: code }) => code)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
    ]);
    await expect.poll(() => world.delivered.length).toBe(1);
  });

  test('F28 more than ten entries or 1 MB are refused, a bus that is not there too', async () => {
    const send = (Entries: object[]) => client.send(new PutEventsCommand({ Entries }));
    await expect(send(Array.from({ length: 11 }, () => put()))).rejects.toThrow(/1 to 10 entries/);
    const fill = (bytes: number) => put({ Detail: JSON.stringify({ x: 'y'.repeat(bytes) }) });
    const overhead = 'policy.adminPolicyRenewed{"x":""}'.length;
    await send([fill(1_048_576 - overhead)]);
    await expect(send([fill(1_048_576 - overhead + 1)])).rejects.toThrow(/over the limit/);
    await expect(send([put({ EventBusName: 'other' })])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(send([put({ EventBusName: undefined })])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('the runtime puts events without the wire', async () => {
    const id = events.put({ source: 'policy.admin', detailType: 'PolicyLapsed', detail: { policyNo: 'A2' } });
    await expect.poll(() => world.delivered.length).toBe(1);
    expect(JSON.parse(world.delivered[0]?.body ?? '')).toMatchObject({ id, time: '2019-01-31T09:00:00Z' });
    expect(() => events.put({ source: '', detailType: 'x', detail: {} })).toThrow(/Source is a required/);
    expect(() => events.put({ source: 'a', detailType: 'x', detail: {}, bus: 'none' })).toThrow(/bus none/);
  });

  test('a target that refuses is tried again, then the dead-letter queue has the event', async () => {
    world.onDeliver = (arn) => {
      if (arn === QUEUE.arn) throw new Error('queue is full');
    };
    await client.send(new PutEventsCommand({ Entries: [put()] }));
    await expect.poll(() => world.delivered.length).toBe(1);
    world.setNow(formatInstant(events.nextDueAt?.() as Instant));
    await events.run?.();
    expect(world.delivered.map(({ arn }) => arn)).toEqual([QUEUE.arn, QUEUE.arn, DEAD.arn]);
    expect(world.delivered[2]?.attributes).toMatchObject({ ERROR_MESSAGE: 'queue is full', TARGET_ARN: QUEUE.arn });
  });

  test('F10 a fault rule tells an event twice, or loses it', async () => {
    world.faults.set([
      { service: 'events', mode: 'duplicate', times: 1 },
      { service: 'events', mode: 'lose', times: 1 },
    ]);
    events.put({ source: 'policy.admin', detailType: 'x', detail: { n: 1 } });
    events.put({ source: 'policy.admin', detailType: 'x', detail: { n: 2 } });
    events.put({ source: 'policy.admin', detailType: 'x', detail: { n: 3 } });
    await events.run?.();
    const numbers = world.delivered.map(({ body }) => (JSON.parse(body) as { detail: { n: number } }).detail.n);
    expect(numbers).toEqual([1, 1, 3]);
  });

  test('asks IAM for the bus, and refuses by name what it does not cover', async () => {
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
      body: Buffer.from(JSON.stringify({ Entries: [put()] })),
      principal: 'Pages',
    };
    expect(events.actionOf(request)).toEqual({
      action: 'events:PutEvents',
      resources: [BUS.arn],
      context: { 'events:source': 'policy.admin' },
    });
    await expect(client.send(new PutRuleCommand({ Name: 'x' }))).rejects.toThrow(/events:PutRule is not covered/);
    const traced = new PutEventsCommand({ Entries: [put({ TraceHeader: 'Root=1' })] });
    await expect(client.send(traced)).rejects.toThrow(/TraceHeader is not covered/);
  });
});

test('a rule gives its target a part of the event, or a constant', async () => {
  const targets = [
    { id: 'part', arn: QUEUE.arn, inputPath: '$.detail' },
    { id: 'constant', arn: QUEUE.arn, input: '{"a":1}' },
  ];
  const world = createTestWorld(resourcesWith(ruleWith({ targets })));
  const events = createEvents(world);
  events.put({ source: 'policy.admin', detailType: 'x', detail: { n: 1 } });
  await events.run?.();
  expect(world.delivered.map(({ body }) => body)).toEqual(['{"n":1}', '{"a":1}']);
  world.db.close();
});

test('a queue that is closed to its rule, and a pattern that is not covered, stop the start', () => {
  const closed = createTestWorld({ ...resourcesWith(ruleWith()), queues: [{ ...QUEUE, policy: [] }] });
  expect(() => createEvents(closed)).toThrow(/does not let events.amazonaws.com sqs:SendMessage/);
  const strange = createTestWorld(resourcesWith(ruleWith({ pattern: { detail: { ip: [{ cidr: '10.0.0.0/8' }] } } })));
  expect(() => createEvents(strange)).toThrow(/customer-events.detail.ip: operator "cidr" is not covered/);
  closed.db.close();
  strange.db.close();
});

describe('event patterns', () => {
  const event = {
    source: 'policy.admin',
    'detail-type': 'PolicyRenewed',
    detail: {
      premium: 120.5,
      tags: ['a', 'b'],
      state: null,
      holder: { name: 'Zhang' },
      lines: [{ kind: 'motor' }, { kind: 'home' }],
    },
  };
  const cases: readonly (readonly [pattern: object, fits: boolean])[] = [
    [{ source: ['policy.admin'] }, true],
    [{ source: ['other', 'policy.admin'], 'detail-type': ['PolicyRenewed'] }, true],
    [{ source: ['policy.admin'], 'detail-type': ['PolicyLapsed'] }, false],
    [{ source: ['Policy.Admin'] }, false],
    [{ source: [{ 'equals-ignore-case': 'Policy.Admin' }] }, true],
    [{ source: [{ prefix: 'policy.' }] }, true],
    [{ source: [{ prefix: { 'equals-ignore-case': 'POLICY' } }] }, true],
    [{ source: [{ suffix: '.admin' }] }, true],
    [{ source: [{ suffix: '.adm' }] }, false],
    [{ source: [{ wildcard: 'pol*.ad*n' }] }, true],
    [{ source: [{ wildcard: 'pol*x' }] }, false],
    [{ source: [{ 'anything-but': 'x' }] }, true],
    [{ source: [{ 'anything-but': ['x', 'policy.admin'] }] }, false],
    [{ source: [{ 'anything-but': { prefix: 'policy.' } }] }, false],
    [{ absent: [{ 'anything-but': 'x' }] }, false],
    [{ absent: [{ exists: false }] }, true],
    [{ source: [{ exists: true }] }, true],
    [{ source: [{ exists: false }] }, false],
    [{ detail: { premium: [{ numeric: ['>', 100, '<=', 120.5] }] } }, true],
    [{ detail: { premium: [{ numeric: ['<', 100] }] } }, false],
    [{ detail: { premium: [{ numeric: ['=', 120.5] }] } }, true],
    [{ detail: { premium: ['120.5'] } }, false],
    [{ detail: { state: [null] } }, true],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { tags: ['c'] } }, false],
    [{ detail: { holder: { name: ['Zhang'] } } }, true],
    [{ detail: { lines: { kind: ['home'] } } }, true],
    [{ detail: { lines: { kind: ['life'] } } }, false],
    [{ $or: [{ source: ['x'] }, { detail: { premium: [{ numeric: ['>', 1] }] } }] }, true],
    [{ source: ['policy.admin'], $or: [{ source: ['x'] }, { source: ['y'] }] }, false],
  ];
  test.each(cases)('%j fits: %s', (pattern, fits) => {
    expect(readPattern(pattern, 'test')(event)).toBe(fits);
  });

  test.each([
    [{}, /not a filled object/],
    [{ source: 'policy.admin' }, /neither an object nor a filled list/],
    [{ source: [] }, /filled list/],
    [{ source: [{ numeric: ['>', 'x'] }] }, /numeric/],
    [{ source: [{ prefix: 'a', suffix: 'b' }] }, /two operators/],
    [{ $or: [{ source: ['x'] }] }, /fewer than two/],
  ])('%j is refused', (pattern, message) => {
    expect(() => readPattern(pattern, 'test')).toThrow(message);
  });
});
