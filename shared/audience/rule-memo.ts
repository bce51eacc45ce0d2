import { type CompiledRule, compileRule } from './compile-rule.ts';
import type { RuleGroup } from './rule.ts';

const compiled = new WeakMap<RuleGroup, CompiledRule>();

/** The rule compiled, once for each rule of a definition that this process holds. */
export const compiledOnce = (rule: RuleGroup): CompiledRule => {
  const known = compiled.get(rule);
  if (known) return known;
  const made = compileRule(rule);
  compiled.set(rule, made);
  return made;
};
