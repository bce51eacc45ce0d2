import { EngagementError } from '../../../shared/platform/errors.ts';
import { conditionsHold, matches, refusalOf } from '../iam.ts';
import type { ReadSchedule } from './read-messaging.ts';
import type { PolicyStatement, ResourcePolicyStatement, Resources } from './resources.ts';

/** Grants between services, checked once at the start: the cloud would drop such a message without a word. */

const ungranted = (who: string, action: string, target: string, remedy: string): EngagementError =>
  new EngagementError('misconfigured', `${who} may not ${action} ${target}: ${remedy}`);

const serviceMay = (
  policy: readonly ResourcePolicyStatement[],
  service: string,
  action: string,
  source: string,
): boolean => {
  const context = { 'aws:SourceArn': source, 'aws:SourceAccount': '000000000000', 'aws:SecureTransport': 'true' };
  const speaking = policy.filter(
    (statement) =>
      (statement.principals.includes(service) || statement.principals.includes('*')) &&
      statement.actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      conditionsHold(statement.conditions, context),
  );
  return speaking.some(({ effect }) => effect === 'Allow') && !speaking.some(({ effect }) => effect === 'Deny');
};

/** @param scheduleRoles statements of each schedule's role
 *  @throws EngagementError misconfigured naming the first missing grant */
export const checkGrants = (
  resources: Resources,
  scheduleRoles: ReadonlyMap<ReadSchedule, readonly PolicyStatement[]>,
): void => {
  for (const source of resources.eventSources) {
    const fn = resources.functions.find(({ logicalId }) => logicalId === source.functionId);
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
      const refusal = refusalOf(fn?.statements ?? [], { action, resources: [source.queueArn] });
      if (refusal)
        throw ungranted(`event source ${source.logicalId}`, action, source.queueArn, 'grant it to the function');
    }
  }
  for (const [schedule, statements] of scheduleRoles) {
    const action = schedule.targetArn.includes(':lambda:') ? 'lambda:InvokeFunction' : 'sqs:SendMessage';
    if (refusalOf(statements, { action, resources: [schedule.targetArn] })) {
      throw ungranted(`schedule ${schedule.name}`, action, schedule.targetArn, "grant it to the schedule's role");
    }
  }
  const toQueue = (target: string, service: string, source: string): void => {
    const queue = resources.queues.find(({ arn }) => arn === target);
    if (queue && !serviceMay(queue.policy, service, 'sqs:SendMessage', source)) {
      throw ungranted(service, `send (from ${source}) to`, queue.logicalId, 'allow it in the queue policy');
    }
  };
  for (const { topicArn, endpointArn } of resources.subscriptions) toQueue(endpointArn, 'sns.amazonaws.com', topicArn);
  for (const { arn, targets } of resources.rules) {
    for (const target of targets) toQueue(target.arn, 'events.amazonaws.com', arn);
  }
  for (const { arn, notifications } of resources.buckets) {
    for (const { targetArn } of notifications) toQueue(targetArn, 's3.amazonaws.com', arn);
  }
};
