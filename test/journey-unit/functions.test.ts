import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { createHandler as createReceive } from '../../functions/receive-events/core.ts';
import { createHandler as createRunDue } from '../../functions/run-due/core.ts';
import { createHandler as createTick } from '../../functions/tick/core.ts';
import { brokerListDue } from '../../shared/journey/broker-list.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import type { DueMessage } from '../../shared/journey/run-due.ts';
import { partyRecheckRow, recheckRow } from '../../shared/journey/step-row.ts';
import type { PrintOrder } from '../../shared/letter/contract.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { WebhookCall } from '../../shared/message/webhook-call.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import { formatInstant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { answeringOver } from '../../shared/survey/answering.ts';
import { createWorld, day, instant } from './world.ts';

const NOW = '2018-12-20T10:00:00Z';
const context = {} as never;

const sqs = (bodies: readonly unknown[]): SQSEvent => ({
  Records: bodies.map(
    (body, n) =>
      ({
        messageId: `m${n}`,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        attributes: { ApproximateReceiveCount: '1' },
      }) as SQSRecord,
  ),
});

const envelope = (detail: Record<string, unknown>, detailType = 'PolicyLapsed', source = 'policy.admin') => ({
  id: 'e',
  source,
  'detail-type': detailType,
  time: NOW,
  detail: { schemaVersion: 1, eventId: 'x', occurredAt: NOW, effectiveOn: '2018-12-20', ...detail },
});

const order = (change: Partial<SendOrder>): SendOrder => ({
  sendId: 'send' as never,
  channel: 'email',
  sendClass: 'service',
  campaign: 'renewal',
  definition: 'hash',
  step: 'm60',
  priority: 50,
  template: 'renewal-m60',
  templateVersion: 'v1',
  partyId: 'ana' as never,
  enrolments: [{ partyId: 'ana' as never, campaign: 'renewal', policyId: 'p' as never, occurrence: '2018-01-15' }],
  dueAt: instant(NOW),
  useBy: instant('2018-12-23T10:00:00Z'),
  ...change,
});

describe('receive-events', () => {
  test('F09: poison among a thousand good events: exactly it is given back', async () => {
    const world = createWorld({ now: NOW });
    const handler = createReceive({ ports: world.ports(), log: silentLog, clock: world.now });
    const deep = '['.repeat(20) + ']'.repeat(20);
    const poison = new Map<number, unknown>([
      [3, 'not json'],
      [100, 'null'],
      [200, deep],
      [300, envelope({ policyNo: 'P9', schemaVersion: 99 })],
      [400, envelope({ policyNo: 'P9' }, 'PolicyEaten')],
      [500, envelope({ policyNo: 'P9' }, 'PolicyLapsed', 'somebody.else')],
      [600, envelope({ policyNo: 'P9', effectiveOn: '2019-02-30' })],
    ]);
    const bodies = Array.from({ length: 1_007 }, (_, n) => poison.get(n) ?? envelope({ policyNo: `P${n}` }));
    const response = await handler(sqs(bodies), context);
    expect(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(
      [...poison.keys()].map((n) => `m${n}`).sort(),
    );
    const waiting = (world.table as ReturnType<typeof createMemoryTable>)
      .all()
      .filter(({ entity }) => entity === 'WaitingFacts');
    expect(waiting).toHaveLength(1_000);
  });

  test('an answer on the customer’s page was dealt with by the page', async () => {
    const world = createWorld({ now: NOW });
    const handler = createReceive({ ports: world.ports(), log: silentLog, clock: world.now });
    const detail = { occurredAt: NOW, partyId: 'ana', invitationId: 'i', choice: 'renew' };
    const response = await handler(sqs([envelope(detail, 'RenewalPageAnswered', 'perennial.pages')]), context);
    expect(response.batchItemFailures).toEqual([]);
  });

  test('a customer nobody knows yet: the event comes again', async () => {
    const world = createWorld({ now: NOW });
    const handler = createReceive({ ports: world.ports(), log: silentLog, clock: world.now });
    const death = envelope({ customerRef: 'C1', on: '2018-12-19' }, 'CustomerDeceased');
    expect((await handler(sqs([death]), context)).batchItemFailures).toHaveLength(1);
    await world.person('ana', { records: [{ source: 's', key: 'C1', joinedBy: 'own-id', at: instant(NOW) }] });
    expect((await handler(sqs([death]), context)).batchItemFailures).toHaveLength(0);
    expect((await world.gates.getMany(['ana' as never])).get('ana' as never)?.situations).toEqual(['deceased']);
  });
});

describe('tick and run-due', () => {
  test('tick says when it is next needed, and comes back after a minute where it found something', async () => {
    const dueWork = createDueWork(createMemoryTable());
    const due = createMemoryQueue<DueMessage>();
    const tick = createTick({ dueWork, due, keepUp: async () => {}, log: silentLog });
    const at = (scheduledAt: string) => tick({ scheduledAt }, context);
    expect(await at(NOW)).toEqual({ nextDueAt: null });
    await dueWork.place([recheckRow('p' as never, instant('2019-01-05T08:30:00Z'))], instant(NOW));
    // first the hour, then the minute within it
    expect(await at(NOW)).toEqual({ nextDueAt: '2019-01-05T08:00:00.000Z' });
    expect(await at('2019-01-05T08:00:00Z')).toEqual({ nextDueAt: '2019-01-05T08:30:00.000Z' });
    expect(due.messages).toEqual([]);
    expect(await at('2019-01-05T08:30:00Z')).toEqual({ nextDueAt: '2019-01-05T08:31:00.000Z' });
    expect(due.messages).toHaveLength(1);
    expect(due.messages[0]).toMatchObject({ hour: '2019-01-05T08', upTo: '2019-01-05T08:30:00.000Z' });
    await expect(at('yesterday')).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('F41: a third of the ticks is dropped before they run: all that was due is handed on all the same', async () => {
    const dueWork = createDueWork(createMemoryTable());
    const due = createMemoryQueue<DueMessage>();
    const tick = createTick({ dueWork, due, keepUp: async () => {}, log: silentLog });
    const start = instant(NOW);
    const after = (minutes: number) => (start + minutes * 60_000) as typeof start;
    const items = Array.from({ length: 200 }, (_, n) => recheckRow(`p${n}` as never, after((n * 37) % 175)));
    await dueWork.place(items, start);
    const handed = new Map<string, number>();
    // 61 is a primitive root of 181: a third of the minutes, spread without a pattern, and never the last one
    const dropped = (minute: number) => ((minute + 1) * 61) % 181 < 60 && minute < 179;
    expect(Array.from({ length: 180 }, (_, minute) => dropped(minute)).filter(Boolean).length).toBeGreaterThan(50);
    for (let minute = 0; minute < 180; minute += 1) {
      if (dropped(minute)) continue;
      await tick({ scheduledAt: formatInstant(after(minute)) }, context);
      for (const { hour, shard, upTo } of due.take()) {
        const { rows } = await dueWork.page({ hour, shard }, instant(upTo));
        for (const { id } of rows) handed.set(id, (handed.get(id) ?? 0) + 1);
        await dueWork.remove(rows);
      }
    }
    expect(handed.size).toBe(200);
    expect(new Set(handed.values())).toEqual(new Set([1]));
  });

  test('each kind of due work goes where it belongs, and is gone then', async () => {
    const world = createWorld({ now: NOW });
    const at = instant(NOW);
    const queues = {
      statutory: createMemoryQueue<SendOrder>(),
      service: createMemoryQueue<SendOrder>(),
      marketing: createMemoryQueue<SendOrder>(),
      letters: createMemoryQueue<SendOrder>(),
      print: createMemoryQueue<PrintOrder>(),
      changes: createMemoryQueue<ChangeMessage | JourneyMessage>(),
      due: createMemoryQueue<DueMessage>(),
      outbound: createMemoryQueue<SendOrder | WebhookCall>(),
      audiences: createMemoryQueue<unknown>(),
    };
    await world.dueWork.place(
      [
        recheckRow('p1' as never, at),
        partyRecheckRow('ana' as never, at),
        { at, kind: 'order', id: 'o1', payload: order({ sendClass: 'statutory' }) },
        { at, kind: 'order', id: 'o2', payload: order({}) },
        { at, kind: 'order', id: 'o3', payload: order({ sendClass: 'marketing' }) },
        { at, kind: 'order', id: 'o4', payload: order({ channel: 'post' }) },
        { at, kind: 'order', id: 'o5', payload: order({ partyId: 'ben' as never, channel: 'sms', gateway: 'main' }) },
        { at, kind: 'run', id: 'r1', payload: { kind: 'run', campaign: 'c', occurrence: '1', at } },
        { at, kind: 'audience-pass', id: 'a1', payload: { kind: 'audience-pass', shard: 3 } },
        { at, kind: 'campaign-watch', id: 'w1', payload: { kind: 'watch' } },
        { at, kind: 'print', id: 'b1', payload: { kind: 'print', house: 'sevilla', printOn: '2018-12-20' } },
        brokerListDue(day('2018-12-24'), 'B7', at),
      ],
      at,
    );
    const { ports } = world;
    const handler = createRunDue({
      ports: ports(),
      timeline: world.timeline,
      shelf: world.shelf,
      settings: async () => contactSettings,
      tasks: world.tasks,
      clicks: createClicks(world.table),
      about: { bus: world.bus, staff: createStaffEvents(world.bus) },
      answering: answeringOver({
        table: world.table,
        bucket: () => createMemoryObjects(),
        queue: () => createMemoryQueue<never>(),
        bus: world.bus,
        clock: world.now,
      }),
      queues,
      proof: world.proof,
      token: () => 'token',
      log: silentLog,
      clock: world.now,
    });
    const due = createMemoryQueue<DueMessage>();
    await createTick({ dueWork: world.dueWork, due, keepUp: async () => {}, log: silentLog })(
      { scheduledAt: NOW },
      context,
    );
    expect((await handler(sqs(due.take()), context)).batchItemFailures).toEqual([]);
    expect(queues.changes.messages).toEqual(
      expect.arrayContaining([
        { kind: 'policies', policyIds: ['p1'], because: 'recheck' },
        { kind: 'party', partyId: 'ana', because: 'recheck' },
      ]),
    );
    expect(queues.statutory.messages.map(({ sendClass }) => sendClass)).toEqual(['statutory']);
    expect(queues.service.messages.map(({ channel }) => channel)).toEqual(['email']);
    expect(queues.marketing.messages).toHaveLength(1);
    expect(queues.letters.messages.map(({ channel }) => channel)).toEqual(['post']);
    expect(queues.outbound.messages).toMatchObject([{ channel: 'sms', gateway: 'main' }]);
    expect(queues.audiences.messages).toHaveLength(3);
    expect(queues.print.messages.map(({ kind }) => kind).sort()).toEqual(['broker-list', 'print']);
    await createTick({ dueWork: world.dueWork, due, keepUp: async () => {}, log: silentLog })(
      { scheduledAt: NOW },
      context,
    );
    expect(due.messages).toEqual([]);
  });

  test('N2: a book due at the same minute is worked through, in pages, each step once', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    const wanted = Array.from({ length: 600 }, (_, n) => ({
      no: `P${n}`,
      terms: [['2018-01-15', '2019-01-15']] as const,
    }));
    await world.load(...wanted);
    await world.advance('2018-11-17T00:00:00Z');
    // one customer: each message tells of a hundred of the policies
    expect(world.seen).toHaveLength(6);
    expect(new Set(world.seen.map(({ order: { sendId } }) => sendId)).size).toBe(6);
    const told = world.seen.flatMap(({ order: { enrolments } }) => enrolments.map(({ policyId }) => policyId));
    expect(told).toHaveLength(600);
    expect(new Set(told).size).toBe(600);
  });
});
