import type * as z from 'zod';
import type { RuleSubject } from '../audience/rule-subject.ts';
import type { PinnedDefinition, StepAct } from '../campaign/definition.ts';
import { orderTraits } from '../campaign/order-traits.ts';
import type { SendOrder, SkipReason } from '../message/message.ts';
import type { WebhookCall } from '../message/webhook-call.ts';
import type { BusEvent } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId } from '../platform/ids.ts';
import { addDays, addDuration, civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import { JOURNEYS, type journeyEventSchema } from '../policy/customer-event.ts';
import { type Task, taskIdOf } from '../task/task.ts';
import { type BrokerRow, UNKNOWN_BROKER } from './broker-list.ts';
import type { Enrolment } from './enrolment.ts';
import { enrolmentKey, refOf } from './enrolment-store.ts';
import { isContact, roundOf, stepKey, stepSendId } from './journey-entries.ts';
import type { PlannedStep } from './schedule.ts';
import { holds } from './step-rules.ts';

/** What a due step comes to. Several may follow from one step (a copy to the intermediary). */
export type StepEffect =
  | { readonly kind: 'order'; readonly order: SendOrder }
  | { readonly kind: 'task'; readonly task: Task; readonly planned: PlannedStep; readonly round?: number }
  /** A line for the broker; the week is decided when it is added. */
  | { readonly kind: 'list'; readonly row: Omit<BrokerRow, 'week'> }
  /** Something to be noted about the customer. */
  | { readonly kind: 'trait'; readonly trait: string; readonly value: string | number | boolean }
  | { readonly kind: 'event'; readonly event: BusEvent }
  | { readonly kind: 'webhook'; readonly call: WebhookCall }
  | { readonly kind: 'skip'; readonly planned: PlannedStep; readonly reason: SkipReason; readonly round?: number };

/** Journeys that may emit one another's beginning in a row; further events are not raised. */
const MOST_HOPS = 5;

/** A step as an enrolment comes to it. */
interface Turn {
  readonly enrolment: Enrolment;
  readonly pinned: PinnedDefinition;
  readonly planned: PlannedStep;
  readonly now: Instant;
}

type Sending = { readonly template: string } & (
  | { readonly send: 'email' | 'letter' | 'invite'; readonly survey?: string | undefined }
  | { readonly gateway: string; readonly channel: 'sms' }
);

/** The survey of a step in the version that was approved. */
const surveyOf = (
  { hash, surveys }: PinnedDefinition,
  { campaign }: Enrolment,
  survey: string | undefined,
): Pick<SendOrder, 'survey' | 'surveyVersion'> => {
  if (survey === undefined) return {};
  const surveyVersion = surveys[survey];
  if (surveyVersion === undefined)
    throw new EngagementError(
      'misconfigured',
      `definition ${hash} of campaign ${campaign} names no version of survey ${survey}: save it again`,
    );
  return { survey, surveyVersion };
};

const orderOf = ({ enrolment, pinned, planned: { step, at } }: Turn, act: Sending, useBy: Instant): StepEffect => {
  const channel = 'send' in act ? (act.send === 'letter' ? 'post' : 'email') : act.channel;
  const templateVersion = pinned.templates[act.template];
  if (templateVersion === undefined)
    throw new EngagementError(
      'misconfigured',
      `definition ${pinned.hash} of campaign ${enrolment.campaign} names no version of template ${act.template}: save it again`,
    );
  const round = roundOf(enrolment, step.id);
  return {
    kind: 'order',
    order: {
      sendId: stepSendId(enrolment, step, channel, round),
      channel,
      sendClass: pinned.definition.class,
      ...orderTraits(pinned.definition, 'send' in act ? act.survey : undefined),
      priority: pinned.definition.priority,
      campaign: enrolment.campaign,
      definition: enrolment.definition,
      step: step.id,
      template: act.template,
      templateVersion,
      partyId: enrolment.partyId,
      enrolments: [refOf(enrolment)],
      ...(round === undefined ? {} : { round }),
      ...('send' in act ? surveyOf(pinned, enrolment, act.survey) : { gateway: act.gateway }),
      ...(pinned.definition.trackClicks && { trackClicks: true }),
      dueAt: at,
      useBy,
    },
  };
};

/** The line for the broker; none where the journey is about no policy. */
const listOf = ({ enrolment, planned: { step, at } }: Turn): StepEffect[] => {
  const { intermediary, policyId, partyId, campaign } = enrolment;
  if (policyId === undefined) return [];
  const broker = intermediary ?? UNKNOWN_BROKER;
  return [{ kind: 'list', row: { broker, policyId, partyId, campaign, step: step.id, dueAt: at } }];
};

const taskOf = (
  { enrolment, pinned, planned, now }: Turn,
  { task: kind, reason, withinDays = 0, survey }: Extract<StepAct, { task: unknown }>,
): StepEffect => {
  const { campaign, occurrence, partyId, policyId, scope, zone } = enrolment;
  const { step } = planned;
  const round = roundOf(enrolment, step.id);
  const occasion = `${campaign}#${occurrence}#${stepKey(step, round)}`;
  const task: Task = {
    taskId: taskIdOf(kind, policyId ?? partyId, occasion),
    scope,
    kind,
    reason,
    state: 'open',
    dueOn: addDays(civilDateAt(now, zone), withinDays),
    createdAt: now,
    partyId,
    ...(policyId === undefined ? {} : { policyId }),
    campaign,
    occurrence,
    step: step.id,
    ...(survey === undefined ? {} : { details: { ...surveyOf(pinned, enrolment, survey) } }),
  };
  return { kind: 'task', task, planned, ...(round === undefined ? {} : { round }) };
};

/** Identity of what a step does for an enrolment, for receivers outside. */
const turnId = (kind: string, { enrolment, planned: { step } }: Turn): string =>
  derivedId(kind, enrolmentKey(enrolment), stepKey(step, roundOf(enrolment, step.id)));

const eventOf = (turn: Turn, { event, properties = {} }: Extract<StepAct, { emit: unknown }>['emit']): StepEffect[] => {
  const { partyId, policyId, hops = 0 } = turn.enrolment;
  if (hops >= MOST_HOPS) return [];
  const { at } = turn.planned;
  const eventId = turnId('emit', turn);
  const detail = {
    schemaVersion: 1,
    eventId,
    occurredAt: formatInstant(at),
    partyId,
    ...(policyId === undefined ? {} : { policyId }),
    key: eventId,
    properties,
    hops: hops + 1,
  } satisfies z.input<typeof journeyEventSchema>;
  return [{ kind: 'event', event: { source: JOURNEYS, detailType: event, detail, at } }];
};

const callOf = (turn: Turn, endpoint: string): StepEffect => {
  const { campaign, occurrence, partyId, policyId } = turn.enrolment;
  return {
    kind: 'webhook',
    call: {
      kind: 'webhook',
      id: turnId('webhook', turn),
      endpoint,
      campaign,
      step: turn.planned.step.id,
      partyId,
      ...(policyId === undefined ? {} : { policyId }),
      occurrence,
      occurredAt: turn.planned.at,
    },
  };
};

/** What it comes to where a step is passed over. */
export const skipOf = (enrolment: Enrolment, planned: PlannedStep, reason: SkipReason): StepEffect => {
  const round = roundOf(enrolment, planned.step.id);
  return { kind: 'skip', planned, reason, ...(round === undefined ? {} : { round }) };
};

/** Whether a rule fails for nothing but the customer's reaction. */
const onlyForReaction = (rule: Parameters<typeof holds>[0], subject: RuleSubject): boolean =>
  subject.journey?.reacted === true && holds(rule, { ...subject, journey: { ...subject.journey, reacted: false } });

/**
 * What one due step comes to at `now`; nothing for a wait, a branch, a split or an exit. Pure; the contact rules decide
 * about an order again when it goes.
 * @param subject with the parts that the step asks for (`partsOfStep`)
 * @throws EngagementError `misconfigured` where the definition was kept without the version of a template or survey
 */
export const evaluateStep = (
  enrolment: Enrolment,
  pinned: PinnedDefinition,
  planned: PlannedStep,
  subject: RuleSubject,
  now: Instant,
): readonly StepEffect[] => {
  const { step, useBy } = planned;
  const act = step.do;
  const turn: Turn = { enrolment, pinned, planned, now };
  const skip = (reason: SkipReason): StepEffect[] => [skipOf(enrolment, planned, reason)];
  if ('wait' in act || 'branch' in act || 'split' in act || 'exit' in act) return [];

  const isLate = now > useBy;
  if (isLate && step.otherwise === undefined) return skip('too-late');
  if (isContact(step) && enrolment.contactRule === 'intermediary')
    return [...listOf(turn), ...skip('through-intermediary')];
  if (step.when && !holds(step.when, subject)) {
    if (!isContact(step)) return [];
    return skip(onlyForReaction(step.when, subject) ? 'already-reacted' : 'condition-not-met');
  }
  if ('task' in act) return [taskOf(turn, act)];
  if ('set' in act) return [{ kind: 'trait', trait: act.set.trait, value: act.set.value }];
  if ('emit' in act) return eventOf(turn, act.emit);
  if ('webhook' in act) return [callOf(turn, act.webhook.endpoint)];
  const copy = enrolment.contactRule === 'copy-to-intermediary' ? listOf(turn) : [];
  const sending = 'send' in act ? act : act.relay;
  const order =
    isLate && step.otherwise
      ? orderOf(
          turn,
          { ...step.otherwise, survey: 'send' in act ? act.survey : undefined },
          addDuration(now, step.useBy ?? pinned.definition.useBy, enrolment.zone),
        )
      : orderOf(turn, sending, useBy);
  return [order, ...copy];
};
