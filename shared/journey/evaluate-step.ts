import type { CampaignDefinition } from '../campaign/definition.ts';
import { type Atom, atomsOf, holds, type RuleFacts } from '../campaign/rule.ts';
import type { Channel } from '../customer/customer.ts';
import type { SendOrder, SkipReason } from '../message/message.ts';
import { addDuration, civilDateAt, type Instant } from '../platform/time.ts';
import { type Task, taskIdOf } from '../task/task.ts';
import { type BrokerRow, UNKNOWN_BROKER } from './broker-list.ts';
import type { Enrolment } from './enrolment.ts';
import { refOf } from './enrolment-store.ts';
import { channelOf, stepSendId } from './journey-entries.ts';
import type { PlannedStep } from './schedule.ts';

/** What a due step comes to. Several may follow from one step (a copy to the intermediary). */
export type StepEffect =
  | { readonly kind: 'order'; readonly order: SendOrder }
  | { readonly kind: 'task'; readonly task: Task }
  /** A line for the broker; the week is decided when it is added. */
  | { readonly kind: 'list'; readonly row: Omit<BrokerRow, 'week'> }
  | { readonly kind: 'skip'; readonly planned: PlannedStep; readonly reason: SkipReason };

/** What a step's rule asks about; nothing for a step without one. */
export const asks = ({ step }: PlannedStep): ReadonlySet<Atom> => (step.when ? atomsOf(step.when) : new Set());

const orderOf = (
  enrolment: Enrolment,
  definition: CampaignDefinition,
  { step, at }: PlannedStep,
  act: { readonly send: 'email' | 'letter'; readonly template: string },
  useBy: Instant,
): StepEffect => {
  const channel: Extract<Channel, 'email' | 'post'> = act.send === 'email' ? 'email' : 'post';
  return {
    kind: 'order',
    order: {
      sendId: stepSendId(enrolment, step, channel),
      channel,
      sendClass: definition.class,
      campaign: enrolment.campaign,
      definition: enrolment.definition,
      step: step.id,
      template: act.template,
      partyId: enrolment.partyId,
      enrolments: [refOf(enrolment)],
      dueAt: at,
      useBy,
    },
  };
};

const listOf = ({ intermediary, policyId, partyId, campaign }: Enrolment, { step, at }: PlannedStep): StepEffect => ({
  kind: 'list',
  row: { broker: intermediary ?? UNKNOWN_BROKER, policyId, partyId, campaign, step: step.id, dueAt: at },
});

const taskOf = (
  enrolment: Enrolment,
  { step }: PlannedStep,
  act: { task: Task['kind']; reason: string },
  now: Instant,
): Task => ({
  taskId: taskIdOf(act.task, enrolment.policyId, `${enrolment.campaign}#${enrolment.occurrence}#${step.id}`),
  scope: enrolment.scope,
  kind: act.task,
  reason: act.reason,
  state: 'open',
  dueOn: civilDateAt(now, enrolment.zone),
  createdAt: now,
  partyId: enrolment.partyId,
  policyId: enrolment.policyId,
  campaign: enrolment.campaign,
  occurrence: enrolment.occurrence,
  step: step.id,
});

/**
 * What one due step comes to at `now`. Pure; the contact rules decide about an order again when it goes.
 * @param facts answers to what the step's rule asks (`asks`); others are not looked at
 */
export const evaluateStep = (
  enrolment: Enrolment,
  definition: CampaignDefinition,
  planned: PlannedStep,
  facts: RuleFacts,
  now: Instant,
): readonly StepEffect[] => {
  const { step, useBy } = planned;
  const act = step.do;
  const isContact = channelOf(step) !== undefined;
  const skip = (reason: SkipReason): readonly StepEffect[] => [{ kind: 'skip', planned, reason }];

  const isLate = now > useBy;
  if (isLate && step.otherwise === undefined) return skip('too-late');
  if (isContact && enrolment.contactRule === 'intermediary')
    return [listOf(enrolment, planned), ...skip('through-intermediary')];
  if (step.when && !holds(step.when, facts)) {
    if (!isContact) return [];
    const onlyForReaction = facts.reacted && holds(step.when, { ...facts, reacted: false });
    return skip(onlyForReaction ? 'already-reacted' : 'condition-not-met');
  }
  if ('task' in act) return [{ kind: 'task', task: taskOf(enrolment, planned, act, now) }];
  const copy = enrolment.contactRule === 'copy-to-intermediary' ? [listOf(enrolment, planned)] : [];
  if (isLate && step.otherwise)
    return [
      orderOf(
        enrolment,
        definition,
        planned,
        step.otherwise,
        addDuration(now, step.useBy ?? definition.useBy, enrolment.zone),
      ),
      ...copy,
    ];
  return [orderOf(enrolment, definition, planned, act, useBy), ...copy];
};
