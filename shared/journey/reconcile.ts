import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { Gate, Profile } from '../customer/customer.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Meter } from '../platform/logging.ts';
import { civilDateAt, type Instant } from '../platform/time.ts';
import type { Policy, Term } from '../policy/policy.ts';
import { taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import type { DueWork } from './due-work.ts';
import { enrol, exit, type Planned, replan } from './enrol.ts';
import type { Enrolment, EnrolmentRef } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import { countSkips, exitedJourney, skippedStep, type TimelineWriter } from './journey-entries.ts';
import { reachOf, whyUnreachable } from './reach.ts';
import type { LetterDueIn } from './schedule.ts';
import { exitOf, isInAudience, mayReturn, type Occasion, occasionOf } from './standing.ts';
import { stepRows } from './step-row.ts';

/** What reconciling needs from outside. */
export interface ReconcilePorts {
  readonly enrolments: Pick<Enrolments, 'getMany' | 'create' | 'put'>;
  readonly gates: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Gate>> };
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly definitions: Definitions;
  readonly programmes: readonly PinnedDefinition[];
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly tasks: Pick<Tasks, 'add'>;
  readonly timeline: TimelineWriter;
  readonly letterDueIn: LetterDueIn;
  readonly meter: Meter;
}

/** A policy as projected, with what is known beside it. */
export interface PolicyToReconcile {
  readonly policy: Policy;
  /** Every known term, earliest first. */
  readonly terms: readonly Term[];
  /** True at its first projection: then nothing can be enrolled yet. */
  readonly isNew: boolean;
  /** Its holder in the projection before. */
  readonly formerParty: PartyId | undefined;
}

export interface ReconcileResult {
  readonly enrolled: number;
  readonly exited: number;
  readonly moved: number;
  /** Policies whose journeys begin later, and when to look again. */
  readonly looksAgain: ReadonlyMap<PolicyId, Instant>;
}

/** Terms back that may still have a journey: the last, the one before it, and one that fell away. */
const TERMS_BACK = 3;

/** Every enrolment that a policy may have in the campaigns in force. */
const refsOf = (
  { policy, terms, isNew, formerParty }: PolicyToReconcile,
  programmes: readonly PinnedDefinition[],
): EnrolmentRef[] => {
  if (isNew) return [];
  const parties = [...new Set([policy.partyId, formerParty])].filter((id) => id !== undefined);
  return parties.flatMap((partyId) =>
    programmes.flatMap(({ definition }) =>
      terms
        .slice(-TERMS_BACK)
        .map(({ startsOn }) => ({ partyId, campaign: definition.id, policyId: policy.policyId, occurrence: startsOn })),
    ),
  );
};

/** Something to be done about one policy and campaign. */
type Move =
  | { readonly kind: 'enter'; readonly pinned: PinnedDefinition; readonly policy: Policy; readonly planned: Planned }
  | {
      readonly kind: 'keep';
      readonly pinned: PinnedDefinition;
      readonly policy: Policy;
      readonly before: Enrolment;
      readonly occasion: Occasion | undefined;
    };

/** Writes what was passed over as too late; through an intermediary nothing would have gone out. */
const recordTooLate = async (
  { enrolment, tooLate }: Planned,
  { definition }: PinnedDefinition,
  { timeline, meter }: Pick<ReconcilePorts, 'timeline' | 'meter'>,
): Promise<void> => {
  if (enrolment.contactRule === 'intermediary') return;
  const skips: { definition: typeof definition; step: (typeof tooLate)[number]['step'] }[] = [];
  for (const planned of tooLate)
    if ((await timeline.record(skippedStep(enrolment, definition, planned, 'too-late'))) === 'written')
      skips.push({ definition, step: planned.step });
  countSkips(meter, skips);
};

/** Adds the task for a person whom no channel reaches: once per enrolment, and only where a person should look. */
const askForContact = async (
  enrolment: Enrolment,
  pinned: PinnedDefinition,
  profile: Profile | undefined,
  gate: Gate | undefined,
  ports: ReconcilePorts,
  now: Instant,
): Promise<void> => {
  const { campaign, occurrence, policyId, partyId, scope } = enrolment;
  const sendClass = pinned.definition.class;
  if (enrolment.contactRule === 'intermediary' || sendClass === 'marketing') return;
  const reach = reachOf(profile, gate, sendClass);
  if (reach.email || reach.post) return;
  const kind = whyUnreachable(profile);
  await ports.tasks.add({
    taskId: taskIdOf('no-channel', policyId, `${campaign}#${occurrence}`),
    scope,
    kind,
    reason: kind,
    state: 'open',
    dueOn: civilDateAt(now, enrolment.zone),
    createdAt: now,
    partyId,
    policyId,
    campaign,
    occurrence,
  });
};

/**
 * Brings the journeys of some policies in line with what the policies say now. Writes the enrolment first and the due
 * row after it: a crash in between leaves an enrolment whose row the next run places again.
 */
