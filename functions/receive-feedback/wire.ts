import * as z from 'zod';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createWatchedHealth } from '../../shared/launch/watched-health.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import { feedbackMessage } from '../../shared/message/ses-events.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';

/** What SNS asks of whoever listens over HTTP. We listen by a queue, so nobody has reason to ask: dropped and logged, its
 *  `SubscribeURL` never called (S42). */
const request = z
  .object({ Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']) })
  .transform(({ Type }) => ({ kind: 'request' as const, type: Type }));
const body = z.union([request, feedbackMessage.transform((event) => ({ kind: 'event' as const, event }))]);

/** `receive-feedback`, of whatever adapters it is given. */
export const wire = ({ table, queue, bus, clock, log }: Pick<Parts, 'table' | 'queue' | 'bus' | 'clock' | 'log'>) => {
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
    clicks: createClicks(table),
    due: createDueWork(table),
    clock,
  };

  return queueHandler({
    schema: body,
    log,
    concurrency: 5,
    handle: async (message) => {
      if (message.kind === 'request') return log.warn('feedback.dropped', { type: message.type });
      const { kind } = await receiveFeedback(ports, message.event);
      log.info('feedback.received', { type: message.event.eventType, outcome: kind });
    },
  });
};
