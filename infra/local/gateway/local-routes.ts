import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { formatInstant } from '../../../shared/platform/time.ts';
import type { Engine } from '../engine.ts';
import type { ClockMover, MoveCounts } from '../move-clock.ts';
import type { Services } from '../services.ts';
import { type Resources, valueOf } from '../template/resources.ts';
import type { Trace } from '../trace.ts';
import type { VirtualClock } from '../wire.ts';
import { clockRoutes } from './clock-route.ts';
import { eventRoutes } from './event-routes.ts';
import { json, type LocalRoute, readJson } from './local-http.ts';
import { mailboxRoutes } from './mailbox-routes.ts';
import { createPolicyNumbers } from './policy-numbers.ts';
import { createPrintTray, printTrayRoutes } from './print-tray.ts';
import { textRoutes } from './text-routes.ts';

export interface LocalRoutesParts {
  readonly clock: VirtualClock;
  readonly mover: ClockMover;
  readonly engine: Engine;
  readonly services: Services;
  readonly resources: Resources;
  readonly trace: Trace;
  readonly table: DynamoDBClient;
  readonly s3: S3Client;
  readonly totals: () => MoveCounts;
  readonly awsEndpoint: string;
}

const signInSchema = z.strictObject({
  as: z.enum(['marketing', 'approver', 'manager', 'compliance', 'head', 'engineer']),
});

const sesSchema = z.strictObject({
  perDay: z.int().min(0).optional(),
  perSecond: z.int().min(0).optional(),
  paused: z.boolean().default(false),
});

/** What functions know as `variable`. @throws EngagementError misconfigured */
const required = (resources: Resources, variable: string): string => {
  const name = valueOf(resources, variable);
  if (name === undefined) throw new EngagementError('misconfigured', `no function has ${variable} in its environment`);
  return name;
};

/** Everything under `/local`: what the cloud does not have. The interface is the issue's; other programs use it. */
export const localRoutes = (parts: LocalRoutesParts): readonly LocalRoute[] => {
  const { clock, mover, engine, services, resources, trace, awsEndpoint } = parts;
  const policyNumbers = createPolicyNumbers(parts.table, required(resources, 'TABLE_NAME'));
  const printTray = createPrintTray(parts.s3, required(resources, 'PRINT_BUCKET'));
  const deadLetterArns = new Set(resources.queues.map(({ redrive }) => redrive?.deadLetterArn));
  const isDeadLetters = (arn: string): boolean =>
    deadLetterArns.has(arn) || !resources.eventSources.some((source) => source.queueArn === arn);

  const countQueues = (dead: boolean): Record<string, unknown> =>
    Object.fromEntries(
      resources.queues
        .filter(({ arn }) => isDeadLetters(arn) === dead)
        .map(({ arn, name }) => [name, dead ? services.sqs.visibleCount(arn) : services.sqs.count(arn)]),
    );

  return [
    {
      key: 'GET /local/status',
      answer: () =>
        json({
          ready: true,
          now: formatInstant(clock.now()),
          idle: !mover.moving() && engine.idle(),
          queues: countQueues(false),
          deadLetters: countQueues(true),
          counts: parts.totals(),
          awsEndpoint,
        }),
    },
    ...clockRoutes(clock, mover),
    ...mailboxRoutes({ ses: services.ses, receipt: services.receipt, numbers: policyNumbers, clock }),
    ...printTrayRoutes(printTray),
    ...textRoutes(services.texts, engine.wake),
    ...eventRoutes(services.events.put),
    {
      key: 'POST /local/sign-in',
      async answer({ body }) {
        const read = signInSchema.safeParse(readJson(body));
        if (!read.success) throw new EngagementError('bad-input', `cannot sign in: ${z.prettifyError(read.error)}`);
        return json({ token: await services.cognito.signIn(read.data.as) });
      },
    },
    {
      key: 'GET /local/faults',
      // functions call the table's process directly, so it counts for itself
      async answer() {
        const atTable = await services.dynamodb.faultReport();
        const rules = services.faults
          .report()
          .map((rule, n) => (rule.service === 'dynamodb' ? (atTable[n] ?? rule) : rule));
        return json({ rules });
      },
    },
    {
      key: 'POST /local/faults',
      async answer({ body }) {
        const rules = services.faults.set(readJson(body));
        await services.dynamodb.setFaults(rules);
        return json({ rules });
      },
    },
    {
      key: 'POST /local/ses',
      answer({ body }) {
        const read = sesSchema.safeParse(readJson(body));
        if (!read.success) throw new EngagementError('bad-input', `account settings: ${z.prettifyError(read.error)}`);
        const { paused, ...quota } = read.data;
        services.ses.setQuota(quota);
        services.ses.pause(paused);
        return json(read.data);
      },
    },
    {
      key: 'GET /local/trace',
      answer: ({ query }) => json(trace.since(Number(query.get('after') ?? 0))),
    },
  ];
};
