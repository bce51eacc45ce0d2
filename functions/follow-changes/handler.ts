import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createUnclearRecords } from '../../shared/customer/unclear-store.ts';
import { refreshPerson } from '../../shared/customer/update-person.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { followParty } from '../../shared/journey/follow-party.ts';
import { followPolicies } from '../../shared/journey/follow-policies.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog, createMeter } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { changeMessageSchema } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const log = createEventLog();
const ports = {
  table,
  addresses: createAddressBook(table),
  ledger: createConsentLedger(table),
  unclear: createUnclearRecords(table),
  facts: createPolicyFacts(table),
  policies: createPolicies(table),
  holdings: createHoldings(table),
  enrolments: createEnrolments(table),
  gates: createGates(table),
  profiles: createProfiles(table),
  definitions: createDefinitions(table, programmes),
  programmes,
  dueWork: createDueWork(table),
  tasks: createTasks(table),
  timeline: createTimeline(table),
  bus: createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME')),
  letterDueIn,
  meter: createMeter(),
};

export const handler = queueHandler({
  schema: changeMessageSchema,
  log,
  concurrency: 4,
  handle: async (message) => {
    const now = Date.now() as Instant;
    // a record of the person that waited is known from now on
    if (message.kind === 'party' && message.because === 'recheck') await refreshPerson(ports, message.partyId, now);
    const counts =
      message.kind === 'policies'
        ? await followPolicies(message.policyIds, ports, now)
        : await followParty(message.partyId, ports, now);
    log.info('policies.followed', counts);
  },
});
