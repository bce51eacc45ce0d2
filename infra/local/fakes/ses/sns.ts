import { randomUUID } from 'node:crypto';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import { formatInstant } from '../../../../shared/platform/time.ts';
import type { World } from '../../wire.ts';
import type { FaultPlan } from '../fault-plan.ts';
import { checkDelivery } from '../resource-policy.ts';

/** Topics between SES and the queues: nobody calls SNS over the wire, so it has no protocol here. */
export interface Sns {
  /** Hands a message to every subscriber. @throws EngagementError `not-found`, `too-large` */
  publish(topicArn: string, message: string, subject?: string): Promise<void>;
}

/** SNS's own limit, 256 KB, which SES events share. */
const MAX_BYTES = 262_144;

/** @throws EngagementError `misconfigured` where a subscribed queue's policy does not name the topic
 *  @param faults asked at each publishing for `lose` and `duplicate`, service `sns`, action `Publish`, the topic's name
 *  as principal */
export const createSns = (world: World, { faults }: { readonly faults?: FaultPlan } = {}): Sns => {
  const { topics, subscriptions } = world.resources;
  for (const { topicArn, endpointArn } of subscriptions) {
    checkDelivery(world, 'sns.amazonaws.com', topicArn, endpointArn);
  }
  return {
    async publish(topicArn, message, subject) {
      const topic = topics.find(({ arn }) => arn === topicArn);
      if (!topic) throw new EngagementError('not-found', `topic ${topicArn} is not in the template`);
      if (Buffer.byteLength(message) > MAX_BYTES) {
        throw new EngagementError(
          'too-large',
          `message of ${Buffer.byteLength(message)} bytes exceeds ${MAX_BYTES} of SNS`,
        );
      }
      const strike = faults?.strikeDelivery({ service: 'sns', action: 'Publish', principal: topic.name });
      if (strike === 'lose') return;
      const messageId = randomUUID();
      const envelope = envelopeOf(world, messageId, topicArn, message, subject);
      for (let copy = 0; copy < (strike === 'duplicate' ? 2 : 1); copy++) {
        for (const { topicArn: from, endpointArn, rawMessageDelivery } of subscriptions) {
          if (from === topicArn) await world.deliver(endpointArn, rawMessageDelivery ? message : envelope);
        }
      }
    },
  };
};

const envelopeOf = (
  world: World,
  messageId: string,
  topicArn: string,
  message: string,
  subject: string | undefined,
): string => {
  const host = `https://sns.${world.resources.region}.amazonaws.com`;
  return JSON.stringify({
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: message,
    Timestamp: formatInstant(world.clock.now()),
    SignatureVersion: '1',
    Signature: Buffer.from(`local runtime ${messageId}`).toString('base64'),
    SigningCertURL: `${host}/SimpleNotificationService-local.pem`,
    UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=${topicArn}:local`,
  });
};
