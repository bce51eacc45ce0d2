import type { RuleSubject } from '../audience/rule-subject.ts';
import type { CampaignDefinition, CampaignStep, PinnedDefinition } from '../campaign/definition.ts';
import { shardOf } from '../platform/ids.ts';
import { civilDateAt, type Instant } from '../platform/time.ts';
import type { Enrolment } from './enrolment.ts';
import { eventFits, type HeardEvent } from './exit-rules.ts';
import { occasionOf } from './re-entry.ts';
import { type PlannedStep, useByOf } from './schedule.ts';
import { holds } from './step-rules.ts';
import { type KnownDates, waitEnd } from './waits.ts';

/**
 * Journeys by flow (docs/decisions/0080): an enrolment stands before the step that it performs next and at the instant at
 * which it came there. Instants follow from one another and never from the clock of whoever runs the step, so that a step
 * run twice, or hours late, plans alike, and use-by and late rules see how late it truly is (F14).
 */

type Position = Pick<Enrolment, 'state' | 'next'>;

/** How a journey by flow begins: before its first step. */
export const begin = ({ steps }: CampaignDefinition, now: Instant): Position => {
  const first = steps[0];
  return first ? { state: 'active', next: { step: first.id, at: now } } : { state: 'finished' };
};

/** The step after `step`: the one it names, or the one written below it; undefined at the end. */
const successor = ({ steps }: CampaignDefinition, step: CampaignStep): string | undefined =>
  step.next ?? steps[steps.findIndex(({ id }) => id === step.id) + 1]?.id;

/** An enrolment without where it stands. */
const lifted = ({
  next: _next,
  awaits: _awaits,
  waitsUntil: _until,
  exit: _exit,
  ...kept
}: Enrolment): Omit<Enrolment, 'next'> => kept;

const standingAt = (step: string | undefined, at: Instant): Position =>
  step === undefined ? { state: 'finished' } : { state: 'active', next: { step, at } };

/** The enrolment moved on past `step`. */
const past = (enrolment: Enrolment, { id }: CampaignStep): Omit<Enrolment, 'next'> => {
  const kept = lifted(enrolment);
  if (!enrolment.done.includes(id)) return { ...kept, done: [...enrolment.done, id] };
  return { ...kept, rounds: { ...enrolment.rounds, [id]: (enrolment.rounds?.[id] ?? 0) + 1 } };
};

/** An enrolment that came to its end before its last step. What it ordered before still goes, and a message of it that
 *  fails still has its branch: unlike a journey that something ended (`exited`). */
export const ended = (enrolment: Enrolment, because: string, at: Instant): Enrolment => ({
  ...lifted(enrolment),
  state: 'finished',
  exit: { reason: 'by-definition', because, at },
});

/** The next step of an enrolment in a flow, at its place in time; undefined where it stands nowhere. */
export const nextInFlow = ({ next, zone }: Enrolment, definition: CampaignDefinition): PlannedStep | undefined => {
  const step = definition.steps.find(({ id }) => id === next?.step);
  if (!step || !next) return undefined;
  return { step, on: civilDateAt(next.at, zone), at: next.at, useBy: useByOf(step, definition, next.at, zone) };
};

/** The share of a split that this customer falls into: the same one at each pass and in each run of the campaign. */
const pathOf = (
  { campaign, partyId }: Enrolment,
  { id }: CampaignStep,
  shares: readonly { readonly share: number; readonly next: string }[],
): string | undefined => {
  const drawn = shardOf(`${campaign}#${partyId}#${id}`, 100);
  let sum = 0;
  return shares.find(({ share }) => {
    sum += share;
    return drawn < sum;
  })?.next;
};

/**
 * The enrolment after the step at `planned`: gone on to the next one, waiting, or ended. A wait that is over already
 * leaves it before the next step at the instant it stood at: it is due at once.
 */
