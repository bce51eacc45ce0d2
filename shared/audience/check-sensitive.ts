import type { Purpose } from '../customer/customer.ts';
import type { RuleProblem } from './check-rule.ts';
import { elementFinder, type FindField } from './compile-rule.ts';
import { findField } from './field.ts';
import { type Clause, isGroup, type RuleGroup } from './rule.ts';

interface SensitiveUse {
  readonly path: string;
  readonly field: string;
  readonly purpose: Purpose;
}

const usesOf = (group: RuleGroup, find: FindField, path: string): SensitiveUse[] =>
  group.rules.flatMap((rule, n) => {
    const where = path === '' ? `rules.${n}` : `${path}.rules.${n}`;
    if (isGroup(rule)) return usesOf(rule, find, where);
    const field = find(rule.field);
    if (field === undefined) return [];
    const own = field.sensitive ? [{ path: `${where}.field`, field: rule.field, purpose: field.sensitive }] : [];
    const inner =
      rule.match === undefined ? [] : usesOf(rule.value as RuleGroup, elementFinder(field), `${where}.value`);
    return [...own, ...inner];
  });

const asksConsent = ({ field, operator, value }: Clause, purpose: Purpose): boolean =>
  field.startsWith('consent.') && field.endsWith(`.${purpose}`) && operator === '=' && String(value) === 'true';

/** Whether nobody fits the rule who did not consent to the purpose on some channel. */
const demandsConsent = (rule: RuleGroup | Clause, purpose: Purpose): boolean => {
  if (!isGroup(rule)) return asksConsent(rule, purpose);
  if (rule.not === true || rule.rules.length === 0) return false;
  return rule.combinator === 'and'
    ? rule.rules.some((member) => demandsConsent(member, purpose))
    : rule.rules.every((member) => demandsConsent(member, purpose));
};

/**
 * Whether a rule picks people for marketing by what they hardly told us for it (C11): it may ask for a sensitive field
 * only where it also demands consent to that field's purpose.
 * @param rule checked by `checkRule`
 * @returns a problem for each sensitive field without its consent
 */
export const checkSensitive = (rule: RuleGroup, path: string): readonly RuleProblem[] =>
  usesOf(rule, findField, path)
    .filter(({ purpose }) => !demandsConsent(rule, purpose))
    .map(({ path: where, field, purpose }) => ({
      path: where,
      message:
        `"${field}" is sensitive: a marketing campaign may ask for it only together with consent, ` +
        `such as "consent.email.${purpose}" = true joined by "and"`,
    }));
