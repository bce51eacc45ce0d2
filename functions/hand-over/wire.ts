import { createControls } from '../../shared/campaign/control.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createBrokerLists } from '../../shared/journey/broker-list.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createLetters } from '../../shared/letter/letter-store.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createHandler } from './core.ts';

/** `hand-over`, of whatever adapters it is given. */
export const wire = ({
  table,
  bucket,
  queue,
  clock,
  log,
}: Pick<Parts, 'table' | 'bucket' | 'queue' | 'clock' | 'log'>) => {
  const settings = createContactSettings(table);

  return createHandler({
    ports: {
      letters: createLetters(table),
      gates: createGates(table),
      enrolments: createEnrolments(table),
      timeline: createTimeline(table),
      journeys: queue<JourneyMessage>('CHANGES_QUEUE_URL'),
      profiles: createProfiles(table),
      policies: createPolicies(table),
      lists: createBrokerLists(table),
      files: bucket('PRINT_BUCKET'),
      controls: createControls(table, programmes, clock),
      due: createDueWork(table),
      settings: async () => (await settings.inForce()).settings,
      clock,
    },
    log,
  });
};