export const goOn = (
  enrolment: Enrolment,
  definition: CampaignDefinition,
  { step, at }: PlannedStep,
  subject: RuleSubject,
): Enrolment => {
  const act = step.do;
  const to = (next: string | undefined, when: Instant = at): Enrolment => ({
    ...past(enrolment, step),
    ...standingAt(next, when),
  });
  const onward = successor(definition, step);
  if (step.when && !holds(step.when, subject)) return to(onward);
  if ('exit' in act) return ended({ ...enrolment, ...past(enrolment, step) }, act.exit, at);
  if ('split' in act) return to(pathOf(enrolment, step, act.split));
  if ('branch' in act)
    return to(act.branch.paths.find(({ when }) => holds(when, subject))?.next ?? act.branch.otherwise);
  if (!('wait' in act)) return to(onward);
  const end = waitEnd(act.wait, { from: at, zone: enrolment.zone, occurrence: occasionOf(enrolment), subject });
  if (end === undefined) return ended(enrolment, 'date-unknown', at);
  if ('event' in act.wait) return { ...to(act.wait.otherwise, end), awaits: step.id };
  const waiting = to(onward, Math.max(at, end) as Instant);
  if (!('until' in act.wait && 'date' in act.wait.until) || waiting.state !== 'active' || end <= at) return waiting;
  return { ...waiting, waitsUntil: { step: step.id, from: at, end, ...termOf(subject) } };
};

const termOf = ({ policy }: KnownDates) => (policy === undefined ? {} : { termEndsOn: policy.renewsOn });

/**
 * The enrolment after the date that it waits for moved: it waits until the new one, and where that is past goes on at
 * once. It stands before the same step, which is so performed once, whatever the date does.
 * @returns undefined where nothing changes; also where the date is not known any more
 */
export const moveWait = (
  enrolment: Enrolment,
  { steps }: CampaignDefinition,
  dates: KnownDates,
  now: Instant,
): Enrolment | undefined => {
  const { state, waitsUntil, next, zone } = enrolment;
  const act = steps.find(({ id }) => id === waitsUntil?.step)?.do;
  if (state !== 'active' || !waitsUntil || !next || !act || !('wait' in act)) return undefined;
  const { from, termEndsOn } = waitsUntil;
  if (termEndsOn !== undefined && dates.policy && dates.policy.startsOn >= termEndsOn) return undefined;
  const end = waitEnd(act.wait, { from, zone, occurrence: occasionOf(enrolment), subject: dates });
  if (end === undefined || end === waitsUntil.end) return undefined;
  return {
    ...enrolment,
    waitsUntil: { ...waitsUntil, end, ...termOf(dates) },
    next: { ...next, at: Math.max(now, end) as Instant },
  };
};

/** An event as a waiting journey sees it; `hops` as in its message. */
export interface WakingEvent extends HeardEvent {
  readonly hops: number;
}

/**
 * The enrolment after an event: gone on if it is the one that it waits for. An event of after the time-out, which nobody
 * came to act on yet, is too late.
 * @returns undefined where nothing changes
 */
export const wake = (
  enrolment: Enrolment,
  { definition }: Pick<PinnedDefinition, 'definition'>,
  event: WakingEvent,
  now: Instant,
): Enrolment | undefined => {
  const { state, awaits, next, zone } = enrolment;
  const step = definition.steps.find(({ id }) => id === awaits);
  if (state !== 'active' || !step || !('wait' in step.do) || !('event' in step.do.wait)) return undefined;
  const isLate = next !== undefined && event.occurredAt > next.at;
  if (isLate || !eventFits(step.do.wait, event, zone)) return undefined;
  const hops = Math.max(event.hops, enrolment.hops ?? 0);
  return {
    ...lifted(enrolment),
    ...standingAt(successor(definition, step), Math.min(event.occurredAt, now) as Instant),
    ...(hops > 0 ? { hops } : {}),
  };
};

/**
 * The enrolment after the message of `step` failed for good: noted for rules, and gone on by the step's failure branch,
 * where it has one, even if it was the last step. A journey that ended for a reason stays ended.
 * @returns undefined where nothing changes
 */
export const failStep = (
  enrolment: Enrolment,
  { definition }: Pick<PinnedDefinition, 'definition'>,
  step: string,
  now: Instant,
): Enrolment | undefined => {
  const { failed = [], state } = enrolment;
  if (failed.includes(step)) return undefined;
  const noted: Enrolment = { ...enrolment, failed: [...failed, step] };
  const branch = definition.steps.find(({ id }) => id === step)?.onFailure;
  if (branch === undefined || state === 'exited') return noted;
  return { ...lifted(noted), ...standingAt(branch, now) };
};
