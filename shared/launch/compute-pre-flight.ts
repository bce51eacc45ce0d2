import { AUDIENCE_SHARDS } from '../audience/audience-rows.ts';
import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { LiveCampaigns } from '../campaign/live-campaigns.ts';
import { orderTraits } from '../campaign/order-traits.ts';
import type { Gate } from '../customer/customer.ts';
import { decideContact } from '../message/contact-rules.ts';
import type { ContactSettings } from '../message/contact-settings.ts';
import type { SendOrder } from '../message/message.ts';
import type { SendLimits } from '../message/quota.ts';
import type { PartyId, SendId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant, ZoneId } from '../platform/time.ts';
import type { AudiencesMessage } from './contract.ts';
import type { AudiencePlace, FoundMember, MemberPages } from './members.ts';
import { type OverlapTest, overlapTest } from './overlap.ts';
import { addSums, noSums, one, type PreFlightSums, SAMPLE } from './pre-flight.ts';
import { isDone, type PreFlight, type PreFlights } from './pre-flight-store.ts';
import { firstChannel, firstSurvey, type Member } from './run.ts';

export interface PreFlightPorts {
  readonly preFlights: PreFlights;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly liveCampaigns: LiveCampaigns;
  readonly audience: (pinned: PinnedDefinition) => Promise<MemberPages>;
  readonly gates: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Gate>> };
  readonly settings: () => Promise<ContactSettings>;
  readonly limits: (now: Instant) => Promise<SendLimits>;
  /** Which of some members lack something that the campaign's first mail says. */
  readonly lacking: (pinned: PinnedDefinition, members: readonly Member[], now: Instant) => Promise<readonly PartyId[]>;
  readonly audiences: Pick<Queue<AudiencesMessage>, 'send'>;
  readonly clock: () => Instant;
}

/** Shards looked through at a time. */
const WIDTH = 8;
/** Rows that one message looks through. */
const ROWS = 60_000;
/** Of each shard so many members' data are looked through. */
const CHECKED_PER_SHARD = 8;

/** What is asked of the contact rules about each member. */
interface Question {
  readonly pinned: PinnedDefinition;
  readonly at: Instant;
  readonly useBy: Instant;
  readonly settings: ContactSettings;
  readonly overlaps: readonly OverlapTest[];
  readonly source: MemberPages;
}

const reachable = ({ row: { customer } }: FoundMember, channel: SendOrder['channel']): boolean => {
  if (channel === 'email') return customer?.hasEmail === true;
  return (channel === 'post' ? customer?.hasAddress : customer?.hasPhone) === true;
};

/** Of somebody who was never asked anything. */
const blankGate = ({ partyId, row }: FoundMember): Gate => ({
  partyId,
  version: 0,
  consent: {},
  suppressed: {},
  situations: row.customer?.situations ?? [],
  zone: (row.customer?.zone ?? 'UTC') as ZoneId,
  recent: {},
});

const judge = (member: FoundMember, gate: Gate, { pinned, at, useBy, settings }: Question): PreFlightSums => {
  const { definition } = pinned;
  const channel = firstChannel(definition) ?? 'email';
  const country = member.row.customer?.country;
  const decision = decideContact({
    order: {
      sendId: '' as SendId,
      channel,
      sendClass: definition.class,
      priority: definition.priority,
      useBy,
      ...orderTraits(definition, firstSurvey(definition)),
    },
    gate,
    reachable: reachable(member, channel),
    ...(country === undefined ? {} : { country }),
    now: at,
    settings,
  });
  const letters = decision.kind === 'skip' ? {} : { [country ?? 'default']: 1 };
  switch (decision.kind) {
    case 'send':
      return { ...noSums, members: 1, going: 1, letters };
    case 'hold':
      return { ...noSums, members: 1, held: one(decision.reason), letters };
    case 'skip':
      return { ...noSums, members: 1, skipped: one(decision.reason) };
  }
};

/** Looks through one shard. */
const lookThrough = async (
  shard: number,
  question: Question,
  ports: PreFlightPorts,
  now: Instant,
): Promise<PreFlightSums> => {
  const { pinned, source, overlaps } = question;
  let sums = noSums;
  let place: AudiencePlace | undefined = { shard };
  while (place?.shard === shard) {
    const { members, rows, next }: Awaited<ReturnType<MemberPages['page']>> = await source.page(place, now);
    sums = addSums(sums, { ...noSums, rows });
    place = next;
    if (members.length === 0) continue;
    const parties = [...new Set(members.map(({ partyId }) => partyId))];
    const gates = await ports.gates.getMany(parties);
    for (const member of members)
      sums = addSums(sums, judge(member, gates.get(member.partyId) ?? blankGate(member), question));
    const customers = [...new Map(members.map(({ partyId, row }) => [partyId, row])).values()];
    for (const { campaign, test } of overlaps)
      sums = addSums(sums, { ...noSums, overlap: { [campaign]: (await test(customers, now)).size } });
    const checked = members.slice(0, Math.max(0, CHECKED_PER_SHARD - sums.checked));
    if (checked.length > 0) {
      const lacking = await ports.lacking(pinned, checked, now);
      const found = { checked: checked.length, lacking: lacking.length, lackingSample: lacking.slice(0, SAMPLE) };
      sums = addSums(sums, { ...noSums, ...found });
    }
  }
  return sums;
};

const questionOf = async (preFlight: PreFlight, ports: PreFlightPorts): Promise<Question> => {
  const { at, useBy, campaign, definition } = preFlight;
  const pinned = await ports.definitions.get(campaign, definition);
  const others = (await ports.liveCampaigns.entering()).filter((other) => other.definition.id !== campaign);
  const overlaps = await Promise.all(others.map((other) => overlapTest(other, at, ports.audience)));
  return {
    pinned,
    at,
    useBy,
    settings: await ports.settings(),
    overlaps: overlaps.flatMap((test) => test ?? []),
    source: await ports.audience(pinned),
  };
};

/**
 * Goes on with a pre-flight for about 60,000 rows: a small book is done by one message, a large one goes on by the next. Nothing is
 * held but sums, so memory stays flat; cut off, it goes on at the last eight shards.
 */
export const goOnPreFlight = async (found: PreFlight, ports: PreFlightPorts): Promise<PreFlight> => {
  if (isDone(found)) return found;
  const question = await questionOf(found, ports);
  const until = found.sums.rows + ROWS;
  let current: PreFlight = { ...found, limits: found.limits ?? (await ports.limits(ports.clock())) };
  while (!isDone(current) && current.sums.rows < until) {
    const now = ports.clock();
    const { shard } = current;
    const shards = Array.from({ length: Math.min(WIDTH, AUDIENCE_SHARDS - shard) }, (_, n) => shard + n);
    const parts = await inParallel(shards, WIDTH, (one) => lookThrough(one, question, ports, now));
    const sums = parts.reduce(addSums, current.sums);
    const next: PreFlight | undefined = await ports.preFlights.put({ ...current, shard: shard + shards.length, sums });
    // somebody else computes it as well, or anew
    if (next === undefined) return (await ports.preFlights.get(found)) ?? current;
    current = next;
  }
  if (!isDone(current))
    await ports.audiences.send([{ kind: 'pre-flight', campaign: current.campaign, definition: current.definition }]);
  return current;
};
