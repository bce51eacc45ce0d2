import * as z from 'zod';
import {
  exportQuery,
  quotesAnswer,
  quotesQuery,
  quotesSearch,
  resultsAnswer,
  resultsQuery,
  surveyParams,
} from '../../../shared/insight/contract.ts';
import { type ExportPorts, exportAnswers } from '../../../shared/insight/export-answers.ts';
import { type Frame, frameOf, type Grain, HOUSE_ZONE, usualRange } from '../../../shared/insight/period.ts';
import { readQuotes } from '../../../shared/insight/read-quotes.ts';
import { readResults } from '../../../shared/insight/read-results.ts';
import { readMark, writeMark } from '../../../shared/insight/survey-rows.ts';
import { maySee, type Reader, type Role, roles } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import { type CivilDate, daysBetween, type Instant, SECOND, type ZoneId } from '../../../shared/platform/time.ts';

export interface ResultsRoutesPorts extends ExportPorts {
  readonly now: () => Instant;
}

/** Whoever works with what single customers said; the whole file is for those who judge the survey. */
const QUOTE_READERS: readonly Role[] = ['marketing', 'manager', 'compliance', 'head'];
const EXPORTERS: readonly Role[] = ['marketing', 'compliance', 'head'];

/** The gateway hangs up after 30 seconds. */
const READ_TIME = 20 * SECOND;
const QUOTE_TIME = 5 * SECOND;
const MOST_DAYS = 750;

interface RangeQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly zone?: string | undefined;
}

const refused = (message: string): Reply<never> => ({ kind: 'refused', status: 400, code: 'bad-input', message });

/** The days that are asked for, or why they cannot be. */
const rangeOf = (query: RangeQuery, now: Instant, grain?: Grain): Frame | Reply<never> => {
  const zone = (query.zone ?? HOUSE_ZONE) as ZoneId;
  const chosen = { from: query.from as CivilDate | undefined, to: query.to as CivilDate | undefined };
  const { from, to } = usualRange(chosen, zone, now);
  const days = daysBetween(from, to) + 1;
  if (days < 1) return refused(`query.from: ${from} lies after ${to}: turn them round`);
  if (days > MOST_DAYS) return refused(`query.from: ${days} days are too many: ask for ${MOST_DAYS} at most`);
  return frameOf({ from, to, zone, grain });
};

const sees =
  (reader: Reader) =>
  (scope: string): boolean =>
    maySee(reader, scope);

/** What the answers to surveys say: rates and scores with their intervals, quotes, the answers as a file. */
export const resultsRoutes = (ports: ResultsRoutesPorts): readonly Route[] => {
  const timer = (time: number): (() => boolean) => {
    const end = ports.now() + time;
    return () => ports.now() >= end;
  };

  const quotes = async (
    survey: string,
    query: z.output<typeof quotesQuery> & { readonly text?: string },
    reader: Reader,
  ): Promise<Reply<z.input<typeof quotesAnswer>>> => {
    const frame = rangeOf(query, ports.now());
    if ('kind' in frame) return frame;
    if ((await ports.surveys.current(survey)) === undefined) return { kind: 'not-found' };
    const page = await readQuotes(ports, {
      survey,
      frame,
      topic: query.topic,
      text: query.text,
      onlyLow: query.mood === 'low',
      limit: query.limit,
      after: query.after === undefined ? undefined : readMark(query.after),
      maySee: sees(reader),
      isTimeUp: timer(QUOTE_TIME),
    });
    return {
      kind: 'ok',
      body: { items: page.items, ...(page.end === undefined ? {} : { next: writeMark(page.end) }) },
    };
  };

  return [
    route({
      method: 'get',
      path: '/api/surveys/{id}/results',
      summary: 'Results of a survey: response rate, score with interval, over time, broken down, topics',
      roles,
      params: surveyParams,
      query: resultsQuery,
      answer: resultsAnswer,
      handle: async ({ params: { id }, query, reader }) => {
        const now = ports.now();
        const frame = rangeOf(query, now, query.per);
        if ('kind' in frame) return frame;
        const question = { survey: id, frame, by: query.by, maySee: sees(reader), now, isTimeUp: timer(READ_TIME) };
        const outcome = await readResults(ports, question);
        switch (outcome.kind) {
          case 'unknown-survey':
            return { kind: 'not-found' };
          case 'too-many':
            return refused('query.from: the range holds more answers than can be counted at once: make it shorter');
          case 'read':
            return { kind: 'ok', body: outcome.results };
        }
      },
    }),

    route({
      method: 'get',
      path: '/api/surveys/{id}/quotes',
      summary: 'What customers wrote, newest first, with the topics found in it',
      roles: QUOTE_READERS,
      params: surveyParams,
      query: quotesQuery,
      answer: quotesAnswer,
      handle: ({ params, query, reader }) => quotes(params.id, query, reader),
    }),

    route({
      method: 'post',
      path: '/api/surveys/{id}/quotes/search',
      summary: 'Quotes that hold a text, newest first',
      roles: QUOTE_READERS,
      params: surveyParams,
      body: quotesSearch,
      answer: quotesAnswer,
      handle: ({ params, body, reader }) => quotes(params.id, body, reader),
    }),

    route({
      method: 'get',
      path: '/api/surveys/{id}/export.csv',
      summary: 'Answers as CSV, oldest first; where a `Link` header names a next page, append it to the file',
      roles: EXPORTERS,
      params: surveyParams,
      query: exportQuery,
      answer: z.string(),
      produces: 'text/csv; charset=utf-8',
      handle: async ({ params: { id }, query, reader }) => {
        const frame = rangeOf(query, ports.now());
        if ('kind' in frame) return frame;
        const survey = await ports.surveys.current(id);
        if (survey === undefined) return { kind: 'not-found' };
        const page = await exportAnswers(ports, {
          survey: id,
          version: survey.version,
          frame,
          after: query.after === undefined ? undefined : readMark(query.after),
          maySee: sees(reader),
        });
        const { from, to, zone } = frame;
        return {
          kind: 'file',
          name: `${id}-${from}-${to}.csv`,
          text: page.text,
          ...(page.end === undefined ? {} : { next: { from, to, zone, after: writeMark(page.end) } }),
        };
      },
    }),
  ];
};
