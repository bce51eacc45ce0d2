import type { CampaignDefinition, CampaignStep, DatedStep, StepTime } from '../campaign/definition.ts';
import { addDays, addDuration, type CivilDate, type Instant, instantAt, type ZoneId } from '../platform/time.ts';
import type { ProductLine } from '../policy/policy.ts';

/**
 * When a letter about a policy of `zone` must be composed that is to lie in the letterbox on `letterboxOn`, if print
 * house and post need `workingDays`: the print calendar's answer, handed in because the calendar belongs to the letters.
 */
export type LetterDueIn = (zone: ZoneId) => (letterboxOn: CivilDate, workingDays: number) => Instant;

/** One step with its instants for one policy or customer. */
export interface PlannedStep {
  readonly step: CampaignStep;
  /** The day it is meant for: of the mail, of the task, of the letter in the letterbox. */
  readonly on: CivilDate;
  /** When it is due. */
  readonly at: Instant;
  /** After this it must not happen any more. */
  readonly useBy: Instant;
}

/** What the instants of a plan depend on. */
export interface PlanInput {
  readonly definition: CampaignDefinition;
  /** Absent where the journey is about no policy. */
  readonly line?: ProductLine | undefined;
  readonly anchorOn: CivilDate;
  readonly zone: ZoneId;
  readonly letterDueIn: LetterDueIn;
}

/** A step that must be on time and was not looked at within the hour is late. */
const PUNCTUAL = 'PT1H';

/** Until when a step due at `at` may still happen. */
export const useByOf = (
  { late, useBy }: CampaignStep,
  definition: CampaignDefinition,
  at: Instant,
  zone: ZoneId,
): Instant => addDuration(at, late === 'drop' ? PUNCTUAL : (useBy ?? definition.useBy), zone);

const isDated = (step: CampaignStep): step is DatedStep => step.at !== undefined;

const dueOf = (at: StepTime, { anchorOn, zone, letterDueIn }: PlanInput): { on: CivilDate; at: Instant } => {
  const on = addDays(anchorOn, 'daysBefore' in at ? -at.daysBefore : at.daysAfter);
  return { on, at: 'letterbox' in at ? letterDueIn(zone)(on, at.letterbox.workingDays) : instantAt(on, at.time, zone) };
};

/** A step's time with what its product line does differently. */
const timeFor = ({ id, at }: DatedStep, { definition, line }: PlanInput): StepTime => {
  const override = line && definition.byLine[line]?.[id];
  if (!override) return at;
  const { workingDays, ...own } = override;
  // the check at load holds that a line overrides only what the step's `at` says, so the shape stays the same
  const changed = { ...at, ...own };
  return 'letterbox' in changed && workingDays !== undefined ? { ...changed, letterbox: { workingDays } } : changed;
};

/**
 * Every step of a calendar journey with its instants for one policy or customer, in the order in which they fall due;
 * steps due at the same instant keep the order of the definition. Civil dates in its zone: `daysBefore: 60` is the 60th
 * calendar day before, whatever the clocks did between.
 */
export const planSteps = (input: PlanInput): readonly PlannedStep[] =>
  input.definition.steps
    .filter(isDated)
    .map((step, n) => {
      const { on, at } = dueOf(timeFor(step, input), input);
      return { step, on, at, useBy: useByOf(step, input.definition, at, input.zone), n };
    })
    .sort((a, b) => a.at - b.at || a.n - b.n)
    .map(({ n: _n, ...planned }) => planned);

/** The plan as it stands for a policy that enters, or whose dates move, at `now`. */
export interface Entry {
  /** The first step not past and not done; undefined where none is left. */
  readonly next: PlannedStep | undefined;
  /** Steps before it that are past and were never acted on: they are recorded as `too-late`. */
  readonly tooLate: readonly PlannedStep[];
}

/** Where a journey stands at `now` if the steps in `done` were acted on before (product.md C5, "a policy that enters late"). */
export const enterPlan = (plan: readonly PlannedStep[], done: readonly string[], now: Instant): Entry => {
  const open = plan.filter(({ step }) => !done.includes(step.id));
  return { next: open.find(({ at }) => at >= now), tooLate: open.filter(({ at }) => at < now) };
};

/** The step that follows `stepId` in the plan and is not done; undefined after the last. */
export const stepAfter = (
  plan: readonly PlannedStep[],
  stepId: string,
  done: readonly string[],
): PlannedStep | undefined => {
  const at = plan.findIndex(({ step }) => step.id === stepId);
  return plan.slice(at + 1).find(({ step }) => !done.includes(step.id));
};
