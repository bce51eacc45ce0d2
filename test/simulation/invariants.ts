import type { SendOrder, TimelineEntry } from '../../shared/message/message.ts';
import type { SimulationReport } from './run-simulation.ts';

const ENDS: readonly string[] = ['accepted', 'delivered', 'bounced', 'complained', 'failed', 'skipped'];
const SENT: readonly string[] = ['accepted', 'delivered', 'bounced', 'complained', 'failed'];
/** How many mails may still go after a campaign was cancelled, of one worker's run (F33). */
const IN_FLIGHT = 10;

/** A step of one policy: what must be told at most once, however many orders name it and in whatever company. */
interface Part {
  readonly name: string;
  readonly campaign: string;
  readonly step: string;
  readonly policyId: string;
  readonly sendClass: string;
}

const partsOf = ({ campaign, step, sendClass, enrolments }: SendOrder): Part[] =>
  enrolments.map(({ policyId = '' }) => ({
    name: `${campaign}/${step}/${policyId}`,
    campaign,
    step,
    policyId,
    sendClass,
  }));

const parked = (row: TimelineEntry): boolean => row.state === 'unknown' && row.details?.parked === true;
const isSent = (row: TimelineEntry): boolean => SENT.includes(row.state ?? '');

/** What a run broke of the promises N1–N5 and F33 (reliability.md), in words; empty when all hold. */
export const violationsOf = (report: SimulationReport): string[] => {
  const { world, accepted, rows, proven, deadOrders, ledger, cancelled } = report;
  const broken: string[] = [];
  const dead = new Set(deadOrders.flatMap(partsOf).map(({ name }) => name));
  const all = [...rows.values()].flat();
  const parts = new Map(world.orders.flatMap(partsOf).map((part) => [part.name, part]));

  for (const { name, campaign, step, policyId, sendClass } of parts.values()) {
    const mails = accepted.filter(
      (mail) => mail.campaign === campaign && mail.stepId === step && mail.policyIds.includes(policyId),
    );
    const ofStep = all.filter((row) => row.campaign === campaign && row.step === step);
    const found = ofStep.filter((row) => row.policyIds.some((id) => id === policyId));
    // the message went once more without it, because its journey had ended
    const leftOut = ofStep.some((row) => String(row.details?.leftOut ?? '').includes(policyId));
    const gone = found.filter((row) => isSent(row) || row.state === 'unknown');
    const isDead = dead.has(name);
    if (sendClass === 'marketing' && mails.length > 1) broken.push(`N1 marketing ${name} went ${mails.length} times`);
    if (sendClass === 'service' && mails.length > 2) broken.push(`N1 service ${name} went ${mails.length} times`);
    if (mails.length > 1 && !gone.some((row) => row.details?.resent === true))
      broken.push(`N1 ${name} went twice and is not flagged`);
    if (gone.length > 1) broken.push(`N2 ${name} is told of in ${gone.length} rows`);
    if (found.length === 0 && !leftOut && !isDead) broken.push(`N2 ${name} (${sendClass}) was lost without a row`);
    for (const row of found) {
      if (!parked(row) && !ENDS.includes(row.state ?? '') && !isDead)
        broken.push(`N2 ${name} never ended: ${row.state}`);
      if (row.reason === undefined && ['skipped', 'failed', 'unknown'].includes(row.state ?? ''))
        broken.push(`N2 ${name} was not sent and has no reason`);
    }
    if (mails.length > 0 && gone.length === 0 && !leftOut && !isDead)
      broken.push(`N3 ${name} was accepted and no row says so`);
    if (mails.length === 0 && gone.some((row) => isSent(row) && row.state !== 'failed'))
      broken.push(`N3 ${name} was never accepted and its row says so`);
  }

  for (const mail of accepted) {
    const row = (rows.get(mail.sendId) ?? []).find(isSent);
    if (row && proven.get(mail.sendId) !== mail.sendId)
      broken.push(`M7 ${mail.sendId} was accepted and its proof is ${proven.get(mail.sendId) ?? 'missing'}`);
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
    const [, campaign, policyId] = (exit.key.split('|')[1] ?? '').split('#');
    for (const mail of accepted)
      if (
        mail.processStartedAt > exit.step &&
        mail.campaign === campaign &&
        mail.policyIds.some((id) => id === policyId)
      )
        broken.push(`F33 ${mail.sendId} went out by a run that began after the exit of ${policyId}`);
  }

  for (const [campaign, at] of cancelled) {
    const late = accepted.filter((mail) => mail.campaign === campaign && mail.step > at);
    for (const mail of late)
      if (mail.processStartedAt > at)
        broken.push(`F33 ${mail.sendId} went out by a run that began after the cancellation`);
    for (const run of Map.groupBy(late, (mail) => mail.processStartedAt).values())
      if (run.length > IN_FLIGHT) broken.push(`F33 one run sent ${run.length} mails after the cancellation`);
  }
  return broken;
};
