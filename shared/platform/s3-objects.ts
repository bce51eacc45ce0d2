import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { EngagementError } from './errors.ts';
import type { Objects } from './objects.ts';

const isMissing = (error: unknown): boolean =>
  error instanceof NoSuchKey || error instanceof NotFound || (error as { name?: string }).name === 'NotFound';

/** A bucket in S3. */
export const createS3Objects = (client: S3Client, bucket: string): Objects => ({
  async get(key) {
    try {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const body = await answer.Body?.transformToByteArray();
      return { body: body ?? new Uint8Array(), metadata: answer.Metadata ?? {} };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },

  async stream(key, from = 0) {
    try {
      const answer = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, ...(from > 0 ? { Range: `bytes=${from}-` } : {}) }),
      );
      return answer.Body as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (isMissing(error))
        throw new EngagementError('not-found', 'file is not in the bucket: upload it again', { cause: error });
      throw error;
    }
  },

  async head(key) {
    try {
      const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return { size: answer.ContentLength ?? 0, etag: answer.ETag ?? '', metadata: answer.Metadata ?? {} };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },

  async put(key, body, { contentType, metadata } = {}) {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ...(contentType === undefined ? {} : { ContentType: contentType }),
        ...(metadata === undefined ? {} : { Metadata: metadata }),
      }),
    );
  },

  async *list(prefix) {
    let token: string | undefined;
    do {
      const answer = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      for (const { Key: key } of answer.Contents ?? []) if (key !== undefined) yield key;
      token = answer.NextContinuationToken;
    } while (token !== undefined);
  },

  async remove(key) {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },

  async presign(key, verb, seconds) {
    const command =
      verb === 'get'
        ? new GetObjectCommand({ Bucket: bucket, Key: key })
        : new PutObjectCommand({ Bucket: bucket, Key: key });
    return getSignedUrl(client, command, { expiresIn: seconds });
  },
});

/** Buckets by the name of the variable that holds theirs. */
export const s3Buckets =
  (client: S3Client, setting: (variable: string) => string) =>
  (variable: string): Objects =>
    createS3Objects(client, setting(variable));
