import type { SendClass } from '../customer/customer.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Table } from '../platform/table.ts';
import { formatInstant, HOUR, type Instant, MINUTE } from '../platform/time.ts';

/** What the provider lets us send, as it says itself (SES GetSendQuota). */
export interface SendLimits {
  /** Mails a second. */
  readonly perSecond: number;
  /** Mails in any 24 hours. */
  readonly perDay: number;
  /** How many went in the last 24 hours. */
  readonly sentLast24Hours: number;
}

/** Room at the provider, shared by all workers and divided by send class (product.md C6). */
export interface SendQuota {
  /**
   * Takes room for up to `wanted` mails of a class in the running minute. One write where there is room.
   * @returns for how many there is, and where there is none for the rest, when to ask again
   */
  lease(sendClass: SendClass, wanted: number, now: Instant): Promise<Lease>;
}

export interface Lease {
  readonly granted: number;
  /** Set where `granted` is less than wanted: when to ask again, the use-by left aside. */
  readonly retryAt?: Instant;
}

/**
 * Which part of the room a class may use up, of the minute and of the day: the last tenth of it is the law's alone,
 * advertising leaves three tenths to the others. So statutory goes before service before marketing, whoever asks first.
 */
const SHARES: Readonly<Record<SendClass, number>> = { statutory: 1, service: 0.9, marketing: 0.7 };

/** How long a class waits when its share of the day is used up. The 24 hours run on, so room comes back bit by bit; the
 *  more urgent the class, the sooner it looks. */
const DAY_WAIT: Readonly<Record<SendClass, number>> = {
  statutory: 15 * MINUTE,
  service: HOUR,
  marketing: 6 * HOUR,
};

const TRIES = 10;

const minuteOf = (now: Instant): number => Math.floor(now / MINUTE);

/** Reads the provider's limits at most once in each minute of the clock, so that with what was leased in that minute none
 *  of the day's mails is left out of account; an older answer serves where the provider gives none.
 *  @throws EngagementError `unavailable` (retryable) where there never was one */
export const cachedLimits = (read: () => Promise<SendLimits>): ((now: Instant) => Promise<SendLimits>) => {
  let known: { readonly at: Instant; readonly limits: SendLimits } | undefined;
  return async (now) => {
    if (known && minuteOf(known.at) === minuteOf(now)) return known.limits;
    try {
      const limits = await read();
      known = { at: now, limits };
      return limits;
    } catch (cause) {
      if (known) return known.limits;
      throw new EngagementError('unavailable', 'the provider does not say its sending quota: the orders come again', {
        retryable: true,
        cause,
      });
    }
  };
};

const nextMinute = (now: Instant): Instant => ((minuteOf(now) + 1) * MINUTE) as Instant;

/**
 * The quota over the table: one counter a minute, `RATE#<minute>` / `SENT`. What the provider counted in the last 24
 * hours and what was leased since it said so, both at most, make the day's use.
 * @param limits the provider's limits at an instant (`cachedLimits`)
 */
export const createSendQuota = (table: Table, limits: (now: Instant) => Promise<SendLimits>): SendQuota => ({
  async lease(sendClass, wanted, now) {
    const { perSecond, perDay, sentLast24Hours } = await limits(now);
    const share = SHARES[sendClass];
    const minuteRoom = Math.max(1, Math.floor(perSecond * 60 * share));
    const dayRoom = Math.floor(perDay * share) - sentLast24Hours;
    if (wanted > 0 && dayRoom <= 0) return { granted: 0, retryAt: (now + DAY_WAIT[sendClass]) as Instant };
    const room = Math.min(minuteRoom, dayRoom);
    const key = { pk: `RATE#${formatInstant(now).slice(0, 16)}`, sk: 'SENT' };
    let granted = Math.min(wanted, room);
    for (let attempt = 0; attempt < TRIES && granted > 0; attempt += 1) {
      const taken = await table.update(key, { add: [{ path: ['n'], by: granted }] }, [
        { path: ['n'], below: room - granted + 1 },
      ]);
      if (taken.kind === 'written') break;
      const item = await table.get(key, { consistent: true });
      if (item === undefined) {
        const first = { ...key, entity: 'SendRate', schemaVersion: 1, n: granted };
        if ((await table.put(first, [{ path: ['pk'], absent: true }])).kind === 'written') break;
      } else granted = Math.max(0, Math.min(granted, room - Number(item.n)));
      // so many at once that none of the tries held: as good as no room in this minute
      if (attempt === TRIES - 1) granted = 0;
    }
    return granted === wanted ? { granted } : { granted, retryAt: nextMinute(now) };
  },
});
