import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SESClient } from '@aws-sdk/client-ses';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createControls } from '../../shared/campaign/control.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createMailRenderer } from '../../shared/content/render-mail.ts';
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
import { createLinks } from '../../shared/message/links.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { cachedLimits, createSendQuota } from '../../shared/message/quota.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { SendPorts } from '../../shared/message/send-ports.ts';
import { createSesLimits } from '../../shared/message/ses-limits.ts';
import { createSesMailer } from '../../shared/message/ses-mailer.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { keepFor } from '../../shared/platform/keep-for.ts';
import { createEventLog, createMeter } from '../../shared/platform/logging.ts';
import { once } from '../../shared/platform/once.ts';
import { createS3Objects } from '../../shared/platform/s3-objects.ts';
import { createSecretReader } from '../../shared/platform/secrets.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import { type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createClaimReader } from './claim-of.ts';
import { createMailComposer } from './compose-mail.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const readSecret = createSecretReader(new SecretsManagerClient(), required('LINK_SECRET_ARN'));
const origin = required('PUBLIC_ORIGIN');
const domain = required('SENDER_DOMAIN');
const clock = (): Instant => Date.now() as Instant;

const controls = createControls(table, programmes, clock);
const dueWork = createDueWork(table);
const settings = createContactSettings(table);
const staff = createStaffEvents(createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME')));
const composing = {
  templates: createTemplates(
    createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
    createStoredTemplates(table),
  ),
  renderer: createMailRenderer(),
  claimOf: createClaimReader(createPolicyFacts(table), clock),
  domain,
};

const stores = {
  gates: createGates(table),
  enrolments: createEnrolments(table),
  profiles: createProfiles(table),
  policies: createPolicies(table),
  controls,
  timeline: createTimeline(table),
  due: dueWork,
  shelf: createShelving({ shelf: createShelf(table), controls, dueWork, clock }),
  changes: createSqsQueue<JourneyMessage>(new SQSClient(), required('CHANGES_QUEUE_URL')),
  quota: createSendQuota(table, cachedLimits(createSesLimits(new SESClient()))),
  proof: createS3Objects(new S3Client(), required('MESSAGES_BUCKET')),
  mailer: createSesMailer(required('CONFIGURATION_SET')),
};

const ports = once(
  async (): Promise<SendPorts> => ({
    ...stores,
    compose: createMailComposer({ ...composing, links: createLinks(await readSecret(), origin) }),
    // a stricter rule counts within a minute
    settings: keepFor(MINUTE, clock, async () => (await settings.inForce()).settings),
    sendingPaused: (code) => staff.tell({ type: 'SendingPaused', details: { code }, at: clock() }),
    clock,
    token: () => randomIds.next(),
    pause: async (milliseconds) => {
      await pause(milliseconds);
    },
  }),
);

export const handler = orderHandler({
  name: 'send-mail',
  decide: async (orders) => sendMail(await ports(), orders),
  counts: createOutcomeCounts(table),
  health: createCampaignHealth(table),
  clock,
  log: createEventLog(),
  meter: createMeter(),
});
