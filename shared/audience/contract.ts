import * as z from 'zod';
import { parseCivilDate } from '../platform/time.ts';
import { ruleGroupSchema } from './rule.ts';

/** What the API takes and answers about audiences and lists. Bodies are strict: what a caller may not set is refused. */

const name = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/, 'lowercase letters, digits and dashes');
export const nameParams = z.object({ id: name });
const label = z.strictObject({ 'zh-CN': z.string().min(1).max(120), en: z.string().min(1).max(120) });
const instant = z.iso.datetime();
const version = z.int().min(0).describe('`version` as you read it; 0 for one that is not there yet');
const customerId = z.string().regex(/^[\w-]{1,64}$/);
const rule = ruleGroupSchema.describe('Rule group as react-querybuilder 8 writes it');

export const audienceListed = z.object({
  id: name,
  title: label,
  owner: z.string(),
  updatedAt: instant,
  version: z.int(),
});
export const audiencesAnswer = z.object({ items: z.array(audienceListed) });

export const audienceDetails = audienceListed.extend({
  rule: z.unknown().describe('The rule as it was saved'),
  usedBy: z.array(z.object({ campaign: z.string(), state: z.string() })).describe('Campaigns that name it'),
});

export const audienceBody = z.strictObject({ version, title: label, rule });
export const audienceCopy = z.strictObject({ id: name, title: label });
export const versionQuery = z.strictObject({ version: z.coerce.number().int().min(1) });
export const ruleBody = z.strictObject({ rule });

export const countAnswer = z.object({
  count: z.int(),
  of: z.int().describe('Customers that may be seen'),
  exact: z.boolean().describe('false: extrapolated from a fair sample, as the book is large'),
  margin: z.int().describe('The true number is within this of `count`, 95 times of 100; 0 where exact'),
});

export const sampleAnswer = z.object({ items: z.array(z.object({ customerId, name: z.string() })) });

export const whyQuery = z.strictObject({ customer: customerId });
export const whyAnswer = z.object({
  member: z.boolean(),
  deciding: z
    .array(
      z.object({
        path: z.string().describe('Where the clause stands in the rule'),
        field: z.string(),
        label,
        operator: z.string(),
        value: z.unknown().optional(),
        actual: z.unknown().optional().describe('What is known of the customer; absent: not known'),
        holds: z.boolean().optional(),
      }),
    )
    .describe('The clauses that decided; the others would not have changed the answer'),
});

const choice = z.object({ name: z.string(), label });
const fieldBase = z.object({
  name: z.string(),
  type: z.string(),
  label,
  operators: z.array(z.string()),
  values: z.array(choice).optional(),
});
export const fieldsAnswer = z.object({
  items: z.array(fieldBase.extend({ part: z.string(), elements: z.array(fieldBase).optional() })),
});

const day = z.string().refine((text) => parseCivilDate(text) !== undefined, 'a date such as 2027-01-31');
export const listListed = z.object({
  id: name,
  title: label,
  owner: z.string(),
  expiresOn: z.string().describe('The last day on which it counts'),
  updatedAt: instant,
  version: z.int(),
});
export const listsAnswer = z.object({ items: z.array(listListed) });
export const listDetails = listListed.extend({ members: z.int() });
export const listBody = z.strictObject({ version, title: label, expiresOn: day });

export const membersBody = z.strictObject({
  by: z.enum(['customer-number', 'policy-number', 'customer-id']),
  numbers: z.array(z.string().trim().min(1).max(60)).min(1).max(1_000),
});
export const membersAnswer = z.object({
  matched: z.int().describe('Customers found; several numbers may name the same one'),
  unmatched: z.array(
    z.object({
      line: z.int().describe('Place in `numbers`, from 1'),
      reason: z.enum(['unknown', 'several-customers', 'no-holder']),
    }),
  ),
});
