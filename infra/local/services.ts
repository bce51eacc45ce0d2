import { join } from 'node:path';
import { formatInstant } from '../../shared/platform/time.ts';
import { createDeliver } from './deliver.ts';
import { type Cognito, createCognito } from './fakes/cognito/cognito.ts';
import type { DynamoDb } from './fakes/dynamodb/dynamodb.ts';
import { createEvents, type Events } from './fakes/events/events.ts';
import { createFaultPlan, type FaultPlan } from './fakes/fault-plan.ts';
import { createS3 } from './fakes/s3/s3.ts';
import { createScheduler, type Scheduler } from './fakes/scheduler/scheduler.ts';
import { createSecrets, secretValue } from './fakes/secrets/secrets.ts';
import { createReceipt, type Receipt } from './fakes/ses/receipt.ts';
import { createSes, type Ses } from './fakes/ses/ses.ts';
import { createSns } from './fakes/ses/sns.ts';
import { writeReply } from './fakes/ses/write-reply.ts';
import { createSqs, type Sqs } from './fakes/sqs/sqs.ts';
import { createTextGateway, type TextGateway } from './fakes/text-gateway/text-gateway.ts';
import { createInvocations } from './invocations.ts';
import { countingLetters } from './letters-sent.ts';
import { SECRET_KEY } from './principal.ts';
import { createFuture, type Future } from './sample/future.ts';
import { valueOf } from './template/resources.ts';
import type { Fake, InvokeResult, World } from './wire.ts';

/** The imitated services, wired to each other. */
export interface Services {
  /** All that speak at the AWS endpoint or work by themselves, the one asked most first. */
  readonly fakes: readonly Fake[];
  readonly faults: FaultPlan;
  readonly dynamodb: DynamoDb;
  readonly sqs: Sqs;
  readonly ses: Ses;
  /** Mail that comes in. */
  readonly receipt: Receipt;
  readonly events: Events;
  readonly scheduler: Scheduler;
  /** Runs a function; what schedules believe about their next work is forgotten then. */
  readonly invoke: (functionId: string, event: unknown) => Promise<InvokeResult>;
  readonly cognito: Cognito;
  /** The insurer's gateway for texts. */
  readonly texts: TextGateway;
  /** What the people of a sample book will do. */
  readonly future: Future;
  /** Letters handed over to the print house since the start. */
  readonly lettersSent: () => number;
}

export interface ServicesParts {
  /** `invoke` runs a function without further ado. */
  readonly world: Omit<World, 'deliver'>;
  readonly dynamodb: DynamoDb;
  /** State folder. */
  readonly folder: string;
}

/** @throws EngagementError misconfigured where the template asks a service for what is not imitated */
export const createServices = ({ world: base, dynamodb, folder }: ServicesParts): Services => {
  const { resources } = base;
  const faults = createFaultPlan();
  const targets = new Set(resources.schedules.map(({ targetArn }) => targetArn));
  const invoke = createInvocations({
    run: base.invoke,
    scheduled: new Set(resources.functions.filter(({ arn }) => targets.has(arn)).map(({ logicalId }) => logicalId)),
    onOther: () => scheduler.forgetHints(),
  });
  const world: World = {
    ...base,
    invoke,
    deliver: createDeliver(resources, {
      queue: (arn, body, attributes) => sqs.send(arn, body, attributes),
      topic: (arn, body) => sns.publish(arn, body),
      invoke,
    }),
  };
  const sqs = createSqs(world, { faults });
  const sns = createSns(world, { faults });
  const ses = createSes(world, { faults });
  const letters = countingLetters(
    createS3(world, { folder: join(folder, 'objects'), secretOf: () => SECRET_KEY }),
    valueOf(resources, 'PRINT_BUCKET'),
  );
  const receipt = createReceipt(world, letters.s3.store);
  const events = createEvents(world, { faults });
  const scheduler = createScheduler(world, { faults });
  const secrets = createSecrets(world);
  const future = createFuture(world.db, {
    clock: world.clock,
    mailbox: ses.mailbox,
    publish: async ({ source, detailType, detail, at }) =>
      events.put({ source, detailType, detail, time: formatInstant(at) }),
    feedback: async (mailId, { at, ...report }) => ses.feedback(mailId, { ...report, at: formatInstant(at) }),
    reply: async (mail, { text, headers }, at) => {
      const { raw, from, to } = writeReply(mail, text, at, headers);
      await receipt.receive(raw, { from, to });
    },
  });
  const texts = createTextGateway({
    db: world.db,
    clock: world.clock,
    secret: () => Buffer.from(secretValue(world.db, valueOf(resources, 'OUTBOUND_SECRET_ARN') ?? '') ?? '', 'utf8'),
    post: async (path, headers, body) =>
      (await fetch(`${resources.origin}${path}`, { method: 'POST', headers: { ...headers }, body })).status,
  });
  return {
    fakes: [sqs, ses, secrets, events, scheduler, dynamodb, letters.s3, future, texts],
    faults,
    dynamodb,
    sqs,
    ses,
    receipt,
    events,
    scheduler,
    invoke,
    cognito: createCognito(world),
    future,
    texts,
    lettersSent: letters.count,
  };
};
