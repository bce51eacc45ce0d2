import { policyFactsOf } from '../audience/rule-facts.ts';
import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { LiveCampaigns } from '../campaign/live-campaigns.ts';
import type { Profile } from '../customer/customer.ts';
import type { PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Instant } from '../platform/time.ts';
import { type About, aboutPerson, aboutPolicy } from './about.ts';
import type { DueItem } from './due-work.ts';
import { enrol, exit, type Planned, replan } from './enrol.ts';
import type { Enrolment, ExitReason } from './enrolment.ts';
import type { Enrolments } from './enrolment-store.ts';
import { askForContact, type Candidate, type EnterPorts, enter } from './enter.ts';
import { moveWait } from './flow.ts';
import { type KeepPorts, type Kept, keepJourneys } from './keep.ts';
import {
  isToldByPerson,
  isToldByPolicy,
  type KnownPolicy,
  type Occasion,
  personOccasions,
  policyOccasions,
} from './occasions.ts';
import { isDeceased, type People } from './people.ts';
import {
  exitOf,
  exitOfPerson,
  isForPolicy,
  mayReturn,
  standingOccasion,
  standingOccasionOfPerson,
} from './standing.ts';
import { stepRows } from './step-row.ts';
import type { KnownDates } from './waits.ts';

/** What reconciling needs from outside. */
export interface ReconcilePorts extends EnterPorts, KeepPorts {
  readonly enrolments: Pick<Enrolments, 'getMany' | 'create' | 'put' | 'ofSubject'>;
  readonly definitions: Pick<Definitions, 'keep' | 'get'>;
  readonly campaigns: Pick<LiveCampaigns, 'entering'>;
}

/** A policy as projected, with what is known beside it. */
export interface PolicyToReconcile extends KnownPolicy {
  /** True at its first projection: then nothing can be enrolled yet. */
  readonly isNew: boolean;
  /** Its holder in the projection before. */
  readonly formerParty: PartyId | undefined;
}

export interface ReconcileResult {
  readonly enrolled: number;
  readonly exited: number;
  readonly moved: number;
  /** Due rows of all journeys that run: to be placed after everything else was written. */
  readonly rows: readonly DueItem[];
  /** Whose journeys begin later, and when to look again. */
  readonly later: readonly { readonly about: About; readonly at: Instant }[];
}

const WIDTH = 8;

/** What the present state makes of an enrolment: ended for `reason`, moved to what `about` says now, or left as it is. */
const asItStands = (
  enrolment: Enrolment,
  reason: ExitReason | undefined,
  moved: () => Planned | undefined,
  now: Instant,
): Planned => {
  const unchanged = { enrolment, tooLate: [] };
  if (reason)
    return enrolment.state === 'active' ? { enrolment: exit(enrolment, reason, now), tooLate: [] } : unchanged;
  if (enrolment.exit && !mayReturn(enrolment.exit.reason)) return unchanged;
  return moved() ?? unchanged;
};

/** The enrolment planned anew by what is known now: its days, and the end of the wait for a date. */
const planned = (
  enrolment: Enrolment,
  pinned: PinnedDefinition,
  { about, occasion, dates }: { readonly about: About; readonly occasion: Occasion; readonly dates: KnownDates },
  { letterDueIn }: Pick<ReconcilePorts, 'letterDueIn'>,
  now: Instant,
): Planned | undefined => {
  const replanned = replan(enrolment, pinned, about, occasion, now, letterDueIn);
  const moved = moveWait(replanned?.enrolment ?? enrolment, pinned.definition, dates, now);
  return moved === undefined ? replanned : { enrolment: moved, tooLate: replanned?.tooLate ?? [] };
};

const keptOfPolicy = (
  { policy, claims }: KnownPolicy,
  pinned: PinnedDefinition,
  before: Enrolment,
  people: People,
  ports: Pick<ReconcilePorts, 'letterDueIn'>,
  now: Instant,
): Kept => {
  const known = { policy, claims };
  const deceased = isDeceased(people, before.partyId);
  const { definition } = pinned;
  return {
    pinned,
    before,
    wanted: (enrolment) =>
      asItStands(
        enrolment,
        exitOf(definition, known, enrolment, deceased, now),
        () => {
          const occasion = standingOccasion(definition, known, enrolment, now);
          if (occasion === undefined) return undefined;
          const about = aboutPolicy(policy, enrolment.partyId);
          const dates = { policy: policyFactsOf(policy), claims, customer: people.profiles.get(enrolment.partyId) };
          return planned(enrolment, pinned, { about, occasion, dates }, ports, now);
        },
        now,
      ),
  };
};

/** Makes the changes that were decided. */
const make = async (
  kept: readonly Kept[],
  candidates: readonly Candidate[],
  people: People,
  ports: ReconcilePorts,
  now: Instant,
): Promise<ReconcileResult> => {
  const outcomes = await keepJourneys(kept, ports, now);
  const running = outcomes.filter(({ after }) => after.state === 'active');
  await inParallel(running, WIDTH, ({ after, pinned }) =>
    askForContact(after, pinned, people.profiles.get(after.partyId), people.gates.get(after.partyId), ports, now),
  );
  const { begun, enrolled, later } = await enter(candidates, people, ports, now);
  return {
    enrolled,
    exited: outcomes.filter(({ before, after }) => after.state === 'exited' && before.state !== 'exited').length,
    moved: outcomes.filter(({ before, after }) => after.anchorOn !== before.anchorOn).length,
    rows: stepRows([...running.map(({ after }) => after), ...begun]),
    later,
  };
};

