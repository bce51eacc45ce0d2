import * as z from 'zod';
import { campaignStates } from './campaign.ts';

/** What the API takes and answers about campaigns. Bodies are strict: what a caller may not set is refused, not dropped
 *  (S10). */

export const campaignId = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'lowercase letters, digits and dashes');
const title = z.strictObject({ 'zh-CN': z.string().min(1).max(120), en: z.string().min(1).max(120) });
const hash = z.string().regex(/^[a-z0-9]{20,40}$/, 'a content hash as the API gave it');
const instant = z.iso.datetime();
const act = z.object({ by: z.string(), at: instant });

/** The campaign as the caller read it: of two who change the same version one is told (F32). */
const version = z.int().min(0).describe('`version` of the campaign as you read it; 0 for one that is not there yet');

export const campaignListed = z.object({
  id: campaignId,
  title,
  state: z.enum(campaignStates),
  review: z
    .enum(['draft', 'in-review', 'approved', 'launched'])
    .describe('Where the draft stands; `launched`: it is what is live'),
  sendClass: z.enum(['marketing', 'service', 'statutory']),
  priority: z.int(),
  version: z.int(),
  updatedAt: instant.optional().describe('Absent for a shipped programme that nobody touched'),
  cancelled: z.boolean(),
});

const problem = z.object({ path: z.string(), message: z.string() });
export const campaignsAnswer = z.object({ items: z.array(campaignListed) });
export const campaignsQuery = z.strictObject({ state: z.enum(campaignStates).optional() });

export const campaignDetails = campaignListed.extend({
  hash: hash.describe('Content of the draft: the definition and the version of every template it names'),
  live: hash.optional().describe('Content that new journeys begin with'),
  approved: act.extend({ hash }).optional(),
  submitted: act.extend({ hash }).optional(),
  changesWanted: act.extend({ note: z.string() }).optional(),
  paused: act.extend({ because: z.string() }).optional(),
  cancelledBy: act.optional(),
  notBefore: instant.optional().describe('Nothing is sent before this instant, in which the launch can be cancelled'),
  makers: z
    .array(z.string())
    .describe(
      'Who changed the draft, a template or a survey of it since its last approval; none of them may approve it',
    ),
  definition: z.record(z.string(), z.unknown()).describe('The draft, see /api/campaigns/schema.json'),
  templates: z.record(z.string(), z.string()).describe('Template → version that the draft is pinned to'),
  problems: z.array(problem).describe('What is wrong with the draft by now'),
});

export const saveBody = z.strictObject({ version, definition: z.unknown() });
export const validateBody = z.strictObject({ definition: z.unknown() });
export const validateAnswer = z.object({
  valid: z.boolean(),
  problems: z.array(problem),
  hash: hash.optional().describe('What the content would be, were it saved now'),
});
export const copyBody = z.strictObject({ id: campaignId, title });
export const exportQuery = z.strictObject({ of: z.enum(['draft', 'live']).default('draft') });
export const versionBody = z.strictObject({ version });
export const approveBody = z.strictObject({ version, hash: hash.describe('The content that you looked at') });
export const requestChangesBody = z.strictObject({ version, note: z.string().trim().min(1).max(2_000) });
/** A definition as a file holds it. */
export const definitionFile = z.looseObject({});
