import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createWatchedHealth } from '../../shared/launch/watched-health.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import { feedbackMessage } from '../../shared/message/ses-events.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';

/** `receive-feedback`, of whatever adapters it is given. */
export const wire = ({ table, queue, bus, log }: Pick<Parts, 'table' | 'queue' | 'bus' | 'log'>) => {
  const ports = {
    timeline: createTimeline(table),
    gates: createGates(table),
    ledger: createConsentLedger(table),
    addressBook: createAddressBook(table),
    profiles: createProfiles(table),
    changes: queue<ChangeMessage>('CHANGES_QUEUE_URL'),
    journeys: queue<JourneyMessage>('CHANGES_QUEUE_URL'),
    enrolments: createEnrolments(table),
    health: createWatchedHealth(table, bus),
  };

  return queueHandler({
    schema: feedbackMessage,
    log,
    concurrency: 5,
    handle: async (event) => {
      const { kind } = await receiveFeedback(ports, event);
      log.info('feedback.received', { type: event.eventType, outcome: kind });
    },
  });
};
