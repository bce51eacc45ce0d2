import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import { feedbackMessage } from '../../shared/message/ses-events.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const log = createEventLog();
const sqs = new SQSClient();
const changes = required('CHANGES_QUEUE_URL');
const ports = {
  timeline: createTimeline(table),
  gates: createGates(table),
  ledger: createConsentLedger(table),
  addressBook: createAddressBook(table),
  profiles: createProfiles(table),
  changes: createSqsQueue<ChangeMessage>(sqs, changes),
  journeys: createSqsQueue<JourneyMessage>(sqs, changes),
  enrolments: createEnrolments(table),
  health: createCampaignHealth(table),
};

export const handler = queueHandler({
  schema: feedbackMessage,
  log,
  concurrency: 5,
  handle: async (event) => {
    const { kind } = await receiveFeedback(ports, event);
    log.info('feedback.received', { type: event.eventType, outcome: kind });
  },
});
