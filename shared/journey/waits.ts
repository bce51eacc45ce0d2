import type { ClaimFacts, CustomerFacts, PolicyFacts, SubjectPart } from '../audience/rule-subject.ts';
import type { CampaignStep, DateField } from '../campaign/definition.ts';
import {
  addDays,
  addDuration,
  addYears,
  type CivilDate,
  civilDateAt,
  type Instant,
  instantAt,
  type WallTime,
  weekdayOf,
  type ZoneId,
} from '../platform/time.ts';

/** What a wait step waits for. */
export type Wait = Extract<CampaignStep['do'], { wait: unknown }>['wait'];

/** The dates that a wait may end by, as they are known. */
export interface KnownDates {
  readonly policy?: Pick<PolicyFacts, 'renewsOn' | 'startsOn' | 'contractStartsOn'> | undefined;
  readonly claims?: readonly Pick<ClaimFacts, 'claimNo' | 'occurredOn' | 'settledOn'>[];
  readonly customer?: Pick<CustomerFacts, 'birthOn'> | undefined;
}

/** Where and when a wait began: `from` is when the journey came to it, `occurrence` that of its enrolment. */
export interface WaitStart {
  readonly from: Instant;
  readonly zone: ZoneId;
  readonly occurrence: string;
  readonly subject: KnownDates;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** The first instant ≥ `from` at which the clocks show `time` on one of `weekdays`. */
const nextShowing = (
  { from, zone }: WaitStart,
  time: WallTime,
  weekdays: readonly (typeof WEEKDAYS)[number][] = WEEKDAYS,
): Instant => {
  for (let day = civilDateAt(from, zone); ; day = addDays(day, 1)) {
    const at = instantAt(day, time, zone);
    if (at >= from && weekdays.includes(WEEKDAYS[weekdayOf(day) - 1] as (typeof WEEKDAYS)[number])) return at;
  }
};

/** The part of a subject that holds a date. */
const partOf = (field: DateField): SubjectPart =>
  field.startsWith('policy.') ? 'policy' : field.startsWith('claim.') ? 'claims' : 'customer';

/** What must be known to tell when a wait ends. */
export const partsOfWait = (wait: Wait): readonly SubjectPart[] =>
  'until' in wait && 'date' in wait.until ? [partOf(wait.until.date)] : [];

const dateOf = (field: DateField, { subject, occurrence }: WaitStart): CivilDate | undefined => {
  const claim = subject.claims?.find(({ claimNo }) => claimNo === occurrence);
  switch (field) {
    case 'policy.renewsOn':
      return subject.policy?.renewsOn;
    case 'policy.startsOn':
      return subject.policy?.startsOn;
    case 'policy.contractStartsOn':
      return subject.policy?.contractStartsOn;
    case 'claim.occurredOn':
      return claim?.occurredOn;
    case 'claim.settledOn':
      return claim?.settledOn;
    case 'customer.birthOn':
      return subject.customer?.birthOn;
  }
};

/** The next birthday whose day, moved by `days`, has not passed at `from`; on 28 February in common years for whoever
 *  was born on the 29th. */
const nextBirthday = (birthOn: CivilDate, days: number, time: WallTime, { from, zone }: WaitStart): Instant => {
  const year = Number(civilDateAt(from, zone).slice(0, 4));
  const first = year - Number(birthOn.slice(0, 4)) - 2;
  // moved by up to two years either way, so the right one may lie a few years off
  for (let years = first; ; years += 1) {
    const at = instantAt(addDays(addYears(birthOn, years), days), time, zone);
    if (at >= from) return at;
  }
};

/**
 * When a wait is over, in calendar days of the journey's zone; of a wait for an event: when it is given up. May lie before
 * `from`: then there is nothing to wait for.
 * @returns undefined where the date to wait for is not known
 */
export const waitEnd = (wait: Wait, start: WaitStart): Instant | undefined => {
  const { from, zone } = start;
  if ('for' in wait) return addDuration(from, wait.for, zone);
  if ('event' in wait) return addDuration(from, wait.upTo, zone);
  const { until } = wait;
  if (!('date' in until)) return nextShowing(start, until.time, until.weekdays);
  const date = dateOf(until.date, start);
  if (date === undefined) return undefined;
  if (until.date === 'customer.birthOn') return nextBirthday(date, until.days, until.time, start);
  return instantAt(addDays(date, until.days), until.time, zone);
};
