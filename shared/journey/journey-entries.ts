import type { CampaignDefinition } from '../campaign/definition.ts';
import type { Channel } from '../customer/customer.ts';
import type { SkipReason, TimelineEntry } from '../message/message.ts';
import { derivedId, type PolicyId, type SendId, sendIdOf } from '../platform/ids.ts';
import type { Meter } from '../platform/logging.ts';
import type { Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Enrolment, EnrolmentRef } from './enrolment.ts';
import { enrolmentKey } from './enrolment-store.ts';
import type { PlannedStep } from './schedule.ts';

/** The timeline, as far as journeys write it. */
export interface TimelineWriter {
  /** Adds the row unless one with its key exists. */
  record(entry: TimelineEntry): Promise<'written' | 'refused'>;
}

type Step = PlannedStep['step'];

/** The channel by which a step contacts the customer; undefined for internal work. */
export const channelOf = ({ do: act }: Step): Channel | undefined => {
  if ('send' in act) return act.send === 'letter' ? 'post' : 'email';
  if ('relay' in act) return act.relay.channel;
  if (!('task' in act)) return undefined;
  if (act.task === 'call') return 'phone';
  return act.task === 'visit' ? 'visit' : undefined;
};

/** Whether the customer notices the step. */
export const isContact = (step: Step): boolean => channelOf(step) !== undefined;

/** How often `step` was performed before the journey came back to it; undefined the first time. */
export const roundOf = ({ rounds, done }: Pick<Enrolment, 'rounds' | 'done'>, step: string): number | undefined =>
  done.includes(step) ? (rounds?.[step] ?? 0) + 1 : undefined;

/** A step as one text, another one each time the journey comes back to it. */
export const stepKey = ({ id }: Pick<Step, 'id'>, round: number | undefined): string =>
  round === undefined ? id : `${id}~${round}`;

/** Identity of what a step does for an enrolment: the key of its message in the ledger, also where it is a task. */
export const stepSendId = (ref: EnrolmentRef, step: Pick<Step, 'id'>, channel: string, round?: number): SendId =>
  sendIdOf(ref.campaign, ref.occurrence, ref.policyId ?? ref.partyId, stepKey(step, round), channel);

const rowKind = ({ do: act }: Step): TimelineEntry['kind'] => {
  if ('send' in act || 'relay' in act) return 'message';
  return 'task' in act ? 'task' : 'fact';
};

const policiesOf = ({ policyId }: EnrolmentRef): readonly PolicyId[] => (policyId === undefined ? [] : [policyId]);

/** Says that a step was passed over and why. Stands at the instant the step was due: saying it twice says it once. */
export const skippedStep = (
  ref: EnrolmentRef,
  definition: CampaignDefinition,
  { step, at }: PlannedStep,
  reason: SkipReason,
  round?: number,
): TimelineEntry => {
  const channel = channelOf(step);
  return {
    partyId: ref.partyId,
    at,
    kind: rowKind(step),
    id: stepSendId(ref, step, channel ?? 'task', round),
    policyIds: policiesOf(ref),
    campaign: ref.campaign,
    step: step.id,
    ...(channel === undefined ? {} : { channel }),
    sendClass: definition.class,
    state: 'skipped',
    reason,
  };
};

/** Says that a journey ended before its last step; undefined for one that did not. */
export const exitedJourney = (enrolment: Enrolment): TimelineEntry | undefined =>
  enrolment.exit && {
    partyId: enrolment.partyId,
    at: enrolment.exit.at,
    kind: 'fact',
    id: derivedId('exit', enrolmentKey(enrolment)),
    policyIds: policiesOf(enrolment),
    campaign: enrolment.campaign,
    reason: enrolment.exit.reason,
    details: {
      fact: 'journey-exited',
      occurrence: enrolment.occurrence,
      ...(enrolment.exit.because === undefined ? {} : { because: enrolment.exit.because }),
    },
  };

/** What is new in a policy compared with its projection before, as rows of its holder's timeline. */
export const policyNews = (policy: Policy, previous: Policy | undefined, now: Instant): readonly TimelineEntry[] => {
  const { partyId, policyId, renewal, ending, endingLearntAt, contradiction } = policy;
  if (partyId === undefined) return [];
  const row = (
    at: TimelineEntry['at'],
    fact: string,
    occasion: string,
    rest: Partial<TimelineEntry>,
  ): TimelineEntry => ({
    partyId,
    at,
    kind: 'fact',
    id: derivedId(fact, policyId, occasion),
    policyIds: [policyId],
    ...rest,
    details: { fact, ...rest.details },
  });
  return [
    ...(renewal && previous?.renewal?.termStartsOn !== renewal.termStartsOn
      ? [
          row(renewal.recognisedAt, 'policy-renewed', renewal.termStartsOn, {
            reason: 'renewed',
            details: { termStartsOn: renewal.termStartsOn, by: renewal.by },
          }),
        ]
      : []),
    ...(ending && endingLearntAt !== undefined && previous?.ending?.on !== ending.on
      ? [
          row(endingLearntAt, `policy-${ending.kind}`, ending.on, {
            reason: ending.kind,
            details: { effectiveOn: ending.on },
          }),
        ]
      : []),
    ...(contradiction !== undefined && previous?.contradiction !== contradiction
      ? [
          row(now, 'policy-held', contradiction, {
            state: 'held',
            reason: 'contradiction',
            details: { contradiction },
          }),
        ]
      : []),
  ];
};

/** Counts steps that were passed over, one line per campaign and step. */
export const countSkips = (
  meter: Meter,
  skips: readonly { readonly definition: CampaignDefinition; readonly step: PlannedStep['step'] }[],
): void => {
  for (const group of Map.groupBy(skips, ({ definition, step }) => `${definition.id}#${step.id}`).values()) {
    const { definition, step } = group[0] as (typeof skips)[number];
    meter.count('MessagesSkipped', group.length, {
      campaign: definition.id,
      step: step.id,
      sendClass: definition.class,
    });
  }
};
