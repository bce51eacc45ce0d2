import { Stack } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as ses from 'aws-cdk-lib/aws-ses';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import type { EngagementFunction } from './engagement-function.ts';
import type { EngagementQueue } from './engagement-queue.ts';

export interface MailFeedProps {
  readonly stage: Stage;
  readonly key: kms.IKey;
  /** Gets every event of every mail, as SES words it. */
  readonly feedback: EngagementQueue;
}

/** SES: the identity that mails come from, and the way back of what became of them. The topic takes events from this
 *  configuration set only, the queue from this topic only: what lies in it was said by SES. */
export class MailFeed extends Construct {
  readonly identity: ses.EmailIdentity;
  readonly configurationSet: ses.ConfigurationSet;

  constructor(scope: Construct, id: string, props: MailFeedProps) {
    super(scope, id);
    this.configurationSet = new ses.ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: `perennial-${props.stage.name}`,
      tlsPolicy: ses.ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
    });
    this.identity = new ses.EmailIdentity(this, 'Identity', {
      identity: ses.Identity.domain(props.stage.senderDomain),
      configurationSet: this.configurationSet,
      mailFromDomain: `bounce.${props.stage.senderDomain}`,
      feedbackForwarding: false,
    });

    const topic = new sns.Topic(this, 'Events', {
      topicName: `perennial-${props.stage.name}-mail-events`,
      masterKey: props.key,
      enforceSSL: true,
    });
    topic.addSubscription(
      new SqsSubscription(props.feedback.queue, {
        rawMessageDelivery: true,
        deadLetterQueue: props.feedback.deadLetters,
      }),
    );
    const destination = this.configurationSet.addEventDestination('ToTopic', {
      destination: ses.EventDestination.snsTopic(topic),
      events: [
        ses.EmailSendingEvent.SEND,
        ses.EmailSendingEvent.DELIVERY,
        ses.EmailSendingEvent.DELIVERY_DELAY,
        ses.EmailSendingEvent.BOUNCE,
        ses.EmailSendingEvent.COMPLAINT,
        ses.EmailSendingEvent.REJECT,
        ses.EmailSendingEvent.RENDERING_FAILURE,
        // not OPEN and CLICK: for them SES rewrites every link and adds a picture, so that what arrives is not what was
        // proved, and signed links pass through a third party (ADR 0113); clicks are noted by our own redirect
      ],
    });
    // The destination wrote into the topic's policy that SES may publish for this set; SES tries it on creation.
    destination.node.addDependency(topic);
  }

  /** Lets `sender` send from the stage's domain, under the configuration set that reports back. */
  letSend(sender: EngagementFunction): void {
    sender.addEnvironment('CONFIGURATION_SET', this.configurationSet.configurationSetName);
    const set = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'configuration-set',
      resourceName: this.configurationSet.configurationSetName,
    });
    sender.allow(['ses:SendRawEmail'], [this.identity.emailIdentityArn, set]);
  }

  /** Lets `reader` read how much may be sent (C6). */
  letReadQuota(reader: EngagementFunction): void {
    reader.allow(['ses:GetSendQuota'], ['*']);
  }
}
