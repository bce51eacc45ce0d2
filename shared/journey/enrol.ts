import { isCalendar, type PinnedDefinition } from '../campaign/definition.ts';
import { addDays, addDuration, DAY, type Instant, startOfDay } from '../platform/time.ts';
import type { About } from './about.ts';
import type { Enrolment, ExitReason } from './enrolment.ts';
import { begin } from './flow.ts';
import { leadDays, type Occasion } from './occasions.ts';
import { type Entry, enterPlan, type LetterDueIn, type PlannedStep, planSteps } from './schedule.ts';

/**
 * A journey that counts down to a date begins this long before its first step. Until then there is no enrolment: nobody
 * is bound to a version of the definition yet, so a change of it reaches everyone who has not begun. A day more than the
 * week within which messages of one step are merged: the last of the week must have begun when the first one's goes.
 */
const ENTRY_LEAD = 8 * DAY;

/** An enrolment with where it stands in its plan. */
export interface Planned {
  readonly enrolment: Enrolment;
  readonly tooLate: readonly PlannedStep[];
}

export type EnrolOutcome =
  | ({ readonly kind: 'enter' } & Planned)
  /** Too early: look again at `at`. */
  | { readonly kind: 'wait'; readonly at: Instant }
  /** Every step is past, or the journey by flow would begin later than its use-by allows. */
  | { readonly kind: 'over' };

const copiedFrom = ({ partyId: _partyId, policyId: _policyId, ...about }: About, { anchorOn }: Occasion) => ({
  anchorOn,
  ...about,
});

const calendarEntry = (
  { definition }: PinnedDefinition,
  { line, zone }: Pick<About, 'line' | 'zone'>,
  anchorOn: Occasion['anchorOn'],
  done: readonly string[],
  now: Instant,
  letterDueIn: LetterDueIn,
): Entry => enterPlan(planSteps({ definition, line, zone, anchorOn, letterDueIn }), done, now);

/** Where the enrolment stands after `entry`: at its next step, or at its end. */
const standingAt = (entry: Entry): Pick<Enrolment, 'state' | 'next'> =>
  entry.next === undefined
    ? { state: 'finished' }
    : { state: 'active', next: { step: entry.next.step.id, at: entry.next.at } };

/** Where a journey would begin at `now`. */
const entering = (
  pinned: PinnedDefinition,
  about: About,
  occasion: Occasion,
  now: Instant,
  letterDueIn: LetterDueIn,
):
  | Exclude<EnrolOutcome, { kind: 'enter' }>
  | {
      readonly kind: 'enter';
      readonly position: Pick<Enrolment, 'state' | 'next'>;
      readonly tooLate: Entry['tooLate'];
    } => {
  const { definition } = pinned;
  const isDated = 'date' in definition.trigger;
  if (isCalendar(definition)) {
    const entry = calendarEntry(pinned, about, occasion.anchorOn, [], now, letterDueIn);
    if (entry.next === undefined) return { kind: 'over' };
    const entersAt = (entry.next.at - ENTRY_LEAD) as Instant;
    if (isDated && entersAt > now) return { kind: 'wait', at: entersAt };
    return { kind: 'enter', position: standingAt(entry), tooLate: entry.tooLate };
  }
  const { zone } = about;
  const beginsAt = isDated ? startOfDay(addDays(occasion.anchorOn, -leadDays(definition)), zone) : occasion.at;
  if (beginsAt !== undefined && beginsAt > now) return { kind: 'wait', at: beginsAt };
  if (beginsAt !== undefined && addDuration(beginsAt, definition.useBy, zone) < now) return { kind: 'over' };
  return { kind: 'enter', position: begin(definition, now), tooLate: [] };
};

/**
 * How somebody begins a campaign at `now`.
 * @param name what the enrolment is called by the re-entry rule (`entryName`)
 */
export const enrol = (
  pinned: PinnedDefinition,
  about: About,
  occasion: Occasion,
  name: Pick<Enrolment, 'occurrence' | 'occasion'>,
  now: Instant,
  letterDueIn: LetterDueIn,
): EnrolOutcome => {
  const entry = entering(pinned, about, occasion, now, letterDueIn);
  if (entry.kind !== 'enter') return entry;
  const { event } = occasion;
  const enrolment: Enrolment = {
    partyId: about.partyId,
    campaign: pinned.definition.id,
    definition: pinned.hash,
    ...(about.policyId === undefined ? {} : { policyId: about.policyId }),
    ...name,
    ...copiedFrom(about, occasion),
    ...entry.position,
    ...(event ? { event: event.properties, heard: [event.mark] } : {}),
    ...(event && event.hops > 0 ? { hops: event.hops } : {}),
    done: [],
    enteredAt: occasion.heardAt ?? now,
    version: 1,
  };
  return { kind: 'enter', enrolment, tooLate: entry.tooLate };
};

/** Whether the enrolment was planned with what the policy or customer says now. */
const isCurrent = (enrolment: Enrolment, about: About, occasion: Occasion): boolean =>
  Object.entries(copiedFrom(about, occasion)).every(([name, value]) => enrolment[name as keyof Enrolment] === value) &&
  enrolment.intermediary === about.intermediary;

/**
 * The enrolment moved to what the policy or customer says now. By the calendar: steps not yet done get their new days, a
 * step once done is not repeated, whatever the dates do, and an exit that the policy no longer gives a reason for is taken
 * back. By flow: it stays where it is, and one that ended stays ended.
 * @returns undefined where nothing changes
 */
export const replan = (
  enrolment: Enrolment,
  pinned: PinnedDefinition,
  about: About,
  occasion: Occasion,
  now: Instant,
  letterDueIn: LetterDueIn,
): Planned | undefined => {
  const isSame = isCurrent(enrolment, about, occasion);
  if (isSame && enrolment.state !== 'exited') return undefined;
  if (!isCalendar(pinned.definition)) {
    if (isSame || enrolment.state !== 'active') return undefined;
    const { intermediary: _intermediary, ...kept } = enrolment;
    return { enrolment: { ...kept, ...copiedFrom(about, occasion) }, tooLate: [] };
  }
  const entry = calendarEntry(pinned, about, occasion.anchorOn, enrolment.done, now, letterDueIn);
  const { exit: _exit, next: _next, intermediary: _intermediary, ...kept } = enrolment;
  return {
    enrolment: { ...kept, ...copiedFrom(about, occasion), ...standingAt(entry) },
    tooLate: entry.tooLate,
  };
};

/** The enrolment ended at `now` for `reason`. */
export const exit = (
  { next: _next, awaits: _awaits, waitsUntil: _until, ...enrolment }: Enrolment,
  reason: ExitReason,
  now: Instant,
  because?: string,
): Enrolment => ({
  ...enrolment,
  state: 'exited',
  exit: { reason, at: now, ...(because === undefined ? {} : { because }) },
});
