import type { Enrolment } from '../journey/enrolment.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import { stepSendId } from '../journey/journey-entries.ts';
import type { PolicyId } from '../platform/ids.ts';
import type { TimelineEntry } from './message.ts';

/** What is known of a message when something is heard of it. */
export type HeardRow = Pick<TimelineEntry, 'partyId' | 'at' | 'kind' | 'id' | 'policyIds' | 'channel'> & {
  readonly campaign: string;
  readonly step: string;
};

/** Whether the message is the one that this journey's step ordered, in whichever round. */
const isOwn = ({ id, step, channel = 'email' }: HeardRow, enrolment: Enrolment): boolean => {
  const rounds = [undefined, ...Array.from({ length: enrolment.rounds?.[step] ?? 0 }, (_, n) => n + 1)];
  return rounds.some((round) => stepSendId(enrolment, { id: step }, channel, round) === id);
};

/**
 * The journeys that a message was of: none of a broadcast, several of a merged message. A message bears the id of its
 * first journey; of the others the latest one of each policy is meant, and never that of an earlier term.
 * @returns those that ended for a reason of their own (`exited`) left out
 */
export const journeysOfRow = async (
  { ofParty }: Pick<Enrolments, 'ofParty'>,
  row: HeardRow,
): Promise<readonly Enrolment[]> => {
  const { campaign, step, policyIds } = row;
  const known = (await ofParty(row.partyId)).filter(
    (one) =>
      one.campaign === campaign &&
      one.state !== 'exited' &&
      (one.done.includes(step) || isOwn(row, one)) &&
      (one.policyId === undefined || policyIds.includes(one.policyId)),
  );
  const byPolicy = Map.groupBy(known, ({ policyId }): PolicyId | undefined => policyId);
  return [...byPolicy.values()].map(
    (those) =>
      those.find((one) => isOwn(row, one)) ??
      (those.toSorted((a, b) => b.enteredAt - a.enteredAt || (a.occurrence < b.occurrence ? 1 : -1))[0] as Enrolment),
  );
};
