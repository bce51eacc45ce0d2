import { Duration, Lazy, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { IndexName } from '../../shared/platform/table.ts';
import type { Stage } from '../stages.ts';
import { acknowledgeResources } from './acknowledge.ts';
import type { EngagementQueue } from './engagement-queue.ts';
import { functionCode } from './function-code.ts';

export interface EngagementFunctionProps {
  readonly stage: Stage;
  readonly key: kms.IKey;
  /** Default: 30 s. */
  readonly timeout?: Duration;
  /** Default: 512 MB, a third of a processor. */
  readonly memoryMb?: number;
  /** V8's young generation in MB, for functions that stream files: unset, it grows with what passes through (a file of
   *  1,000,000 rows: 345 MB, with 8 MB 218 MB, measured). */
  readonly youngHeapMb?: number;
  /** Folders read at run time, relative to the repository. */
  readonly folders?: readonly string[];
  /** Packages that are not bundled: one with a native part, and that part for the processor. */
  readonly native?: readonly string[];
  /** Default: ARM, which costs a fifth less. */
  readonly processor?: lambda.Architecture;
  /** Where events lie that the function failed on, when it is invoked and nobody waits. */
  readonly deadLetters?: sqs.IQueue;
  /** True where the function queues work for itself, page after page: Lambda would take it for a runaway loop. */
  readonly queuesForItself?: boolean;
}

export interface ConsumeOptions {
  /** Messages a run gets, 1 … 10. Default: 10. */
  readonly batchSize?: number;
  /** Runs at the same time, 2 or more. Default: as many as the account allows. */
  readonly maxConcurrency?: number;
}

/** The key of a function's resource metadata that names its TypeScript module; the local runtime starts that. */
const ENTRY_METADATA = 'engagement:entry';

const READ = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** The one way to make a Lambda. `id` is the folder under `functions/`. It starts with nothing but its log and its
 *  trace; each method below binds it to one thing, setting environment and grant together. */
export class EngagementFunction extends lambda.Function {
  private readonly key: kms.IKey;
  private readonly services = new Set<string>();

  constructor(scope: Construct, id: string, props: EngagementFunctionProps) {
    const { stage } = props;
    const name = `perennial-${stage.name}-${id}`;
    const entry = `functions/${id}/handler.ts`;
    const log = new logs.LogGroup(scope, `${id}-log`, {
      logGroupName: `/aws/lambda/${name}`,
      retention: stage.logDays,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(scope, `${id}-role`, {
      description: `May do what ${entry} does`,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    super(scope, id, {
      functionName: name,
      code: functionCode({ entry, folders: props.folders ?? [], native: props.native ?? [] }),
      handler: entry.replace(/\.ts$/, '.handler'),
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: props.processor ?? lambda.Architecture.ARM_64,
      role,
      logGroup: log,
      tracing: lambda.Tracing.ACTIVE,
      timeout: props.timeout ?? Duration.seconds(30),
      memorySize: props.memoryMb ?? 512,
      ...(props.deadLetters === undefined ? {} : { deadLetterQueue: props.deadLetters }),
      ...(props.queuesForItself === true ? { recursiveLoop: lambda.RecursiveLoop.ALLOW } : {}),
      environment: {
        STAGE: stage.name,
        POWERTOOLS_SERVICE_NAME: id,
        POWERTOOLS_METRICS_NAMESPACE: 'Perennial',
        POWERTOOLS_LOG_LEVEL: 'INFO',
        ...(props.youngHeapMb === undefined ? {} : { NODE_OPTIONS: `--max-semi-space-size=${props.youngHeapMb}` }),
      },
    });
    this.key = props.key;
    (this.node.defaultChild as lambda.CfnFunction).addMetadata(ENTRY_METADATA, entry);
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [log.logGroupArn]);
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'only for X-Ray (PutTraceSegments, PutTelemetryRecords) and, where mail is sent, ses:GetSendQuota, which know no resources',
    });
    if (props.deadLetters === undefined) {
      Validations.of(this).acknowledge({
        id: 'Serverless-LambdaDLQ',
        reason:
          'it is never invoked asynchronously: what calls it waits for the answer, or is a queue with dead letters',
      });
    }
  }

  /** The table: TABLE_NAME, items read and written by key, and queries of the indexes named. */
  usesTable(table: dynamodb.ITable, indexes: readonly IndexName[] = []): this {
    this.addEnvironment('TABLE_NAME', table.tableName);
    this.allow([...READ, ...WRITE], [table.tableArn]);
    if (indexes.length > 0) {
      this.allow(
        ['dynamodb:Query'],
        indexes.map((index) => `${table.tableArn}/index/${index}`),
      );
    }
    this.useKeyThrough('dynamodb');
    return this;
  }

  /** A bucket: its name under `variable`, and the verbs asked for on the files whose names begin with one of
   *  `prefixes` (all, by default); who may get may list. May be called again for other files of the same bucket. */
  usesBucket(
    bucket: s3.IBucket,
    variable: string,
    verbs: readonly ('get' | 'put' | 'remove')[],
    prefixes: readonly string[] = [''],
  ): this {
    this.addEnvironment(variable, bucket.bucketName);
    const actions = { get: 's3:GetObject', put: 's3:PutObject', remove: 's3:DeleteObject' };
    const files = prefixes.map((prefix) => `${bucket.bucketArn}/${prefix}*`);
    this.allow(
      verbs.map((verb) => actions[verb]),
      files,
    );
    // Without the right to list, S3 answers 403 for a file that is not there, which looks like a forgotten grant.
    if (verbs.includes('get')) this.allow(['s3:ListBucket'], [bucket.bucketArn]);
    if (this.role !== undefined) {
      acknowledgeResources(this.role, files, 'names of files are made at run time, below a bucket that is named');
    }
    this.useKeyThrough('s3');
    return this;
  }

  /** A queue to send to, its URL under `variable`. */
  sendsTo(queue: EngagementQueue, variable: string): this {
    this.addEnvironment(variable, queue.queue.queueUrl);
    this.allow(['sqs:SendMessage'], [queue.queue.queueArn]);
    this.useKeyThrough('sqs');
    return this;
  }

  /** The bus: BUS_NAME. */
  putsEvents(bus: events.IEventBus): this {
    this.addEnvironment('BUS_NAME', bus.eventBusName);
    this.allow(['events:PutEvents'], [bus.eventBusArn]);
    return this;
  }

  /** A secret, its ARN under `variable`; the value never stands in the environment. */
  readsSecret(secret: secretsmanager.ISecret, variable: string): this {
    this.addEnvironment(variable, secret.secretArn);
    this.allow(['secretsmanager:GetSecretValue'], [secret.secretArn]);
    this.useKeyThrough('secretsmanager');
    return this;
  }

  /** Works off a queue, with partial batch answers. */
  consumes(queue: EngagementQueue, options: ConsumeOptions = {}): this {
    this.allow(
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      [queue.queue.queueArn],
    );
    this.useKeyThrough('sqs');
    const mapping = new lambda.EventSourceMapping(this, `From${queue.node.id}`, {
      target: this,
      eventSourceArn: queue.queue.queueArn,
      batchSize: options.batchSize ?? 10,
      reportBatchItemFailures: true,
      ...(options.maxConcurrency === undefined ? {} : { maxConcurrency: options.maxConcurrency }),
    });
    Validations.of(mapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'a mapping of SQS takes no destination; the queue has its dead letter queue',
    });
    return this;
  }

  /** Lets the function do `actions` on `resources`, and nothing more. */
  allow(actions: string[], resources: string[], conditions?: Record<string, Record<string, unknown>>): void {
    this.addToRolePolicy(
      new iam.PolicyStatement({ actions, resources, ...(conditions === undefined ? {} : { conditions }) }),
    );
  }

  /** Data under the stage's key opens only on its way through the services that keep it. */
  private useKeyThrough(service: string): void {
    if (this.services.size === 0) {
      this.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn], {
        StringEquals: { 'kms:ViaService': Lazy.list({ produce: () => [...this.services].sort() }) },
      });
    }
    this.services.add(`${service}.${Stack.of(this).region}.amazonaws.com`);
  }
}
