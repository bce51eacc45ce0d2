import type { Campaigns } from '../campaign/campaign-store.ts';
import type { CampaignDefinition, PinnedDefinition, Trigger } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import { maskNumber } from '../content/formats.ts';
import type { ConsentState, Gate, SendClass } from '../customer/customer.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import type { LinkClaims } from '../message/links.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { EngagementError } from '../platform/errors.ts';
import type { CivilDate, Instant } from '../platform/time.ts';
import type { Policy, ProductLine } from '../policy/policy.ts';

/** What explaining a message to its receiver reads. */
export interface WhyPorts {
  readonly enrolments: Pick<Enrolments, 'get'>;
  readonly campaigns: Pick<Campaigns, 'get'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly policies: { get(id: Policy['policyId']): Promise<Policy | undefined> };
  readonly timeline: Pick<Timeline, 'list'>;
}

/** What began a journey, as far as a customer needs to know. */
export const whyTriggers = [
  'renewal-date',
  'policy-began',
  'claim',
  'birthday',
  'asked',
  'something-happened',
  'group',
] as const;
export type WhyTrigger = (typeof whyTriggers)[number];

/** Why somebody got a message, without anything that names them. */
export interface WhySent {
  readonly title: CampaignDefinition['title'];
  readonly sendClass: SendClass;
  readonly trigger: WhyTrigger;
  /** When the message was sent, or else when its journey began; absent where nobody remembers. */
  readonly at?: Instant;
  /** The policy that it is about, its number masked. */
  readonly policy?: { readonly line: ProductLine; readonly number: string; readonly renewsOn: CivilDate };
  /** Of advertising: the agreement to it by e-mail, as it stands. */
  readonly consent?: ConsentState;
}

const triggerOf = ({ trigger, requested }: Pick<CampaignDefinition, 'trigger' | 'requested'>): WhyTrigger => {
  if (requested) return 'asked';
  if (!('date' in trigger)) return 'event' in trigger ? 'something-happened' : 'group';
  return byDate[trigger.date];
};

const byDate: Readonly<Record<Extract<Trigger, { date: unknown }>['date'], WhyTrigger>> = {
  'policy.renewsOn': 'renewal-date',
  'policy.startsOn': 'policy-began',
  'policy.contractStartsOn': 'policy-began',
  'claim.occurredOn': 'claim',
  'claim.settledOn': 'claim',
  'customer.birthOn': 'birthday',
};

/** The newest rows of a person that are looked through for the message. */
const LOOK_BACK = 200;

const sentAt = async (ports: Pick<WhyPorts, 'timeline'>, claims: LinkClaims): Promise<Instant | undefined> => {
  const { entries } = await ports.timeline.list(claims.partyId, { limit: LOOK_BACK });
  const { campaign, step, policyId } = claims;
  return entries.find(
    (row) =>
      row.kind === 'message' &&
      row.campaign === campaign &&
      row.step === step &&
      (policyId === undefined || row.policyIds.length === 0 || row.policyIds.includes(policyId)),
  )?.at;
};

/** The first of these definitions that is kept: a page that customers need must not fail for one that is lost. */
const firstKept = async (
  { definitions }: Pick<WhyPorts, 'definitions'>,
  campaign: string,
  hashes: readonly (string | undefined)[],
): Promise<PinnedDefinition | undefined> => {
  for (const hash of hashes) {
    if (hash === undefined) continue;
    try {
      return await definitions.get(campaign, hash);
    } catch (error) {
      if (!(error instanceof EngagementError) || error.retryable) throw error;
    }
  }
  return undefined;
};

/**
 * Why the message that held the link was sent: by the definition that the journey began with, else by the campaign's live
 * one.
 * @returns undefined where the link names no campaign, or one that nobody remembers
 */
export const whySent = async (ports: WhyPorts, claims: LinkClaims, gate: Gate): Promise<WhySent | undefined> => {
  const { partyId, policyId, campaign, occurrence } = claims;
  if (campaign === undefined || occurrence === undefined) return undefined;
  const [enrolment, record, policy, at] = await Promise.all([
    ports.enrolments.get({ partyId, campaign, occurrence, ...(policyId === undefined ? {} : { policyId }) }),
    ports.campaigns.get(campaign),
    policyId === undefined ? undefined : ports.policies.get(policyId),
    sentAt(ports, claims),
  ]);
  const pinned = await firstKept(ports, campaign, [enrolment?.definition, record?.live, record?.draft]);
  if (pinned === undefined) return undefined;
  const { definition } = pinned;
  const when = at ?? enrolment?.enteredAt;
  const consent = definition.class === 'marketing' ? gate.consent['email/marketing'] : undefined;
  return {
    title: definition.title,
    sendClass: definition.class,
    trigger: triggerOf(definition),
    ...(when === undefined ? {} : { at: when }),
    ...(policy === undefined
      ? {}
      : { policy: { line: policy.line, number: maskNumber(policy.policyNo), renewsOn: policy.term.renewsOn } }),
    ...(consent === undefined ? {} : { consent }),
  };
};
