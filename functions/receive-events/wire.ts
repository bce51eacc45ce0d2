import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createComplaints } from '../../shared/customer/complaints.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createCustomerNumbers } from '../../shared/customer/customer-numbers.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAskedAddresses } from '../../shared/survey/preference-link.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import { createHandler } from './core.ts';

/** `receive-events`, of whatever adapters it is given. */
export const wire = ({ table, queue, clock, log }: Pick<Parts, 'table' | 'queue' | 'clock' | 'log'>) => {
  const profiles = createProfiles(table);
  return createHandler({
    ports: {
      facts: createPolicyFacts(table),
      policies: createPolicies(table),
      customers: createCustomerNumbers(table),
      complaints: createComplaints(table),
      gates: createGates(table),
      ledger: createConsentLedger(table),
      profiles,
      tasks: toManagers(createTasks(table), profiles),
      asked: createAskedAddresses(table),
      addressBook: createAddressBook(table),
      timeline: createTimeline(table),
      changes: queue<ChangeMessage | JourneyMessage>('CHANGES_QUEUE_URL'),
    },
    log,
    clock,
  });
};
