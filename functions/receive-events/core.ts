import { type ReceivePorts, receivePolicyEvent } from '../../shared/journey/receive-policy-event.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { envelopeSchema, POLICY_ADMIN, policyAdminEvents, readDetail } from '../../shared/policy/customer-event.ts';
import { PAGES_SOURCE, pageEvents } from '../../shared/survey/contract.ts';

/** The consumer of the customer-events queue. */
export const createHandler = ({
  ports,
  log,
  clock,
}: {
  readonly ports: ReceivePorts;
  readonly log: EventLog;
  readonly clock: () => Instant;
}) =>
  queueHandler({
    schema: envelopeSchema,
    log,
    concurrency: 5,
    handle: async (envelope) => {
      const detailType = envelope['detail-type'];
      switch (envelope.source) {
        case POLICY_ADMIN: {
          const { kind } = await receivePolicyEvent(readDetail(policyAdminEvents, envelope), ports, clock());
          return log.info('event.received', { detailType, outcome: kind });
        }
        case PAGES_SOURCE:
          // the page did what follows from an answer before it answered; the event is for other consumers
          readDetail(pageEvents, envelope);
          return log.info('event.received', { detailType, outcome: 'noted' });
        default:
          throw new EngagementError(
            'bad-input',
            `unknown event source "${envelope.source}": known are ${POLICY_ADMIN}, ${PAGES_SOURCE}`,
          );
      }
    },
  });
