import type { CampaignDefinition } from '../campaign/definition.ts';
import { nextRun, onceAt } from '../campaign/recurrence.ts';
import { addDuration, civilDateAt, type Instant, wallTimeAt, type ZoneId } from '../platform/time.ts';

/** A run as the calendar has it. */
export interface PlannedRun {
  readonly at: Instant;
  /** Names it: wall clock in the campaign's zone, such as 2027-01-15T10:00. */
  readonly occurrence: string;
}

/** The zone whose clock a campaign's runs go by; undefined for a campaign without runs. */
const zoneOf = ({ trigger }: CampaignDefinition): ZoneId | undefined => {
  if ('once' in trigger) return trigger.once.zone;
  return 'every' in trigger ? trigger.every.zone : undefined;
};

/** True for a campaign that goes to a whole audience at set times. */
export const hasRuns = (definition: CampaignDefinition): boolean => zoneOf(definition) !== undefined;

const named = (at: Instant, zone: ZoneId): string => `${civilDateAt(at, zone)}T${wallTimeAt(at, zone)}`;

/** Until when a run that was due at `at` may still write to people: by its first step's use-by. */
export const runUseBy = (definition: CampaignDefinition, at: Instant): Instant =>
  addDuration(at, definition.steps[0]?.useBy ?? definition.useBy, zoneOf(definition) ?? ('UTC' as ZoneId));

/**
 * The first run of a campaign launched so that nothing goes before `notBefore`. One that goes out once and whose time has
 * just passed goes at `notBefore`, if its use-by allows; else it keeps its old time, and is skipped when it comes up (F14).
 * @returns undefined where the campaign has no (more) runs
 */
export const firstRun = (definition: CampaignDefinition, notBefore: Instant): PlannedRun | undefined => {
  const { trigger } = definition;
  if ('once' in trigger) {
    const at = onceAt(trigger.once);
    const catchesUp = at < notBefore && notBefore <= runUseBy(definition, at);
    return { at: catchesUp ? notBefore : at, occurrence: trigger.once.at };
  }
  return runAfter(definition, (notBefore - 1) as Instant);
};

/** The run of a recurring campaign after `after`; undefined where there is none. */
export const runAfter = ({ trigger }: CampaignDefinition, after: Instant): PlannedRun | undefined => {
  if (!('every' in trigger)) return undefined;
  const at = nextRun(trigger.every, after);
  return at === undefined ? undefined : { at, occurrence: named(at, trigger.every.zone) };
};

/** True where the definition has this run: one placed by an earlier version may not be there any more. */
export const isPlanned = (definition: CampaignDefinition, { at, occurrence }: PlannedRun): boolean => {
  const { trigger } = definition;
  if ('once' in trigger) return trigger.once.at === occurrence;
  return runAfter(definition, (at - 1) as Instant)?.at === at;
};

/** Every run of a campaign from `from` up to `to`, at most `limit`. */
export const runsBetween = (
  definition: CampaignDefinition,
  from: Instant,
  to: Instant,
  limit = 400,
): readonly PlannedRun[] => {
  const { trigger } = definition;
  if ('once' in trigger) {
    const at = onceAt(trigger.once);
    return from <= at && at <= to ? [{ at, occurrence: trigger.once.at }] : [];
  }
  const runs: PlannedRun[] = [];
  let next = runAfter(definition, (from - 1) as Instant);
  while (next !== undefined && next.at <= to && runs.length < limit) {
    runs.push(next);
    next = runAfter(definition, next.at);
  }
  return runs;
};
