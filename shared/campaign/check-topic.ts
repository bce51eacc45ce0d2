import type { CampaignDefinition } from './definition.ts';
import { ADDRESS_GIVEN, PREFERENCE_LINK_ASKED } from './order-traits.ts';
import type { Problem } from './problem.ts';

/** Events of the customer's pages in which somebody asks for a message. */
const REQUESTS: readonly string[] = [ADDRESS_GIVEN, PREFERENCE_LINK_ASKED];

/** What a campaign is about fits its class, and only what was asked for is sent as asked for. */
export const checkTopic = ({ class: sendClass, topic, requested, trigger }: CampaignDefinition): readonly Problem[] => {
  const problems: Problem[] = [];
  const add = (path: string, message: string) => problems.push({ path, message });
  if (topic !== undefined && sendClass === 'statutory')
    add('topic', 'what the law asks for cannot be refused by topic: take "topic" out');
  if (topic === 'offers' && sendClass === 'service')
    add('topic', 'an offer makes a message marketing: write "class": "marketing", or another topic');
  if (requested && (!('event' in trigger) || !REQUESTS.includes(trigger.event)))
    add('requested', `only what a customer asked for on a page is requested: begin with ${REQUESTS.join(' or ')}`);
  if (requested && sendClass !== 'service')
    add('requested', 'nobody asks for advertising by these events: write "class": "service"');
  return problems;
};
