import { type Instant, SECOND } from '../platform/time.ts';
import type { Click } from './click.ts';

/** Different links within this time of one another are followed by a program: nobody reads that fast. */
export const BURST = 2 * SECOND;
/** A click before the mail was delivered, or so soon after, is the receiving server's check of it. */
export const TOO_SOON = 10 * SECOND;

/** Why a click is taken for a scanner's. */
export type ScannerSign = 'agent' | 'burst' | 'too-soon';

/** Who clicked, as far as can be told. */
export type JudgedClick = Click & ({ readonly by: 'person' } | { readonly by: 'scanner'; readonly sign: ScannerSign });

const signOf = (click: Click, clicks: readonly Click[], deliveredAt: Instant): ScannerSign | undefined => {
  if (click.agent !== 'browser') return 'agent';
  if (click.at < deliveredAt + TOO_SOON) return 'too-soon';
  const isBurst = clicks.some((other) => other.target !== click.target && Math.abs(other.at - click.at) <= BURST);
  return isBurst ? 'burst' : undefined;
};

/**
 * Tells people's clicks from scanners' (ADR 0112). Each click is judged by itself and those within two seconds of it, so
 * that clicks noted later never change what was judged before. In doubt a scanner: a reminder too many costs less than a
 * customer who is never reminded.
 * @param clicks of one message, in any order
 * @param deliveredAt when the recipient's server took it; where nobody knows, when it was sent
 * @returns the clicks with who it was, earliest first
 */
export const judgeClicks = (clicks: readonly Click[], deliveredAt: Instant): readonly JudgedClick[] =>
  clicks
    .map((click): JudgedClick => {
      const sign = signOf(click, clicks, deliveredAt);
      return sign === undefined ? { ...click, by: 'person' } : { ...click, by: 'scanner', sign };
    })
    .toSorted((a, b) => a.at - b.at || (a.target < b.target ? -1 : 1));
