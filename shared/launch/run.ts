import type { CampaignDefinition, CampaignStep, PinnedDefinition } from '../campaign/definition.ts';
import { orderTraits } from '../campaign/order-traits.ts';
import type { SendClass } from '../customer/customer.ts';
import type { SendOrder } from '../message/message.ts';
import { type PartyId, type PolicyId, sendIdOf } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';

/** How a run stands.
 *  walking: its audience is being gone through · settling: all is queued, not all has its outcome · finished: each member's
 *  message was sent or has the reason why not · incomplete: the time is over and some have no outcome (staff are told) ·
 *  expired: not all could be queued in time · skipped: it was due too long ago when it came up (F14) · cancelled */
export type RunState = 'walking' | 'settling' | 'finished' | 'incomplete' | 'expired' | 'skipped' | 'cancelled';

/** Where the walk stands: everything before it is queued. */
export interface RunCursor {
  /** Number of the page at work, from 0. */
  readonly page: number;
  /** How many members of that page are queued. */
  readonly done: number;
  /** Where the page begins in the audience: a shard and, within it, the mark of a page of rows. */
  readonly shard: number;
  readonly after?: string;
}

/** One sending of a campaign to its audience. */
export interface Run {
  readonly campaign: string;
  /** Names it among the runs of its campaign. */
  readonly occurrence: string;
  /** Content hash of the definition it began with, and ends with (F34). */
  readonly definition: string;
  readonly sendClass: SendClass;
  readonly priority: number;
  /** `orders`: one message each, no journey kept (ADR 0088) · `enter`: each member begins a journey · `look`: each is
   *  looked at anew, for a campaign that counts from a date and has just become live. */
  readonly mode: 'orders' | 'enter' | 'look';
  /** When it was due by the calendar: the instant of each message's timeline row. */
  readonly dueAt: Instant;
  /** Nothing of it is queued or goes out later. */
  readonly useBy: Instant;
  readonly startedAt: Instant;
  readonly state: RunState;
  readonly cursor: RunCursor;
  /** Members found so far, and how many of them are queued. */
  readonly members: number;
  readonly ordered: number;
  /** When the last of them was queued. */
  readonly walkedAt?: Instant;
  /** When outcomes are next looked at. */
  readonly checkAt?: Instant;
  readonly endedAt?: Instant;
  /** Rises with every write; the condition of the next one. */
  readonly version: number;
}

export type RunRef = Pick<Run, 'campaign' | 'occurrence'>;

/** One of a run's audience: a customer, or one of a customer's policies. */
export interface Member {
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
}

/** True where nothing more will happen to the run. */
export const isEnded = ({ state }: Pick<Run, 'state'>): boolean => state !== 'walking' && state !== 'settling';

/** The act of a step that is a message by itself. */
type MessageAct = Extract<CampaignStep['do'], { send: unknown } | { relay: unknown }>;

const messageActOf = ({ do: act }: CampaignStep): MessageAct | undefined =>
  'send' in act || 'relay' in act ? act : undefined;

/**
 * The one step of a campaign that writes to its audience and does no more: such a run needs no enrolment rows. Anything
 * that looks back at a journey (an exit rule, a condition, a failure branch, entering only once in many runs) needs them.
 */
export const broadcastStep = (definition: CampaignDefinition): CampaignStep | undefined => {
  const { subject, steps, trigger, reEntry, exits } = definition;
  const [step] = steps;
  if (subject !== 'customer' || steps.length !== 1 || step === undefined || messageActOf(step) === undefined)
    return undefined;
  const looksBack =
    step.at !== undefined ||
    step.when !== undefined ||
    step.onFailure !== undefined ||
    step.late === 'next-channel' ||
    exits.some((exit) => typeof exit !== 'string') ||
    ('every' in trigger && (reEntry === 'never' || reEntry === 'after-exit'));
  return looksBack ? undefined : step;
};

const channelOf = (act: MessageAct): SendOrder['channel'] => {
  if ('relay' in act) return act.relay.channel;
  return act.send === 'letter' ? 'post' : 'email';
};

/** By which channel a run's first message goes: what it is paced by. Undefined where it begins with something else. */
export const firstChannel = ({ steps }: CampaignDefinition): SendOrder['channel'] | undefined => {
  const act = steps[0] && messageActOf(steps[0]);
  return act && channelOf(act);
};

/** The survey that a run's first message asks to answer, where it is an invite. */
export const firstSurvey = ({ steps }: CampaignDefinition): string | undefined => {
  const act = steps[0] && messageActOf(steps[0]);
  return act && 'survey' in act ? act.survey : undefined;
};

/** The order of a broadcast's message to one member. */
export const orderOf = (
  run: Pick<Run, 'campaign' | 'occurrence' | 'dueAt' | 'useBy'>,
  { hash, definition, templates, surveys }: PinnedDefinition,
  step: CampaignStep,
  partyId: PartyId,
): SendOrder => {
  const act = messageActOf(step) as MessageAct;
  const channel = channelOf(act);
  const template = 'relay' in act ? act.relay.template : act.template;
  const { campaign, occurrence, dueAt, useBy } = run;
  return {
    sendId: sendIdOf(campaign, occurrence, partyId, step.id, channel),
    channel,
    sendClass: definition.class,
    ...orderTraits(definition, 'survey' in act ? act.survey : undefined),
    priority: definition.priority,
    campaign,
    definition: hash,
    step: step.id,
    template,
    templateVersion: templates[template] ?? '',
    partyId,
    enrolments: [{ partyId, campaign, occurrence }],
    broadcast: true,
    ...('send' in act && act.survey !== undefined
      ? { survey: act.survey, surveyVersion: surveys[act.survey] ?? '' }
      : {}),
    ...('relay' in act ? { gateway: act.relay.gateway } : {}),
    ...(definition.trackClicks && { trackClicks: true }),
    dueAt,
    useBy,
  };
};

const CLASS_RANK: Readonly<Record<SendClass, number>> = { statutory: 0, service: 1, marketing: 2 };

/** Who goes first where not all can: by class, then priority (higher first), then who was due earlier, then name. */
export const beforeOf = (a: Run, b: Run): number =>
  CLASS_RANK[a.sendClass] - CLASS_RANK[b.sendClass] ||
  b.priority - a.priority ||
  a.dueAt - b.dueAt ||
  (a.campaign < b.campaign ? -1 : a.campaign > b.campaign ? 1 : 0) ||
  (a.occurrence < b.occurrence ? -1 : 1);
