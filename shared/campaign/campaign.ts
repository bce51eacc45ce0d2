import type { SendClass } from '../customer/customer.ts';
import type { Instant } from '../platform/time.ts';

/**
 * Where a campaign stands (product.md C1). Enrolments begin while it is live or paused; while paused their steps lie on
 * the shelf; once ended, those that began go on to their end, unless it was cancelled.
 */
export const campaignStates = ['draft', 'in-review', 'approved', 'live', 'paused', 'ended', 'archived'] as const;
export type CampaignState = (typeof campaignStates)[number];

/** Who did something to a campaign: an opaque user id. */
export interface Act {
  readonly by: string;
  readonly at: Instant;
}

/** A campaign beside its definition: which version is which, and where it stands. One small item each. */
export interface CampaignRecord {
  readonly id: string;
  readonly state: CampaignState;
  /** Content hash of the definition as last saved. */
  readonly draft: string;
  /** The content that was handed in for review, by whom: any other is not in review. */
  readonly submitted?: Act & { readonly hash: string };
  /** What the approver wants changed, until it is handed in again. */
  readonly changesWanted?: Act & { readonly note: string };
  /** The content that was approved: any other has no approval (S14). */
  readonly approved?: Act & { readonly hash: string };
  /** The content that new enrolments begin with; set by the first launch. */
  readonly live?: string;
  /** Everyone who changed the draft, a template or survey of what was handed in, or handed it in since the last approval:
   *  none of them may approve it (G2). */
  readonly makers: readonly string[];
  /** No send before this instant: ten minutes after the first launch, in which it can be cancelled (C8). */
  readonly notBefore?: Instant;
  /** Set where the campaign was cancelled: nothing of it goes out any more. */
  readonly cancelled?: Act;
  /** Why it is paused: a person, or what the watch found. */
  readonly paused?: Act & { readonly because: 'person' | 'error-streak' | 'complaint-rate' };
  /** Copied from the definition in force, so that lists need no second read. */
  readonly title: Readonly<Record<'zh-CN' | 'en', string>>;
  readonly sendClass: SendClass;
  readonly priority: number;
  readonly updatedAt: Instant;
  /** Rises with every change; the condition of the next one (F32). */
  readonly version: number;
}

/** What the engine must know about a campaign before anything of it happens, read strongly. */
export type CampaignControl =
  | { readonly kind: 'go' }
  /** Not now; what is due goes onto the shelf. `stopped`: the global stop (G6). */
  | { readonly kind: 'hold'; readonly reason: 'paused' | 'stopped' | 'not-yet'; readonly until?: Instant }
  /** Not at all. */
  | { readonly kind: 'cancelled' };
