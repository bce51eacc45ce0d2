import * as z from 'zod';
import type { SurveyIndex } from '../campaign/survey-index.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import { derivedId } from '../platform/ids.ts';
import type { WriteOutcome } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import { formSchema } from './form-schema.ts';

/**
 * A survey as a file that people read, review and change: SurveyJS's own JSON under `form`, which its editors open as it
 * is, and around it what Perennial makes of the answers. Unknown properties are refused.
 */

const name = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/);
const questionName = z.string().regex(/^[A-Za-z][\w-]{0,60}$/);
const days = z.int().min(1).max(730);

/** The three measures of satisfaction (docs/glossary.md): NPS 0–10, CSAT 1–5, CES 1–7. */
export const metrics = ['nps', 'csat', 'ces'] as const;
export type Metric = (typeof metrics)[number];

/** Lowest and highest score of each measure. */
export const SCALES: Readonly<Record<Metric, readonly [lowest: number, highest: number]>> = {
  nps: [0, 10],
  csat: [1, 5],
  ces: [1, 7],
};

/** Decision styles of a customer (product.md D6). */
export const decisionStyles = ['service-professional', 'relational', 'transactional', 'mixed'] as const;
export type DecisionStyle = (typeof decisionStyles)[number];

const factSchema = z.strictObject({
  question: questionName,
  fact: name.describe('What is learned: `decision-style`, or any trait that rules can ask for'),
  askAgainAfterMonths: z.int().min(1).max(120).describe('A known fact is not asked for again within this time'),
  styles: z
    .record(z.string(), z.enum(decisionStyles))
    .optional()
    .describe('For `decision-style`: which style each choice speaks for'),
});

export const surveyFileSchema = z.strictObject({
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  id: name,
  title: z.strictObject({ 'zh-CN': z.string().min(1).max(120), en: z.string().min(1).max(120) }),
  score: z
    .strictObject({ metric: z.enum(metrics), question: questionName })
    .optional()
    .describe('The question whose answer is the score'),
  low: z
    .strictObject({
      atMost: z.int().min(0).max(10).describe('A score of this or less is a low one'),
      withinHours: z.int().min(1).max(336).describe('Time that the account manager has to close the task'),
      followUpAfterDays: z.int().min(1).max(90).describe('How long after closing the customer is asked again'),
    })
    .optional()
    .describe('What follows from a low score'),
  repeatAfterDays: days.describe('Nobody is asked this survey again within this time'),
  facts: z.array(factSchema).max(20).default([]),
  form: formSchema.describe('SurveyJS JSON'),
});

/** A survey, checked. */
export type SurveyFile = z.output<typeof surveyFileSchema>;
export type SurveyFact = SurveyFile['facts'][number];

/** One version of a survey: the content never changes, and neither do answers lose the version they were given to. */
export interface Survey {
  readonly id: string;
  /** Names the content: any change of it gives another version. */
  readonly version: string;
  readonly file: SurveyFile;
  readonly savedAt: Instant;
  /** User id; `perennial` for surveys of the library. */
  readonly savedBy: string;
}

/** Names a survey by its content; spaces and the order in the file do not matter. */
export const surveyVersionOf = (file: SurveyFile): string => derivedId('survey', canonicalJson(file));

/** Surveys by name. */
export interface Surveys {
  /** That very version, for as long as answers may come to it; undefined where there is none. */
  load(id: string, version: string): Promise<Survey | undefined>;
  /** The version that new campaigns are pinned with: the saved one, else the library's. */
  current(id: string): Promise<Survey | undefined>;
  list(): Promise<readonly Survey[]>;
  /** What campaigns are checked and pinned against, the latest saves of each with it. */
  index(): Promise<SurveyIndex>;
  /**
   * Adds a version and makes it current. Saving what is current changes nothing.
   * @param expected the version that was current when it was changed, `''` where there was none; refused where another is
   *   current by now. Without it, only somebody who saves at the same moment makes it refused
   */
  save(survey: Survey, expected?: string): Promise<WriteOutcome>;
}
