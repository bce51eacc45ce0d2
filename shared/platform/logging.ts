import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { EngagementError } from './errors.ts';

/**
 * Every event that may be logged, with the fields it may carry: ids, counts, codes. No field is free text, so personal
 * data has no way in (S36, N7). Add the event here before logging it.
 */
export interface LogEvents {
  'message.failed': { code: string; messageId: string; retryable: boolean };
  'batch.done': { received: number; failed: number };
  'request.failed': { requestId: string; route: string; code: string };
  'request.refused': { requestId: string; route: string; status: number };
  'tick.done': { scheduledAt: string; shards: number; nextDueAt: string | null };
  'import.split': { importId: string; chunks: number; rows: number; refused: number };
  'import.refused': { importId: string; code: string };
  'import.chunk': { importId: string; chunk: number; rows: number; refused: number };
  'policies.followed': { changed: number; enrolled: number; exited: number; moved: number };
  'journeys.followed': { kind: string; enrolled: number; woken: number; exited: number; tooLate: number };
  'steps.run': { due: number; ordered: number; skipped: number; tasks: number; stale: number };
  'messages.decided': { accepted: number; held: number; skipped: number; failed: number; unknown: number };
  'batch.handed-over': { batch: string; letters: number; recalled: number };
  'broker-list.written': { list: string; rows: number };
  'feedback.received': { type: string; outcome: string };
  'feedback.dropped': { type: string };
  'click.lost': { code: string };
  'mail.received': { outcome: string; why: string };
  'webhook.called': { endpoint: string; campaign: string; outcome: string };
  'event.received': { detailType: string; outcome: string };
  'run.started': { campaign: string; occurrence: string; outcome: string };
  'runs.walked': { ordered: number; ended: number };
  'shelf.cleared': { campaign: string; moved: number };
  'page.answered': { page: string; choice: string };
  'survey.missing': { survey: string; version: string };
  'code.missed': { blocked: boolean };
}

/** Logs one event by its registered name. */
export interface EventLog {
  info<Name extends keyof LogEvents>(name: Name, fields: LogEvents[Name]): void;
  warn<Name extends keyof LogEvents>(name: Name, fields: LogEvents[Name]): void;
  error<Name extends keyof LogEvents>(name: Name, fields: LogEvents[Name]): void;
}

/** The log of a function: JSON lines to standard output by Powertools. */
export const createEventLog = (): EventLog => {
  const logger = new Logger();
  return {
    info: (name, fields) => logger.info(name, { ...fields }),
    warn: (name, fields) => logger.warn(name, { ...fields }),
    error: (name, fields) => logger.error(name, { ...fields }),
  };
};

/** Keeps nothing: for use cases run in tests that do not look at the log. */
export const silentLog: EventLog = { info: () => {}, warn: () => {}, error: () => {} };

/** A code to log for any error, never its text: texts of foreign errors may hold personal data. */
export const codeOf = (error: unknown): string => {
  if (error instanceof EngagementError) return error.code;
  return error instanceof Error ? error.name : 'unknown';
};

/** The metrics that say how sending goes; the local runtime and the dashboards read these names. */
export type MetricName = 'MessagesSent' | 'MessagesHeld' | 'MessagesSkipped' | 'MessagesFailed';

/** Counts one kind of outcome; written as one EMF line per call. */
export interface Meter {
  count(name: MetricName, value: number, dimensions: { campaign: string; step: string; sendClass: string }): void;
}

/** Metrics by CloudWatch's embedded metric format. */
export const createMeter = (): Meter => {
  const metrics = new Metrics({ namespace: 'Perennial' });
  return {
    count(name, value, dimensions) {
      if (value === 0) return;
      const single = metrics.singleMetric();
      for (const [dimension, given] of Object.entries(dimensions)) single.addDimension(dimension, given);
      single.addMetric(name, MetricUnit.Count, value);
    },
  };
};
