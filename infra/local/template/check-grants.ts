import { EngagementError } from '../../../shared/platform/errors.ts';
import { refusalOf } from '../iam.ts';
import type { ReadSchedule } from './read-messaging.ts';
import type { PolicyStatement, Resources } from './resources.ts';

/** Grants of what works by itself, checked once at the start: in the cloud nothing would happen, without a word. What
 *  queues and topics let in is checked by the fakes that deliver to them. */

const ungranted = (who: string, action: string, target: string, remedy: string): EngagementError =>
  new EngagementError('misconfigured', `${who} may not ${action} ${target}: ${remedy}`);

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
};
