import * as z from 'zod';
import { isSearchable } from '../customer/search.ts';
import { leavingReasons } from '../survey/renewal-answer.ts';
import { decisionStyles } from '../survey/survey.ts';
import { attemptOutcomes, taskKinds, taskOutcomes } from '../task/task.ts';

/**
 * What the history API answers. The schemas are the only field lists: an answer is cut to them before it leaves, so that a
 * field added to a stored item is never told by accident (S11). `Listed…` shapes hold addresses masked.
 */

/** An amount in minor units (cents, fen). */
const money = z.object({ minor: z.int(), currency: z.string() });
const day = z.iso.date();
const instant = z.iso.datetime();
const id = z.string();

const customerListed = z.object({
  customerId: id,
  name: z.string(),
  email: z.string().optional().describe('masked'),
  phone: z.string().optional().describe('masked'),
  locale: z.string(),
});
export type CustomerListed = z.infer<typeof customerListed>;

const policyListed = z.object({
  policyId: id,
  customerId: id.optional(),
  policyNo: z.string(),
  line: z.string(),
  renewsOn: day,
  state: z.enum(['in-force', 'ended', 'not-begun']),
  premium: money.optional(),
  newPremium: money.optional(),
  contactRule: z.enum(['direct', 'intermediary', 'copy-to-intermediary']),
  contradiction: z.string().optional(),
});
export type PolicyListed = z.infer<typeof policyListed>;

export const searchRequest = z.strictObject({
  text: z
    .string()
    .trim()
    .max(100)
    .refine(isSearchable, 'write two characters at least; of a name in Chinese one will do')
    .describe('beginning of a name, e-mail, phone, customer or policy number'),
  limit: z.int().min(1).max(50).default(20),
});
export const searchAnswer = z.object({
  items: z.array(z.object({ matched: z.string(), customer: customerListed, policy: policyListed.optional() })),
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

const journey = z.object({
  campaign: z.string(),
  /** Absent where the journey is about the customer. */
  policyId: id.optional(),
  occurrence: z.string(),
  state: z.enum(['active', 'finished', 'exited']),
  enteredAt: instant,
  nextStep: z.object({ step: z.string(), at: instant }).optional(),
  reaction: z.object({ kind: z.string(), at: instant }).optional(),
  exit: z.object({ reason: z.string(), at: instant }).optional(),
});
export type Journey = z.infer<typeof journey>;

export const customer = z.object({
  customerId: id,
  name: z.string(),
  email: z.string().optional(),
  phone: z.string().optional(),
  address: z.array(z.string()).optional(),
  locale: z.string(),
  zone: z.string(),
  largePrint: z.boolean(),
  consent: z.array(
    z.object({
      channel: z.string(),
      purpose: z.string(),
      given: z.boolean(),
      wording: z.string(),
      at: instant,
    }),
  ),
  suppressed: z.array(z.object({ channel: z.string(), reason: z.string() })),
  situations: z.array(z.string()),
  records: z.array(z.object({ source: z.string(), key: z.string(), joinedBy: z.string(), at: instant })),
  policies: z.array(policyListed),
  journeys: z.array(journey),
});
export type Customer = z.infer<typeof customer>;

export const policy = policyListed.extend({
  insured: z.string().optional(),
  zone: z.string(),
  contractStartsOn: day,
  termStartsOn: day,
  intermediary: z.string().optional(),
  offer: z.object({ premium: money, lastPremium: money.optional(), validUntil: day.optional() }).optional(),
  ending: z.object({ kind: z.enum(['lapsed', 'cancelled']), on: day, reason: z.string().optional() }).optional(),
  renewal: z.object({ termStartsOn: day, recognisedAt: instant, by: z.string() }).optional(),
  journeys: z.array(journey),
});
export type PolicyDetails = z.infer<typeof policy>;

const timelineRow = z.object({
  row: z.string().describe('names the row within its customer'),
  customerId: id,
  at: instant,
  kind: z.enum(['message', 'reaction', 'fact', 'task', 'consent']),
  policyIds: z.array(id),
  campaign: z.string().optional(),
  step: z.string().optional(),
  channel: z.string().optional(),
  sendClass: z.string().optional(),
  state: z.string().optional(),
  reason: z.string().optional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  asSent: z.boolean().describe('true where the mail or letter can be looked at as it was sent'),
});
export type TimelineRow = z.infer<typeof timelineRow>;

const next = z.string().optional().describe('give it as `after` for the next page; absent on the last one');

export const timelineAnswer = z.object({ items: z.array(timelineRow), next });

/** A message as it was sent: the mail taken apart, or a link to the letter. */
export const messageAsSent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('mail'),
    subject: z.string(),
    from: z.string(),
    to: z.string(),
    sentAt: instant,
    html: z.string().optional().describe('show it in a sandboxed frame only'),
    text: z.string().optional(),
    sha256: z.string(),
  }),
  z.object({
    kind: z.literal('letter'),
    url: z.url().describe('the PDF, for at most 300 seconds'),
    pages: z.int().optional(),
    sha256: z.string(),
  }),
]);
export type MessageAsSent = z.infer<typeof messageAsSent>;

