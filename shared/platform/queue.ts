/** A queue that delivers each message at least once, in any order. */
export interface Queue<Message> {
  /** Returns once every message is durably queued.
   *  @throws EngagementError `too-large` before anything is sent where a message exceeds 64 KB (our budget; SQS's is 1 MB)
   *  @throws EngagementError `unavailable` (retryable) where some could not be queued: send all again */
  send(messages: readonly Message[], options?: { delaySeconds?: number }): Promise<void>;
}
