import { checkRule, type RuleUse } from '../audience/check-rule.ts';
import { checkSensitive } from '../audience/check-sensitive.ts';
import { isGroup, type RuleGroup } from '../audience/rule.ts';
import type { CampaignDefinition } from './definition.ts';
import { type Problem, suggest } from './problem.ts';

interface PlacedRule {
  readonly path: string;
  readonly rule: RuleGroup;
  readonly use: RuleUse;
}

const placed = (path: string, rule: RuleGroup | undefined, use: RuleUse): readonly PlacedRule[] =>
  rule === undefined ? [] : [{ path, rule, use }];

/** Every rule of a definition, and where it stands. */
const rulesOf = ({ trigger, audience, exits, steps }: CampaignDefinition): readonly PlacedRule[] => [
  ...('event' in trigger ? placed('trigger.where', trigger.where, 'event') : []),
  ...placed('audience.rule', audience.rule, 'entry'),
  ...exits.flatMap((exit, n) => {
    if (typeof exit === 'string') return [];
    return 'when' in exit
      ? placed(`exits.${n}.when`, exit.when, 'step')
      : placed(`exits.${n}.where`, exit.where, 'event');
  }),
  ...steps.flatMap(({ do: act, when }, n) => [
    ...placed(`steps.${n}.when`, when, 'step'),
    ...('branch' in act
      ? act.branch.paths.flatMap((way, k) => placed(`steps.${n}.do.branch.paths.${k}.when`, way.when, 'step'))
      : []),
    ...('wait' in act && 'event' in act.wait ? placed(`steps.${n}.do.wait.where`, act.wait.where, 'event') : []),
  ]),
];

/** Fields that the catalogue knows but this definition cannot answer. */
const checkAnswerable = (
  group: RuleGroup,
  { use, path }: Pick<PlacedRule, 'use' | 'path'>,
  definition: CampaignDefinition,
): readonly Problem[] =>
  group.rules.flatMap((rule, n) => {
    const where = `${path}.rules.${n}`;
    if (isGroup(rule)) return checkAnswerable(rule, { use, path: where }, definition);
    const { subject, trigger, steps } = definition;
    if (rule.field.startsWith('policy.') && subject === 'customer')
      return [
        {
          path: `${where}.field`,
          message: `"${rule.field}": the journey is about no policy: ask the list "policies", or write "subject": "policy"`,
        },
      ];
    if (rule.field.startsWith('event.') && use !== 'event' && !('event' in trigger))
      return [
        { path: `${where}.field`, message: `"${rule.field}": no event begins this journey: take the clause out` },
      ];
    const ids = steps.map(({ id }) => id);
    if (rule.field === 'journey.failed' && typeof rule.value === 'string' && !ids.includes(rule.value))
      return [{ path: `${where}.value`, message: `there is no step "${rule.value}": ${suggest(rule.value, ids)}` }];
    return [];
  });

/** A step or exit may ask for what is sensitive where the audience demands the consent already. */
const checkSensitiveAt = ({ path, rule }: PlacedRule, audience: RuleGroup): readonly Problem[] => {
  const inner = 'x.rules.1';
  return checkSensitive({ combinator: 'and', rules: [audience, rule] }, 'x').flatMap((problem) =>
    problem.path.startsWith(`${inner}.`) ? [{ ...problem, path: `${path}${problem.path.slice(inner.length)}` }] : [],
  );
};

/** Rules that this build cannot ask: of a field, operator or value that it does not know. */
export const unreadableRules = (definition: CampaignDefinition): readonly Problem[] =>
  rulesOf(definition).flatMap(({ rule, use, path }) => checkRule(rule, use, path));

const EVERYONE: RuleGroup = { combinator: 'and', rules: [] };

/**
 * Every rule against the field catalogue, and a marketing campaign's against what people consented to (C11).
 * @param saved the rule of the saved audience that the definition names, where it is known
 */
export const checkRules = (definition: CampaignDefinition, saved: RuleGroup | undefined): readonly Problem[] => {
  const rules = rulesOf(definition);
  const wrong = rules.flatMap((one) => [
    ...checkRule(one.rule, one.use, one.path),
    ...checkAnswerable(one.rule, one, definition),
  ]);
  // a rule that cannot be read has no meaning yet
  if (wrong.length > 0 || definition.class !== 'marketing') return wrong;
  const own = definition.audience.rule ?? EVERYONE;
  const audience: RuleGroup = { combinator: 'and', rules: [own, saved ?? EVERYONE] };
  return rules
    .filter(({ use }) => use !== 'event')
    .flatMap((one) => checkSensitiveAt(one, audience))
    .concat(
      saved === undefined
        ? []
        : checkSensitiveAt({ path: '', rule: saved, use: 'entry' }, own).map(({ message }) => ({
            path: 'audience.saved',
            message,
          })),
    );
};
