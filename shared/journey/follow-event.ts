import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Profile } from '../customer/customer.ts';
import { derivedId, type PartyId, type PolicyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import { civilDateAt, type Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Policies } from '../policy/policy-store.ts';
import { type About, aboutPerson, aboutPolicy } from './about.ts';
import type { JourneyMessage } from './contract.ts';
import type { DueWork } from './due-work.ts';
import { exit } from './enrol.ts';
import type { Enrolment } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import { type Candidate, enter } from './enter.ts';
import { eventFits, exitByEvent } from './exit-rules.ts';
import { wake } from './flow.ts';
import { exitedJourney } from './journey-entries.ts';
import { isToldByPolicy, type Occasion } from './occasions.ts';
import { type People, type PeoplePorts, readPeople } from './people.ts';
import { occasionOf } from './re-entry.ts';
import type { ReconcilePorts } from './reconcile.ts';
import { isForPolicy } from './standing.ts';
import { partyRecheckRow, recheckRow, stepRows } from './step-row.ts';

/** Everything that following what happened to one customer needs from outside. */
export interface FollowEventPorts extends ReconcilePorts, PeoplePorts {
  readonly enrolments: ReconcilePorts['enrolments'] & Pick<Enrolments, 'ofParty' | 'get'>;
  readonly policies: Pick<Policies, 'get' | 'getMany'>;
  readonly dueWork: Pick<DueWork, 'place'>;
}

/** How many journeys what happened began, moved on and ended. */
export interface EventCounts {
  readonly enrolled: number;
  readonly woken: number;
  readonly exited: number;
  readonly tooLate: number;
}

type EventMessage = Extract<JourneyMessage, { kind: 'event' }>;

const WIDTH = 8;
/** Events that one enrolment remembers having moved it; more than its steps can wait for. */
const HEARD = 60;

/** Names an event by what it is about, so that the same fact under a new event id is the same (F11). */
export const eventMark = ({ type, key }: Pick<EventMessage['event'], 'type' | 'key'>): string =>
  derivedId('heard', type, key);

/** Whether the event moved this journey, now or when a copy of it was followed before. */
const wasMoved = (event: EventMessage['event'], { heard = [] }: Enrolment): boolean => heard.includes(eventMark(event));

/** Whether an event may concern a journey at all: not about another policy or another invitation, not heard of before the
 *  journey began, and not the one that moved it already. */
const concerns = ({ policyId, event }: EventMessage, enrolment: Enrolment): boolean => {
  const { campaign, occurrence } = event.properties;
  const isOther = (mine: unknown, its: unknown): boolean => mine !== undefined && its !== undefined && mine !== its;
  return (
    enrolment.state === 'active' &&
    !isOther(enrolment.policyId, policyId) &&
    !(campaign === enrolment.campaign && isOther(enrolment.occurrence, occurrence)) &&
    event.receivedAt >= enrolment.enteredAt &&
    !wasMoved(event, enrolment)
  );
};

/** The journey after the event: ended, gone on, or undefined where the event is nothing to it. */
const moved = (message: EventMessage, enrolment: Enrolment, pinned: PinnedDefinition, now: Instant) => {
  if (!concerns(message, enrolment)) return undefined;
  const { event } = message;
  const because = exitByEvent(pinned, event, enrolment.zone);
  const after =
    because === undefined ? wake(enrolment, pinned, event, now) : exit(enrolment, 'by-definition', now, because);
  return after && { ...after, heard: [...(enrolment.heard ?? []), eventMark(event)].slice(-HEARD) };
};

/** Ends and moves on the journeys that are there; again where a step came in between. @returns those that the event moved,
 *  by this call or by one that may have been cut off, and which this call did */
const moveOn = async (
  message: EventMessage,
  enrolments: readonly Enrolment[],
  ports: FollowEventPorts,
  now: Instant,
): Promise<readonly { readonly after: Enrolment; readonly isNew: boolean }[]> => {
  const outcomes = await inParallel(enrolments, WIDTH, async (first) => {
    let before = first;
    for (;;) {
      const pinned = await ports.definitions.get(before.campaign, before.definition);
      const after = moved(message, before, pinned, now);
      if (after === undefined) return { after: before, isNew: false };
      if ((await ports.enrolments.put(after, before.version)) === 'written') return { after, isNew: true };
      const current = await ports.enrolments.get(before);
      if (!current) return { after: first, isNew: false };
      before = current;
    }
  });
  const touched = outcomes.filter(({ after }) => wasMoved(message.event, after));
  for (const { after } of touched) {
    const entry = exitedJourney(after);
    if (entry) await ports.timeline.record(entry);
  }
  return touched;
};

/** What a journey about the customer, or the policy, would be about; undefined where the message does not say. */
export const aboutOf = (
  { definition }: PinnedDefinition,
  profile: Profile | undefined,
  policy: Policy | undefined,
): About | undefined => {
  if (definition.subject === 'customer') return profile && aboutPerson(profile);
  if (policy?.partyId === undefined || !isForPolicy(definition, policy)) return undefined;
  const held = policy.contradiction !== undefined && definition.exits.includes('contradiction');
  return held ? undefined : aboutPolicy(policy, policy.partyId);
};

/** Says that a journey did not begin because what would have begun it is too long ago. */
const notEntered = ({ pinned, about, occasion }: Candidate, now: Instant) => ({
  partyId: about.partyId,
  at: (occasion.at ?? now) as Instant,
  kind: 'fact' as const,
  id: derivedId('not-entered', pinned.definition.id, about.policyId ?? '', occasion.occurrence),
  policyIds: about.policyId === undefined ? [] : [about.policyId],
  campaign: pinned.definition.id,
  reason: 'too-late',
  details: { fact: 'journey-not-entered', occurrence: occasion.occurrence },
});

/** Has candidates begin, and places the due rows of all that run, these and `others`. */
export const begin = async (
  candidates: readonly Candidate[],
  others: readonly Enrolment[],
  people: People,
  ports: FollowEventPorts,
  now: Instant,
): Promise<{ readonly enrolled: number; readonly tooLate: number }> => {
  const { begun, enrolled, later, over } = await enter(candidates, people, ports, now);
  // one that a run before this began and could not place
  const again = candidates.flatMap(({ known, occasion }) =>
    known.filter((enrolment) => occasionOf(enrolment) === occasion.occurrence),
  );
  if (over.length > 0) await ports.timeline.recordAll(over.map((candidate) => notEntered(candidate, now)));
  const byKey = new Map([...again, ...others, ...begun].map((enrolment) => [enrolmentKey(enrolment), enrolment]));
  const rechecks = later.map(({ about: { partyId, policyId }, at }) =>
    policyId === undefined ? partyRecheckRow(partyId, at) : recheckRow(policyId, at),
  );
  await ports.dueWork.place([...stepRows([...byKey.values()]), ...rechecks], now);
  return { enrolled, tooLate: over.length };
};

/** The customer, and the policy that is spoken of, as far as they are known. */
const readSubject = async (
  partyId: PartyId,
  policyId: PolicyId | undefined,
  ports: Pick<FollowEventPorts, 'policies' | 'gates' | 'profiles'>,
): Promise<{ readonly people: People; readonly profile: Profile | undefined; readonly policy: Policy | undefined }> => {
  const policy = policyId === undefined ? undefined : await ports.policies.get(policyId);
  // the policy may have gone over to another person since
  const people = await readPeople([partyId, ...(policy?.partyId === undefined ? [] : [policy.partyId])], ports);
  return { people, profile: people.profiles.get(partyId), policy };
};

/**
 * Follows a customer event: ends the journeys that exit on it, moves on those that wait for it, begins those that it
 * triggers. An event any number of times, or the same fact under new ids, does so once (F10, F11): the enrolment is named by
 * the event's key and is never removed (F40). An event older than a journey's use-by begins nothing (F12).
 */
export const followEvent = async (
  message: EventMessage,
  ports: FollowEventPorts,
  now: Instant,
): Promise<EventCounts> => {
  const { event } = message;
  const [known, live, { people, profile, policy }] = await Promise.all([
    ports.enrolments.ofParty(message.partyId),
    ports.campaigns.entering(),
    readSubject(message.partyId, message.policyId, ports),
  ]);
  const touched = await moveOn(
    message,
    known.filter((enrolment) => enrolment.state === 'active' || wasMoved(event, enrolment)),
    ports,
    now,
  );

  const candidates: Candidate[] = [];
  for (const pinned of live) {
    const { trigger } = pinned.definition;
    if (!('event' in trigger) || isToldByPolicy(pinned.definition)) continue;
    const about = aboutOf(pinned, profile, policy);
    if (!about || !eventFits(trigger, event, about.zone)) continue;
    const occasion: Occasion = {
      occurrence: event.key,
      anchorOn: civilDateAt(event.occurredAt, about.zone),
      at: event.occurredAt,
      event: { properties: event.properties, hops: event.hops, mark: eventMark(event) },
      heardAt: event.receivedAt,
    };
    candidates.push({ pinned, about, occasion, known: await knownFor(pinned, about, known, message.partyId, ports) });
  }
  const done = await begin(
    candidates,
    touched.map(({ after }) => after),
    people,
    ports,
    now,
  );
  const fresh = touched.filter(({ isNew }) => isNew);
  return {
    ...done,
    woken: fresh.filter(({ after }) => after.state === 'active').length,
    exited: fresh.filter(({ after }) => after.state === 'exited').length,
  };
};

/** The enrolments of whom `about` is about in the campaign; read anew where that is not the customer whose are known. */
export const knownFor = async (
  { definition }: PinnedDefinition,
  { partyId, policyId }: About,
  known: readonly Enrolment[],
  knownOf: PartyId,
  { enrolments }: Pick<FollowEventPorts, 'enrolments'>,
): Promise<readonly Enrolment[]> => {
  const all = partyId === knownOf ? known : await enrolments.ofParty(partyId);
  return all.filter((enrolment) => enrolment.campaign === definition.id && enrolment.policyId === policyId);
};
