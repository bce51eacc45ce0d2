import { SESClient, type SESClientConfig, SendRawEmailCommand } from '@aws-sdk/client-ses';
import type { Mailer, SendAnswer } from './mailer.ts';

/** Long enough for SES at its slowest, short enough to end well before the lease of a reservation (2 minutes). */
const REQUEST_TIMEOUT = 20_000;
const CONNECTION_TIMEOUT = 3_000;

/** Over the rate, over the daily quota, or sending is paused: not sent, and worth another try later. */
const THROTTLED: ReadonlySet<string> = new Set([
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'LimitExceededException',
  'AccountSendingPausedException',
  'ConfigurationSetSendingPausedException',
]);
/** About this very mail, so that no other try will do better. */
const PERMANENT: ReadonlySet<string> = new Set(['MessageRejected', 'InvalidParameterValue']);
/** Failures before a byte of the mail left us. */
const NEVER_LEFT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CredentialsProviderError']);

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What an error of the SDK says about the mail. Its text may hold the address and is never passed on. */
const answerOf = (error: SdkError): SendAnswer => {
  const code = error.name ?? 'unknown';
  const status = error.$metadata?.httpStatusCode;
  if (NEVER_LEFT.has(error.code ?? '') || NEVER_LEFT.has(code)) return { kind: 'refused', permanent: false, code };
  if (status === undefined || status >= 500 || status < 400) return { kind: 'unknown', code };
  if (THROTTLED.has(code)) return { kind: 'throttled', code };
  // a sender or a sandbox recipient that is not verified is our set-up, not the mail
  const unverified = /not verified/i.test(error.message ?? '');
  return { kind: 'refused', permanent: PERMANENT.has(code) && !unverified, code };
};

/**
 * SES by its v1 API. The SDK's own retries are off, whatever the environment says: after a lost answer it would send
 * the mail again (reliability.md 0.1); here the ledger decides.
 */
export const createSesMailer = (configurationSet: string, config: SESClientConfig = {}): Mailer => {
  const client = new SESClient({
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT,
      connectionTimeout: CONNECTION_TIMEOUT,
      throwOnRequestTimeout: true,
    },
    ...config,
    maxAttempts: 1,
  });
  return {
    async send({ raw, to, tags }) {
      try {
        const { MessageId: messageId } = await client.send(
          new SendRawEmailCommand({
            RawMessage: { Data: raw },
            Destinations: [to],
            ConfigurationSetName: configurationSet,
            Tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
          }),
        );
        return messageId === undefined ? { kind: 'unknown', code: 'no-message-id' } : { kind: 'accepted', messageId };
      } catch (error) {
        return answerOf(error as SdkError);
      }
    },
  };
};
