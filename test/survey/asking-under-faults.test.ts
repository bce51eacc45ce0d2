import { describe, expect, test } from 'vitest';
import { inviteOf } from '../../shared/message/asking.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { library } from '../../shared/survey/library.ts';
import { hardFaults } from '../simulation/faults.ts';
import { violationsOf } from '../simulation/invariants.ts';
import { drawWorld, type MailWorld } from '../simulation/mail-world.ts';
import { runSimulation, type SimulationReport } from '../simulation/run-simulation.ts';
import { createRandom } from '../simulation/scheduler.ts';

/**
 * Invitations, reminders and answers under faults: each policy of a person is an invitation of its own to the same survey,
 * its later steps remind of it, and answers come at any moment. `SIMULATION_SEEDS` sets how many worlds are played.
 */
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 300);
const SURVEY = library.find(({ id }) => id === 'renewal')!;

const worldOf = (seed: number): MailWorld => {
  const random = createRandom(seed ^ 0x77);
  const world = drawWorld(createRandom(seed), 3, true);
  return {
    ...world,
    orders: world.orders.map((order) =>
      random.chance(0.8) ? { ...order, survey: SURVEY.id, surveyVersion: SURVEY.version } : order,
    ),
  };
};

/** The invitation that an accepted mail speaks of; undefined where it asks nothing. */
const invitationOf = ({ world }: SimulationReport, sendId: string): string | undefined => {
  const order = world.orders.find((one) => one.sendId === sendId);
  const invite = order && inviteOf(order);
  return invite && invitationIdOf(invite);
};

/** What a run broke of the promises about asking, in words. */
const askingViolationsOf = (report: SimulationReport): string[] => {
  const broken: string[] = [];
  const asking = report.accepted.flatMap((mail) => {
    const invitationId = invitationOf(report, mail.sendId);
    return invitationId === undefined ? [] : [{ ...mail, invitationId }];
  });
  for (const [partyId, mails] of Map.groupBy(asking, (mail) => mail.partyId)) {
    const invitations = new Set(mails.map(({ invitationId }) => invitationId));
    if (invitations.size > 1) broken.push(`S3 ${partyId} was asked by ${invitations.size} invitations`);
  }
  for (const { sendId, invitationId, step } of asking) {
    const reserved = report.ledger
      .flatMap((event) =>
        event.kind === 'reserved' && event.sendId === sendId && event.step < step ? [event.step] : [],
      )
      .at(-1);
    const answered = report.ledger.find((event) => event.kind === 'answered' && event.invitationId === invitationId);
    if (answered && reserved !== undefined && answered.step < reserved)
      broken.push(`S3 ${sendId} went although its invitation had been answered before it was reserved`);
    if (!report.invited.has(invitationId)) broken.push(`S3 ${sendId} was accepted and its invitation has no row`);
  }
  return broken;
};

describe('asking under faults', { timeout: 300_000 }, () => {
  test('S3: calm, each reachable person is asked by one invitation, and reminded of it', async () => {
    let reminded = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const report = await runSimulation(seed, { world: worldOf(seed) });
      expect(askingViolationsOf(report), `seed ${seed}`).toEqual([]);
      expect(violationsOf(report), `seed ${seed}`).toEqual([]);
      const mails = report.accepted.flatMap(({ sendId }) => invitationOf(report, sendId) ?? []);
      expect(report.invited.size).toBe(new Set(mails).size);
      reminded += mails.length - report.invited.size;
    }
    expect(reminded).toBeGreaterThan(20);
  });

  test(`S3: ${SEEDS} worlds with kills, lost answers, repeats, opt-outs: nobody asked twice, no reminder after an answer, no invitation lost`, async () => {
    const seen = { kills: 0, recent: 0, answered: 0, asked: 0 };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const report = await runSimulation(seed, {
        world: worldOf(seed),
        rates: hardFaults,
        interventions: true,
        answers: true,
        trouble: 0.1,
      });
      expect(askingViolationsOf(report), `seed ${seed}`).toEqual([]);
      expect(violationsOf(report), `seed ${seed}`).toEqual([]);
      seen.kills += report.counts['kill-before'] + report.counts['kill-after'];
      seen.asked += report.invited.size;
      for (const [row] of report.rows.values()) {
        if (row?.reason === 'asked-recently') seen.recent += 1;
        if (row?.reason === 'already-answered') seen.answered += 1;
      }
    }
    // a rig that meets none of these proves nothing
    expect(Math.min(seen.kills, seen.recent, seen.asked)).toBeGreaterThan(SEEDS / 2);
    expect(seen.answered).toBeGreaterThan(SEEDS / 10);
  });

  test('S3: deciding alone would not do: without the note between reservation and call each promise is seen to break', async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= 60; seed += 1) {
      const report = await runSimulation(seed, {
        world: worldOf(seed),
        rates: hardFaults,
        answers: true,
        breakPorts: (ports) => ({
          ...ports,
          asking: { ...ports.asking, ask: async () => ({ kind: 'asked', unsend: async () => {} }) },
        }),
      });
      broken.push(...askingViolationsOf(report));
    }
    for (const what of ['was asked by', 'had been answered before', 'has no row'])
      expect(
        broken.some((line) => line.includes(what)),
        what,
      ).toBe(true);
  });
});
