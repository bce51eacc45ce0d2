import { GetSendQuotaCommand, type SESClient } from '@aws-sdk/client-ses';
import { EngagementError } from '../platform/errors.ts';
import type { SendLimits } from './quota.ts';

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
    return { perSecond: MaxSendRate, perDay: Max24HourSend, sentLast24Hours: SentLast24Hours };
  };