export const reconcile = async (
  policies: readonly PolicyToReconcile[],
  ports: ReconcilePorts,
  now: Instant,
): Promise<ReconcileResult> => {
  const { programmes, letterDueIn } = ports;
  const known = await ports.enrolments.getMany(policies.flatMap((policy) => refsOf(policy, programmes)));
  const moves: Move[] = [];
  const looksAgain = new Map<PolicyId, Instant>();
  for (const entry of policies) {
    const { policy } = entry;
    for (const ref of refsOf(entry, programmes)) {
      const before = known.get(enrolmentKey(ref));
      if (!before) continue;
      const definition = await ports.definitions.get(before.campaign, before.definition);
      const occasion = occasionOf(definition, policy);
      const own = occasion?.occurrence === before.occurrence ? occasion : undefined;
      moves.push({ kind: 'keep', pinned: { hash: before.definition, definition }, policy, before, occasion: own });
    }
    for (const pinned of programmes) {
      const occasion = occasionOf(pinned.definition, policy);
      if (!occasion || policy.partyId === undefined || !isInAudience(pinned.definition, policy)) continue;
      const ref = { partyId: policy.partyId, campaign: pinned.definition.id, policyId: policy.policyId };
      if (known.has(enrolmentKey({ ...ref, occurrence: occasion.occurrence }))) continue;
      const outcome = enrol(pinned, policy, policy.partyId, occasion, now, letterDueIn);
      if (outcome.kind === 'enter') moves.push({ kind: 'enter', pinned, policy, planned: outcome });
      if (outcome.kind === 'wait')
        looksAgain.set(policy.policyId, Math.min(outcome.at, looksAgain.get(policy.policyId) ?? outcome.at) as Instant);
    }
  }
  return { ...(await make(moves, ports, now)), looksAgain };
};

const make = async (moves: readonly Move[], ports: ReconcilePorts, now: Instant) => {
  const counts = { enrolled: 0, exited: 0, moved: 0 };
  if (moves.length === 0) return counts;
  const parties = [...new Set(moves.map((move) => partyOf(move)))];
  const [gates, profiles] = await Promise.all([ports.gates.getMany(parties), ports.profiles.getMany(parties)]);
  const toPlace: Enrolment[] = [];
  for (const move of moves) {
    const partyId = partyOf(move);
    const [gate, profile] = [gates.get(partyId), profiles.get(partyId)];
    const deceased = gate?.situations.includes('deceased') ?? false;
    if (move.kind === 'enter') {
      if (deceased) continue;
      const { enrolment } = move.planned;
      await ports.definitions.keep(move.pinned);
      await recordTooLate(move.planned, move.pinned, ports);
      const outcome = await ports.enrolments.create(enrolment);
      // refused: an earlier run, cut off before its row was placed, or our own write whose reply was lost
      const [current] = outcome === 'written' ? [enrolment] : (await ports.enrolments.getMany([enrolment])).values();
      if (!current) continue;
      toPlace.push(current);
      await askForContact(current, move.pinned, profile, gate, ports, now);
      if (outcome === 'written') counts.enrolled += 1;
    } else {
      const after = await keep(move, deceased, ports, now);
      if (after.state === 'active') {
        toPlace.push(after);
        await askForContact(after, move.pinned, profile, gate, ports, now);
      }
      if (after.state === 'exited' && move.before.state !== 'exited') counts.exited += 1;
      if (after.anchorOn !== move.before.anchorOn) counts.moved += 1;
    }
  }
  await ports.dueWork.place(stepRows(toPlace), now);
  return counts;
};

const partyOf = (move: Move): PartyId => (move.kind === 'enter' ? move.planned.enrolment.partyId : move.before.partyId);

/** What an enrolment should be as things stand; itself where nothing changes. */
const wanted = (
  move: Extract<Move, { kind: 'keep' }>,
  enrolment: Enrolment,
  deceased: boolean,
  letterDueIn: LetterDueIn,
  now: Instant,
): Planned => {
  const { pinned, policy, occasion } = move;
  const unchanged = { enrolment, tooLate: [] };
  const reason = exitOf(pinned.definition, policy, enrolment, deceased);
  if (reason)
    return enrolment.state === 'active' ? { enrolment: exit(enrolment, reason, now), tooLate: [] } : unchanged;
  if (!occasion || (enrolment.exit && !mayReturn(enrolment.exit.reason))) return unchanged;
  return replan(enrolment, pinned, policy, occasion, now, letterDueIn) ?? unchanged;
};

/** Brings one enrolment in line, again when a step or an answer came in between. @returns it as it is now */
const keep = async (
  move: Extract<Move, { kind: 'keep' }>,
  deceased: boolean,
  ports: ReconcilePorts,
  now: Instant,
): Promise<Enrolment> => {
  let before = move.before;
  for (;;) {
    const planned = wanted(move, before, deceased, ports.letterDueIn, now);
    if (planned.enrolment !== before) {
      await recordTooLate(planned, move.pinned, ports);
      if ((await ports.enrolments.put(planned.enrolment, before.version)) === 'refused') {
        const [current] = (await ports.enrolments.getMany([before])).values();
        if (!current) return before;
        before = current;
        continue;
      }
    }
    const entry = exitedJourney(planned.enrolment);
    if (entry) await ports.timeline.record(entry);
    return planned.enrolment;
  }
};
