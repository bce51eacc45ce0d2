import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { IndexName } from '../shared/platform/table.ts';
import { letBucketReport, reportFiles } from './constructs/bucket-reports.ts';
import { EngagementQueue } from './constructs/engagement-queue.ts';
import { MailIntake } from './constructs/mail-intake.ts';
import { StaffPool } from './constructs/staff-pool.ts';
import type { Stage } from './stages.ts';

export interface DataStackProps extends StackProps {
  readonly stage: Stage;
}

/** The table's secondary indexes; shared/platform/table.ts names them. */
export const INDEXES: readonly IndexName[] = ['byRenewal', 'byTrouble', 'byTask', 'bySurvey', 'byOwner'];

/** What must outlive every deploy, and the app stack itself: everything here is retained. */
export class DataStack extends Stack {
  readonly key: kms.Key;
  readonly table: dynamodb.Table;
  readonly staff: StaffPool;
  readonly imports: s3.Bucket;
  /** Beside the bucket, not in the app stack: a bucket can only be made once the queue it reports to is there. */
  readonly importsQueue: EngagementQueue;
  /** What customers write back. */
  readonly mailIntake: MailIntake;
  readonly messages: s3.Bucket;
  readonly print: s3.Bucket;
  readonly linkSecret: secretsmanager.Secret;
  /** Keys of calls to other systems are derived from it, one per endpoint. */
  readonly outboundSecret: secretsmanager.Secret;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { stage } = props;

    this.key = new kms.Key(this, 'Key', {
      description: `Perennial ${stage.name}: everything at rest (ADR 0010)`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.letServicesUseKey();

    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const index of INDEXES) {
      this.table.addGlobalSecondaryIndex({
        indexName: index,
        partitionKey: { name: `${index}Pk`, type: dynamodb.AttributeType.STRING },
        sortKey: { name: `${index}Sk`, type: dynamodb.AttributeType.STRING },
        projectionType: dynamodb.ProjectionType.ALL,
      });
    }

    const accessLogs = new s3.Bucket(this, 'AccessLogs', {
      // S3 writes its access logs with its own keys only.
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [{ expiration: Duration.days(400) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(accessLogs).acknowledge({ id: 'AwsSolutions-S1', reason: 'it holds the access logs of the others' });
    const bucket = {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      serverAccessLogsBucket: accessLogs,
      removalPolicy: RemovalPolicy.RETAIN,
    };

    this.importsQueue = new EngagementQueue(this, 'Imports', {
      name: 'imports',
      stage: stage.name,
      key: this.key,
      consumerTimeout: Duration.minutes(5),
    });
    const importsName = `perennial-${stage.name}-imports-${this.account}`;
    letBucketReport(this.importsQueue, importsName);
    this.imports = new s3.Bucket(this, 'ImportsBucket', {
      ...bucket,
      bucketName: importsName,
      serverAccessLogsPrefix: 'imports/',
      // Files full of personal data are not kept for their own sake: their rows are in the table by then.
      lifecycleRules: [
        { prefix: 'chunks/', expiration: Duration.days(30) },
        { prefix: 'incoming/', expiration: Duration.days(90) },
        { prefix: 'errors/', expiration: Duration.days(90) },
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      // From any page: what lets a browser put a file here is the pre-signed address, not where it comes from.
      cors: [{ allowedMethods: [s3.HttpMethods.PUT], allowedOrigins: ['*'], allowedHeaders: ['content-type'] }],
    });
    reportFiles(this.imports, this.importsQueue, 'incoming/');
    this.mailIntake = new MailIntake(this, 'MailIntake', { stage, key: this.key, bucket });

    this.messages = new s3.Bucket(this, 'MessagesBucket', {
      ...bucket,
      serverAccessLogsPrefix: 'messages/',
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: s3.ObjectLockRetention.governance(Duration.days(stage.messageLockDays)),
    });
    this.print = new s3.Bucket(this, 'PrintBucket', { ...bucket, serverAccessLogsPrefix: 'print/', versioned: true });

    const secretOf = (name: string, does: string, notRotated: string): secretsmanager.Secret => {
      const secret = new secretsmanager.Secret(this, name, {
        description: `Perennial ${stage.name}: ${does}`,
        encryptionKey: this.key,
        generateSecretString: { passwordLength: 64, excludePunctuation: true },
        removalPolicy: RemovalPolicy.RETAIN,
      });
      Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason: notRotated });
      return secret;
    };
    this.linkSecret = secretOf(
      'LinkSecret',
      'signs the links in mails and letters',
      'a rotation would break every link in mails already sent, which must work for 30 days and more (C03)',
    );
    this.outboundSecret = secretOf(
      'OutboundSecret',
      'signs the calls to other systems and checks theirs',
      'the other side holds keys derived from it: an engineer renews both together (docs/guides/deploy.md)',
    );

    this.staff = new StaffPool(this, 'Staff', { stage });
    new CfnOutput(this, 'StaffPoolId', { value: this.staff.pool.userPoolId });
  }

  /** AWS services that hand messages of ours to each other encrypt and decrypt with the key; only for this account. */
  private letServicesUseKey(): void {
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'MessagesBetweenServices',
        principals: ['cloudwatch', 'events', 's3', 'ses'].map(
          (service) => new iam.ServicePrincipal(`${service}.amazonaws.com`),
        ),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'TopicsToQueues',
        principals: [new iam.ServicePrincipal('sns.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { ArnLike: { 'aws:SourceArn': `arn:${this.partition}:sns:${this.region}:${this.account}:*` } },
      }),
    );
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'Logs',
        principals: [new iam.ServicePrincipal(`logs.${this.region}.amazonaws.com`)],
        actions: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${this.partition}:logs:${this.region}:${this.account}:*`,
          },
        },
      }),
    );
  }
}
