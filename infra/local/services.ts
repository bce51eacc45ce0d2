import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import { createDeliver } from './deliver.ts';
import type { DynamoDb } from './fakes/dynamodb/dynamodb.ts';
import { createFaultPlan, type FaultPlan } from './fakes/fault-plan.ts';
import { createS3 } from './fakes/s3/s3.ts';
import { createSns } from './fakes/ses/sns.ts';
import { createSes, type Ses } from './fakes/ses/ses.ts';
import { createSqs, type Sqs } from './fakes/sqs/sqs.ts';
import type { GatewayRequest } from './gateway/gateway.ts';
import { apiError } from './gateway/http-api.ts';
import type { LocalEvent } from './gateway/event-routes.ts';
import type { ApiResponse } from './gateway/payload.ts';
import { accessKeyOf } from './principal.ts';
import type { Fake, InvokeResult, World } from './wire.ts';
import type { Instant } from '../../shared/platform/time.ts';

export interface Services {
  readonly fakes: readonly Fake[];
  readonly faults: FaultPlan;
  readonly dynamodb: DynamoDb;
  readonly sqs: Sqs;
  readonly ses: Ses;
  readonly scheduler: { forgetHints(): void };
  readonly invoke: (functionId: string, event: unknown) => Promise<InvokeResult>;
  readonly putEvent: (event: LocalEvent) => Promise<string>;
  readonly signIn: (as: string) => Promise<string>;
  readonly jwks: () => Promise<JSONWebKeySet>;
  readonly serveCognito: (request: GatewayRequest) => Promise<ApiResponse>;
  readonly lettersHandedOver: () => number;
  readonly counts: () => Record<string, unknown>;
}

export interface ServicesParts {
  readonly world: Omit<World, 'deliver'>;
  readonly dynamodb: DynamoDb;
  readonly folder: string;
}

export const createServices = ({ world: base, dynamodb, folder }: ServicesParts): Services => {
  const faults = createFaultPlan();
  const invoke = base.invoke;
  const world: World = {
    ...base,
    invoke,
    deliver: createDeliver(base.resources, {
      queue: (arn, body, attributes) => sqs.send(arn, body, attributes),
      topic: (arn, body) => sns.publish(arn, body),
      bus: async () => {},
      invoke,
    }),
  };
  const sqs = createSqs(world, { faults });
  const sns = createSns(world, { faults });
  const ses = createSes(world, { faults });
  const s3 = createS3(world, { folder: join(folder, 'objects'), secretOf: () => 'local' });
  let last = world.clock.now() as number;
  const scheduler: Fake & { forgetHints(): void } = {
    accepts: () => false,
    actionOf: () => ({ action: '', resources: [] }),
    handle: async () => ({ status: 200 }),
    nextDueAt: () => (Math.floor(last / 60000) * 60000 + 60000) as Instant,
    async run() {
      last = world.clock.now();
      const fn = world.resources.functions.find(({ arn }) => arn === world.resources.schedules[0]?.targetArn);
      if (fn) await invoke(fn.logicalId, { scheduledAt: new Date(last).toISOString() });
      return true;
    },
    forgetHints() {},
  };
  return {
    fakes: [dynamodb, sqs, ses, scheduler, s3],
    faults,
    dynamodb,
    sqs,
    ses,
    scheduler,
    invoke,
    putEvent: async () => '',
    signIn: async () => '',
    jwks: async () => ({ keys: [] }),
    serveCognito: async () => apiError(404, 'Not Found'),
    lettersHandedOver: () => 0,
    counts: () => ({}),
  };
};
void accessKeyOf;
