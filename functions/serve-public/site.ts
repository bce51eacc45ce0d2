import type { Guesses } from '../../shared/message/guesses.ts';
import type { ShortCodes } from '../../shared/message/short-code.ts';
import type { PageSite } from '../../shared/page/answer.ts';
import type { Policies } from '../../shared/policy/policy-store.ts';
import type { AnswerRenewalPorts } from '../../shared/survey/answer-renewal.ts';
import type { UnsubscribePorts } from '../../shared/survey/unsubscribe.ts';
import type { ClickSite } from './click-routes.ts';
import type { HookSite } from './hook-routes.ts';
import type { PreferenceSite } from './preference-routes.ts';

/** What this function's pages are made from. */
export interface Site extends PageSite {
  readonly codes: () => Promise<ShortCodes>;
  readonly guesses: () => Promise<Guesses>;
  readonly policies: Pick<Policies, 'get'>;
  readonly renewal: AnswerRenewalPorts;
  readonly unsubscribe: UnsubscribePorts;
  readonly preferences: PreferenceSite['preferences'];
  readonly clicks: ClickSite['clicks'];
  readonly hooks: HookSite['hooks'];
}
