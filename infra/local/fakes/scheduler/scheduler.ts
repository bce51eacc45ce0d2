import { createHash } from 'node:crypto';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import { formatInstant, type Instant, parseInstant } from '../../../../shared/platform/time.ts';
import type { ScheduleResource } from '../../template/resources.ts';
import { type Fake, WireRefusal, type World } from '../../wire.ts';
import type { FaultPlan } from '../fault-plan.ts';
import { createOutbox } from '../outbox.ts';
import { inTransaction } from '../transaction.ts';
import { type NextFire, readExpression } from './expression.ts';

/** The schedules of the template, on the virtual clock. Nobody calls the service over the wire. */
export interface Scheduler extends Fake {
  /**
   * A function that answers `{ nextDueAt: ISO | null }` says that until then it has nothing to do, and the clock jumps
   * there. What it said holds until anything else happens: call this whenever other work was done since, and before
   * each move of the clock.
   */
  forgetHints(): void;
}

interface Entry {
  readonly schedule: ScheduleResource;
  readonly next: NextFire;
  /** Fires up to here are done, or were jumped over. */
  passed: Instant;
  /** Nothing to do before: `null` for never. */
  hint: Instant | null | undefined;
}

const SCHEMA = 'CREATE TABLE IF NOT EXISTS scheduler_state (arn TEXT PRIMARY KEY, passed INTEGER NOT NULL)';

/** @param faults asked at each fire for `lose` and `duplicate`: service `scheduler`, action `Fire`, the schedule's name
 *  @throws EngagementError `misconfigured` for an expression that cannot be read */
export const createScheduler = (world: World, { faults }: { readonly faults?: FaultPlan } = {}): Scheduler => {
  const { db, clock, resources } = world;
  db.exec(SCHEMA);
  const known = db.prepare('SELECT passed FROM scheduler_state WHERE arn = ?');
  const save = db.prepare(
    'INSERT INTO scheduler_state (arn, passed) VALUES (?, ?) ON CONFLICT (arn) DO UPDATE SET passed = excluded.passed',
  );
  const entries: Entry[] = resources.schedules
    .filter(({ enabled }) => enabled)
    .map((schedule) => {
      const row = known.get(schedule.arn) as { passed: number } | undefined;
      const passed = (row?.passed ?? clock.now()) as Instant;
      if (!row) save.run(schedule.arn, passed);
      return { schedule, next: readExpression(schedule.expression, schedule.zone), passed, hint: undefined };
    });
  const outbox = createOutbox(world, 'scheduler', async (target, body, attributes, attempt) => {
    const text = body.replaceAll('<aws.scheduler.attempt-number>', String(attempt));
    const functionId = resources.functions.find(({ arn }) => arn === target)?.logicalId;
    if (functionId === undefined) return world.deliver(target, text, attributes);
    const result = await world.invoke(functionId, JSON.parse(text));
    if (result.kind === 'failed') {
      throw new EngagementError('unavailable', `${functionId} failed: ${result.error.name}`, { retryable: true });
    }
    for (const entry of entries) {
      if (entry.schedule.targetArn === target) entry.hint = hintIn(result.value);
    }
  });

  /** The next fire that is not known to be idle. */
  const dueAt = (entry: Entry): Instant | undefined => {
    if (entry.hint === null) return undefined;
    const after = entry.hint === undefined ? entry.passed : Math.max(entry.passed, entry.hint - 1);
    return entry.next(after as Instant);
  };

  /** The latest fire up to `now`: those before it were jumped over, with nothing to do. */
  const latestDue = (entry: Entry, now: Instant): Instant | undefined => {
    let found: Instant | undefined;
    for (let at = dueAt(entry); at !== undefined && at <= now; at = entry.next(at)) found = at;
    return found;
  };

  const fire = (entry: Entry, at: Instant): void => {
    const { schedule } = entry;
    entry.passed = at;
    entry.hint = undefined;
    inTransaction(db, () => {
      save.run(schedule.arn, at);
      const strike = faults?.strikeDelivery({ service: 'scheduler', action: 'Fire', principal: schedule.name });
      if (strike === 'lose') return;
      for (let copy = 0; copy < (strike === 'duplicate' ? 2 : 1); copy++) {
        outbox.add({
          target: schedule.targetArn,
          body: inputOf(schedule, at),
          retry: schedule.retry,
          ...(schedule.deadLetterArn === undefined ? {} : { deadLetterArn: schedule.deadLetterArn }),
        });
      }
    });
    world.trace({ service: 'scheduler', action: 'fired', from: schedule.name, to: schedule.targetArn });
  };

  return {
    accepts: ({ path }) => path.startsWith('/schedules'),
    actionOf: ({ method, path }) => {
      throw new WireRefusal(
        400,
        'UnknownOperationException',
        `scheduler: ${method} ${path} is not covered by the local runtime`,
      );
    },
    handle: () => Promise.reject(new Error('the scheduler has no wire protocol here')),
    forgetHints() {
      const now = clock.now();
      for (const entry of entries) {
        // what the hint jumped over had nothing to do then, and is not made up for
        if (entry.hint !== undefined && now > entry.passed) entry.passed = now;
        entry.hint = undefined;
      }
    },
    nextDueAt() {
      const times = [...entries.map(dueAt), outbox.nextDueAt()].filter((at) => at !== undefined);
      return times.length === 0 ? undefined : (Math.min(...times) as Instant);
    },
    async run() {
      let any = false;
      for (const entry of entries) {
        const at = latestDue(entry, clock.now());
        if (at === undefined) continue;
        fire(entry, at);
        any = true;
      }
      return (await outbox.flush()) || any;
    },
    busy: () => outbox.busy(),
  };
};

const hintIn = (value: unknown): Instant | null | undefined => {
  if (typeof value !== 'object' || value === null || !('nextDueAt' in value)) return undefined;
  const { nextDueAt: text } = value;
  if (text === null) return null;
  return typeof text === 'string' ? parseInstant(text) : undefined;
};

/** `2019-01-31T09:00:00Z`, as Scheduler writes times. */
const seconds = (at: Instant): string => formatInstant(at).replace(/\.\d+Z$/, 'Z');

const inputOf = (schedule: ScheduleResource, at: Instant): string => {
  const executionId = createHash('sha256').update(`${schedule.arn} ${at}`).digest('hex').slice(0, 32);
  const fallback = {
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: schedule.arn.split(':')[4],
    time: '<aws.scheduler.scheduled-time>',
    region: schedule.arn.split(':')[3],
    resources: ['<aws.scheduler.schedule-arn>'],
    detail: '{}',
  };
  return (schedule.input ?? JSON.stringify(fallback))
    .replaceAll('<aws.scheduler.scheduled-time>', seconds(at))
    .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
    .replaceAll('<aws.scheduler.execution-id>', executionId);
};
