import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mailTemplates } from '../../shared/content/mail-templates.ts';
import { createMailRenderer } from '../../shared/content/render-mail.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { createLinks } from '../../shared/message/links.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { SendPorts } from '../../shared/message/send-ports.ts';
import { createSesMailer } from '../../shared/message/ses-mailer.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { createEventLog, createMeter } from '../../shared/platform/logging.ts';
import { once } from '../../shared/platform/once.ts';
import { createS3Objects } from '../../shared/platform/s3-objects.ts';
import { createSecretReader } from '../../shared/platform/secrets.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createMailComposer } from './compose-mail.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const readSecret = createSecretReader(new SecretsManagerClient(), required('LINK_SECRET_ARN'));
const renderer = createMailRenderer(mailTemplates);
const origin = required('PUBLIC_ORIGIN');
const domain = required('SENDER_DOMAIN');

const stores = {
  gates: createGates(table),
  enrolments: createEnrolments(table),
  profiles: createProfiles(table),
  policies: createPolicies(table),
  timeline: createTimeline(table),
  due: createDueWork(table),
  proof: createS3Objects(new S3Client(), required('MESSAGES_BUCKET')),
  mailer: createSesMailer(required('CONFIGURATION_SET')),
};

const clock = (): Instant => Date.now() as Instant;

const ports = once(
  async (): Promise<SendPorts> => ({
    ...stores,
    compose: createMailComposer({ renderer, links: createLinks(await readSecret(), origin), domain }),
    settings: contactSettings,
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
  clock,
  log: createEventLog(),
  meter: createMeter(),
});
