import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface MinuteScheduleProps {
  readonly name: string;
  readonly target: lambda.IFunction;
  /** Where a minute lies that could not be delivered. */
  readonly deadLetters: sqs.IQueue;
  readonly key: kms.IKey;
}

/** Invokes a function once a minute, with `{ scheduledAt }`. A minute that cannot be delivered is tried again for five
 *  minutes and no longer: each tick takes up whatever is due by then, so an old one has nothing left to add. */
export class MinuteSchedule extends Construct {
  constructor(scope: Construct, id: string, props: MinuteScheduleProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      description: `Invokes ${props.name} every minute`,
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const allow = (action: string, resource: string) =>
      role.addToPolicy(new iam.PolicyStatement({ actions: [action], resources: [resource] }));
    allow('lambda:InvokeFunction', props.target.functionArn);
    allow('sqs:SendMessage', props.deadLetters.queueArn);
    allow('kms:Decrypt', props.key.keyArn);
    allow('kms:GenerateDataKey', props.key.keyArn);

    const schedule = new scheduler.CfnSchedule(this, 'Schedule', {
      name: props.name,
      scheduleExpression: 'rate(1 minute)',
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      target: {
        arn: props.target.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ scheduledAt: '<aws.scheduler.scheduled-time>' }),
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 300 },
        deadLetterConfig: { arn: props.deadLetters.queueArn },
      },
    });
    schedule.node.addDependency(role);
  }
}
