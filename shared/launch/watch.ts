import type { Instant } from '../platform/time.ts';

/** How the messages of a campaign fare lately (message/health.ts). */
export interface WatchedFigures {
  readonly accepted: number;
  /** Failures in a row, up to now. */
  readonly streak: number;
  readonly complaints: number;
}

/** What the watch over a campaign finds. */
export type WatchFinding =
  | { readonly kind: 'fine' }
  /** Staff are told, nothing stops. `rate`: complaints for each accepted mail. */
  | { readonly kind: 'alarm'; readonly because: 'complaint-rate'; readonly rate: number }
  /** The campaign is paused and staff are told. */
  | { readonly kind: 'pause'; readonly because: 'error-streak' | 'complaint-rate'; readonly rate: number };

/** A campaign stops after so many failures in a row: one bad address fails by itself, twenty in a row are a fault of the
 *  template, the data or the provider. */
export const ERROR_STREAK = 20;
/** Google and Yahoo's limit for bulk senders is 0.3 %; they ask to stay below 0.1 % (reliability.md C02). */
export const STOP_RATE = 0.003;
export const ALARM_RATE = 0.001;
/** A rate of few mails says nothing: it counts from so many on … */
const RATE_FROM = 1_000;
/** … or from so many complaints on: three of a hundred are no accident. */
const COMPLAINTS_FROM = 3;

/** Judges a campaign by its figures. Pure. */
export const judge = ({ accepted, streak, complaints }: WatchedFigures): WatchFinding => {
  const rate = complaints / Math.max(1, accepted);
  if (streak >= ERROR_STREAK) return { kind: 'pause', because: 'error-streak', rate };
  const says = accepted >= RATE_FROM || complaints >= COMPLAINTS_FROM;
  if (says && rate >= STOP_RATE) return { kind: 'pause', because: 'complaint-rate', rate };
  if (says && rate >= ALARM_RATE) return { kind: 'alarm', because: 'complaint-rate', rate };
  return { kind: 'fine' };
};

/** Looks at campaigns whose figures just changed. */
export interface Watch {
  /** @param campaigns of the batch with failures, or of the complaint; each is judged once */
  look(campaigns: readonly string[], now: Instant): Promise<void>;
}
