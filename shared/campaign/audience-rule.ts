import type { Clause, RuleGroup } from '../audience/rule.ts';
import { EngagementError } from '../platform/errors.ts';
import type { CampaignDefinition } from './definition.ts';

const oneOf = (field: string, operator: 'in' | 'notIn', value: readonly string[] | undefined): readonly Clause[] =>
  value === undefined ? [] : [{ field, operator, value }];

/**
 * Who may enter a campaign, as one rule: contact rules and lines of the policy, its own rule, its saved audience, and
 * its lists.
 * @param saved the rule of the audience that `definition.audience.saved` names
 * @throws EngagementError `not-found` where the definition names a saved audience and none is given: nobody enters rather
 *  than everybody
 */
export const audienceRuleOf = ({ id, audience }: CampaignDefinition, saved: RuleGroup | undefined): RuleGroup => {
  if (audience.saved !== undefined && saved === undefined)
    throw new EngagementError('not-found', `audience ${audience.saved} of campaign ${id} is missing: restore it`);
  return {
    combinator: 'and',
    rules: [
      ...oneOf('policy.contactRule', 'in', audience.contactRules),
      ...oneOf('policy.line', 'in', audience.lines),
      ...oneOf('lists', 'in', audience.include),
      ...oneOf('lists', 'notIn', audience.exclude),
      ...(audience.rule === undefined ? [] : [audience.rule]),
      ...(audience.saved === undefined || saved === undefined ? [] : [saved]),
    ],
  };
};
