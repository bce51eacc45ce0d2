import type { SendClass } from '../customer/customer.ts';
import { type Instant, MINUTE } from '../platform/time.ts';

/** What the mail provider grants, as read from it. */
export interface SendLimits {
  /** Mails a second. */
  readonly perSecond: number;
  /** Mails left of the running 24 hours. */
  readonly left: number;
}

/** Which part of the rate a run of a class may fill: the rest is left to journeys and to what matters more (ADR 0089). */
const SHARE: Readonly<Record<SendClass, number>> = { statutory: 1, service: 0.95, marketing: 0.8 };

/** How many mails runs of a class may queue in one minute; at least one as long as anything is left. */
export const perMinuteOf = ({ perSecond, left }: SendLimits, sendClass: SendClass): number =>
  left <= 0 ? 0 : Math.max(1, Math.floor(Math.min(perSecond * 60, left) * SHARE[sendClass]));

/** Hours that `mails` of a class take at the provider's rate, waiting for the next day where the quota of one is used up.
 *  @param perDay mails the provider takes in 24 hours */
export const hoursFor = (
  mails: number,
  { perSecond, left }: SendLimits,
  perDay: number,
  sendClass: SendClass,
): number => {
  const perHour = Math.max(1, Math.floor(perSecond * 3_600 * SHARE[sendClass]));
  const today = Math.min(mails, Math.max(0, Math.floor(left * SHARE[sendClass])));
  const rest = mails - today;
  if (rest === 0) return today / perHour;
  const dayTakes = Math.max(1, Math.floor(perDay * SHARE[sendClass]));
  const fullDays = Math.ceil(rest / dayTakes) - 1;
  return 24 * (1 + fullDays) + (rest - fullDays * dayTakes) / perHour;
};

/** The start of the minute after `now`: when runs go on. */
export const nextMinute = (now: Instant): Instant => ((Math.floor(now / MINUTE) + 1) * MINUTE) as Instant;
