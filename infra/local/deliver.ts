import { EngagementError } from '../../shared/platform/errors.ts';
import type { Resources } from './template/resources.ts';
import type { InvokeResult, World } from './wire.ts';

/** Where deliveries between services end, by kind of target. */
export interface DeliveryTargets {
  readonly queue: (arn: string, body: string, attributes: Readonly<Record<string, string>>) => unknown;
  readonly topic: (arn: string, body: string) => Promise<void>;
  readonly invoke: (functionId: string, event: unknown) => Promise<InvokeResult>;
}

/** Routes a delivery by the service its target's ARN names; rejects where the target would not accept it. */
export const createDeliver =
  (resources: Resources, targets: DeliveryTargets): World['deliver'] =>
  async (targetArn, body, attributes = {}) => {
    const service = targetArn.split(':')[2];
    switch (service) {
      case 'sqs':
        targets.queue(targetArn, body, attributes);
        return;
      case 'sns':
        return targets.topic(targetArn, body);
      case 'lambda': {
        const fn = resources.functions.find(({ arn }) => arn === targetArn);
        if (!fn) throw new EngagementError('not-found', `function ${targetArn} is not in the template`);
        const result = await targets.invoke(fn.logicalId, JSON.parse(body));
        if (result.kind === 'failed') {
          throw new EngagementError('unavailable', `${fn.name} failed: ${result.error.name}`, { retryable: true });
        }
        return;
      }
      default:
        throw new EngagementError(
          'misconfigured',
          `nothing can be delivered to ${targetArn}: its service is not imitated`,
        );
    }
  };
