import * as z from 'zod';
import { MAX_BLOCK } from '../../shared/content/block-store.ts';
import { idParam } from '../../shared/platform/api/route.ts';

/** Names that stand for something else in a path below `/api/templates/`. */
const RESERVED = ['blocks', 'check', 'fields', 'profiles', 'seed-copies', 'seeds', 'openapi.json'];

export const templateName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,60}$/, 'lowercase letters, digits and dashes, such as spring-offer')
  .refine((name) => !RESERVED.includes(name), `none of ${RESERVED.join(', ')}`);
export const nameParams = z.object({ name: templateName });
export const version = z.string().regex(/^[a-z0-9]{26}$/, 'a version as the API gave it');

const locale = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/, 'a language tag such as zh-CN');
const kind = z.enum(['mail', 'letter', 'text']);
const sendClass = z.enum(['marketing', 'service', 'statutory']);

const file = z.strictObject({ locale, text: z.string() });
const files = z
  .array(file)
  .min(1)
  .max(20)
  .refine((all) => new Set(all.map((one) => one.locale)).size === all.length, 'each language once')
  .describe('The source in each language: a head between two lines of ---, then the body');

/** A place in a source and what is wrong there. */
export const finding = z.object({
  level: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  place: z.object({ locale: z.string().optional(), part: z.string(), line: z.int().optional() }),
});

const save = z.object({ version: z.string(), at: z.string(), by: z.string() });

export const listed = z.object({
  name: z.string(),
  kind,
  version: z.string(),
  classes: z.array(sendClass),
  locales: z.array(z.string()),
  needs: z.array(z.string()).describe('what whoever sends it must give beyond what is known of everybody'),
  offer: z.boolean(),
  revision: z.int().describe('send it back with the next save; 0: ships with the product, nobody has changed it'),
});
export const templatesAnswer = z.object({ items: z.array(listed) });
export const templateAnswer = listed.extend({
  files: z.array(file).describe('the current source'),
  saves: z.array(save).describe('who saved which version when, latest last'),
});
export const sourceAnswer = z.object({
  version: z.string(),
  kind,
  files: z.array(file),
  blocks: z.record(z.string(), z.string()),
});

export const saveRequest = z.strictObject({
  kind,
  files,
  revision: z.int().min(0).describe('the revision that was read: a save in between is told, not overwritten'),
});
export const savedAnswer = z.object({ version: z.string(), revision: z.int(), warnings: z.array(finding) });
export const checkRequest = z.strictObject({ name: templateName, kind, files });
export const checkAnswer = z.object({ good: z.boolean(), findings: z.array(finding) });
export const copyRequest = z.strictObject({ as: templateName });

export const diffQuery = z.strictObject({ from: version, to: version });
export const diffAnswer = z.object({
  files: z.array(
    z.object({
      locale: z.string(),
      lines: z.array(z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string(), line: z.int() })),
    }),
  ),
});

/** Whom to look at a template as. */
const recipient = {
  customer: idParam.optional().describe('as this customer'),
  profile: z.string().max(40).optional().describe('as this test profile'),
  event: z
    .record(z.string().regex(/^[a-zA-Z][\w-]{0,60}$/), z.union([z.string().max(200), z.number(), z.boolean()]))
    .optional(),
  locale: locale.optional(),
  version: version.optional().describe('the current one unless said'),
  about: z
    .enum(['policy', 'customer'])
    .optional()
    .describe('what the campaign is about; unless said, a policy where the template says nothing without one'),
};
const one = (given: { customer?: string | undefined; profile?: string | undefined }) =>
  (given.customer === undefined) !== (given.profile === undefined);
const ONE = 'name either a customer or a profile';

export const previewRequest = z
  .strictObject({ ...recipient, draft: z.strictObject({ kind, files }).optional().describe('unsaved sources instead') })
  .refine(one, ONE);
export const previewAnswer = z.object({
  kind: z.enum(['mail', 'letter', 'text', 'failed']),
  locale: z.string().optional(),
  subject: z.string().optional(),
  html: z.string().optional(),
  text: z.string().optional().describe('of a letter its words: the page itself is typeset where letters are made'),
  reason: z.string().optional().describe('why there is nothing to see, such as missing-value'),
  detail: z.string().optional().describe('the field that is missing'),
  warnings: z.array(finding).default([]),
});

/** Addresses in one test send. */
export const MAX_TEST_ADDRESSES = 20;
const address = z.email().max(254);
export const testRequest = z
  .strictObject({ ...recipient, to: z.array(address).min(1).max(MAX_TEST_ADDRESSES) })
  .refine(one, ONE);
/** A copy of everything that a campaign mails, for the seed list. */
export const seedCopiesRequest = z
  .strictObject({
    campaign: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
    customer: recipient.customer,
    profile: recipient.profile,
    event: recipient.event,
  })
  .refine(one, ONE);
export const testAnswer = z.object({
  sent: z.array(
    z.object({
      to: z.string(),
      template: z.string(),
      locale: z.string(),
      outcome: z.enum(['accepted', 'throttled', 'refused', 'unknown']),
    }),
  ),
});

export const seedsAnswer = z.object({ addresses: z.array(z.string()), revision: z.int() });
export const seedsRequest = z.strictObject({ addresses: z.array(address).max(50), revision: z.int().min(0) });

export const profilesAnswer = z.object({
  items: z.array(z.object({ id: z.string(), title: z.object({ 'zh-CN': z.string(), en: z.string() }) })),
});
export const fieldsAnswer = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      optional: z.boolean(),
      example: z.union([z.string(), z.number(), z.boolean()]),
      'zh-CN': z.string(),
      en: z.string(),
    }),
  ),
});

const blockTexts = z.record(locale, z.string().max(MAX_BLOCK));
export const blockName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,40}$/)
  .refine((name) => name !== 'layout', 'the layout is the engineers’');
export const blockParams = z.object({ block: blockName });
export const blockAnswer = z.object({
  name: z.string(),
  locales: z.record(z.string(), z.string()),
  revision: z.int(),
  saves: z.array(save),
});
export const blocksAnswer = z.object({
  items: z.array(z.object({ name: z.string(), locales: z.array(z.string()), revision: z.int() })),
});
export const blockRequest = z.strictObject({
  locales: blockTexts.refine((texts) => Object.keys(texts).length > 0, 'at least one language'),
  revision: z.int().min(0),
});
export const blockSaved = z.object({
  version: z.string(),
  revision: z.int(),
  usedBy: z.array(z.string()).describe('templates to save again where they shall have the new text'),
});
