import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createCustomerNumbers } from '../../shared/customer/customer-numbers.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { createHandler } from './core.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));

export const handler = createHandler({
  ports: {
    facts: createPolicyFacts(table),
    policies: createPolicies(table),
    customers: createCustomerNumbers(table),
    gates: createGates(table),
    ledger: createConsentLedger(table),
    profiles: createProfiles(table),
    tasks: createTasks(table),
    timeline: createTimeline(table),
    changes: createSqsQueue<ChangeMessage | JourneyMessage>(new SQSClient(), required('CHANGES_QUEUE_URL')),
  },
  log: createEventLog(),
  clock: () => Date.now() as Instant,
});
