import { EngagementError } from '../../../../shared/platform/errors.ts';
import { formatInstant } from '../../../../shared/platform/time.ts';
import { matches } from '../../iam.ts';
import { type BucketNotification, type BucketResource, LOCAL_ACCOUNT } from '../../template/resources.ts';
import type { World } from '../../wire.ts';
import type { Outbox } from '../outbox.ts';
import { checkDelivery } from '../resource-policy.ts';
import type { StoredVersion } from './store.ts';

/** Events this fake raises; a notification for any other stops the start. */
const RAISED = ['s3:ObjectCreated:Put'];

/** @throws EngagementError `misconfigured` for a notification that could never come, or whose target is closed */
export const checkNotifications = (world: World, buckets: readonly BucketResource[]): void => {
  for (const bucket of buckets) {
    for (const { events, targetArn } of bucket.notifications) {
      const silent = events.find((pattern) => !RAISED.some((event) => matches(pattern, event)));
      if (silent !== undefined) {
        throw new EngagementError(
          'misconfigured',
          `bucket ${bucket.name} notifies of ${silent}, which the local runtime does not raise: teach infra/local/fakes/s3`,
        );
      }
      checkDelivery(world, 's3.amazonaws.com', bucket.arn, targetArn);
    }
  }
};

/** Puts the news of a new version on its way to whoever asked for it. */
export const announceVersion = (
  outbox: Outbox,
  bucket: BucketResource,
  version: StoredVersion,
  region: string,
): void => {
  for (const notification of bucket.notifications) {
    if (!wants(notification, version.key)) continue;
    outbox.add({
      target: notification.targetArn,
      body: JSON.stringify({ Records: [record(bucket, version, region)] }),
    });
  }
};

const wants = ({ prefix = '', suffix = '' }: BucketNotification, key: string): boolean =>
  key.startsWith(prefix) && key.endsWith(suffix);

/** One record of an S3 event message, version 2.1 (S3 user guide, "Event message structure"). The key is encoded as in
 *  a form: spaces as `+`. */
const record = (bucket: BucketResource, version: StoredVersion, region: string): object => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: region,
  eventTime: formatInstant(version.at),
  eventName: 'ObjectCreated:Put',
  userIdentity: { principalId: `AWS:${LOCAL_ACCOUNT}` },
  requestParameters: { sourceIPAddress: '127.0.0.1' },
  responseElements: { 'x-amz-request-id': version.versionId, 'x-amz-id-2': version.versionId },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'local',
    bucket: { name: bucket.name, ownerIdentity: { principalId: LOCAL_ACCOUNT }, arn: bucket.arn },
    object: {
      key: encodeURIComponent(version.key).replaceAll('%20', '+').replaceAll('%2F', '/'),
      size: version.size,
      eTag: version.etag.replaceAll('"', ''),
      ...(bucket.versioned ? { versionId: version.versionId } : {}),
      sequencer: version.at.toString(16).toUpperCase().padStart(16, '0'),
    },
  },
});
