import type { Profiles } from '../customer/profile-store.ts';
import type { TimelineEntry } from '../message/message.ts';
import type { OutcomeCounts } from '../message/outcome-counts.ts';
import type { Timeline, Trouble } from '../message/timeline-store.ts';
import { addDays, type CivilDate, civilDateAt, formatInstant, type Instant, type ZoneId } from '../platform/time.ts';
import { isInForce, type Policy } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-store.ts';
import type { Tasks } from '../task/task-store.ts';
import type { Overview } from './contract.ts';
import { listedPolicy, nameOf } from './listed.ts';

export interface ReadOverviewPorts {
  readonly policies: Pick<Policies, 'due'>;
  readonly profiles: Pick<Profiles, 'getMany'>;
  readonly timeline: Pick<Timeline, 'trouble'>;
  readonly outcomes: Pick<OutcomeCounts, 'of'>;
  readonly tasks: Pick<Tasks, 'list'>;
}

/** How far the page looks ahead and back, in days. */
const AHEAD = 60;
const BACK = 14;
/** How many policies of a scope and month are counted, and rows of a trouble list; beyond, the figure is "at least". */
const MOST_DUE = 5_000;
const MOST_ROWS = 1_000;
const PAGE = 500;
/** Policies listed by name. */
const LISTED = 12;
/** Days of the page are those of UTC: it sums branches in several zones. */
const UTC = 'UTC' as ZoneId;

const monthsOf = (from: CivilDate, to: CivilDate): string[] => {
  const months = new Set<string>();
  for (let day = from; day <= to; day = addDays(day, 1)) months.add(day.slice(0, 7));
  return [...months];
};

/** Policies in force whose renewal date falls into the window, ascending. */
const readDue = async (
  policies: ReadOverviewPorts['policies'],
  scopes: readonly string[],
  from: CivilDate,
  to: CivilDate,
): Promise<{ readonly due: readonly Policy[]; readonly capped: boolean }> => {
  const due: Policy[] = [];
  let capped = false;
  for (const scope of scopes)
    for (const month of monthsOf(from, to)) {
      let after: string | undefined;
      let read = 0;
      do {
        const page = await policies.due(scope, month, { limit: PAGE, ...(after === undefined ? {} : { after }) });
        due.push(
          ...page.policies.filter(
            (policy) => policy.term.renewsOn >= from && policy.term.renewsOn <= to && isInForce(policy, from),
          ),
        );
        read += page.policies.length;
        after = page.next;
        if (read >= MOST_DUE && after !== undefined) {
          capped = true;
          break;
        }
      } while (after !== undefined);
    }
  return { due: due.sort((a, b) => (a.term.renewsOn < b.term.renewsOn ? -1 : 1)), capped };
};

const readTrouble = async (
  timeline: ReadOverviewPorts['timeline'],
  outcome: Trouble,
  since: CivilDate,
): Promise<readonly TimelineEntry[]> => {
  const rows: TimelineEntry[] = [];
  let after: string | undefined;
  do {
    const page = await timeline.trouble(outcome, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    const recent = page.entries.filter(({ at }) => formatInstant(at) >= since);
    rows.push(...recent);
    // newest first: an older one ends the search
    after = recent.length < page.entries.length ? undefined : page.next;
  } while (after !== undefined && rows.length < MOST_ROWS);
  return rows;
};

const weeksOf = (due: readonly Policy[], from: CivilDate, to: CivilDate): Overview['due']['weeks'] => {
  const weeks: Overview['due']['weeks'] = [];
  for (let start = from; start <= to; start = addDays(start, 7)) {
    const end = addDays(start, 7);
    const count = due.filter(({ term }) => term.renewsOn >= start && term.renewsOn < end).length;
    weeks.push({ from: start, count });
  }
  return weeks;
};

const reasonsOf = (rows: Readonly<Record<'held' | 'skipped' | 'failed', readonly TimelineEntry[]>>) =>
  (['held', 'skipped', 'failed'] as const).flatMap((outcome) => {
    const counts = new Map<string, number>();
    for (const { reason = 'unknown' } of rows[outcome]) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return [...counts]
      .map(([reason, count]) => ({ outcome, reason, count }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  });

/**
 * What the first page shows at `now`: what is due in the next 60 days, what was sent, held, skipped and failed in the
 * last 14, and how many tasks are open.
 * @param scopes the reader's, as stored on policies and tasks
 */
export const readOverview = async (
  ports: ReadOverviewPorts,
  scopes: readonly string[],
  now: Instant,
): Promise<Overview> => {
  const today = civilDateAt(now, UTC);
  const [until, since] = [addDays(today, AHEAD), addDays(today, 1 - BACK)];
  const days = Array.from({ length: BACK }, (_, n) => addDays(since, n));
  const [{ due, capped }, held, skipped, failed, unknown, sentByDay, open] = await Promise.all([
    readDue(ports.policies, scopes, today, until),
    readTrouble(ports.timeline, 'held', since),
    readTrouble(ports.timeline, 'skipped', since),
    readTrouble(ports.timeline, 'failed', since),
    readTrouble(ports.timeline, 'unknown', since),
    Promise.all(days.map((day) => ports.outcomes.of(day))),
    Promise.all(scopes.map((scope) => ports.tasks.list(scope, 'open', { limit: MOST_ROWS }))),
  ]);
  // an outcome that nobody knows yet is a trouble to a person like a failure
  const rows = { held, skipped, failed: [...failed, ...unknown] };
  const on = (list: readonly TimelineEntry[], day: CivilDate): number =>
    list.filter(({ at }) => civilDateAt(at, UTC) === day).length;
  const byDay = days.map((day, n) => ({
    day,
    sent: (sentByDay[n] ?? []).reduce((sum, one) => (one.outcome === 'sent' ? sum + one.count : sum), 0),
    held: on(rows.held, day),
    skipped: on(rows.skipped, day),
    failed: on(rows.failed, day),
  }));
  const next = due.slice(0, LISTED);
  const people = await ports.profiles.getMany([...new Set(next.flatMap(({ partyId }) => partyId ?? []))]);
  return {
    now: formatInstant(now),
    due: {
      from: today,
      to: until,
      total: due.length,
      capped,
      weeks: weeksOf(due, today, until),
      next: next.map((policy) => {
        const person = policy.partyId && people.get(policy.partyId);
        return { ...listedPolicy(policy, today), ...(person ? { customerName: nameOf(person) } : {}) };
      }),
    },
    outcomes: {
      from: since,
      to: today,
      sent: byDay.reduce((sum, { sent }) => sum + sent, 0),
      held: rows.held.length,
      skipped: rows.skipped.length,
      failed: rows.failed.length,
      days: byDay,
      reasons: reasonsOf(rows),
    },
    openTasks: open.reduce((sum, { tasks }) => sum + tasks.length, 0),
  };
};
