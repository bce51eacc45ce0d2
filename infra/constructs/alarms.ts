import { Duration, Stack } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;

/** What wakes somebody, told through one topic. CloudWatch asks $0.10 a month for each metric it watches, so each alarm
 *  here is one that no other implies: a queue consumer that fails fills its dead letters and needs no alarm of its own
 *  (ADR 0012). */
export class Alarms extends Construct {
  private readonly stage: Stage;
  private readonly action: SnsAction;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly key: kms.IKey }) {
    super(scope, id);
    this.stage = props.stage;
    const topic = new sns.Topic(this, 'Topic', {
      topicName: `perennial-${props.stage.name}-alarms`,
      masterKey: props.key,
      enforceSSL: true,
    });
    // The policy that enforces TLS takes the place of the one that lets every service of the account in.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const receiver of props.stage.alarmReceivers) topic.addSubscription(new EmailSubscription(receiver));
    this.action = new SnsAction(topic);
  }

  /** Rings as long as a message lies in `queue`. */
  watchDeadLetters(queue: sqs.IQueue, name: string): void {
    this.add(`dead-${name}`, {
      alarmDescription: `Messages of ${name} failed for good: see docs/guides/deploy.md, "Dead letters"`,
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** Rings when `handler` fails three times or more within five minutes. */
  watchErrors(handler: lambda.IFunction, name: string): void {
    this.add(`errors-${name}`, {
      alarmDescription: `${name} fails: read its log group`,
      metric: handler.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 3,
      evaluationPeriods: 1,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** Rings when pages or API answer 500 and above three times or more within five minutes, whichever function it was: a
   *  fault that a function answers politely is no error of the function's. The access log names the route. */
  watchAnswers(api: apigateway.IHttpApi): void {
    this.add('answers-failed', {
      alarmDescription:
        "Pages or API fail: the access log of the API names the routes, their functions' logs the requests",
      metric: api.metricServerError({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 3,
      evaluationPeriods: 1,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** Rings when `handler`, which something should invoke every minute, was not invoked for ten. */
  watchSilence(handler: lambda.IFunction, name: string): void {
    this.add(`silent-${name}`, {
      alarmDescription: `${name} is not invoked: no message falls due any more; look at its schedule`,
      metric: handler.metricInvocations({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 1,
      evaluationPeriods: 2,
      comparisonOperator: LESS_THAN_THRESHOLD,
      treatMissingData: BREACHING,
    });
  }

  private add(name: string, props: cloudwatch.AlarmProps): void {
    const alarm = new cloudwatch.Alarm(this, name, { ...props, alarmName: `perennial-${this.stage.name}-${name}` });
    alarm.addAlarmAction(this.action);
  }
}
