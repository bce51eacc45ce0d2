import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createUnclearRecords } from '../../shared/customer/unclear-store.ts';
import { createUnconfirmedAddresses } from '../../shared/customer/unconfirmed-store.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Bus } from '../../shared/platform/bus.ts';
import { createDailyLimit } from '../../shared/platform/daily-limit.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import type { Table } from '../../shared/platform/table.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAskedAddresses } from '../../shared/survey/preference-link.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import type { PreferenceSite } from './preference-routes.ts';

/** The stores behind the preference pages. */
export const preferencePorts = (
  table: Table,
  changes: Queue<ChangeMessage>,
  bus: Bus,
): PreferenceSite['preferences'] => {
  const [profiles, gates, ledger] = [createProfiles(table), createGates(table), createConsentLedger(table)];
  const addressBook = createAddressBook(table);
  return {
    gates,
    ledger,
    addressBook,
    profiles,
    timeline: createTimeline(table),
    changes,
    bus,
    persons: { table, profiles, gates, addresses: addressBook, ledger, unclear: createUnclearRecords(table) },
    tasks: toManagers(createTasks(table), profiles),
    unconfirmed: createUnconfirmedAddresses(table),
    asked: createAskedAddresses(table),
    limit: createDailyLimit(table, 'preferences'),
    enrolments: createEnrolments(table),
    campaigns: createCampaigns(table, programmes),
    definitions: createDefinitions(table, programmes),
    policies: createPolicies(table),
  };
};
