import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { composeLetters, type LetterPorts } from '../../shared/letter/compose-letter.ts';
import { createLetters } from '../../shared/letter/letter-store.ts';
import { letterTemplates } from '../../shared/letter/letter-templates.ts';
import { createTypesetter } from '../../shared/letter/typeset-letter.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createShortCodes } from '../../shared/message/short-code.ts';
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
import { createLetterComposer } from './compose.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const s3 = new S3Client();
const readSecret = createSecretReader(new SecretsManagerClient(), required('LINK_SECRET_ARN'));
const typesetter = createTypesetter(letterTemplates);
const origin = required('PUBLIC_ORIGIN');
const domain = required('SENDER_DOMAIN');

const stores = {
  gates: createGates(table),
  enrolments: createEnrolments(table),
  profiles: createProfiles(table),
  policies: createPolicies(table),
  timeline: createTimeline(table),
  due: createDueWork(table),
  letters: createLetters(table),
  proof: createS3Objects(s3, required('MESSAGES_BUCKET')),
  files: createS3Objects(s3, required('PRINT_BUCKET')),
};

const clock = (): Instant => Date.now() as Instant;

const ports = once(
  async (): Promise<LetterPorts> => ({
    ...stores,
    compose: createLetterComposer({ typesetter, codes: createShortCodes(table, await readSecret()), origin, domain }),
    settings: contactSettings,
    clock,
    token: randomIds.next,
  }),
);

export const handler = orderHandler({
  name: 'compose-letters',
  decide: async (orders) => composeLetters(await ports(), orders),
  counts: createOutcomeCounts(table),
  clock,
  log: createEventLog(),
  meter: createMeter(),
});
