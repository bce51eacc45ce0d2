import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { EngagementQueue } from './engagement-queue.ts';

/** Lets the bucket of this name, and nothing else of S3, report to a queue. By name, so that the queue's policy can speak of
 *  the bucket before it exists: S3 tries the queue when the bucket is made. */
export const letBucketReport = ({ queue }: EngagementQueue, bucketName: string): void => {
  const { account, partition } = Stack.of(queue);
  queue.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': `arn:${partition}:s3:::${bucketName}` },
        StringEquals: { 'aws:SourceAccount': account },
      },
    }),
  );
};

/** Has a bucket tell a queue of each file that comes under `prefix`. */
export const reportFiles = (bucket: s3.Bucket, queue: EngagementQueue, prefix: string): void => {
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = {
    queueConfigurations: [
      {
        event: 's3:ObjectCreated:*',
        queue: queue.queue.queueArn,
        filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
      },
    ],
  };
  bucket.node.addDependency(queue);
};
