import * as z from 'zod';
import { parseCivilDate, parseZone } from '../platform/time.ts';
import { metrics } from '../survey/survey.ts';
import { grains } from './period.ts';
import { breakdowns } from './tally.ts';

/** What the API says of the answers to surveys. Shares are percent, 0 … 100; every interval is one of 95 %. */

const day = z.string().refine((text) => parseCivilDate(text) !== undefined, 'a day such as 2027-01-31');
const label = z.object({ 'zh-CN': z.string(), en: z.string() });
const count = z.int().min(0);
const interval = z.object({ low: z.number(), high: z.number() });

const range = {
  from: day.optional().describe('first day; 90 days before the last where it is absent'),
  to: day.optional().describe('last day; today where it is absent'),
  zone: z
    .string()
    .refine((text) => parseZone(text) !== undefined, 'an IANA time zone such as Asia/Shanghai')
    .optional()
    .describe('whose days; those of the head office where it is absent'),
};

export const surveyParams = z.object({ id: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/) });

export const resultsQuery = z.strictObject({
  ...range,
  by: z
    .enum(breakdowns)
    .default('tier')
    .describe('what results are broken down by, as it stood when customers were asked'),
  per: z.enum(grains).optional().describe('periods over time; where it is absent, weeks, or months for a long range'),
});

const rate = z.object({
  asked: count.describe('invitations of the period'),
  replied: count.describe('of those, answered within 90 days'),
  percent: z.number().optional().describe('absent where nobody was asked'),
  interval: interval.optional().describe('Wilson'),
});

const score = z.object({
  answers: count.describe('answers given in the period that hold a score'),
  few: z.boolean().describe('fewer than five answers: no score is shown'),
  value: z.number().optional().describe('NPS −100 … 100; CSAT: percent who gave 4 or 5; CES: mean, 1 … 7'),
  interval: interval.optional().describe('adjusted Wald for NPS, Wilson for CSAT, Student’s t for CES'),
  mean: z.number().optional().describe('of the scores given'),
  meanInterval: interval.optional().describe('Student’s t; absent where all gave the same'),
});
export type ScoreShown = z.output<typeof score>;

const cell = z.object({
  rate,
  score,
  answers: count,
  low: count.optional().describe('low scores, each with a task; absent where few answered'),
});
export type CellShown = z.output<typeof cell>;

export const resultsAnswer = z.object({
  survey: z.string(),
  title: label,
  version: z.string().describe('the one that is asked now'),
  metric: z.enum(metrics).optional(),
  scale: z.object({ lowest: z.int(), highest: z.int() }).optional(),
  from: day,
  to: day,
  zone: z.string(),
  per: z.enum(grains),
  by: z.enum(breakdowns),
  total: cell,
  distribution: z
    .array(z.object({ score: z.int(), count }))
    .describe('answers by score; empty where there are fewer than five'),
  periods: z.array(cell.extend({ from: day })),
  groups: z
    .array(cell.extend({ value: z.string().describe('empty where it is not known') }))
    .describe('most answers first'),
  others: cell
    .extend({ groups: count })
    .optional()
    .describe('the smallest groups together, where there are more than 200'),
  texts: z.object({
    answers: count.describe('answers with free text'),
    withoutTopic: count.describe('of those, the ones in which no topic was found'),
  }),
  topics: z
    .array(
      z.object({
        topic: z.string(),
        label,
        answers: count,
        score,
        terms: z.array(z.object({ term: z.string(), answers: count })).describe('found most often, up to five'),
      }),
    )
    .describe('most answers first'),
  otherMeasure: count.describe('answers to versions with another measure: counted as answers, not in the score'),
});
export type ResultsAnswer = z.output<typeof resultsAnswer>;

const quoteFilter = {
  topic: z.string().max(40).optional().describe('id of a topic; `none`: texts in which no topic was found'),
  mood: z.enum(['low']).optional().describe('only answers with a low score'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(200).optional(),
};
export const quotesQuery = z.strictObject({ ...range, ...quoteFilter });
/** What is searched for may be a name: it stands in a body, never in an address (S31). */
export const quotesSearch = z.strictObject({
  ...range,
  ...quoteFilter,
  text: z.string().trim().min(1).max(100).describe('part of what was written; capitals do not matter'),
});

export const quotesAnswer = z.object({
  items: z.array(
    z.object({
      answerId: z.string(),
      at: z.iso.datetime(),
      customerId: z.string(),
      question: z.string(),
      text: z.string(),
      cut: z.boolean().describe('longer than what is shown; the export holds the whole'),
      score: z.int().optional(),
      low: z.boolean(),
      topics: z.array(z.object({ topic: z.string(), label, words: z.array(z.string()) })),
    }),
  ),
  next: z.string().optional().describe('there may be more: ask again with it as `after`, even where `items` is empty'),
});
export type QuotesAnswer = z.output<typeof quotesAnswer>;

export const exportQuery = z.strictObject({ ...range, after: z.string().max(200).optional() });
