import type { SimulationReport } from './run-simulation.ts';

const ENDS: readonly string[] = ['accepted', 'delivered', 'bounced', 'complained', 'failed', 'skipped'];
const SENT: readonly string[] = ['accepted', 'delivered', 'bounced', 'complained', 'failed'];

/** What a run broke of the promises N1–N5 and F33 (reliability.md), in words; empty when all hold. */
export const violationsOf = (report: SimulationReport): string[] => {
  const { world, accepted, rows, proven, deadOrders, ledger } = report;
  const broken: string[] = [];
  const dead = new Set(deadOrders.map((order) => order.sendId as string));
  const times = (sendId: string): number => accepted.filter((mail) => mail.sendId === sendId).length;

  for (const order of world.orders) {
    const { sendId, sendClass } = order;
    const found = rows.get(sendId) ?? [];
    const row = found[0];
    if (sendClass === 'marketing' && times(sendId) > 1)
      broken.push(`N1 marketing ${sendId} went ${times(sendId)} times`);
    if (sendClass === 'service' && times(sendId) > 2) broken.push(`N1 service ${sendId} went ${times(sendId)} times`);
    if (times(sendId) > 1 && row?.details?.resent !== true) broken.push(`N1 ${sendId} went twice and is not flagged`);
    if (found.length > 1) broken.push(`N2 ${sendId} has ${found.length} rows`);
    if (!row && !dead.has(sendId)) broken.push(`N2 ${sendId} (${sendClass}) was lost without a row`);
    const parked = row?.state === 'unknown' && row.details?.parked === true;
    if (row && !parked && !ENDS.includes(row.state ?? '') && !dead.has(sendId))
      broken.push(`N2 ${sendId} never ended: ${row.state}`);
    if (times(sendId) > 0 && !row && !dead.has(sendId)) broken.push(`N3 ${sendId} was accepted and has no row`);
    if (times(sendId) > 0 && row && !parked && !SENT.includes(row.state ?? '') && !dead.has(sendId))
      broken.push(`N3 ${sendId} was accepted and its row says ${row.state}`);
    if (times(sendId) === 0 && SENT.includes(row?.state ?? '') && row?.state !== 'failed')
      broken.push(`N3 ${sendId} was never accepted and its row says ${row?.state}`);
    if (SENT.includes(row?.state ?? '') && times(sendId) > 0 && proven.get(sendId) !== sendId)
      broken.push(`M7 ${sendId} was accepted and its proof is ${proven.get(sendId) ?? 'missing'}`);
    if (row?.reason === undefined && ['skipped', 'failed', 'unknown'].includes(row?.state ?? ''))
      broken.push(`N2 ${sendId} was not sent and has no reason`);
  }

  for (const refusal of ledger.flatMap((event) => (event.kind === 'refused-consent' ? [event] : [])))
    for (const event of ledger)
      if (
        event.kind === 'reserved' &&
        event.partyId === refusal.partyId &&
        event.step > refusal.step &&
        (event.sendClass === 'marketing' || (event.sendClass === 'service' && refusal.purpose === 'service'))
      )
        broken.push(`N4 ${event.sendClass} ${event.sendId} was reserved after the opt-out`);

  for (const event of ledger) if (event.kind === 'history-broken') broken.push(`N5 ${event.what}`);

  for (const exit of ledger.flatMap((event) => (event.kind === 'exited' ? [event] : []))) {
    const gone = world.orders.filter((order) =>
      order.enrolments.some(
        (ref) => exit.key === `C#${ref.partyId}|E#${ref.campaign}#${ref.policyId}#${ref.occurrence}`,
      ),
    );
    for (const mail of accepted)
      if (mail.processStartedAt > exit.step && gone.some((order) => order.sendId === mail.sendId))
        broken.push(`F33 ${mail.sendId} went out by a run that began after the exit`);
  }
  return broken;
};
