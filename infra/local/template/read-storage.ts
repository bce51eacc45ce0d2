import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { common, flag, ignored, number, policyDocument, readProperties, resourceStatements } from './properties.ts';
import type { Resource } from './resolve.ts';
import type { BucketNotification, BucketResource, KeyField, SecretResource, TableResource } from './resources.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const indexSchema = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
  ProvisionedThroughput: ignored,
  WarmThroughput: ignored,
  OnDemandThroughput: ignored,
  ContributorInsightsSpecification: ignored,
});

const tableProperties = z.strictObject({
  ...common,
  TableName: ignored,
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: z.array(indexSchema).default([]),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: flag }).optional(),
  PointInTimeRecoverySpecification: ignored,
  SSESpecification: ignored,
  DeletionProtectionEnabled: ignored,
  TableClass: ignored,
  WarmThroughput: ignored,
  OnDemandThroughput: ignored,
  ContributorInsightsSpecification: ignored,
  Replicas: ignored,
});

/** The DynamoDB tables of the template. */
export const readTables = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
): readonly TableResource[] =>
  resources
    .filter(({ type }) => type === 'AWS::DynamoDB::Table' || type === 'AWS::DynamoDB::GlobalTable')
    .map((resource) => {
      const read = readProperties(resource, tableProperties);
      const types = new Map(read.AttributeDefinitions.map((field) => [field.AttributeName, field.AttributeType]));
      const keys = (schema: z.infer<typeof keySchema>): readonly KeyField[] =>
        schema.map(({ AttributeName, KeyType }) => {
          const type = types.get(AttributeName);
          if (!type) {
            throw new EngagementError(
              'misconfigured',
              `key "${AttributeName}" of table ${resource.logicalId} has no definition`,
            );
          }
          return { name: AttributeName, type, role: KeyType };
        });
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: arnOf(resource),
        keys: keys(read.KeySchema),
        indexes: read.GlobalSecondaryIndexes.map((index) => ({
          name: index.IndexName,
          keys: keys(index.KeySchema),
          projection: index.Projection.ProjectionType,
          ...(index.Projection.NonKeyAttributes ? { nonKeyAttributes: index.Projection.NonKeyAttributes } : {}),
        })),
        ...(read.TimeToLiveSpecification?.Enabled ? { ttlAttribute: read.TimeToLiveSpecification.AttributeName } : {}),
      };
    });

const filter = z
  .strictObject({
    S3Key: z.strictObject({
      Rules: z.array(
        z.strictObject({
          Name: z
            .string()
            .toLowerCase()
            .pipe(z.enum(['prefix', 'suffix'])),
          Value: z.string(),
        }),
      ),
    }),
  })
  .optional();

const notificationConfiguration = z.strictObject({
  QueueConfigurations: z.array(z.strictObject({ Event: z.string(), Queue: z.string(), Filter: filter })).default([]),
  TopicConfigurations: z.array(z.strictObject({ Event: z.string(), Topic: z.string(), Filter: filter })).default([]),
  LambdaConfigurations: z
    .array(z.strictObject({ Event: z.string(), Function: z.string(), Filter: filter }))
    .default([]),
});

const bucketProperties = z.strictObject({
  ...common,
  BucketName: ignored,
  BucketEncryption: ignored,
  PublicAccessBlockConfiguration: ignored,
  OwnershipControls: ignored,
  AccessControl: ignored,
  LoggingConfiguration: ignored,
  LifecycleConfiguration: ignored,
  IntelligentTieringConfigurations: ignored,
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  ObjectLockEnabled: flag.default(false),
  ObjectLockConfiguration: z
    .strictObject({
      ObjectLockEnabled: z.literal('Enabled'),
      Rule: z
        .strictObject({
          DefaultRetention: z.strictObject({
            Mode: z.enum(['GOVERNANCE', 'COMPLIANCE']),
            Days: number.optional(),
            Years: number.optional(),
          }),
        })
        .optional(),
    })
    .optional(),
  NotificationConfiguration: notificationConfiguration.optional(),
  CorsConfiguration: z
    .strictObject({
      CorsRules: z.array(
        z.strictObject({
          AllowedOrigins: z.array(z.string()),
          AllowedMethods: ignored,
          AllowedHeaders: ignored,
          ExposedHeaders: ignored,
          MaxAge: ignored,
          Id: ignored,
        }),
      ),
    })
    .optional(),
});

const bucketPolicy = z.strictObject({ Bucket: z.string(), PolicyDocument: policyDocument });

