import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createLists } from '../../shared/audience/list-store.ts';
import { createMemberships } from '../../shared/audience/row-subjects.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createBrokerLists } from '../../shared/journey/broker-list.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import type { DueMessage } from '../../shared/journey/run-due.ts';
import { createShelf } from '../../shared/journey/shelf.ts';
import type { PrintOrder } from '../../shared/letter/contract.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { WebhookCall } from '../../shared/message/webhook-call.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { answeringOver } from '../../shared/survey/answering.ts';
import { createAskByPhone } from '../../shared/survey/ask-by-phone.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import { createHandler } from './core.ts';

/** `run-due`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bucket,
  ids,
  bus,
  clock,
  log,
  meter,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'ids' | 'bus' | 'clock' | 'log' | 'meter'>) => {
  const audienceRows = createAudienceRows(table);
  const settings = createContactSettings(table);
  const profiles = createProfiles(table);
  const policies = createPolicies(table);

  return createHandler({
    ports: {
      enrolments: createEnrolments(table),
      definitions: createDefinitions(table, programmes),
      controls: createControls(table, programmes, clock),
      policies,
      holdings: createHoldings(table),
      facts: createPolicyFacts(table),
      traits: createTraits(table),
      lists: createMemberships(audienceRows, createLists(table, audienceRows), clock),
      gates: createGates(table),
      profiles,
      dueWork: createDueWork(table),
      brokerLists: createBrokerLists(table),
      askByPhone: createAskByPhone({ ...askingOver(table), profiles, policies }),
      bus: bus,
      letterDueIn,
      meter,
    },
    timeline: createTimeline(table),
    tasks: toManagers(createTasks(table), profiles),
    about: { bus, staff: createStaffEvents(bus) },
    answering: answeringOver({ table, bucket, queue, bus, clock }),
    shelf: createShelf(table),
    clicks: createClicks(table),
    settings: async () => (await settings.inForce()).settings,
    queues: {
      statutory: queue<SendOrder>('SEND_STATUTORY_QUEUE_URL'),
      service: queue<SendOrder>('SEND_SERVICE_QUEUE_URL'),
      marketing: queue<SendOrder>('SEND_MARKETING_QUEUE_URL'),
      letters: queue<SendOrder>('LETTERS_QUEUE_URL'),
      print: queue<PrintOrder>('PRINT_QUEUE_URL'),
      changes: queue<ChangeMessage | JourneyMessage>('CHANGES_QUEUE_URL'),
      due: queue<DueMessage>('DUE_QUEUE_URL'),
      outbound: queue<SendOrder | WebhookCall>('OUTBOUND_QUEUE_URL'),
      audiences: queue<unknown>('AUDIENCES_QUEUE_URL'),
    },
    proof: bucket('MESSAGES_BUCKET'),
    token: ids.next,
    log,
    clock,
  });
};
