/** What can go wrong, by code; a code never changes its meaning. */
export type ErrorCode =
  | 'bad-input'
  | 'not-found'
  | 'conflict'
  | 'throttled'
  | 'unavailable'
  | 'forbidden'
  | 'too-large'
  | 'misconfigured'
  | 'unknown-version';

/**
 * A fault, as opposed to a business outcome (those are closed unions). The message is lowercase, names the wrong
 * value and says what to do; it never holds personal data, because it is logged.
 * `retryable` decides what a queue consumer does: true = the message comes back, false = straight to the DLQ.
 */
export class EngagementError extends Error {
  override readonly name = 'EngagementError';
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** True where `error` is a fault that may pass when tried again; unknown errors count as such, a retry is cheap. */
export const isRetryable = (error: unknown): boolean => !(error instanceof EngagementError) || error.retryable;

/** For the default branch of a switch over a closed union: the compiler proves it is never reached. */
export const unreachable = (value: never): never => {
  throw new EngagementError('bad-input', `unexpected variant ${JSON.stringify(value)}`);
};
