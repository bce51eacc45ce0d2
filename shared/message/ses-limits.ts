import { GetSendQuotaCommand, type SESClient } from '@aws-sdk/client-ses';
import { EngagementError } from '../platform/errors.ts';
import type { SendLimits } from './quota.ts';

/** What SES says where an account has no limit a day. */
const UNLIMITED = -1;

/** Reads the account's sending limits from SES. It allows one such question a second for the whole account: ask through
 *  `cachedLimits`. */
export const createSesLimits =
  (client: Pick<SESClient, 'send'>): (() => Promise<SendLimits>) =>
  async () => {
    const { MaxSendRate, Max24HourSend, SentLast24Hours } = await client.send(new GetSendQuotaCommand({}));
    if (MaxSendRate === undefined || Max24HourSend === undefined || SentLast24Hours === undefined)
      throw new EngagementError('unavailable', 'the answer of GetSendQuota lacks a figure: ask again', {
        retryable: true,
      });
    const perDay = Max24HourSend === UNLIMITED ? Number.MAX_SAFE_INTEGER : Max24HourSend;
    return { perSecond: MaxSendRate, perDay, sentLast24Hours: SentLast24Hours };
  };