const customNotification = z.strictObject({
  ServiceToken: ignored,
  BucketName: z.string(),
  Managed: ignored,
  SkipDestinationValidation: ignored,
  NotificationConfiguration: z.strictObject({
    QueueConfigurations: z
      .array(z.strictObject({ Events: z.array(z.string()), QueueArn: z.string(), Filter: ignored, Id: ignored }))
      .default([]),
  }),
});

const notificationsOf = (
  read: z.infer<typeof notificationConfiguration> | undefined,
): readonly BucketNotification[] => {
  const all = [
    ...(read?.QueueConfigurations ?? []).map((entry) => ({ ...entry, target: entry.Queue })),
    ...(read?.TopicConfigurations ?? []).map((entry) => ({ ...entry, target: entry.Topic })),
    ...(read?.LambdaConfigurations ?? []).map((entry) => ({ ...entry, target: entry.Function })),
  ];
  return all.map(({ Event, Filter, target }) => {
    const rule = (name: string) => Filter?.S3Key.Rules.find((entry) => entry.Name === name)?.Value;
    const [prefix, suffix] = [rule('prefix'), rule('suffix')];
    return {
      events: [Event],
      ...(prefix === undefined ? {} : { prefix }),
      ...(suffix === undefined ? {} : { suffix }),
      targetArn: target,
    };
  });
};

/** The buckets of the template. Expiry of objects (lifecycle rules) is not imitated. */
export const readBuckets = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
): readonly BucketResource[] => {
  for (const resource of resources.filter(({ type }) => type === 'Custom::S3BucketNotifications')) {
    readProperties(resource, customNotification);
    throw new EngagementError(
      'misconfigured',
      `${resource.stack}/${resource.logicalId} sets notifications by a custom resource: use the bucket's own NotificationConfiguration`,
    );
  }
  const policies = resources
    .filter(({ type }) => type === 'AWS::S3::BucketPolicy')
    .map((resource) => readProperties(resource, bucketPolicy));
  return resources
    .filter(({ type }) => type === 'AWS::S3::Bucket')
    .map((resource) => {
      const read = readProperties(resource, bucketProperties);
      const retention = read.ObjectLockConfiguration?.Rule?.DefaultRetention;
      const days = retention?.Days ?? (retention?.Years === undefined ? undefined : retention.Years * 365);
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: arnOf(resource),
        versioned: read.VersioningConfiguration?.Status === 'Enabled' || read.ObjectLockEnabled,
        ...(read.ObjectLockEnabled
          ? { objectLock: { ...(retention ? { mode: retention.Mode } : {}), ...(days === undefined ? {} : { days }) } }
          : {}),
        policy: policies
          .filter(({ Bucket }) => Bucket === resource.ref)
          .flatMap(({ PolicyDocument }) => resourceStatements(PolicyDocument)),
        notifications: notificationsOf(read.NotificationConfiguration),
        corsOrigins: (read.CorsConfiguration?.CorsRules ?? []).flatMap((rule) => rule.AllowedOrigins),
      };
    });
};

const secretProperties = z.strictObject({
  ...common,
  Name: ignored,
  Description: ignored,
  KmsKeyId: ignored,
  SecretString: z.string().optional(),
  GenerateSecretString: z
    .strictObject({
      PasswordLength: number.default(32),
      ExcludePunctuation: flag.default(false),
      ExcludeCharacters: z.string().default(''),
      SecretStringTemplate: z.string().optional(),
      GenerateStringKey: z.string().optional(),
    })
    .optional(),
});

/** The secrets of the template: literal, or to be generated once and kept in the state folder. */
export const readSecrets = (resources: readonly Resource[]): readonly SecretResource[] =>
  resources
    .filter(({ type }) => type === 'AWS::SecretsManager::Secret')
    .map((resource) => {
      const { GenerateSecretString: generate, SecretString: value } = readProperties(resource, secretProperties);
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: resource.ref,
        ...(generate
          ? {
              generate: {
                length: generate.PasswordLength,
                excludePunctuation: generate.ExcludePunctuation,
                excludeCharacters: generate.ExcludeCharacters,
                ...(generate.SecretStringTemplate === undefined ? {} : { template: generate.SecretStringTemplate }),
                ...(generate.GenerateStringKey === undefined ? {} : { key: generate.GenerateStringKey }),
              },
            }
          : {}),
        ...(value === undefined ? {} : { value }),
      };
    });
