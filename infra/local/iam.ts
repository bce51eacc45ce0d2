import { EngagementError } from '../../shared/platform/errors.ts';
import type { PolicyStatement } from './template/resources.ts';
import type { WireAction } from './wire.ts';

/** The part of IAM's evaluation that the template uses: identity statements, wildcards, a few condition operators. */

const CONDITIONS: Readonly<Record<string, (wanted: string, found: string | undefined) => boolean>> = {
  StringEquals: (wanted, found) => found === wanted,
  StringNotEquals: (wanted, found) => found !== wanted,
  StringLike: (wanted, found) => found !== undefined && matches(wanted, found),
  ArnEquals: (wanted, found) => found !== undefined && matches(wanted, found),
  ArnLike: (wanted, found) => found !== undefined && matches(wanted, found),
  Bool: (wanted, found) => found === wanted,
  NumericLessThan: (wanted, found) => found !== undefined && Number(found) < Number(wanted),
};

/** True where `text` fits `pattern`, in which `*` stands for any characters and `?` for one. */
export const matches = (pattern: string, text: string): boolean => {
  if (pattern === '*' || pattern === text) return true;
  if (!/[*?]/.test(pattern)) return false;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
};

/** Stops the start at a condition this file cannot evaluate.
 *  @throws EngagementError misconfigured, naming operator and place */
export const checkConditions = (statements: readonly Pick<PolicyStatement, 'conditions'>[], where: string): void => {
  for (const statement of statements) {
    for (const operator of Object.keys(statement.conditions)) {
      if (!(operator in CONDITIONS)) {
        throw new EngagementError(
          'misconfigured',
          `condition operator "${operator}" in ${where} is not evaluated locally: teach infra/local/iam.ts about it`,
        );
      }
    }
  }
};

/** True where every condition of a statement holds for the values the call knows. */
export const conditionsHold = (
  conditions: PolicyStatement['conditions'],
  context: Readonly<Record<string, string>>,
): boolean => {
  // Keys are compared without regard to case: CDK writes both `aws:SourceArn` and `AWS:SourceArn`.
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      values.some((value) => CONDITIONS[operator]?.(value, known.get(key.toLowerCase())) ?? false),
    ),
  );
};

/** `aws:SecureTransport` is true by decree: loopback stands for TLS. */
const AMBIENT = { 'aws:SecureTransport': 'true' };

/** May a principal with these statements do `call`? Every resource must be allowed and none denied.
 *  @returns undefined when allowed, else the sentence AWS would answer with, less the principal */
export const refusalOf = (statements: readonly PolicyStatement[], call: WireAction): string | undefined => {
  const context = { ...AMBIENT, ...call.context };
  for (const resource of call.resources) {
    const speaking = statements.filter(
      (statement) =>
        statement.actions.some((pattern) => matches(pattern.toLowerCase(), call.action.toLowerCase())) &&
        statement.resources.some((pattern) => matches(pattern, resource)) &&
        conditionsHold(statement.conditions, context),
    );
    if (speaking.some((statement) => statement.effect === 'Deny')) {
      return `is not authorized to perform: ${call.action} on resource: ${resource} with an explicit deny in an identity-based policy`;
    }
    if (speaking.length === 0) {
      return `is not authorized to perform: ${call.action} on resource: ${resource} because no identity-based policy allows the ${call.action} action`;
    }
  }
  return undefined;
};
