import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EngagementQueue } from './engagement-queue.ts';

export interface EventFeedProps {
  readonly bus: events.IEventBus;
  /** Who may be heard: the `source` of the events that are passed on. */
  readonly sources: readonly string[];
  readonly queue: EngagementQueue;
}

/** Passes events from the bus on to a queue, which takes them from this rule only. What cannot be delivered in a day
 *  lies with the queue's own dead letters, in the same form as what its consumer failed on. */
export class EventFeed extends Construct {
  constructor(scope: Construct, id: string, props: EventFeedProps) {
    super(scope, id);
    const { queue, deadLetters } = props.queue;
    // Not the library's SqsQueue target: for an encrypted queue that one lets in every rule of the account.
    const rule = new events.Rule(this, 'Rule', {
      eventBus: props.bus,
      eventPattern: { source: [...props.sources] },
      targets: [
        {
          bind: () => ({
            arn: queue.queueArn,
            deadLetterConfig: { arn: deadLetters.queueArn },
            retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: Duration.days(1).toSeconds() },
          }),
        },
      ],
    });
    for (const target of [queue, deadLetters]) {
      target.addToResourcePolicy(
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [target.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
        }),
      );
    }
  }
}
