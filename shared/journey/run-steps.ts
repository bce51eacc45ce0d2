import type { SendOrder } from '../message/message.ts';
import type { Meter } from '../platform/logging.ts';
import type { Instant } from '../platform/time.ts';
import type { DueWork } from './due-work.ts';
import type { Enrolment } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import type { StepEffect } from './evaluate-step.ts';
import type { DueEnrolment } from './find-steps.ts';
import { handOverOrders, type OrderPorts } from './hand-over-orders.ts';
import { countSkips, exitedJourney, type TimelineWriter } from './journey-entries.ts';
import { mergeOrders, type Turn } from './merge.ts';
import { type EffectPorts, performEffects } from './perform-effects.ts';
import { stepRows } from './step-row.ts';
import { cancel } from './walk.ts';
import { lookAhead, type WalkPorts, walkSteps } from './walk-steps.ts';

/** Everything that running steps needs from outside. */
export interface RunStepsPorts extends WalkPorts, OrderPorts, EffectPorts {
  readonly enrolments: Pick<Enrolments, 'put' | 'ofParty'>;
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly timeline: WalkPorts['timeline'] & TimelineWriter;
  readonly traits: WalkPorts['traits'] & EffectPorts['traits'];
  readonly meter: Meter;
}

/** What is due of some persons: all of it, so that their messages are decided together. */
export interface DueSteps {
  readonly due: readonly DueEnrolment[];
  /** Of cancelled campaigns: they end. */
  readonly cancelled: readonly DueEnrolment[];
  /** Held orders whose time has come. */
  readonly orders: readonly SendOrder[];
}

/** What came of due steps. */
export interface StepsOutcome {
  readonly ordered: number;
  readonly skipped: number;
  readonly tasks: number;
  /** Keys of enrolments that something else changed in between: their rows must be looked at again. */
  readonly refused: ReadonlySet<string>;
  /** By key of an enrolment what kept it from its turn; it kept nobody else. */
  readonly faults: ReadonlyMap<string, unknown>;
}

/** Says of journeys that ended before their last step that they did. */
export const recordExits = async (enrolments: readonly Enrolment[], timeline: TimelineWriter): Promise<void> => {
  for (const enrolment of enrolments) {
    const entry = exitedJourney(enrolment);
    if (entry) await timeline.record(entry);
  }
};

const turnOfCancelled =
  (letterDueIn: RunStepsPorts['letterDueIn'], now: Instant) =>
  ({ enrolment, pinned }: DueEnrolment): Turn => {
    const { effects, enrolment: after } = cancel(enrolment, pinned, now, letterDueIn);
    return { pinned, before: enrolment, after, effects };
  };

/** Writes where enrolments stand now, each on the version read, and the rows of their next steps. @returns the refused */
const write = async (turns: readonly Turn[], ports: RunStepsPorts, now: Instant): Promise<ReadonlySet<string>> => {
  const refused = new Set<string>();
  const written: Enrolment[] = [];
  await Promise.all(
    turns.map(async ({ before, after }) => {
      if ((await ports.enrolments.put(after, before.version)) === 'written') written.push(after);
      else refused.add(enrolmentKey(before));
    }),
  );
  await recordExits(written, ports.timeline);
  await ports.dueWork.place(stepRows(written), now);
  return refused;
};

/**
 * Runs due steps. Order of writes: what the steps do, then the enrolments on the version read, then the rows of their next
 * steps; whoever calls removes the rows of these. Cut off at any point, those are still there and the next run ends in the
 * same state; the ledger keeps an order that was queued twice from going out twice (ADR 0043, 0081).
 */
export const runSteps = async (
  { due, cancelled, orders: held }: DueSteps,
  ports: RunStepsPorts,
  now: Instant,
): Promise<StepsOutcome> => {
  const walked = await walkSteps(due, ports, now);
  const own = [...walked.turns, ...cancelled.map(turnOfCancelled(ports.letterDueIn, now))];
  const turns = [...own, ...(await lookAhead(own, ports, now))];

  const { ordered } = await handOverOrders([...mergeOrders(turns), ...held], ports, now);
  await performEffects(turns, ports, now);
  const refused = await write(turns, ports, now);

  const effects = turns.flatMap(({ pinned, effects: those }) => those.map((effect) => ({ pinned, effect })));
  countSkips(
    ports.meter,
    effects.flatMap(({ pinned: { definition }, effect }) =>
      effect.kind === 'skip' ? [{ definition, step: effect.planned.step }] : [],
    ),
  );
  const count = (kind: StepEffect['kind']) => effects.filter(({ effect }) => effect.kind === kind).length;
  return { ordered, skipped: count('skip'), tasks: count('task'), refused, faults: walked.faults };
};
