import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createControls } from '../../shared/campaign/control.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createShippedTemplates } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createShelf, createShelving } from '../../shared/journey/shelf.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { WebhookCall } from '../../shared/message/webhook-call.ts';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { keepFor } from '../../shared/platform/keep-for.ts';
import { createEventLog, createMeter } from '../../shared/platform/logging.ts';
import { once } from '../../shared/platform/once.ts';
import { createOutboundHttp, outboundNetwork } from '../../shared/platform/outbound-http.ts';
import { createS3Objects } from '../../shared/platform/s3-objects.ts';
import { createSecretReader } from '../../shared/platform/secrets.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import { type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { callWebhook, type WebhookPorts } from '../../shared/relay/call-webhook.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { sendTexts, type TextPorts } from '../../shared/relay/send-texts.ts';
import { createTextComposer } from './compose-text.ts';
import { createHandler } from './core.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const readSecret = createSecretReader(new SecretsManagerClient(), required('OUTBOUND_SECRET_ARN'));
const clock = (): Instant => Date.now() as Instant;
const log = createEventLog();

const sqs = new SQSClient();
const changes = createSqsQueue<JourneyMessage>(sqs, required('CHANGES_QUEUE_URL'));
const staff = createStaffEvents(createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME')));
const http = createOutboundHttp(outboundNetwork(required('OUTBOUND_NETWORK')));
const endpoints = createEndpoints(table);
const controls = createControls(table, programmes, clock);
const dueWork = createDueWork(table);
const settings = createContactSettings(table);
const templates = createTemplates(
  createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
  createStoredTemplates(table),
);

const sending: TextPorts['sending'] = {
  gates: createGates(table),
  enrolments: createEnrolments(table),
  profiles: createProfiles(table),
  policies: createPolicies(table),
  controls,
  timeline: createTimeline(table),
  due: dueWork,
  shelf: createShelving({ shelf: createShelf(table), controls, dueWork, clock }),
  changes,
  proof: createS3Objects(new S3Client(), required('MESSAGES_BUCKET')),
  compose: createTextComposer({ templates }),
  // a stricter rule counts within a minute
  settings: keepFor(MINUTE, clock, async () => (await settings.inForce()).settings),
  sendingPaused: (code) => staff.tell({ type: 'SendingPaused', details: { code }, at: clock() }),
  clock,
  token: () => randomIds.next(),
  pause: async (milliseconds) => {
    await pause(milliseconds);
  },
};

const texts = once(
  async (): Promise<TextPorts> => ({
    sending,
    endpoints,
    gateway: { http, secret: await readSecret(), clock },
    table,
  }),
);

const webhooks = once(
  async (): Promise<WebhookPorts> => ({
    endpoints,
    http,
    secret: await readSecret(),
    retries: createSqsQueue<WebhookCall>(sqs, required('OUTBOUND_QUEUE_URL')),
    giveUp: async ({ id, endpoint, campaign, step }, ref, because) => {
      await changes.send([{ kind: 'step-failed', ref, step, because: `webhook: ${because}` }]);
      await staff.tell({ type: 'WebhookFailed', campaign, details: { id, endpoint, step, because }, at: clock() });
    },
  }),
);

export const handler = createHandler({
  call: async (call) => callWebhook(await webhooks(), call, clock()),
  orders: orderHandler({
    name: 'call-out',
    decide: async (orders) => sendTexts(await texts(), orders),
    counts: createOutcomeCounts(table),
    health: createCampaignHealth(table),
    clock,
    log,
    meter: createMeter(),
  }),
  log,
});
