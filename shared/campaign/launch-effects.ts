import type { CampaignRecord } from './campaign.ts';
import type { PinnedDefinition } from './definition.ts';

/**
 * What must be set in motion when a campaign's state has changed. Called after the record was written; any number of
 * calls for the same state end in the same, so that whoever got an error may do it again.
 */
export interface LaunchEffects {
  /** Why this content may not be launched now: its pre-flight is not done, or says that the plan cannot finish (C6).
   *  Undefined where it may. */
  whyNot(pinned: PinnedDefinition): Promise<string | undefined>;
  /** A version went live: the first one, or another one of a campaign that was live before. Its first run is placed, or
   *  those who are already due are looked for. */
  onLaunch(record: CampaignRecord, pinned: PinnedDefinition): Promise<void>;
  /** The campaign no longer holds what is due (it was resumed, or ended or cancelled while paused): what lies on its
   *  shelf becomes due again, and is sent, or passed over as cancelled. */
  onResume(id: string): Promise<void>;
}
