import { describe, expect, test } from 'vitest';
import type { PinnedDefinition } from '../../shared/campaign/definition.ts';
import { beginPreFlight } from '../../shared/launch/begin-pre-flight.ts';
import { goOnPreFlight, type PreFlightPorts } from '../../shared/launch/compute-pre-flight.ts';
import type { AudiencesMessage } from '../../shared/launch/contract.ts';
import { finishOf, perMinuteOf, roomUntil } from '../../shared/launch/pacing.ts';
import { createPreFlights, isDone, type PreFlight } from '../../shared/launch/pre-flight-store.ts';
import { preFlightReport } from '../../shared/launch/read-pre-flight.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { type CivilDate, DAY, HOUR, type Instant } from '../../shared/platform/time.ts';
import { createLaunchWorld, definitionsOf, idOf, type Someone } from './launch-world.ts';
import { broadcast, pin, TEN } from './run-world.ts';

const said = (given: boolean, wording = 'w1') => ({ given, wording, at: TEN });
const LIMITS = { perSecond: 14, perDay: 50_000, sentLast24Hours: 0 };

const PEOPLE: readonly Someone[] = [
  { id: 'ana' },
  { id: 'bo', gate: { consent: {} } },
  { id: 'cy', gate: { consent: { 'email/marketing': said(false) } } },
  { id: 'di', gate: { suppressed: { email: 'hard-bounce' } } },
  { id: 'ed', profile: { email: undefined as never } },
  { id: 'fu', gate: { situations: ['open-complaint'] } },
  { id: 'gi', gate: { situations: ['deceased'] } },
  { id: 'ha', policies: [{ policyId: 'car', renewsOn: '2027-02-14' as CivilDate }] },
  {
    id: 'ix',
    gate: {
      recent: {
        earlier: { at: (TEN - DAY) as Instant, channel: 'email', sendClass: 'marketing', owner: 'o', leaseUntil: TEN },
      } as never,
    },
  },
];

const renewal = pin(
  broadcast({
    id: 'renewal',
    subject: 'policy',
    trigger: { date: 'policy.renewsOn' },
    class: 'service',
    steps: [{ id: 'm30', at: { daysBefore: 30, time: '10:00' as never }, do: { send: 'email', template: 'spring' } }],
  }),
);

const createWorld = async (pinned: PinnedDefinition, people = PEOPLE, limits = LIMITS) => {
  const world = await createLaunchWorld(people);
  const audiences = createMemoryQueue<AudiencesMessage>();
  const ports: PreFlightPorts = {
    preFlights: createPreFlights(world.table),
    definitions: definitionsOf(pinned, renewal),
    liveCampaigns: { entering: async () => [pinned, renewal] },
    audience: world.members,
    gates: world.gates,
    settings: async () => contactSettings,
    limits: async () => limits,
    lacking: async (_, members) => members.map(({ partyId }) => partyId).filter((id) => id === idOf('ana')),
    audiences,
    clock: () => (TEN - HOUR) as Instant,
  };
  return {
    ports,
    audiences,
    async compute(): Promise<PreFlight> {
      let found = await beginPreFlight(pinned, (TEN - HOUR) as Instant, ports);
      while (!isDone(found)) found = await goOnPreFlight(found, ports);
      return found;
    },
  };
};

describe('a pre-flight (C6)', () => {
  test('says who is in it and who is left out for which reason, what it costs and with what it overlaps', async () => {
    const pinned = pin(broadcast());
    const { compute } = await createWorld(pinned);
    expect(preFlightReport(await compute(), pinned)).toMatchObject({
      state: 'done',
      progress: 1,
      audience: 9,
      going: 2,
      held: {},
      skipped: {
        'no-consent': 1,
        'opted-out': 1,
        suppressed: 1,
        'no-email': 1,
        'situation-silence': 1,
        deceased: 1,
        // a second advertisement within a week, and the use-by is two days
        'frequency-cap': 1,
      },
      messages: { email: 2, post: 0, sms: 0 },
      cost: { currency: 'USD', mail: 1, print: 0, postage: 0, total: 1 },
      pace: { mails: 2, fits: true, room: 2 },
      // ha's policy has a reminder on 15 January
      overlap: [{ campaign: 'renewal', customers: 1 }],
      missing: { lacking: 1, sample: [idOf('ana')] },
    });
  });

  test('a plan that cannot finish is refused with the number', async () => {
    const pinned = pin(broadcast({ class: 'statutory', useBy: 'PT1H' }));
    const crowd = Array.from({ length: 60 }, (_, n) => ({ id: `p${n}x` }));
    const { compute } = await createWorld(pinned, crowd, { perSecond: 0.01, perDay: 50_000, sentLast24Hours: 0 });
    const report = preFlightReport(await compute(), pinned);
    expect(report.pace).toMatchObject({ mails: 60, fits: false, room: 34, hours: 1.8 });
    expect(report.refusal).toMatch(/^60 mails take 1\.8 hours .*34 can go in time/);
  });

  test('is not counted again within the hour, but where it is asked for anew', async () => {
    const pinned = pin(broadcast());
    const { ports, audiences, compute } = await createWorld(pinned);
    const first = await compute();
    expect(await beginPreFlight(pinned, TEN, ports)).toEqual(first);
    audiences.take();
    expect(isDone(await beginPreFlight(pinned, TEN, ports, true))).toBe(false);
    expect(audiences.take()).toEqual([{ kind: 'pre-flight', campaign: 'spring', definition: pinned.hash }]);
  });

  test('counted by two at once it is counted once', async () => {
    const pinned = pin(broadcast());
    const { ports, compute } = await createWorld(pinned);
    const begun = await beginPreFlight(pinned, TEN, ports);
    await Promise.all([goOnPreFlight(begun, ports), goOnPreFlight(begun, ports), goOnPreFlight(begun, ports)]);
    expect((await compute()).sums.members).toBe(9);
  });
});

describe('the pace at the provider’s quota', () => {
  test.each([
    // mails, per second, per day, sent, hours
    [32_760, 14, 1_000_000, 0, 1],
    [65_520, 14, 1_000_000, 0, 2],
    [650, 14, 1_000, 0, 0.02],
    [651, 14, 1_000, 0, 24],
    [1_300, 14, 1_000, 0, 24.02],
    [1_301, 14, 1_000, 0, 48],
    [1, 14, 1_000, 1_000, 24],
  ])(
    '%i mails at %d a second, %i a day of which %i went: %d hours',
    (mails, perSecond, perDay, sentLast24Hours, hours) => {
      const limits = { perSecond, perDay, sentLast24Hours };
      const ends = finishOf(mails, limits, 'marketing', TEN);
      expect(Math.round(((ends - TEN) / HOUR) * 100) / 100).toBeCloseTo(hours, 1);
      expect(roomUntil(limits, 'marketing', TEN, ends)).toBeGreaterThanOrEqual(mails);
      expect(roomUntil(limits, 'marketing', TEN, (ends - HOUR) as Instant)).toBeLessThan(mails);
    },
  );

  test('a class whose share of the day is used up queues nothing', () => {
    const limits = { perSecond: 14, perDay: 1_000, sentLast24Hours: 700 };
    expect(perMinuteOf(limits, 'marketing')).toBe(0);
    expect(perMinuteOf(limits, 'service')).toBe(150);
    expect(perMinuteOf(limits, 'statutory')).toBe(250);
  });
});
