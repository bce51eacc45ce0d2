import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { type ReceiveCustomerEventPorts, receiveCustomerEvent } from '../../shared/journey/receive-customer-event.ts';
import { type ReceivePorts, receivePolicyEvent } from '../../shared/journey/receive-policy-event.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { Instant } from '../../shared/platform/time.ts';
import {
  CUSTOMER_EVENTS,
  customerEventSchema,
  type Envelope,
  envelopeSchema,
  JOURNEYS,
  journeyEventSchema,
  POLICY_ADMIN,
  policyAdminEvents,
  policyAdminNews,
  readAnyDetail,
  readDetail,
} from '../../shared/policy/customer-event.ts';
import { PAGES_SOURCE, pageEvents } from '../../shared/survey/contract.ts';
import { journeyMessageOf, type PageEvent } from '../../shared/survey/journey-message.ts';
import { whoAsked } from '../../shared/survey/preference-link.ts';

type Ports = ReceivePorts & ReceiveCustomerEventPorts & Parameters<typeof whoAsked>[0];

/** The page did what follows from an answer before it answered; journeys may begin or go on with it. */
const fromPage = async (event: PageEvent, ports: Ports): Promise<readonly JourneyMessage[]> => {
  const parties =
    event.type === 'PreferenceLinkAsked' ? await whoAsked(ports, event.detail) : [event.detail.partyId as PartyId];
  return parties.map((partyId) => journeyMessageOf(event, partyId));
};

/** Takes one event by its source. @returns what became of it, for the log */
const receive = async (envelope: Envelope, ports: Ports, now: Instant): Promise<string> => {
  switch (envelope.source) {
    case POLICY_ADMIN:
      if (!Object.hasOwn(policyAdminNews, envelope['detail-type']))
        return (await receivePolicyEvent(readDetail(policyAdminEvents, envelope), ports, now)).kind;
      await receiveCustomerEvent(readDetail(policyAdminNews, envelope), ports, now);
      return 'queued';
    case CUSTOMER_EVENTS:
      await receiveCustomerEvent(readAnyDetail(customerEventSchema, envelope), ports, now);
      return 'queued';
    case JOURNEYS:
      await receiveCustomerEvent(readAnyDetail(journeyEventSchema, envelope), ports, now);
      return 'queued';
    case PAGES_SOURCE:
      await ports.changes.send(await fromPage(readDetail(pageEvents, envelope), ports));
      return 'queued';
    default:
      throw new EngagementError(
        'bad-input',
        `unknown event source "${envelope.source}": known are ${[POLICY_ADMIN, CUSTOMER_EVENTS, JOURNEYS, PAGES_SOURCE].join(', ')}`,
      );
  }
};

/** The consumer of the customer-events queue. */
export const createHandler = ({
  ports,
  log,
  clock,
}: {
  readonly ports: Ports;
  readonly log: EventLog;
  readonly clock: () => Instant;
}) =>
  queueHandler({
    schema: envelopeSchema,
    log,
    concurrency: 5,
    handle: async (envelope) => {
      const outcome = await receive(envelope, ports, clock());
      log.info('event.received', { detailType: envelope['detail-type'], outcome });
    },
  });