export const task = z.object({
  taskId: id,
  kind: z.enum(taskKinds),
  reason: z.string(),
  state: z.enum(['open', 'done']),
  dueOn: day,
  createdAt: instant,
  customerId: id.optional(),
  customerName: z.string().optional(),
  policyId: id.optional(),
  policyNo: z.string().optional(),
  slot: z.string().optional(),
  assignee: id.optional().describe('user id; absent: whoever of the branch takes it'),
  deadline: instant.optional(),
  escalatedAt: instant.optional().describe('nobody closed it in time'),
  outcomes: z.array(z.enum(taskOutcomes)).describe('those that close it'),
  outcome: z.enum(taskOutcomes).optional(),
  closedAt: instant.optional(),
  closedBy: id.optional().describe('user id'),
});
export type TaskView = z.infer<typeof task>;
export const tasksAnswer = z.object({ items: z.array(task), next });
export type TasksAnswer = z.infer<typeof tasksAnswer>;

/** A task with all that its assignee needs to do it. */
export const taskToDo = task.extend({
  mine: z.boolean(),
  overdue: z.boolean().describe('open, and its deadline, or without one its day, is over'),
  script: z.enum(taskKinds).describe('what to say: a text of the console by this name'),
  locale: z.string().optional().describe('language of the customer'),
  phone: z.string().optional().describe('of the customer; for account managers and heads only'),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).describe('codes, no personal data'),
  attempts: z.array(
    z.object({
      at: instant,
      channel: z.enum(['phone', 'visit']),
      outcome: z.enum(attemptOutcomes),
      by: id,
      note: z.string().optional(),
    }),
  ),
  answer: z
    .object({
      survey: z.string(),
      at: instant,
      metric: z.string().optional(),
      score: z.number().optional(),
      texts: z.array(z.object({ question: z.string(), text: z.string() })).describe('as written: never show as markup'),
    })
    .optional()
    .describe('of a low score: what the customer said'),
});
export type TaskToDo = z.infer<typeof taskToDo>;
export const tasksToDo = z.object({ items: z.array(taskToDo), next });

export const closeTaskRequest = z.strictObject({
  outcome: z.enum(taskOutcomes),
  note: z.string().trim().max(500).optional(),
});

const evidence = z.object({
  at: instant,
  source: z.string().describe('`survey:<name>`, or `visit`'),
  value: z.union([z.string(), z.number(), z.boolean()]),
  weight: z.number().describe('against the latest, which counts 1'),
  ageDays: z.number(),
  policyId: id.optional(),
  metric: z.string().optional(),
  score: z.number().optional(),
  by: id.optional().describe('who noted it; absent where the customer said it'),
});
const satisfaction = z.object({ value: z.int().min(0).max(100), because: z.array(evidence) });

/** What was learnt about a customer, and what it rests on. */
export const factsAnswer = z.object({
  satisfaction: satisfaction.optional(),
  policies: z.array(z.object({ policyId: id, satisfaction })),
  style: z
    .object({
      value: z.enum(decisionStyles),
      shares: z.partialRecord(z.enum(decisionStyles), z.number()),
      because: z.array(evidence),
    })
    .optional(),
  facts: z.array(evidence.omit({ weight: true }).extend({ fact: z.string() })).describe('others, the latest of each'),
});
export type FactsAnswer = z.infer<typeof factsAnswer>;

