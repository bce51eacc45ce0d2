import { Duration, Validations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface EngagementQueueProps {
  /** What waits in it, in the words of docs/architecture.md: `send-service`. */
  readonly name: string;
  readonly stage: string;
  readonly key: kms.IKey;
  /** How long its consumer may work on one batch. Default: 30 s. */
  readonly consumerTimeout?: Duration;
}

/** Receives before a message goes to the dead letter queue. */
const MAX_RECEIVES = 5;

/** The one way to make a queue: encrypted, TLS only, with a dead letter queue beside it that keeps what failed for
 *  14 days. A consumer that dies with a message gets it back after six of its timeouts, as Lambda asks for. */
export class EngagementQueue extends Construct {
  readonly name: string;
  readonly queue: sqs.Queue;
  readonly deadLetters: DeadLetterQueue;
  readonly consumerTimeout: Duration;

  constructor(scope: Construct, id: string, props: EngagementQueueProps) {
    super(scope, id);
    this.name = props.name;
    this.consumerTimeout = props.consumerTimeout ?? Duration.seconds(30);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', props);
    this.queue = new sqs.Queue(this, 'Queue', {
      ...settings(props.key),
      queueName: `perennial-${props.stage}-${props.name}`,
      visibilityTimeout: Duration.seconds(6 * this.consumerTimeout.toSeconds()),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }
}

/** Where messages lie that nobody could work off, until somebody looks; `name` is that of what failed. */
export class DeadLetterQueue extends sqs.Queue {
  constructor(scope: Construct, id: string, props: Pick<EngagementQueueProps, 'name' | 'stage' | 'key'>) {
    super(scope, id, {
      ...settings(props.key),
      queueName: `perennial-${props.stage}-${props.name}-dead`,
      retentionPeriod: Duration.days(14),
    });
    const reason = 'it is the end of the line itself; an alarm rings when a message arrives';
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-SQS3', reason },
      { id: 'Serverless-SQSRedrivePolicy', reason },
    );
  }
}

const settings = (key: kms.IKey) => ({
  encryption: sqs.QueueEncryption.KMS,
  encryptionMasterKey: key,
  // One call to KMS an hour and sender instead of one in five minutes: SQS is where the messages of a big day pass.
  dataKeyReuse: Duration.hours(1),
  enforceSSL: true,
});