const inCampaign = (known: readonly Enrolment[], { definition }: PinnedDefinition, partyId: PartyId) =>
  known.filter((enrolment) => enrolment.campaign === definition.id && enrolment.partyId === partyId);

/**
 * Brings the journeys about some policies in line with what the policies say now. Writes enrolments first; the caller
 * places the due rows after it: a crash in between leaves an enrolment whose row the next run places again.
 */
export const reconcilePolicies = async (
  policies: readonly PolicyToReconcile[],
  people: People,
  ports: ReconcilePorts,
  now: Instant,
): Promise<ReconcileResult> => {
  const entering = (await ports.campaigns.entering()).filter(({ definition }) => isToldByPolicy(definition));
  const kept: Kept[] = [];
  const candidates: Candidate[] = [];
  const known = await inParallel(policies, WIDTH, async ({ policy, isNew, formerParty }) => {
    if (isNew) return [];
    const parties = [...new Set([policy.partyId, formerParty])].filter((id) => id !== undefined);
    return (await Promise.all(parties.map((id) => ports.enrolments.ofSubject(id, policy.policyId)))).flat();
  });
  for (const [n, entry] of policies.entries()) {
    const { policy } = entry;
    const enrolments = known[n] ?? [];
    for (const before of enrolments)
      kept.push(
        keptOfPolicy(
          entry,
          await ports.definitions.get(before.campaign, before.definition),
          before,
          people,
          ports,
          now,
        ),
      );
    if (policy.partyId === undefined) continue;
    const about = aboutPolicy(policy, policy.partyId);
    for (const pinned of entering)
      if (isForPolicy(pinned.definition, policy))
        for (const occasion of policyOccasions(pinned.definition, entry, now))
          candidates.push({
            pinned,
            about,
            occasion,
            known: inCampaign(enrolments, pinned, policy.partyId),
            policy: entry,
          });
  }
  return make(kept, candidates, people, ports, now);
};

/** A customer with all of their enrolments. */
export interface PersonToReconcile {
  readonly profile: Profile;
  readonly enrolments: readonly Enrolment[];
}

/** Brings the journeys about some customers themselves in line with what is known of them now. */
export const reconcilePersons = async (
  persons: readonly PersonToReconcile[],
  people: People,
  ports: ReconcilePorts,
  now: Instant,
): Promise<ReconcileResult> => {
  const entering = (await ports.campaigns.entering()).filter(({ definition }) => isToldByPerson(definition));
  const kept: Kept[] = [];
  const candidates: Candidate[] = [];
  for (const { profile, enrolments } of persons) {
    const about = aboutPerson(profile);
    const own = enrolments.filter(({ policyId }) => policyId === undefined);
    for (const before of own) {
      const pinned = await ports.definitions.get(before.campaign, before.definition);
      kept.push({ pinned, before, wanted: wantedOfPerson(pinned, profile, people, ports, now) });
    }
    for (const pinned of entering)
      for (const occasion of personOccasions(pinned.definition, profile, now))
        candidates.push({ pinned, about, occasion, known: inCampaign(own, pinned, profile.partyId) });
  }
  return make(kept, candidates, people, ports, now);
};

const wantedOfPerson =
  (
    pinned: PinnedDefinition,
    profile: Profile,
    people: People,
    ports: Pick<ReconcilePorts, 'letterDueIn'>,
    now: Instant,
  ) =>
  (enrolment: Enrolment): Planned => {
    const { definition } = pinned;
    const occasion = standingOccasionOfPerson(definition, profile, enrolment);
    return asItStands(
      enrolment,
      exitOfPerson(definition, occasion !== undefined, isDeceased(people, profile.partyId)),
      () =>
        occasion &&
        planned(enrolment, pinned, { about: aboutPerson(profile), occasion, dates: { customer: profile } }, ports, now),
      now,
    );
  };

/** When to look at a customer for a journey that begins on a day of theirs: at once where one may begin now, and undefined
 *  where none will. */
export const nextEntry = (
  live: readonly PinnedDefinition[],
  profile: Profile,
  now: Instant,
  letterDueIn: EnterPorts['letterDueIn'],
): Instant | undefined => {
  const looks = live.flatMap((pinned) =>
    personOccasions(pinned.definition, profile, now).flatMap((occasion) => {
      const { occurrence } = occasion;
      const outcome = enrol(pinned, aboutPerson(profile), occasion, { occurrence }, now, letterDueIn);
      if (outcome.kind === 'over') return [];
      return [outcome.kind === 'wait' ? outcome.at : now];
    }),
  );
  return looks.length === 0 ? undefined : (Math.min(...looks) as Instant);
};
