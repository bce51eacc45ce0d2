import type { Gate, Profile, SendClass } from '../../shared/customer/customer.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { type PartyId, type PolicyId, type SendId, sendIdOf } from '../../shared/platform/ids.ts';
import {
  addDays,
  type CivilDate,
  DAY,
  HOUR,
  type Instant,
  instantAt,
  parseInstant,
  type WallTime,
  type ZoneId,
} from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import type { Random } from './scheduler.ts';

/** A small book of people and the orders that their journeys placed. */
export interface MailWorld {
  readonly start: Instant;
  readonly gates: readonly Gate[];
  readonly profiles: readonly Profile[];
  readonly policies: readonly Policy[];
  readonly enrolments: readonly Enrolment[];
  readonly orders: readonly SendOrder[];
  /** When an order is queued, where that is not when it is due. */
  readonly queuedAt: ReadonlyMap<SendOrder, Instant>;
}

const ZONES = ['Europe/Madrid', 'Asia/Shanghai', 'America/New_York'] as ZoneId[];
const START = parseInstant('2019-03-29T06:00:00Z') as Instant;

/** Joins what one person has of one step into orders of several policies, as a run of journeys does; and, as a run that
 *  was cut off and came again does, orders some of it once more in other groups. */
const merged = (random: Random, own: readonly SendOrder[], queuedAt: Map<SendOrder, Instant>): SendOrder[] =>
  [...Map.groupBy(own, ({ campaign, step }) => `${campaign}#${step}`).values()].flatMap((group) => {
    const sorted = [...group].sort((a, b) => a.dueAt - b.dueAt);
    const join = (orders: readonly SendOrder[]): SendOrder => ({
      ...(orders[0] as SendOrder),
      // of one campaign and step there is one class
      sendClass: sorted[0]?.sendClass as SendClass,
      enrolments: orders.flatMap(({ enrolments }) => enrolments),
      dueAts: orders.map(({ dueAt }) => dueAt),
    });
    if (sorted.length === 1 || random.chance(0.3)) return sorted.map((order) => join([order]));
    const all = join(sorted);
    if (random.chance(0.5)) return [all];
    const some = sorted.filter(() => random.chance(0.5));
    if (some.length === 0) return [all];
    const again = join(some);
    // at once by the run that repeats the one cut off, or when its own first is due
    if (random.chance(0.7)) queuedAt.set(again, (all.dueAt + random.int(3) * 1_000) as Instant);
    return [all, again];
  });

/**
 * Draws a world: persons with one to three policies, some sharing a mailbox, each policy with one to three orders.
 * @param single an order for each policy and step, none for several
 */
export const drawWorld = (random: Random, persons: number, single = false): MailWorld => {
  const gates: Gate[] = [];
  const profiles: Profile[] = [];
  const policies: Policy[] = [];
  const enrolments: Enrolment[] = [];
  const orders: SendOrder[] = [];
  const queuedAt = new Map<SendOrder, Instant>();
  for (let person = 0; person < persons; person += 1) {
    const partyId = `party${String(person).padStart(21, '0')}` as PartyId;
    const zone = random.pick(ZONES);
    const said = { given: true, wording: 'w1', at: START };
    gates.push({
      partyId,
      version: 1,
      consent: random.chance(0.9) ? { 'email/marketing': said } : {},
      suppressed: {},
      situations: [],
      zone,
      recent: {},
    });
    profiles.push({
      partyId,
      scope: 'head',
      name: { full: 'Test Person' },
      locale: 'en',
      zone,
      ...(random.chance(0.95)
        ? { email: `box${random.chance(0.2) ? person - (person % 4) : person}@example.com` }
        : {}),
      records: [],
      version: 1,
    });
    const marketingHad = { yes: false };
    const own: SendOrder[] = [];
    for (let n = 0; n <= random.int(3); n += 1) {
      const policyId = `policy${person}x${n}`.padEnd(26, '0') as PolicyId;
      const occurrence = '2018-04-10';
      policies.push({
        policyId,
        policyNo: `N${person}-${n}`,
        source: 'sim',
        scope: 'head',
        partyId,
        line: 'motor',
        contractStartsOn: occurrence as CivilDate,
        zone,
        contactRule: 'direct',
        term: { startsOn: occurrence as CivilDate, renewsOn: '2019-04-10' as CivilDate },
        firstKnownAt: START,
        version: 1,
      });
      const marketing = (!single || !marketingHad.yes) && random.chance(0.4);
      marketingHad.yes ||= marketing;
      const campaign = marketing ? 'win-back' : 'renewal';
      enrolments.push({
        partyId,
        campaign,
        definition: 'hash',
        policyId,
        occurrence,
        anchorOn: '2019-04-10' as CivilDate,
        zone,
        line: 'motor',
        contactRule: 'direct',
        scope: 'head',
        state: 'active',
        done: [],
        enteredAt: START,
        version: 1,
      });
      for (let step = 0; step <= random.int(marketing ? 1 : 3); step += 1) {
        const sendClass: SendClass = marketing ? 'marketing' : random.chance(0.3) ? 'statutory' : 'service';
        // some at ten in the morning, some in the night
        const day = addDays('2019-03-30' as CivilDate, random.int(2));
        const dueAt = random.chance(0.6)
          ? instantAt(day, '10:00' as WallTime, zone)
          : ((START + HOUR + random.int(30 * HOUR)) as Instant);
        const name = `s${step}`;
        own.push({
          sendId: sendIdOf(campaign, occurrence, policyId, name, 'email') as SendId,
          channel: 'email',
          sendClass,
          priority: random.int(101),
          campaign,
          definition: 'hash',
          step: name,
          template: 'renewal',
          templateVersion: 'v1',
          partyId,
          enrolments: [{ partyId, campaign, policyId, occurrence }],
          dueAt,
          useBy: (dueAt + 3 * DAY) as Instant,
        });
      }
    }
    orders.push(...(single ? own : merged(random, own, queuedAt)));
  }
  return { start: START, gates, profiles, policies, enrolments, orders, queuedAt };
};
