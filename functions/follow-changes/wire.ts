import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createSavedAudiences } from '../../shared/audience/audience-store.ts';
import { createAudienceFollower } from '../../shared/audience/follow-audiences.ts';
import { createLists } from '../../shared/audience/list-store.ts';
import { createMemberships } from '../../shared/audience/row-subjects.ts';
import { createWatches } from '../../shared/audience/watch-store.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { createLiveCampaigns } from '../../shared/campaign/live-campaigns.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createUnclearRecords } from '../../shared/customer/unclear-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { readSubjects, type WantedSubject } from '../../shared/journey/read-subject.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import { type Change, createHandler } from './core.ts';

/** `follow-changes`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bus,
  clock,
  log,
  meter,
}: Pick<Parts, 'table' | 'queue' | 'bus' | 'clock' | 'log' | 'meter'>) => {
  const changes = queue<Change>('CHANGES_QUEUE_URL');

  const audienceRows = createAudienceRows(table);
  const lists = createLists(table, audienceRows);
  const subjectPorts = {
    profiles: createProfiles(table),
    gates: createGates(table),
    traits: createTraits(table),
    policies: createPolicies(table),
    holdings: createHoldings(table),
    facts: createPolicyFacts(table),
    timeline: createTimeline(table),
    lists: createMemberships(audienceRows, lists, clock),
  };
  const subjects = (wanted: readonly WantedSubject[], now: Instant) => readSubjects(wanted, subjectPorts, now);
  const definitions = createDefinitions(table, programmes);

  return createHandler({
    ports: {
      ...subjectPorts,
      subjects,
      table,
      addresses: createAddressBook(table),
      ledger: createConsentLedger(table),
      unclear: createUnclearRecords(table),
      enrolments: createEnrolments(table),
      definitions,
      campaigns: createLiveCampaigns(createCampaigns(table, programmes), definitions),
      savedAudiences: createSavedAudiences(table),
      audienceRows,
      audienceFollower: createAudienceFollower({
        rows: audienceRows,
        lists,
        deepen: subjects,
        watches: createWatches(table),
        changes,
      }),
      dueWork: createDueWork(table),
      tasks: toManagers(createTasks(table), createProfiles(table)),
      bus: bus,
      changes,
      letterDueIn,
      meter,
    },
    log,
    clock,
  });
};
