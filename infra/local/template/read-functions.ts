import { resolve } from 'node:path';
import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { checkConditions } from '../iam.ts';
import { common, flag, identityStatements, ignored, number, policyDocument, readProperties } from './properties.ts';
import type { Resource } from './resolve.ts';
import type { EventSourceResource, FunctionResource, PolicyStatement } from './resources.ts';

/** The metadata key under which a function's construct names its source: `functions/tick/handler.ts`. */
export const ENTRY_METADATA = 'engagement:entry';

const functionProperties = z.strictObject({
  ...common,
  FunctionName: ignored,
  Code: ignored,
  Description: ignored,
  Handler: z.string(),
  Runtime: z.string(),
  Role: z.string(),
  Timeout: number.default(3),
  MemorySize: number.default(128),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
  ReservedConcurrentExecutions: number.optional(),
  Architectures: ignored,
  TracingConfig: ignored,
  LoggingConfig: ignored,
  KmsKeyArn: ignored,
  Layers: ignored,
  RuntimeManagementConfig: ignored,
  EphemeralStorage: ignored,
  RecursiveLoop: ignored,
  DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
});

const eventSourceProperties = z.strictObject({
  ...common,
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: number.default(10),
  MaximumBatchingWindowInSeconds: ignored,
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  ScalingConfig: z.strictObject({ MaximumConcurrency: number }).optional(),
  Enabled: flag.default(true),
  MetricsConfig: ignored,
});

const roleProperties = z.strictObject({
  ...common,
  RoleName: ignored,
  Description: ignored,
  AssumeRolePolicyDocument: ignored,
  Path: ignored,
  MaxSessionDuration: ignored,
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(z.strictObject({ PolicyName: ignored, PolicyDocument: policyDocument })).default([]),
});

const policyProperties = z.strictObject({
  PolicyName: ignored,
  ManagedPolicyName: ignored,
  Description: ignored,
  Path: ignored,
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()).default([]),
});

/** AWS's own policies that grant only what the fakes do not ask for (writing logs and traces). */
const HARMLESS_MANAGED = [
  'service-role/AWSLambdaBasicExecutionRole',
  'AWSXRayDaemonWriteAccess',
  'CloudWatchLambdaInsightsExecutionRolePolicy',
];

const managedStatements = (arn: string, resources: readonly Resource[], role: Resource): readonly PolicyStatement[] => {
  if (HARMLESS_MANAGED.some((name) => arn.endsWith(`:policy/${name}`))) return [];
  const own = resources.find((resource) => resource.type === 'AWS::IAM::ManagedPolicy' && resource.ref === arn);
  if (own) return identityStatements(readProperties(own, policyProperties).PolicyDocument);
  throw new EngagementError(
    'misconfigured',
    `managed policy "${arn}" of ${role.stack}/${role.logicalId} is not known to the local runtime: grant statements instead`,
  );
};

/** Every statement that speaks for the role with `roleArn`. */
export const statementsOf = (roleArn: string, resources: readonly Resource[]): readonly PolicyStatement[] => {
  const role = resources.find(
    (resource) => resource.type === 'AWS::IAM::Role' && roleArn.endsWith(`:role/${resource.name}`),
  );
  if (!role) throw new EngagementError('misconfigured', `role "${roleArn}" is not in the template`);
  const { ManagedPolicyArns, Policies } = readProperties(role, roleProperties);
  const attached = resources
    .filter((resource) => resource.type === 'AWS::IAM::Policy' || resource.type === 'AWS::IAM::ManagedPolicy')
    .map((resource) => readProperties(resource, policyProperties))
    .filter((policy) => policy.Roles.includes(role.name));
  const statements = [
    ...Policies.flatMap((policy) => identityStatements(policy.PolicyDocument)),
    ...attached.flatMap((policy) => identityStatements(policy.PolicyDocument)),
    ...ManagedPolicyArns.flatMap((arn) => managedStatements(arn, resources, role)),
  ];
  checkConditions(statements, `${role.stack}/${role.logicalId}`);
  return statements;
};

/** True for the helper functions the CDK puts beside custom resources: the runtime acts on the custom resource itself. */
const isProvider = (resource: Resource): boolean =>
  /^(BucketNotificationsHandler|Custom|LogRetention)/.test(resource.logicalId);

/** The functions of the template. @param root absolute folder that entries are relative to */
export const readFunctions = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
  root: string,
): readonly FunctionResource[] =>
  resources
    .filter((resource) => resource.type === 'AWS::Lambda::Function' && !isProvider(resource))
    .map((resource) => {
      const read = readProperties(resource, functionProperties);
      const stated = resource.metadata[ENTRY_METADATA];
      if (typeof stated !== 'string') {
        throw new EngagementError(
          'misconfigured',
          `function ${resource.stack}/${resource.logicalId} names no source: its metadata "${ENTRY_METADATA}" is ${JSON.stringify(stated)}, expected the path of a TypeScript module`,
        );
      }
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: arnOf(resource),
        entry: resolve(root, stated),
        exportName: read.Handler.split('.').at(-1) ?? 'handler',
        environment: read.Environment?.Variables ?? {},
        timeoutMs: read.Timeout * 1000,
        memoryMb: read.MemorySize,
        ...(read.ReservedConcurrentExecutions === undefined ? {} : { concurrency: read.ReservedConcurrentExecutions }),
        ...(read.DeadLetterConfig ? { deadLetterArn: read.DeadLetterConfig.TargetArn } : {}),
        statements: statementsOf(read.Role, resources),
      };
    });

/** The event source mappings of the template. */
export const readEventSources = (
  resources: readonly Resource[],
  functions: readonly FunctionResource[],
): readonly EventSourceResource[] =>
  resources
    .filter((resource) => resource.type === 'AWS::Lambda::EventSourceMapping')
    .map((resource) => {
      const read = readProperties(resource, eventSourceProperties);
      const target = functions.find((fn) => fn.name === read.FunctionName || fn.arn === read.FunctionName);
      if (!target) {
        throw new EngagementError(
          'misconfigured',
          `${resource.logicalId} feeds "${read.FunctionName}", which is no function of the template`,
        );
      }
      return {
        logicalId: resource.logicalId,
        queueArn: read.EventSourceArn,
        functionId: target.logicalId,
        batchSize: read.BatchSize,
        reportsFailures: read.FunctionResponseTypes.length > 0,
        ...(read.ScalingConfig ? { maxConcurrency: read.ScalingConfig.MaximumConcurrency } : {}),
        enabled: read.Enabled,
      };
    });
