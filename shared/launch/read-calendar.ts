import type { AudienceRow } from '../audience/audience-row.ts';
import { AUDIENCE_SHARDS, type AudienceRows } from '../audience/audience-rows.ts';
import type { CampaignRecord } from '../campaign/campaign.ts';
import type { Campaigns } from '../campaign/campaign-store.ts';
import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { LetterDueIn } from '../journey/schedule.ts';
import { calendarOf } from '../message/holidays.ts';
import type { OutcomeCounts } from '../message/outcome-counts.ts';
import type { PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import {
  addDays,
  type CivilDate,
  civilDateAt,
  daysBetween,
  formatInstant,
  type Instant,
  startOfDay,
  type ZoneId,
} from '../platform/time.ts';
import { createStepDays, type Days } from './calendar-days.ts';
import type { MemberPages } from './members.ts';
import { OVERLAP_DAYS } from './overlap.ts';
import { hasRuns, runsBetween } from './plan-runs.ts';
import type { CalendarAnswer, CalendarEntry } from './views.ts';

export interface CalendarPorts {
  readonly campaigns: Pick<Campaigns, 'all'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly outcomes: Pick<OutcomeCounts, 'of'>;
  readonly rows: Pick<AudienceRows, 'page'>;
  readonly audience: (pinned: PinnedDefinition) => Promise<Pick<MemberPages, 'of'>>;
  readonly letterDueIn: LetterDueIn;
}

const UTC = 'UTC' as ZoneId;
/** Customers that the estimates rest on: people lie in shards by the hash of their id, so a few shards are a fair sample. */
const SAMPLE = 4_000;
const WIDTH = 8;
/** Days of the past that are summed up for one answer. */
const PAST_DAYS = 62;

interface Planned {
  readonly record: CampaignRecord;
  readonly pinned: PinnedDefinition;
}

/** What a campaign does within the days, and for which customers of the sample. */
interface Doing {
  readonly planned: Planned;
  readonly entries: readonly CalendarEntry[];
  readonly customers: ReadonlySet<PartyId>;
}

const readSample = async (
  rows: CalendarPorts['rows'],
): Promise<{ readonly rows: readonly AudienceRow[]; readonly scale: number }> => {
  const found: AudienceRow[] = [];
  let shards = 0;
  while (shards < AUDIENCE_SHARDS && found.length < SAMPLE) {
    const wave = Array.from({ length: Math.min(WIDTH, AUDIENCE_SHARDS - shards) }, (_, n) => shards + n);
    // of a large book one page of each shard is sample enough
    const pages = await inParallel(wave, WIDTH, (shard) => rows.page(shard));
    found.push(...pages.flatMap((page) => page.rows));
    shards += wave.length;
  }
  return { rows: found, scale: AUDIENCE_SHARDS / Math.max(1, shards) };
};

/** Whether a campaign may still do something. */
const isOpen = ({ state, cancelled }: CampaignRecord): boolean =>
  state !== 'ended' && state !== 'archived' && cancelled === undefined;

/** Campaigns that did something or may: the version that is live, else the draft. */
const plannedOnes = async ({ campaigns, definitions }: CalendarPorts): Promise<readonly Planned[]> => {
  const known = (await campaigns.all()).filter((record) => isOpen(record) || record.live !== undefined);
  return Promise.all(
    known.map(async (record) => ({ record, pinned: await definitions.get(record.id, record.live ?? record.draft) })),
  );
};

const shown = ({ record, pinned: { definition } }: Planned) => ({
  campaign: record.id,
  title: definition.title,
  department: definition.department,
  class: definition.class,
  priority: definition.priority,
  state: record.state,
});

const runsOf = async (
  planned: Planned,
  days: Days,
  sample: Awaited<ReturnType<typeof readSample>>,
  ports: CalendarPorts,
  now: Instant,
): Promise<Doing> => {
  const { definition } = planned.pinned;
  const { trigger } = definition;
  const zone = 'once' in trigger ? trigger.once.zone : 'every' in trigger ? trigger.every.zone : UTC;
  const last = (startOfDay(addDays(days.to, 1), zone) - 1) as Instant;
  const runs = runsBetween(definition, startOfDay(days.from, zone), last);
  if (runs.length === 0) return { planned, entries: [], customers: new Set() };
  const customers = await (await ports.audience(planned.pinned)).of(sample.rows, now);
  const count = Math.round(customers.size * sample.scale);
  const entries = runs.map(
    ({ at, occurrence }): CalendarEntry => ({
      on: civilDateAt(at, zone),
      ...shown(planned),
      kind: 'run',
      at: formatInstant(at),
      occurrence,
      count,
    }),
  );
  return { planned, entries, customers };
};

const stepsOf = (
  planned: Planned,
  days: Days,
  { rows, scale }: Awaited<ReturnType<typeof readSample>>,
  { letterDueIn }: CalendarPorts,
): Doing => {
  const stepDays = createStepDays(planned.pinned.definition, letterDueIn, days);
  const counts = new Map<string, { entry: CalendarEntry; count: number }>();
  const customers = new Set<PartyId>();
  for (const row of rows)
    for (const { on, step, kind } of stepDays(row)) {
      customers.add(row.partyId);
      const key = `${on} ${kind} ${step}`;
      const known = counts.get(key) ?? { entry: { on, ...shown(planned), kind, step }, count: 0 };
      known.count += 1;
      counts.set(key, known);
    }
  const entries = [...counts.values()].map(({ entry, count }) => ({ ...entry, count: Math.round(count * scale) }));
  return { planned, entries, customers };
};

/** What went out on the days that are over. */
const sentOn = async (
  days: Days,
  all: readonly Planned[],
  { outcomes }: CalendarPorts,
): Promise<readonly CalendarEntry[]> => {
  const length = Math.min(PAST_DAYS, daysBetween(days.from, days.to) + 1);
  const past = Array.from({ length: Math.max(0, length) }, (_, n) => addDays(days.to, -n));
  const known = new Map(all.map((planned) => [planned.record.id, planned]));
  const found = await inParallel(past, WIDTH, async (on) =>
    (await outcomes.of(on))
      .filter(({ outcome }) => outcome === 'sent')
      .flatMap(({ campaign, step, count }): CalendarEntry[] => {
        const planned = known.get(campaign);
        return planned === undefined ? [] : [{ on, ...shown(planned), kind: 'sent', step, count }];
      }),
  );
  return found.flat();
};

/** Whether two campaigns do anything within a week of each other. */
const areNear = (a: Doing, b: Doing): boolean => {
  const daysOf = ({ entries }: Doing): readonly CivilDate[] =>
    [...new Set(entries.map(({ on }) => on as CivilDate))].sort();
  const [first, second] = [daysOf(a), daysOf(b)];
  return first.some((on) => second.some((other) => Math.abs(daysBetween(on, other)) <= OVERLAP_DAYS));
};

const overlapsOf = (doings: readonly Doing[], scale: number): CalendarAnswer['overlap'] =>
  doings.flatMap((a, n) =>
    doings.slice(n + 1).flatMap((b) => {
      const both = [...a.customers].filter((partyId) => b.customers.has(partyId)).length;
      if (both === 0 || !areNear(a, b)) return [];
      const campaigns: [string, string] = [a.planned.record.id, b.planned.record.id];
      return [{ campaigns, customers: Math.round(both * scale), sampled: scale > 1 }];
    }),
  );

/**
 * All campaigns by day (C10): what went out, what is planned, letters to be handed over, holidays where customers live,
 * and which audiences overlap. What lies ahead is estimated from a sample of customers, all of them in a small house.
 */
export const readCalendar = async (days: Days, ports: CalendarPorts, now: Instant): Promise<CalendarAnswer> => {
  const all = await plannedOnes(ports);
  const today = civilDateAt(now, UTC);
  const ahead: Days = { from: days.from > today ? days.from : today, to: days.to };
  const over: Days = { from: days.from, to: days.to < today ? days.to : addDays(today, -1) };
  const sample = ahead.from <= ahead.to ? await readSample(ports.rows) : { rows: [], scale: 1 };
  const doings: Doing[] = [];
  if (ahead.from <= ahead.to)
    for (const planned of all.filter(({ record }) => isOpen(record))) {
      const { definition } = planned.pinned;
      if (hasRuns(definition)) doings.push(await runsOf(planned, ahead, sample, ports, now));
      else if ('date' in definition.trigger) doings.push(stepsOf(planned, ahead, sample, ports));
    }
  const sent = over.from <= over.to ? await sentOn(over, all, ports) : [];
  const countries = [...new Set(sample.rows.flatMap(({ customer }) => customer?.country ?? []))].sort();
  return {
    from: days.from,
    to: days.to,
    entries: [...sent, ...doings.flatMap(({ entries }) => entries)].sort((a, b) =>
      a.on === b.on ? (a.campaign < b.campaign ? -1 : 1) : a.on < b.on ? -1 : 1,
    ),
    holidays: countries.flatMap((country) =>
      [...calendarOf(country).closedOn]
        .filter((on) => days.from <= on && on <= days.to)
        .sort()
        .map((on) => ({ on, country })),
    ),
    overlap: overlapsOf(doings, sample.scale),
  };
};
