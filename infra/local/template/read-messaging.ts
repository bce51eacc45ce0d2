import * as z from 'zod';
import { common, flag, ignored, number, policyDocument, readProperties, resourceStatements } from './properties.ts';
import type { Resource } from './resolve.ts';
import type {
  BusResource,
  QueueResource,
  ResourcePolicyStatement,
  RuleResource,
  ScheduleResource,
  SubscriptionResource,
  TopicResource,
} from './resources.ts';

const redrive = z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: number });

const queueProperties = z.strictObject({
  ...common,
  QueueName: ignored,
  VisibilityTimeout: number.default(30),
  DelaySeconds: number.default(0),
  MessageRetentionPeriod: number.default(345_600),
  RedrivePolicy: redrive.optional(),
  RedriveAllowPolicy: ignored,
  SqsManagedSseEnabled: ignored,
  KmsMasterKeyId: ignored,
  KmsDataKeyReusePeriodSeconds: ignored,
  ReceiveMessageWaitTimeSeconds: ignored,
});

const attachedPolicy = z.strictObject({
  Queues: z.array(z.string()).default([]),
  Topics: z.array(z.string()).default([]),
  PolicyDocument: policyDocument,
});

const attached = (resources: readonly Resource[], type: string, ref: string): readonly ResourcePolicyStatement[] =>
  resources
    .filter((resource) => resource.type === type)
    .map((resource) => readProperties(resource, attachedPolicy))
    .filter((policy) => [...policy.Queues, ...policy.Topics].includes(ref))
    .flatMap((policy) => resourceStatements(policy.PolicyDocument));

export const readQueues = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
): readonly QueueResource[] =>
  resources
    .filter((resource) => resource.type === 'AWS::SQS::Queue')
    .map((resource) => {
      const read = readProperties(resource, queueProperties);
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: arnOf(resource),
        url: resource.ref,
        visibilityTimeoutMs: read.VisibilityTimeout * 1000,
        delayMs: read.DelaySeconds * 1000,
        retentionMs: read.MessageRetentionPeriod * 1000,
        ...(read.RedrivePolicy
          ? {
              redrive: {
                deadLetterArn: read.RedrivePolicy.deadLetterTargetArn,
                maxReceiveCount: read.RedrivePolicy.maxReceiveCount,
              },
            }
          : {}),
        policy: attached(resources, 'AWS::SQS::QueuePolicy', resource.ref),
      };
    });

const topicProperties = z.strictObject({
  ...common,
  TopicName: ignored,
  DisplayName: ignored,
  KmsMasterKeyId: ignored,
  TracingConfig: ignored,
});

export const readTopics = (resources: readonly Resource[]): readonly TopicResource[] =>
  resources
    .filter((resource) => resource.type === 'AWS::SNS::Topic')
    .map((resource) => {
      readProperties(resource, topicProperties);
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: resource.ref,
        policy: attached(resources, 'AWS::SNS::TopicPolicy', resource.ref),
      };
    });

const subscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.enum(['sqs', 'lambda']),
  Endpoint: z.string(),
  RawMessageDelivery: flag.default(false),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string() }).optional(),
  Region: ignored,
});

export const readSubscriptions = (resources: readonly Resource[]): readonly SubscriptionResource[] =>
  resources
    .filter((resource) => resource.type === 'AWS::SNS::Subscription')
    .map((resource) => {
      const read = readProperties(resource, subscriptionProperties);
      return {
        logicalId: resource.logicalId,
        topicArn: read.TopicArn,
        protocol: read.Protocol,
        endpointArn: read.Endpoint,
        rawMessageDelivery: read.RawMessageDelivery,
        ...(read.RedrivePolicy ? { deadLetterArn: read.RedrivePolicy.deadLetterTargetArn } : {}),
      };
    });

const busProperties = z.strictObject({
  ...common,
  Name: ignored,
  Description: ignored,
  KmsKeyIdentifier: ignored,
  DeadLetterConfig: ignored,
  LogConfig: ignored,
});

export const readBuses = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
): readonly BusResource[] =>
  resources
    .filter((resource) => resource.type === 'AWS::Events::EventBus')
    .map((resource) => {
      readProperties(resource, busProperties);
      return { logicalId: resource.logicalId, name: resource.name, arn: arnOf(resource) };
    });

const ruleProperties = z.strictObject({
  ...common,
  Name: ignored,
  Description: ignored,
  EventBusName: z.string().default('default'),
  EventPattern: z.unknown(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z
    .array(
      z.strictObject({
        Id: z.string(),
        Arn: z.string(),
        Input: z.string().optional(),
        InputPath: z.string().optional(),
        DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
        RetryPolicy: z
          .strictObject({ MaximumRetryAttempts: number.optional(), MaximumEventAgeInSeconds: number.optional() })
          .optional(),
      }),
    )
    .default([]),
});

export const readRules = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
): readonly RuleResource[] =>
  resources
    .filter((resource) => resource.type === 'AWS::Events::Rule')
    .map((resource) => {
      const read = readProperties(resource, ruleProperties);
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: arnOf(resource),
        busName: read.EventBusName.split('/').at(-1) ?? read.EventBusName,
        pattern: read.EventPattern,
        enabled: read.State === 'ENABLED',
        targets: read.Targets.map((target) => ({
          id: target.Id,
          arn: target.Arn,
          ...(target.DeadLetterConfig ? { deadLetterArn: target.DeadLetterConfig.Arn } : {}),
          ...(target.RetryPolicy
            ? {
                retry: {
                  ...(target.RetryPolicy.MaximumRetryAttempts === undefined
                    ? {}
                    : { maxAttempts: target.RetryPolicy.MaximumRetryAttempts }),
                  ...(target.RetryPolicy.MaximumEventAgeInSeconds === undefined
                    ? {}
                    : { maxAgeSeconds: target.RetryPolicy.MaximumEventAgeInSeconds }),
                },
              }
            : {}),
          ...(target.Input === undefined ? {} : { input: target.Input }),
          ...(target.InputPath === undefined ? {} : { inputPath: target.InputPath }),
        })),
      };
    });

const scheduleProperties = z.strictObject({
  Name: ignored,
  Description: ignored,
  GroupName: ignored,
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  KmsKeyArn: ignored,
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().optional(),
    DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
    RetryPolicy: z
      .strictObject({ MaximumRetryAttempts: number.default(185), MaximumEventAgeInSeconds: number.default(86_400) })
      .default({ MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 }),
  }),
});

/** A schedule beside the ARN of the role it calls its target with. */
export type ReadSchedule = ScheduleResource & { readonly roleArn: string };

export const readSchedules = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
): readonly ReadSchedule[] =>
  resources
    .filter((resource) => resource.type === 'AWS::Scheduler::Schedule')
    .map((resource) => {
      const read = readProperties(resource, scheduleProperties);
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: arnOf(resource),
        expression: read.ScheduleExpression,
        zone: read.ScheduleExpressionTimezone,
        enabled: read.State === 'ENABLED',
        targetArn: read.Target.Arn,
        roleArn: read.Target.RoleArn,
        ...(read.Target.Input === undefined ? {} : { input: read.Target.Input }),
        retry: {
          maxAttempts: read.Target.RetryPolicy.MaximumRetryAttempts,
          maxAgeSeconds: read.Target.RetryPolicy.MaximumEventAgeInSeconds,
        },
        ...(read.Target.DeadLetterConfig ? { deadLetterArn: read.Target.DeadLetterConfig.Arn } : {}),
      };
    });
