import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { handle } from 'hono/aws-lambda';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { search } from '../../shared/customer/search.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { createClickTargets } from '../../shared/message/click-targets.ts';
import { createGuesses } from '../../shared/message/guesses.ts';
import { createLinks } from '../../shared/message/links.ts';
import { optOut } from '../../shared/message/opt-out.ts';
import { createShortCodes } from '../../shared/message/short-code.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { createSecretReader } from '../../shared/platform/secrets.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import { createPublicApp } from './app.ts';
import { preferencePorts } from './preference-ports.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const bus = createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME'));
const changes = createSqsQueue<ChangeMessage | JourneyMessage>(new SQSClient(), required('CHANGES_QUEUE_URL'));
const secrets = new SecretsManagerClient();
const secret = createSecretReader(secrets, required('LINK_SECRET_ARN'));
const origin = required('PUBLIC_ORIGIN');
const gates = createGates(table);
const profiles = createProfiles(table);
const timeline = createTimeline(table);
const enrolments = createEnrolments(table);
const ledger = createConsentLedger(table);
const stopping = {
  gates,
  profiles,
  timeline,
  changes,
  ledger,
  addressBook: createAddressBook(table),
};

const tasks = toManagers(createTasks(table), profiles);

export const handler = handle(
  createPublicApp({
    links: async () => createLinks(await secret(), origin),
    codes: async () => createShortCodes(table, await secret()),
    guesses: async () => createGuesses(table, await secret()),
    policies: createPolicies(table),
    profiles,
    renewal: {
      answers: createRenewalAnswers(table),
      enrolments,
      gates,
      tasks,
      timeline,
      changes,
      bus,
    },
    unsubscribe: { optOut: (request) => optOut(stopping, request), bus },
    preferences: preferencePorts(table, changes, bus),
    clicks: { targets: createClickTargets(table), clicks: createClicks(table), due: createDueWork(table) },
    hooks: {
      endpoints: createEndpoints(table),
      secret: createSecretReader(secrets, required('OUTBOUND_SECRET_ARN')),
      receive: {
        ...stopping,
        enrolments,
        tasks,
        findByPhone: async (phone) =>
          (await search(table, { text: phone, limit: 20 })).flatMap(({ partyId }) => partyId ?? []),
        changes,
        bus,
      },
    },
    log: createEventLog(),
    now: () => Date.now() as Instant,
    newId: () => randomIds.next(),
  }),
);
