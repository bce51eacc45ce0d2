import type { Topic } from '../customer/customer.ts';
import type { CampaignDefinition } from './definition.ts';

/** The event of a customer who named a new e-mail address; what it begins goes to that address. */
export const ADDRESS_GIVEN = 'AddressGiven';
/** The event of a customer who asked for the link to the preference page. */
export const PREFERENCE_LINK_ASKED = 'PreferenceLinkAsked';

/** What a definition says of each of its orders beside class and template. */
export interface OrderTraits {
  readonly topic?: Topic;
  readonly requested?: true;
  readonly to?: 'unconfirmed';
}

const topicOf = ({ class: sendClass, topic }: CampaignDefinition, survey: string | undefined): Topic | undefined => {
  // what the law asks for has no topic that could be refused
  if (sendClass === 'statutory') return undefined;
  if (topic !== undefined) return topic;
  if (survey !== undefined) return 'surveys';
  return sendClass === 'marketing' ? 'offers' : undefined;
};

/**
 * The topic of an order, whether the customer asked for it, and where it goes.
 * @param survey what the message asks to answer, where it is an invite: a question is about `surveys` unless said
 */
export const orderTraits = (definition: CampaignDefinition, survey?: string): OrderTraits => {
  const { trigger, requested } = definition;
  const topic = topicOf(definition, survey);
  return {
    ...(topic === undefined ? {} : { topic }),
    ...(requested === undefined ? {} : { requested }),
    ...(requested && 'event' in trigger && trigger.event === ADDRESS_GIVEN ? { to: 'unconfirmed' } : {}),
  };
};
