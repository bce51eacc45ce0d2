import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createBrokerLists } from '../../shared/journey/broker-list.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import type { DueMessage } from '../../shared/journey/run-due.ts';
import type { PrintOrder } from '../../shared/letter/contract.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog, createMeter } from '../../shared/platform/logging.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { createHandler } from './core.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const sqs = new SQSClient();
const queue = <Message>(variable: string) => createSqsQueue<Message>(sqs, required(variable));

export const handler = createHandler({
  ports: {
    enrolments: createEnrolments(table),
    definitions: createDefinitions(table, programmes),
    policies: createPolicies(table),
    gates: createGates(table),
    profiles: createProfiles(table),
    dueWork: createDueWork(table),
    tasks: createTasks(table),
    brokerLists: createBrokerLists(table),
    letterDueIn,
    meter: createMeter(),
  },
  timeline: createTimeline(table),
  queues: {
    statutory: queue<SendOrder>('SEND_STATUTORY_QUEUE_URL'),
    service: queue<SendOrder>('SEND_SERVICE_QUEUE_URL'),
    marketing: queue<SendOrder>('SEND_MARKETING_QUEUE_URL'),
    letters: queue<SendOrder>('LETTERS_QUEUE_URL'),
    print: queue<PrintOrder>('PRINT_QUEUE_URL'),
    changes: queue<ChangeMessage>('CHANGES_QUEUE_URL'),
    due: queue<DueMessage>('DUE_QUEUE_URL'),
  },
  log: createEventLog(),
  clock: () => Date.now() as Instant,
});
