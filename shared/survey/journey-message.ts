import type * as z from 'zod';
import { topics } from '../customer/customer.ts';
import type { JourneyMessage } from '../journey/contract.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { type Instant, parseInstant } from '../platform/time.ts';
import type { pageEvents } from './contract.ts';

/** An event of the customer's pages, its detail checked. */
export type PageEvent = {
  [Type in keyof typeof pageEvents]: { readonly type: Type; readonly detail: z.output<(typeof pageEvents)[Type]> };
}[keyof typeof pageEvents];

/** What filters of campaigns can ask of an event. */
const propertiesOf = (event: PageEvent): Record<string, string | number | boolean> => {
  if (event.type === 'Unsubscribed') return { channel: event.detail.channel, sendClass: event.detail.sendClass };
  if (event.type === 'AddressGiven' || event.type === 'AddressConfirmed' || event.type === 'PreferenceLinkAsked')
    return {};
  if (event.type === 'PreferencesChanged') {
    const { refusedTopics, pace = 'any', paused, advertising, locale } = event.detail;
    const wanted = topics.map((topic) => [topic, !refusedTopics.includes(topic)] as const);
    return { ...Object.fromEntries(wanted), pace, paused, advertising, locale };
  }
  const { campaign, occurrence, step } = event.detail;
  const from = {
    ...(campaign === undefined ? {} : { campaign }),
    ...(occurrence === undefined ? {} : { occurrence }),
    ...(step === undefined ? {} : { step }),
  };
  if (event.type === 'SurveyAnswered') {
    const { survey, metric, score, low, given, hasComment } = event.detail;
    return {
      ...from,
      survey,
      low,
      given,
      hasComment,
      ...(metric === undefined ? {} : { metric }),
      ...(score === undefined ? {} : { score }),
    };
  }
  const { choice, reason } = event.detail;
  return { ...from, choice, ...(reason === undefined ? {} : { reason }) };
};

/** What a customer did on a page, for the journeys that begin, go on or end with it. The page wrote its own history row.
 *  @param partyId whom it is about: of most events they say it themselves */
export const journeyMessageOf = (event: PageEvent, partyId: PartyId): JourneyMessage => {
  const { type, detail } = event;
  const policyId = 'policyId' in detail ? detail.policyId : undefined;
  const at = parseInstant(detail.occurredAt) as Instant;
  return {
    kind: 'event',
    partyId,
    ...(policyId === undefined ? {} : { policyId: policyId as PolicyId }),
    event: {
      id: detail.eventId,
      type,
      key: detail.eventId,
      occurredAt: at,
      receivedAt: at,
      properties: propertiesOf(event),
      hops: 0,
    },
    because: `page:${type}`,
  };
};
