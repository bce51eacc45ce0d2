import { EngagementError } from '../../../shared/platform/errors.ts';
import { conditionsHold, matches } from '../iam.ts';
import type { ResourcePolicyStatement } from '../template/resources.ts';
import type { World } from '../wire.ts';

/** Does a resource's own policy let `principal` (a service) do `action` on it on behalf of `sourceArn`? */
const isAllowed = (
  statements: readonly ResourcePolicyStatement[],
  principal: string,
  action: string,
  resourceArn: string,
  sourceArn: string,
): boolean => {
  const context = {
    'aws:SourceArn': sourceArn,
    'aws:SourceAccount': '000000000000',
    'aws:SecureTransport': 'true',
    's3:TlsVersion': '1.3',
  };
  const speaking = statements.filter(
    (statement) =>
      statement.principals.some((name) => name === '*' || name === principal) &&
      statement.actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      statement.resources.some((pattern) => matches(pattern, resourceArn)) &&
      conditionsHold(statement.conditions, context),
  );
  return speaking.some(({ effect }) => effect === 'Allow') && !speaking.some(({ effect }) => effect === 'Deny');
};

/** Stops the start where the cloud would drop each delivery in silence: the target's policy does not let it in.
 *  Functions are let in by their own permissions, which the template's reader checks.
 *  @param targetArn of a queue or topic, or of a file in a bucket
 *  @throws EngagementError `misconfigured` naming source and target */
export const checkDelivery = (world: World, principal: string, sourceArn: string, targetArn: string): void => {
  const { queues, topics, buckets } = world.resources;
  const queue = queues.find(({ arn }) => arn === targetArn);
  const topic = topics.find(({ arn }) => arn === targetArn);
  const bucket = buckets.find(({ arn }) => targetArn.startsWith(`${arn}/`));
  const target = queue ?? topic ?? bucket;
  if (!target) return;
  const action = queue ? 'sqs:SendMessage' : topic ? 'sns:Publish' : 's3:PutObject';
  if (isAllowed(target.policy, principal, action, targetArn, sourceArn)) return;
  throw new EngagementError(
    'misconfigured',
    `${targetArn} does not let ${principal} ${action} for ${sourceArn}: add it to its resource policy`,
  );
};
