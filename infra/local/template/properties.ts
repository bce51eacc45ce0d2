import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import type { Resource } from './resolve.ts';
import type { PolicyStatement, ResourcePolicyStatement } from './resources.ts';

/** Reading resource properties strictly: a property nobody listed stops the start, because it would change what the
 *  cloud does and change nothing here. */

/** Numbers and flags may come as text in a template. */
export const number = z.coerce.number();
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const oneOrMany = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [value]));
/** Properties that change nothing on one machine. */
export const ignored = z.unknown().optional();
/** Properties that nearly every type has. */
export const common = { Tags: ignored };

/** @throws EngagementError misconfigured naming resource, property and remedy */
export const readProperties = <T>(resource: Resource, schema: z.ZodType<T>): T => {
  const read = schema.safeParse(resource.properties);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${[...issue.path].join('.') || 'properties'}: ${issue.message}`);
  throw new EngagementError(
    'misconfigured',
    `${resource.type} ${resource.stack}/${resource.logicalId} asks for what the local runtime does not do: ${problems.join('; ')}; imitate it, or list the property as without effect in infra/local/template`,
  );
};

const statement = z.strictObject({
  Sid: ignored,
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMany,
  Resource: oneOrMany.optional(),
  Principal: z.union([z.string(), z.record(z.string(), oneOrMany)]).optional(),
  Condition: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.union([oneOrMany, z.union([z.boolean(), z.number()]).transform((value) => [String(value)])]),
      ),
    )
    .optional(),
});

/** A policy document: the form of identity and resource policies alike. */
export const policyDocument = z.strictObject({ Version: ignored, Statement: z.array(statement) });

type Document = z.infer<typeof policyDocument>;

/** The statements of an identity policy. */
export const identityStatements = (document: Document): readonly PolicyStatement[] =>
  document.Statement.map((raw) => ({
    effect: raw.Effect,
    actions: raw.Action,
    resources: raw.Resource ?? [],
    conditions: raw.Condition ?? {},
  }));

/** The statements of a policy attached to a queue, topic or bucket. Principals other than services and `*` are dropped:
 *  functions are judged by their own statements. */
export const resourceStatements = (document: Document): readonly ResourcePolicyStatement[] =>
  document.Statement.map((raw) => ({
    effect: raw.Effect,
    principals:
      typeof raw.Principal === 'string'
        ? [raw.Principal]
        : Object.entries(raw.Principal ?? {}).flatMap(([kind, names]) =>
            kind === 'Service' ? names : names.includes('*') ? ['*'] : [],
          ),
    actions: raw.Action,
    resources: raw.Resource ?? ['*'],
    conditions: raw.Condition ?? {},
  }));