export const attemptRequest = z.strictObject({
  channel: z.enum(['phone', 'visit']),
  outcome: z.enum(attemptOutcomes),
  at: z.iso.datetime({ offset: true }).optional().describe('when it took place; now unless said'),
  note: z.string().trim().min(1).max(500).optional(),
});

/** How a renewal stands: to be decided, lost, or won. */
export const renewalStates = ['due', 'lost', 'renewed'] as const;
export type RenewalState = (typeof renewalStates)[number];

/** A policy as the renewal list shows it. */
export const renewalListed = policyListed.omit({ state: true }).extend({
  renewal: z.enum(renewalStates),
  customerName: z.string().optional(),
  owner: id.optional().describe('user id of the account manager; absent: the branch'),
  nextStep: z.object({ campaign: z.string(), step: z.string(), at: instant }).optional(),
  reaction: z.object({ kind: z.string(), at: instant }).optional().describe('the customer’s latest'),
  reasonLost: z.enum(leavingReasons).optional().describe('as the customer said on the renewal page'),
  ending: z.object({ kind: z.string(), on: day, reason: z.string().optional() }).optional(),
});
export type RenewalListed = z.infer<typeof renewalListed>;
export const renewalsAnswer = z.object({
  month: z.string().describe('the month that is listed'),
  items: z.array(renewalListed).describe('may be few or none though there is a next page'),
  next,
});
export type RenewalsAnswer = z.infer<typeof renewalsAnswer>;

export const troubles = ['held', 'skipped', 'failed', 'unknown'] as const;
export const troubleAnswer = z.object({
  items: z.array(timelineRow.extend({ customerName: z.string().optional() })),
  next,
});
export type TroubleAnswer = z.infer<typeof troubleAnswer>;

export const overview = z.object({
  now: instant,
  due: z.object({
    from: day,
    to: day,
    total: z.int(),
    /** True where there are more than were counted. */
    capped: z.boolean(),
    weeks: z.array(z.object({ from: day, count: z.int() })),
    next: z.array(policyListed.extend({ customerName: z.string().optional() })),
  }),
  outcomes: z.object({
    from: day,
    to: day,
    sent: z.int(),
    held: z.int(),
    skipped: z.int(),
    failed: z.int(),
    days: z.array(z.object({ day, sent: z.int(), held: z.int(), skipped: z.int(), failed: z.int() })),
    reasons: z.array(z.object({ outcome: z.enum(['held', 'skipped', 'failed']), reason: z.string(), count: z.int() })),
  }),
  openTasks: z.int(),
});
export type Overview = z.infer<typeof overview>;

export const importRequest = z.strictObject({
  fileName: z.string().min(1).max(200).describe('without folders; versions of one file keep its name'),
  mapping: z.string().max(63).optional().describe('a saved mapping; without it the one whose patterns fit the name'),
  confirmed: z.boolean().optional().describe('that a changed file under a known name is meant'),
});
export const importPlace = z.object({
  uploadUrl: z.url().describe('PUT the file here; the import begins by itself'),
  expiresInSeconds: z.int(),
});

const rowCounts = z.object({
  rows: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  warnings: z.int(),
});
const importListed = z.object({
  importId: id,
  fileName: z.string(),
  source: z.string(),
  mapping: z.string(),
  state: z.enum(['partial', 'done', 'refused', 'awaiting-confirmation']),
  receivedAt: instant,
  refusal: z.array(z.string()).optional(),
  counts: rowCounts.optional(),
});
export type ImportListed = z.infer<typeof importListed>;
export const importsAnswer = z.object({ items: z.array(importListed), next });
export const importDetails = importListed.extend({
  progress: rowCounts,
  problems: z
    .array(
      z.object({ line: z.int(), column: z.string(), reason: z.string(), severity: z.enum(['refused', 'warning']) }),
    )
    .describe('the first ones; values stay in the error file'),
});
