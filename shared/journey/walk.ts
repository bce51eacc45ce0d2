import type { RuleSubject, SubjectPart } from '../audience/rule-subject.ts';
import { type CampaignDefinition, isCalendar, type PinnedDefinition } from '../campaign/definition.ts';
import type { Instant } from '../platform/time.ts';
import type { Enrolment } from './enrolment.ts';
import { evaluateStep, type StepEffect, skipOf } from './evaluate-step.ts';
import { exitByRule } from './exit-rules.ts';
import { goOn, nextInFlow } from './flow.ts';
import { isContact } from './journey-entries.ts';
import { type LetterDueIn, type PlannedStep, planSteps, stepAfter } from './schedule.ts';
import { partsOfStep } from './step-rules.ts';

/** What one step came to: what is to be done, and where the journey stands then. */
export interface Walked {
  readonly effects: readonly StepEffect[];
  readonly enrolment: Enrolment;
}

/** Whether an enrolment's next step is due at `now`. */
export const isDue = ({ state, next }: Enrolment, now: Instant): boolean =>
  state === 'active' && next !== undefined && next.at <= now;

/** What must be known about the customer before the next step of an enrolment is looked at. */
export const asks = ({ next }: Enrolment, definition: CampaignDefinition): ReadonlySet<SubjectPart> => {
  const step = definition.steps.find(({ id }) => id === next?.step);
  return step ? partsOfStep(definition, step) : new Set();
};

const standingNowhere = ({
  next: _next,
  awaits: _awaits,
  waitsUntil: _until,
  ...kept
}: Enrolment): Omit<Enrolment, 'next' | 'awaits' | 'waitsUntil'> => kept;

const planOf = (
  { line, zone, anchorOn }: Enrolment,
  definition: CampaignDefinition,
  letterDueIn: LetterDueIn,
): readonly PlannedStep[] => planSteps({ definition, line, zone, anchorOn, letterDueIn });

/** The next step of an enrolment at its place in time, by the calendar or by flow; undefined where it has none. */
const nextOf = (
  enrolment: Enrolment,
  definition: CampaignDefinition,
  letterDueIn: LetterDueIn,
): PlannedStep | undefined =>
  isCalendar(definition)
    ? planOf(enrolment, definition, letterDueIn).find(({ step }) => step.id === enrolment.next?.step)
    : nextInFlow(enrolment, definition);

const goOnByCalendar = (
  { next: _next, ...enrolment }: Enrolment,
  definition: CampaignDefinition,
  { step }: PlannedStep,
  letterDueIn: LetterDueIn,
): Enrolment => {
  const next = stepAfter(planOf(enrolment, definition, letterDueIn), step.id, enrolment.done);
  const done = [...new Set([...enrolment.done, step.id])];
  return next === undefined
    ? { ...enrolment, done, state: 'finished' }
    : { ...enrolment, done, next: { step: next.step.id, at: next.at } };
};

/**
 * Takes the next step of an enrolment, whether it goes by the calendar or by flow: what the step does, and where the
 * enrolment stands after it. Exit rules come first. Pure: whoever calls writes, and calls again while the next step is due.
 * @param subject with the parts that `asks` names
 * @throws EngagementError `misconfigured` where the definition was kept without the version of a template
 */
export const walk = (
  enrolment: Enrolment,
  pinned: PinnedDefinition,
  subject: RuleSubject,
  now: Instant,
  letterDueIn: LetterDueIn,
): Walked => {
  const { definition } = pinned;
  const planned = nextOf(enrolment, definition, letterDueIn);
  if (planned === undefined) return { effects: [], enrolment: { ...standingNowhere(enrolment), state: 'finished' } };
  const because = exitByRule(pinned, subject);
  if (because !== undefined) {
    const exit = { reason: 'by-definition', because, at: now } as const;
    return { effects: [], enrolment: { ...standingNowhere(enrolment), state: 'exited', exit } };
  }
  return {
    effects: evaluateStep(enrolment, pinned, planned, subject, now),
    enrolment: isCalendar(definition)
      ? goOnByCalendar(enrolment, definition, planned, letterDueIn)
      : goOn(enrolment, definition, planned, subject),
  };
};

/** Ends an enrolment whose campaign was cancelled; the contact it stood before is told as skipped. */
export const cancel = (
  enrolment: Enrolment,
  { definition }: PinnedDefinition,
  now: Instant,
  letterDueIn: LetterDueIn,
): Walked => {
  const planned = nextOf(enrolment, definition, letterDueIn);
  return {
    effects: planned && isContact(planned.step) ? [skipOf(enrolment, planned, 'cancelled')] : [],
    enrolment: {
      ...standingNowhere(enrolment),
      state: 'exited',
      exit: { reason: 'campaign-cancelled', at: now },
    },
  };
};
