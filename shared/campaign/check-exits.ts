import { type Clause, isGroup, type RuleGroup } from '../audience/rule.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import type { CampaignDefinition } from './definition.ts';
import type { Problem } from './problem.ts';

type Exit = CampaignDefinition['exits'][number];

/** Events that are the same as an exit reason. */
const REASON_OF: Readonly<Record<string, Exit>> = {
  PolicyRenewed: 'renewed',
  PolicyLapsed: 'lapsed',
  PolicyCancelled: 'cancelled',
  CustomerDeceased: 'deceased',
};

const OPPOSITES: readonly (readonly [string, string])[] = [
  ['=', '!='],
  ['<', '>='],
  ['>', '<='],
  ['in', 'notIn'],
  ['between', 'notBetween'],
  ['contains', 'doesNotContain'],
  ['beginsWith', 'doesNotBeginWith'],
  ['endsWith', 'doesNotEndWith'],
  ['null', 'notNull'],
];

/** A rule without what means nothing: ids of the builder, groups of one, a `not` that is not set. */
const plain = (rule: Clause | RuleGroup): unknown => {
  if (!isGroup(rule)) {
    const { id: _id, valueSource: _source, ...clause } = rule;
    return clause;
  }
  const [only] = rule.rules;
  if (rule.rules.length === 1 && only !== undefined && rule.not !== true) return plain(only);
  const parts = rule.rules.map(plain).sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  return {
    combinator: rule.rules.length > 1 ? rule.combinator : 'and',
    rules: parts,
    ...(rule.not ? { not: true } : {}),
  };
};

const inWords = (rule: RuleGroup): string => canonicalJson(plain(rule));

/** The opposite of a clause; undefined where no one word says it. */
const oppositeOf = (clause: Clause): Clause | undefined => {
  if (clause.operator === '=' && typeof clause.value === 'boolean') return { ...clause, value: !clause.value };
  const pair = OPPOSITES.find((names) => names.includes(clause.operator));
  return pair && { ...clause, operator: pair[0] === clause.operator ? pair[1] : pair[0] };
};

/** The ways to write that a rule does not hold. */
const negations = (rule: RuleGroup): readonly string[] => {
  const { not, ...rest } = rule;
  const only = plain(rule) as Clause | RuleGroup;
  const opposite = isGroup(only) ? undefined : oppositeOf(only);
  return [
    inWords(not === true ? rest : { ...rest, not: true }),
    inWords({ combinator: 'and', not: true, rules: [rule] }),
    ...(opposite === undefined ? [] : [inWords({ combinator: 'and', rules: [opposite] })]),
  ];
};

const writesToPeople = ({ steps }: CampaignDefinition): boolean =>
  steps.some(
    ({ do: act }) => 'send' in act || 'relay' in act || ('task' in act && ['call', 'visit'].includes(act.task)),
  );

const checkEvent = (exit: Exit, definition: CampaignDefinition): string | undefined => {
  const { trigger, steps } = definition;
  if (!('event' in trigger) || typeof trigger.event !== 'string') {
    // a date or an audience begins it: nothing that an exit event could take back
  } else if (typeof exit === 'string' && exit === REASON_OF[trigger.event])
    return `${trigger.event} begins the journey and "${exit}" would end it at once: take the exit out`;
  if (typeof exit === 'string' || !('event' in exit)) return undefined;
  if ('event' in trigger && trigger.event === exit.event && exit.where === undefined)
    return `${exit.event} begins the journey and would end it at once: take the exit out`;
  if (
    exit.where === undefined &&
    steps.some(({ do: act }) => 'wait' in act && 'event' in act.wait && act.wait.event === exit.event)
  )
    return `a step waits for ${exit.event}, which would end the journey first: take the exit out`;
  return undefined;
};

/** What ends the journey: nothing twice, nothing that ends every journey, nothing that contradicts what begins it or
 *  another exit; and nobody writes to the dead. */
export const checkExits = (definition: CampaignDefinition): readonly Problem[] => {
  const { exits, audience } = definition;
  const problems: Problem[] = [];
  const add = (n: number, where: string, message: string) => problems.push({ path: `exits.${n}${where}`, message });
  for (const [n, exit] of exits.entries()) {
    const again = exits.findIndex((other) => canonicalJson(other) === canonicalJson(exit));
    if (again < n) add(n, '', `this exit is there twice: take one out`);
    const wrong = checkEvent(exit, definition);
    if (wrong !== undefined) add(n, '', wrong);
    if (typeof exit === 'string' || !('when' in exit)) continue;
    const words = inWords(exit.when);
    if (words === inWords({ combinator: 'and', rules: [] }))
      add(n, '.when', 'a rule that always holds ends every journey at once: say what must hold');
    if (audience.rule && words === inWords(audience.rule))
      add(n, '.when', 'everyone of the audience would leave at once: the exit is the audience’s own rule');
    const against = exits.findIndex(
      (other, k) => k < n && typeof other === 'object' && 'when' in other && negations(other.when).includes(words),
    );
    if (against >= 0)
      add(n, '.when', `contradicts exits.${against}: one of the two always holds and ends every journey: take one out`);
  }
  if (writesToPeople(definition) && !exits.includes('deceased'))
    problems.push({
      path: 'exits',
      message: 'a campaign that writes to people must end with their death: add "deceased"',
    });
  return problems;
};
