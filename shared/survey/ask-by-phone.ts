import type { Profile } from '../customer/customer.ts';
import { askingRefusal, type SurveyInvite } from '../message/asking.ts';
import type { SkipReason } from '../message/message.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Task } from '../task/task.ts';
import { type AskPorts, createAsk } from './ask-survey.ts';

/** What asking by telephone needs from outside. */
export interface AskByPhonePorts extends AskPorts {
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
}

const inviteOf = ({ taskId, partyId, policyId, campaign, occurrence, step, details = {} }: Task): SurveyInvite => {
  const { survey, surveyVersion } = details;
  if (
    partyId === undefined ||
    campaign === undefined ||
    occurrence === undefined ||
    step === undefined ||
    typeof survey !== 'string' ||
    typeof surveyVersion !== 'string'
  )
    throw new EngagementError('bad-input', `task ${taskId} names no survey and no journey: see who made it`);
  return {
    survey,
    surveyVersion,
    partyId,
    ...(policyId === undefined ? {} : { policyId }),
    campaign,
    occurrence,
    step,
  };
};

/**
 * Asks by telephone: notes the invitation before its task is made, by the same rule as a message. Safe to repeat.
 * @returns why the customer is not asked; undefined where they are, and the task may be made
 */
export const createAskByPhone = (
  ports: AskByPhonePorts,
): ((task: Task, now: Instant) => Promise<SkipReason | undefined>) => {
  const ask = createAsk(ports);
  return async (task, now) => {
    const invite = inviteOf(task);
    const { partyId, policyId } = invite;
    const profile = (await ports.profiles.getMany([partyId])).get(partyId);
    if (profile === undefined)
      throw new EngagementError('not-found', `party ${partyId} of task ${task.taskId} has no profile: see who made it`);
    const policy = policyId && (await ports.policies.getMany([policyId])).get(policyId);
    const outcome = await ask({ invite, channel: 'phone', profile, policy: policy || undefined }, now);
    return outcome.kind === 'asked' ? undefined : askingRefusal(outcome.asking, now);
  };
};
