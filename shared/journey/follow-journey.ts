import type { PinnedDefinition } from '../campaign/definition.ts';
import { EngagementError, unreachable } from '../platform/errors.ts';
import { inParallel } from '../platform/parallel.ts';
import { addDays, type CivilDate, civilDateAt, type Instant, parseCivilDate, startOfDay } from '../platform/time.ts';
import type { Holdings } from '../policy/holding-store.ts';
import type { About } from './about.ts';
import type { JourneyMessage } from './contract.ts';
import type { Candidate } from './enter.ts';
import { failStep } from './flow.ts';
import { aboutOf, begin, type EventCounts, type FollowEventPorts, followEvent, knownFor } from './follow-event.ts';
import type { Occasion } from './occasions.ts';
import { readPeople } from './people.ts';
import { stepRows } from './step-row.ts';

export interface FollowJourneyPorts extends FollowEventPorts {
  readonly holdings: Pick<Holdings, 'of'>;
}

const WIDTH = 8;
const NOTHING: EventCounts = { enrolled: 0, woken: 0, exited: 0, tooLate: 0 };

/** An occasion that a day names: a flow may begin within its use-by after that day. */
const ofDay = (occurrence: string, day: CivilDate, { zone }: About): Occasion => ({
  occurrence,
  anchorOn: day,
  at: startOfDay(addDays(day, 1), zone),
});

/** A flow begins at once, however much of the day is left. */
const begunBy = (occasion: Occasion, now: Instant): Occasion =>
  occasion.at === undefined || occasion.at <= now ? occasion : { ...occasion, at: now };

/** A customer entered or left a watched audience: begins the campaigns that this triggers. */
const followAudience = async (
  { partyId, audience, on, occurrence }: Extract<JourneyMessage, { kind: 'audience' }>,
  ports: FollowJourneyPorts,
  now: Instant,
): Promise<EventCounts> => {
  const triggered = (await ports.campaigns.entering()).filter(
    ({ definition: { trigger } }) => 'audience' in trigger && trigger.audience === audience && trigger.on === on,
  );
  if (triggered.length === 0) return NOTHING;
  const policyIds = triggered.some(({ definition }) => definition.subject === 'policy')
    ? await ports.holdings.of(partyId)
    : [];
  const [known, people, policies] = await Promise.all([
    ports.enrolments.ofParty(partyId),
    readPeople([partyId], ports),
    ports.policies.getMany(policyIds, { consistent: true }),
  ]);
  const held = [...policies.values()].filter((policy) => policy.partyId === partyId && policy.ending === undefined);
  const candidates: Candidate[] = [];
  for (const pinned of triggered)
    for (const policy of pinned.definition.subject === 'policy' ? held : [undefined]) {
      const about = aboutOf(pinned, people.profiles.get(partyId), policy);
      if (!about) continue;
      const day = parseCivilDate(occurrence.slice(0, 10)) ?? civilDateAt(now, about.zone);
      const occasion = begunBy(ofDay(occurrence, day, about), now);
      candidates.push({ pinned, about, occasion, known: await knownFor(pinned, about, known, partyId, ports) });
    }
  return { ...NOTHING, ...(await begin(candidates, [], people, ports, now)) };
};

/** The occasion of being enrolled by a run, which has a day, or by the API, which has none. */
const entryOccasion = ({ definition }: PinnedDefinition, about: About, occurrence: string, now: Instant): Occasion => {
  const { trigger } = definition;
  const day = 'once' in trigger || 'every' in trigger ? parseCivilDate(occurrence.slice(0, 10)) : undefined;
  return day === undefined
    ? { occurrence, anchorOn: civilDateAt(now, about.zone), at: now }
    : begunBy(ofDay(occurrence, day, about), now);
};

/** The API, or a run of a campaign with several steps, enrols these customers; nobody where the campaign has ended. */
const followEntry = async (
  { campaign, occurrence, subjects }: Extract<JourneyMessage, { kind: 'enter' }>,
  ports: FollowJourneyPorts,
  now: Instant,
): Promise<EventCounts> => {
  const pinned = (await ports.campaigns.entering()).find(({ definition }) => definition.id === campaign);
  if (!pinned) return NOTHING;
  const policies = await ports.policies.getMany(
    subjects.flatMap(({ policyId }) => policyId ?? []),
    { consistent: true },
  );
  const people = await readPeople(
    [...subjects.map(({ partyId }) => partyId), ...[...policies.values()].flatMap(({ partyId }) => partyId ?? [])],
    ports,
  );
  const wanted = subjects.flatMap(({ partyId, policyId }) => {
    const about = aboutOf(pinned, people.profiles.get(partyId), policyId && policies.get(policyId));
    return about ? [about] : [];
  });
  const candidates = await inParallel(
    wanted,
    WIDTH,
    async (about): Promise<Candidate> => ({
      pinned,
      about,
      occasion: entryOccasion(pinned, about, occurrence, now),
      known: (await ports.enrolments.ofSubject(about.partyId, about.policyId)).filter(
        (enrolment) => enrolment.campaign === campaign,
      ),
    }),
  );
  return { ...NOTHING, ...(await begin(candidates, [], people, ports, now)) };
};

/** A message failed for good: the journey takes the step's failure branch, where it has one. */
const followFailure = async (
  { ref, step }: Extract<JourneyMessage, { kind: 'step-failed' }>,
  ports: FollowJourneyPorts,
  now: Instant,
): Promise<EventCounts> => {
  for (;;) {
    const enrolment = await ports.enrolments.get(ref);
    if (!enrolment) return NOTHING;
    const pinned = await ports.definitions.get(enrolment.campaign, enrolment.definition);
    const after = failStep(enrolment, pinned, step, now) ?? enrolment;
    if (after !== enrolment && (await ports.enrolments.put(after, enrolment.version)) === 'refused') continue;
    await ports.dueWork.place(stepRows([after]), now);
    return after === enrolment ? NOTHING : { ...NOTHING, woken: 1 };
  }
};

/** How often an enrolment may change under our hands. */
const TRIES = 8;

/** The customer reacted: noted for rules; of several reactions the latest stands. */
const followReaction = async (
  { ref, reaction }: Extract<JourneyMessage, { kind: 'reaction' }>,
  { enrolments }: Pick<FollowJourneyPorts, 'enrolments'>,
): Promise<EventCounts> => {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const enrolment = await enrolments.get(ref);
    if (enrolment?.state !== 'active' || (enrolment.reaction && enrolment.reaction.at >= reaction.at)) return NOTHING;
    if ((await enrolments.put({ ...enrolment, reaction }, enrolment.version)) === 'written') return NOTHING;
  }
  throw new EngagementError('conflict', `a journey of ${ref.partyId} is busy: its reaction comes again`, {
    retryable: true,
  });
};

/** Follows a journey message: something happened to one customer, or is wanted for some. Copies change nothing. */
export const followJourney = (
  message: JourneyMessage,
  ports: FollowJourneyPorts,
  now: Instant,
): Promise<EventCounts> => {
  switch (message.kind) {
    case 'event':
      return followEvent(message, ports, now);
    case 'audience':
      return followAudience(message, ports, now);
    case 'enter':
      return followEntry(message, ports, now);
    case 'step-failed':
      return followFailure(message, ports, now);
    case 'reaction':
      return followReaction(message, ports);
    default:
      return unreachable(message);
  }
};
