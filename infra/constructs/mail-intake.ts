import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import { inboundDomain } from '../../shared/inbound/reply-address.ts';
import type { Stage } from '../stages.ts';
import { letBucketReport, reportFiles } from './bucket-reports.ts';
import { EngagementQueue } from './engagement-queue.ts';

export interface MailIntakeProps {
  readonly stage: Stage;
  readonly key: kms.IKey;
  /** What all buckets of the stage have in common. */
  readonly bucket: s3.BucketProps;
}

/** Folder of the bucket that mails are written to. */
const MAILS = 'mail/';

/** SES the other way round: what customers write back. A receipt rule puts each mail to `in.<sender's domain>` into a
 *  bucket, and the bucket reports it to a queue; it stays here while the app stack is made anew. */
export class MailIntake extends Construct {
  readonly bucket: s3.Bucket;
  readonly queue: EngagementQueue;

  constructor(scope: Construct, id: string, { stage, key, bucket }: MailIntakeProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    const bucketName = `perennial-${stage.name}-inbound-${account}`;
    this.queue = new EngagementQueue(this, 'Queue', {
      name: 'inbound-mail',
      stage: stage.name,
      key,
      consumerTimeout: Duration.minutes(1),
    });
    letBucketReport(this.queue, bucketName);
    // no object lock: SES refuses a bucket whose files are locked by default
    this.bucket = new s3.Bucket(this, 'Bucket', {
      ...bucket,
      bucketName,
      serverAccessLogsPrefix: 'inbound/',
      lifecycleRules: [{ expiration: Duration.days(stage.inboundMailDays) }],
    });
    reportFiles(this.bucket, this.queue, MAILS);

    const [ruleSetName, ruleName] = [`perennial-${stage.name}`, 'replies'];
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('ses.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects(`${MAILS}*`)],
        conditions: {
          StringEquals: {
            'aws:SourceAccount': account,
            'aws:SourceArn': Stack.of(this).formatArn({
              service: 'ses',
              resource: 'receipt-rule-set',
              resourceName: `${ruleSetName}:receipt-rule/${ruleName}`,
            }),
          },
        },
      }),
    );
    const ruleSet = new ses.CfnReceiptRuleSet(this, 'RuleSet', { ruleSetName });
    const rule = new ses.CfnReceiptRule(this, 'Rule', {
      ruleSetName,
      rule: {
        name: ruleName,
        enabled: true,
        recipients: [inboundDomain(stage.senderDomain)],
        // for the verdicts on spam and viruses
        scanEnabled: true,
        // a reply that came without TLS is better than one that was lost
        tlsPolicy: 'Optional',
        // no key here: that would have SES encrypt by itself, for a client that nobody has for Node; the bucket's own key
        // counts, which the key's policy lets SES use for this account
        actions: [{ s3Action: { bucketName, objectKeyPrefix: MAILS } }],
      },
    });
    // SES writes a first file when the rule is made: it must be allowed to by then
    rule.node.addDependency(ruleSet, this.bucket);

    new CfnOutput(this, 'Mx', {
      key: 'InboundMx',
      value: `${inboundDomain(stage.senderDomain)} MX 10 inbound-smtp.${region}.amazonaws.com`,
    });
    new CfnOutput(this, 'RuleSetName', { key: 'InboundRuleSet', value: ruleSetName });
  }
}
