import type { PinnedDefinition } from '../campaign/definition.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Instant } from '../platform/time.ts';
import type { Enrolment } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import type { StepEffect } from './evaluate-step.ts';
import type { DueEnrolment } from './find-steps.ts';
import { ended } from './flow.ts';
import { joining, joins, MERGED_MOST, type Turn } from './merge.ts';
import { readSubjects, type SubjectPorts } from './read-subject.ts';
import type { LetterDueIn } from './schedule.ts';
import { asks, isDue, walk } from './walk.ts';

/** What taking steps needs from outside. */
export interface WalkPorts extends SubjectPorts {
  readonly enrolments: Pick<Enrolments, 'ofParty'>;
  readonly letterDueIn: LetterDueIn;
}

/** One enrolment on its way through its due steps. */
interface Walk {
  readonly pinned: PinnedDefinition;
  readonly before: Enrolment;
  after: Enrolment;
  readonly effects: StepEffect[];
  fault?: unknown;
}

/** Steps that may follow each other at once: more than a definition has, so that only a cycle without a wait, or a very
 *  long delay, comes here. */
const MOST_AT_ONCE = 60;
/** Persons whose other journeys are looked for at a time. */
const WIDTH = 8;

const begun = (enrolment: Enrolment, pinned: PinnedDefinition): Walk => ({
  pinned,
  before: enrolment,
  after: enrolment,
  effects: [],
});

/** Reads what the next steps of some walks ask, and takes them. A fault stops its own walk only. */
const takeSteps = async (walks: readonly Walk[], ports: WalkPorts, now: Instant): Promise<void> => {
  if (walks.length === 0) return;
  const subjects = await readSubjects(
    walks.map(({ after, pinned: { definition } }) => ({
      partyId: after.partyId,
      policyId: after.policyId,
      enrolment: after,
      sendClass: definition.class,
      parts: asks(after, definition),
    })),
    ports,
    now,
  );
  for (const [n, each] of walks.entries())
    try {
      const subject = subjects[n] as (typeof subjects)[number];
      const walked = walk(each.after, each.pinned, subject, now, ports.letterDueIn);
      each.after = walked.enrolment;
      each.effects.push(...walked.effects);
    } catch (fault) {
      each.fault = fault;
    }
};

/** Turns of enrolments, and by key of an enrolment what kept it from its turn. */
export interface Walked {
  readonly turns: readonly Turn[];
  readonly faults: ReadonlyMap<string, unknown>;
}

/** Takes every step that is due: several where they fall on one instant, follow each other in a flow, or were delayed. */
export const walkSteps = async (due: readonly DueEnrolment[], ports: WalkPorts, now: Instant): Promise<Walked> => {
  const walks = due.map(({ enrolment, pinned }) => begun(enrolment, pinned));
  let open: readonly Walk[] = walks;
  for (let steps = 0; open.length > 0 && steps < MOST_AT_ONCE; steps += 1) {
    await takeSteps(open, ports, now);
    open = open.filter(({ after, fault }) => fault === undefined && isDue(after, now));
  }
  // a long delay is caught up with in the next tick; where no time has passed, none ever will
  for (const each of open)
    if (each.after.next?.at === each.before.next?.at) each.after = ended(each.after, 'endless', now);
  return {
    turns: walks.filter(({ fault }) => fault === undefined),
    faults: new Map(
      walks.flatMap(({ before, fault }): [string, unknown][] =>
        fault === undefined ? [] : [[enrolmentKey(before), fault]],
      ),
    ),
  };
};

/**
 * Looks at the same step of the same persons' other journeys, where definitions merge messages: those whose step comes to
 * the same message now join it, days before their time (product.md C5). One read for each person and campaign that has a
 * message to merge.
 */
export const lookAhead = async (turns: readonly Turn[], ports: WalkPorts, now: Instant): Promise<readonly Turn[]> => {
  const merging = turns.flatMap((turn) =>
    turn.pinned.definition.merge
      ? turn.effects.flatMap((effect) => (effect.kind === 'order' ? [{ turn, order: effect.order }] : []))
      : [],
  );
  const mine = new Set(turns.map(({ before }) => enrolmentKey(before)));
  const groups = [...Map.groupBy(merging, ({ order }) => `${order.partyId}#${order.campaign}`).values()];
  const found = await inParallel(groups, WIDTH, async (group) => {
    const [{ order: first }] = group as [(typeof group)[0]];
    const others = (await ports.enrolments.ofParty(first.partyId, { consistent: false }))
      .filter((other) => !mine.has(enrolmentKey(other)))
      .sort((a, b) => (a.next?.at ?? 0) - (b.next?.at ?? 0));
    const joiners = new Map<string, Walk & { readonly to: (typeof group)[number] }>();
    for (const to of group)
      for (const other of joining(to.turn, to.order, others))
        joiners.set(enrolmentKey(other), { ...begun(other, to.turn.pinned), to });
    const room = [...joiners.values()].slice(0, Math.max(0, MERGED_MOST - group.length));
    await takeSteps(room, ports, now);
    return room.filter((each) => joins(each.to.turn, each.to.order, each));
  });
  return found.flat();
};
