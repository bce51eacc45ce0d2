import type { SendClass } from '../customer/customer.ts';
import type { SendLimits } from '../message/quota.ts';
import { HOUR, type Instant, MINUTE } from '../platform/time.ts';

/** Which part of the provider's room runs of a class may fill: a little less than the senders grant the class
 *  (message/quota.ts), so that what is queued is what can go, and journeys find room beside it (ADR 0089). */
const SHARE: Readonly<Record<SendClass, number>> = { statutory: 0.95, service: 0.85, marketing: 0.65 };

const leftToday = ({ perDay, sentLast24Hours }: SendLimits, sendClass: SendClass): number =>
  Math.max(0, Math.floor(perDay * SHARE[sendClass]) - sentLast24Hours);

/** How many mails runs of a class may queue in one minute; none where the class has used up its share of the day. */
export const perMinuteOf = (limits: SendLimits, sendClass: SendClass): number =>
  Math.min(leftToday(limits, sendClass), Math.max(1, Math.floor(limits.perSecond * 60 * SHARE[sendClass])));

/**
 * When `mails` of a class that begin to go at `from` have gone, at the provider's rate and, where the share of a day is
 * used up, on the next days.
 */
export const finishOf = (mails: number, limits: SendLimits, sendClass: SendClass, from: Instant): Instant => {
  const perHour = Math.max(1, limits.perSecond * 3_600 * SHARE[sendClass]);
  const perDay = Math.max(1, Math.floor(limits.perDay * SHARE[sendClass]));
  const afterToday = mails - leftToday(limits, sendClass);
  if (afterToday <= 0) return (from + Math.ceil((mails / perHour) * HOUR)) as Instant;
  const days = Math.ceil(afterToday / perDay);
  const last = afterToday - (days - 1) * perDay;
  return (from + Math.ceil((24 * days + last / perHour) * HOUR)) as Instant;
};

/** How many mails of a class can go from `from` until `until`. */
export const roomUntil = (limits: SendLimits, sendClass: SendClass, from: Instant, until: Instant): number => {
  const perHour = Math.max(1, limits.perSecond * 3_600 * SHARE[sendClass]);
  const perDay = Math.floor(limits.perDay * SHARE[sendClass]);
  const hours = Math.max(0, (until - from) / HOUR);
  const fullDays = Math.floor(hours / 24);
  const takes = (most: number, during: number): number => Math.min(most, Math.floor(perHour * during));
  const today = takes(leftToday(limits, sendClass), Math.min(hours, 24));
  const between = Math.max(0, fullDays - 1) * takes(perDay, 24);
  const last = fullDays === 0 ? 0 : takes(perDay, hours - fullDays * 24);
  return today + between + last;
};

/** The start of the minute after `now`: when runs go on. */
export const nextMinute = (now: Instant): Instant => ((Math.floor(now / MINUTE) + 1) * MINUTE) as Instant;
