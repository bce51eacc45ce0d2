import type { RuleGroup } from '../audience/rule.ts';
import type { CampaignDefinition } from './definition.ts';

const inOneOf = (lists: readonly string[], not: boolean): RuleGroup => ({
  combinator: 'and',
  not,
  rules: [{ field: 'lists', operator: 'in', value: [...lists] }],
});

/**
 * Who may enter a campaign as one rule: its own, its saved audience's and its lists. A group without rules holds for
 * everyone. What policies it is for (`contactRules`, `lines`) is no part of it.
 * @param saved rule of the saved audience that the definition names; absent where it names none
 */
export const audienceRuleOf = (
  { audience }: Pick<CampaignDefinition, 'audience'>,
  saved: RuleGroup | undefined,
): RuleGroup => ({
  combinator: 'and',
  rules: [
    ...(audience.rule ? [audience.rule] : []),
    ...(saved ? [saved] : []),
    ...(audience.include ? [inOneOf(audience.include, false)] : []),
    // negated as a group: who is on no list at all is on none of these
    ...(audience.exclude ? [inOneOf(audience.exclude, true)] : []),
  ],
});
