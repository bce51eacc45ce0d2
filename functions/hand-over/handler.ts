import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createControls } from '../../shared/campaign/control.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createBrokerLists } from '../../shared/journey/broker-list.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createLetters } from '../../shared/letter/letter-store.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { createS3Objects } from '../../shared/platform/s3-objects.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createHandler } from './core.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const settings = createContactSettings(table);
const clock = (): Instant => Date.now() as Instant;

export const handler = createHandler({
  ports: {
    letters: createLetters(table),
    gates: createGates(table),
    enrolments: createEnrolments(table),
    timeline: createTimeline(table),
    profiles: createProfiles(table),
    policies: createPolicies(table),
    lists: createBrokerLists(table),
    files: createS3Objects(new S3Client(), required('PRINT_BUCKET')),
    controls: createControls(table, programmes, clock),
    due: createDueWork(table),
    settings: async () => (await settings.inForce()).settings,
    clock,
  },
  log: createEventLog(),
});
