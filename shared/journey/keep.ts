import type { RuleSubject } from '../audience/rule-subject.ts';
import type { PinnedDefinition } from '../campaign/definition.ts';
import { inParallel } from '../platform/parallel.ts';
import { DAY, type Instant } from '../platform/time.ts';
import { exit, type Planned } from './enrol.ts';
import type { Enrolment } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import type { EnterPorts } from './enter.ts';
import { exitByRule, exitRuleParts } from './exit-rules.ts';
import { countSkips, exitedJourney, skippedStep } from './journey-entries.ts';
import type { WantedSubject } from './read-subject.ts';

/** A journey that is there, and what it should be. */
export interface Kept {
  readonly pinned: PinnedDefinition;
  readonly before: Enrolment;
  /** What the enrolment, read again or not, should be as things stand; itself where nothing changes. */
  readonly wanted: (enrolment: Enrolment) => Planned;
}

export interface KeepPorts extends Pick<EnterPorts, 'timeline' | 'meter' | 'subjects'> {
  readonly enrolments: Pick<Enrolments, 'getMany' | 'put'>;
}

export interface KeptOutcome {
  readonly pinned: PinnedDefinition;
  readonly before: Enrolment;
  readonly after: Enrolment;
}

const WIDTH = 8;
/** For so long a queue keeps the message whose first handling ended a journey and was cut off before it said so. */
const UNTOLD = 15 * DAY;

/** Which exit rule ends each of the running journeys now, by `enrolmentKey`. Reads only where a definition has such a rule. */
const ruledOut = async (
  kept: readonly Kept[],
  { subjects }: Pick<KeepPorts, 'subjects'>,
  now: Instant,
): Promise<ReadonlyMap<string, string>> => {
  const asked = kept.filter(({ pinned, before }) => before.state === 'active' && exitRuleParts(pinned).size > 0);
  if (asked.length === 0) return new Map();
  const wanted = asked.map(
    ({ pinned, before }): WantedSubject => ({
      partyId: before.partyId,
      ...(before.policyId === undefined ? {} : { policyId: before.policyId }),
      enrolment: before,
      sendClass: pinned.definition.class,
      parts: exitRuleParts(pinned),
    }),
  );
  const found = await subjects(wanted, now);
  return new Map(
    asked.flatMap(({ pinned, before }, n) => {
      const because = exitByRule(pinned, found[n] as RuleSubject);
      return because === undefined ? [] : [[enrolmentKey(before), because] as const];
    }),
  );
};

/** Writes what was passed over because a date moved: such a row may stand there already, with another state. */
const recordTooLate = async (
  { enrolment, tooLate }: Planned,
  { definition }: PinnedDefinition,
  { timeline, meter }: Pick<KeepPorts, 'timeline' | 'meter'>,
): Promise<void> => {
  if (enrolment.contactRule === 'intermediary') return;
  for (const planned of tooLate)
    if ((await timeline.record(skippedStep(enrolment, definition, planned, 'too-late'))) === 'written')
      countSkips(meter, [{ definition, step: planned.step }]);
};

/** Brings one enrolment in line, again when a step or an answer came in between. @returns it as it is now */
const keepOne = async (
  { pinned, before: first, wanted }: Kept,
  because: string | undefined,
  ports: KeepPorts,
  now: Instant,
): Promise<Enrolment> => {
  let before = first;
  for (;;) {
    let planned = wanted(before);
    if (because !== undefined && planned.enrolment.state === 'active')
      planned = { enrolment: exit(planned.enrolment, 'by-definition', now, because), tooLate: [] };
    if (planned.enrolment !== before) {
      await recordTooLate(planned, pinned, ports);
      if ((await ports.enrolments.put(planned.enrolment, before.version)) === 'refused') {
        const current = (await ports.enrolments.getMany([before])).get(enrolmentKey(before));
        if (!current) return before;
        before = current;
        continue;
      }
    }
    const entry = exitedJourney(planned.enrolment);
    if (entry && entry.at > now - UNTOLD) await ports.timeline.record(entry);
    return planned.enrolment;
  }
};

/** Brings running and ended journeys in line with what their policies and customers say now. */
export const keepJourneys = async (
  kept: readonly Kept[],
  ports: KeepPorts,
  now: Instant,
): Promise<readonly KeptOutcome[]> => {
  const because = await ruledOut(kept, ports, now);
  return inParallel(kept, WIDTH, async (each) => ({
    pinned: each.pinned,
    before: each.before,
    after: await keepOne(each, because.get(enrolmentKey(each.before)), ports, now),
  }));
};
