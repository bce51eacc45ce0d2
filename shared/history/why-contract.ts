import * as z from 'zod';

/** What the API answers to "why" and as proof; cut to these schemas like all answers (contract.ts). */
const instant = z.iso.datetime();
const id = z.string();

const verdict = z.object({
  rule: z.string(),
  verdict: z.enum(['pass', 'hold', 'skip']),
  until: z.int().optional().describe('milliseconds since 1970'),
  figures: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** An answer of the rules: `send`, `hold`, `skip` or `shelve`. */
const answer = z.object({
  kind: z.enum(['send', 'hold', 'skip', 'shelve']),
  reason: z.string().optional(),
  until: z.int().optional(),
  explain: z.array(verdict).optional().describe('the rules in the order in which they were asked'),
});

const decision = z.object({
  decidedAt: instant,
  answer,
  settings: z.string().describe('names the contact rules in force'),
  replayed: z.boolean().describe('the same question gives the same answer today'),
  now: answer.optional().describe('where it does not: today’s answer'),
});
export type Decision = z.input<typeof decision>;

const step = z.object({
  row: z.string().describe('names the row within its customer'),
  at: instant,
  kind: z.string(),
  step: z.string().optional(),
  policyIds: z.array(id),
  channel: z.string().optional(),
  state: z.string().optional(),
  reason: z.string().optional().describe('a code; the console has the words'),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  decision: decision.optional().describe('absent where no message was decided, or its trace is gone'),
});
export type WhyStep = z.input<typeof step>;

const clause = z.object({
  path: z.string().describe('where the clause stands in the rule'),
  field: z.string(),
  operator: z.string(),
  value: z.unknown().optional(),
  actual: z.unknown().optional().describe('what is known of the customer; absent: not known'),
  holds: z.boolean().optional(),
});

const journey = z.object({
  policyId: id.optional(),
  occurrence: z.string(),
  definition: z.string().describe('content hash of the definition that it follows'),
  state: z.enum(['active', 'finished', 'exited']),
  enteredAt: instant,
  exit: z.object({ reason: z.string(), at: instant, because: z.string().optional() }).optional(),
  next: z
    .object({
      step: z.string(),
      at: instant,
      shelved: z
        .enum(['paused', 'stopped'])
        .optional()
        .describe('due, but its campaign is paused or sending is stopped: it lies on the shelf until that ends'),
    })
    .optional(),
  reaction: z.object({ kind: z.string(), at: instant }).optional(),
  failed: z.array(z.string()).optional(),
});
export type WhyJourney = z.input<typeof journey>;

export const why = z.object({
  customerId: id,
  campaign: z.string(),
  journeys: z.array(journey),
  steps: z.array(step).describe('newest first'),
  more: z.boolean().describe('there are older rows than were looked at'),
  entry: z
    .object({ member: z.boolean(), deciding: z.array(clause) })
    .optional()
    .describe('where there is no journey: whether the customer is in the audience, and the clauses that decide'),
});
export type Why = z.input<typeof why>;

const proof = z.object({ key: z.string(), from: z.int(), length: z.int(), sha256: z.string(), trace: z.string() });

/** A message with all that proves it: `npm run verify-proof -- FILE` checks it offline. */
export const proofBundle = z.strictObject({
  format: z.literal(1),
  row: z.strictObject({
    customerId: id,
    id,
    at: z.int(),
    campaign: z.string(),
    step: z.string(),
    channel: z.string(),
    sendClass: z.string(),
    policyIds: z.array(id),
    proof,
  }),
  trace: z.string().describe('the decision, one line of JSON as it was kept'),
  template: z.unknown().optional().describe('the template’s version, compiled, all languages'),
  body: z.string().describe('the mail (MIME) or letter (PDF), base64'),
  seal: z.string().describe('SHA-256 of all the above, base64url'),
});
export type ProofBundle = z.output<typeof proofBundle>;
