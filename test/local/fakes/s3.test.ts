import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createS3 } from '../../../infra/local/fakes/s3/s3.ts';
import { accessKeyOf } from '../../../infra/local/principal.ts';
import type { BucketResource, FunctionResource, Resources } from '../../../infra/local/template/resources.ts';
import { clientSettings, createTestWorld, queueNamed, type TestWorld } from './world.ts';

const bucketNamed = (name: string, more: Partial<BucketResource> = {}): BucketResource => ({
  logicalId: name,
  name,
  arn: `arn:aws:s3:::${name}`,
  versioned: false,
  notifications: [],
  policy: [],
  corsOrigins: [],
  ...more,
});
const QUEUE = queueNamed('imports', {
  policy: [
    {
      effect: 'Allow',
      principals: ['s3.amazonaws.com'],
      actions: ['sqs:SendMessage'],
      resources: ['arn:aws:sqs:us-east-1:000000000000:imports'],
      conditions: { ArnLike: { 'aws:SourceArn': ['arn:aws:s3:::imports'] } },
    },
  ],
});
const IMPORTS = bucketNamed('imports', {
  corsOrigins: ['*'],
  notifications: [{ events: ['s3:ObjectCreated:*'], prefix: 'incoming/', targetArn: QUEUE.arn }],
});
const MESSAGES = bucketNamed('messages', { versioned: true, objectLock: { mode: 'COMPLIANCE', days: 10 } });
const reader = (actions: string[]): FunctionResource => ({
  logicalId: 'Reader',
  name: 'reader',
  arn: 'arn:aws:lambda:us-east-1:000000000000:function:reader',
  entry: '/none',
  exportName: 'handler',
  environment: {},
  timeoutMs: 1_000,
  memoryMb: 128,
  statements: [
    { effect: 'Allow', actions, resources: ['arn:aws:s3:::imports', 'arn:aws:s3:::imports/*'], conditions: {} },
  ],
});
const RESOURCES: Partial<Resources> = {
  buckets: [IMPORTS, MESSAGES],
  queues: [QUEUE],
  functions: [reader(['s3:GetObject'])],
};

describe('S3', () => {
  let folder: string;
  let world: TestWorld;
  let endpoint: string;
  let client: S3Client;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 's3-'));
    world = createTestWorld(RESOURCES);
    endpoint = await world.serve(
      createS3(world, { folder, secretOf: (key) => (key === 'gone' ? undefined : 'local') }),
    );
    client = new S3Client(clientSettings(endpoint));
  });
  afterEach(async () => {
    client.destroy();
    await world.close();
    rmSync(folder, { recursive: true });
  });
  const put = (key: string, body: string | Readable = 'hello', more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket: 'imports', Key: key, Body: body, ...more }));
  const text = async (key: string, more: object = {}) => {
    const answer = await client.send(new GetObjectCommand({ Bucket: 'imports', Key: key, ...more }));
    return answer.Body?.transformToString();
  };

  test("a file goes in and out with the client's default settings: type, metadata, checksum, odd keys", async () => {
    const key = '客户/a b+c%2F&.csv';
    const { ETag: etag } = await put(key, '保单', { ContentType: 'text/csv', Metadata: { source: 'underwriting' } });
    const answer = await client.send(new GetObjectCommand({ Bucket: 'imports', Key: key }));
    expect(await answer.Body?.transformToString()).toBe('保单');
    expect(answer).toMatchObject({
      ETag: etag,
      ContentType: 'text/csv',
      ContentLength: 6,
      Metadata: { source: 'underwriting' },
      LastModified: new Date('2019-01-31T09:00:00Z'),
    });
    expect(answer.ChecksumCRC32).toBeDefined();
    expect(await client.send(new HeadObjectCommand({ Bucket: 'imports', Key: key }))).toMatchObject({
      ContentLength: 6,
    });
  });

  test('takes a stream of unknown digest (aws-chunked, checksum in the trailer)', async () => {
    const blocks = [Buffer.alloc(70_000, 'a'), Buffer.from('ende')];
    await put('streamed', Readable.from(blocks), { ContentLength: 70_004 });
    expect(await text('streamed')).toBe(`${'a'.repeat(70_000)}ende`);
  });

  test('gives ranges, and refuses one that begins after the end', async () => {
    await put('digits', '0123456789');
    expect(await text('digits', { Range: 'bytes=3-' })).toBe('3456789');
    expect(await text('digits', { Range: 'bytes=3-4' })).toBe('34');
    expect(await text('digits', { Range: 'bytes=-2' })).toBe('89');
    expect(await text('digits', { Range: 'bytes=8-99' })).toBe('89');
    await expect(text('digits', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test('a body that does not fit its checksum is refused', async () => {
    await expect(put('bad', 'hello', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(text('bad')).rejects.toBeInstanceOf(NoSuchKey);
  });

  test('a put can insist on being the first', async () => {
    await put('once', 'a', { IfNoneMatch: '*' });
    await expect(put('once', 'b', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await text('once')).toBe('a');
  });

  test('lists by prefix, page by page, with folders', async () => {
    for (const key of ['a/1', 'a/2', 'a/b/3', 'a/b/4', 'b/1', 'a0']) await put(key);
    const list = async (more: object) => client.send(new ListObjectsV2Command({ Bucket: 'imports', ...more }));
    const keys: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await list({ Prefix: 'a/', MaxKeys: 3, ContinuationToken: token });
      keys.push(...(page.Contents ?? []).map(({ Key: key }) => key));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(keys).toEqual(['a/1', 'a/2', 'a/b/3', 'a/b/4']);
    const top = await list({ Delimiter: '/', Prefix: 'a/' });
    expect(top.Contents?.map(({ Key: key }) => key)).toEqual(['a/1', 'a/2']);
    expect(top.CommonPrefixes?.map(({ Prefix: prefix }) => prefix)).toEqual(['a/b/']);
    expect((await list({ StartAfter: 'a/b/4' })).Contents?.map(({ Key: key }) => key)).toEqual(['a0', 'b/1']);
    expect((await list({ Prefix: 'none' })).KeyCount).toBe(0);
  });

  test('versions: an overwrite keeps the old one, a delete is a marker, the lock holds to the hour', async () => {
    const send = (body: string) => client.send(new PutObjectCommand({ Bucket: 'messages', Key: 'mail', Body: body }));
    const { VersionId: first } = await send('one');
    const { VersionId: second } = await send('two');
    const get = async (versionId?: string) => {
      const found = await client.send(new GetObjectCommand({ Bucket: 'messages', Key: 'mail', VersionId: versionId }));
      return found.Body?.transformToString();
    };
    expect([await get(), await get(first), await get(second)]).toEqual(['two', 'one', 'two']);
    const { DeleteMarker: marker } = await client.send(new DeleteObjectCommand({ Bucket: 'messages', Key: 'mail' }));
    expect(marker).toBe(true);
    await expect(get()).rejects.toBeInstanceOf(NoSuchKey);
    expect(await get(second)).toBe('two');

    const remove = new DeleteObjectCommand({ Bucket: 'messages', Key: 'mail', VersionId: first });
    await expect(client.send(remove)).rejects.toThrow(/protected by object lock/);
    const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = await client.send(
      new HeadObjectCommand({ Bucket: 'messages', Key: 'mail', VersionId: first }),
    );
    expect([mode, until]).toEqual(['COMPLIANCE', new Date('2019-02-10T09:00:00Z')]);
    world.setNow('2019-02-10T08:59:59Z');
    await expect(client.send(remove)).rejects.toThrow(/protected by object lock/);
    world.setNow('2019-02-10T09:00:00Z');
    await client.send(remove);
    await expect(get(first)).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  test('a locked bucket wants a digest with each file', async () => {
    const url = await getSignedUrl(
      new S3Client({ ...clientSettings(endpoint), requestChecksumCalculation: 'WHEN_REQUIRED' }),
      new PutObjectCommand({ Bucket: 'messages', Key: 'x' }),
      { expiresIn: 60, signingDate: new Date(world.clock.now()) },
    );
    const answer = await fetch(url, { method: 'PUT', body: 'x' });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Content-MD5 OR')]);
  });

  test('tells the queue of new files under the prefix, once the file is there', async () => {
    await put('incoming/kunden liste+1.csv', 'a;b');
    await put('elsewhere/x.csv');
    await expect.poll(() => world.delivered.length).toBe(1);
    const [{ arn, body } = { arn: '', body: '' }] = world.delivered;
    expect(arn).toBe(QUEUE.arn);
    const [record] = (JSON.parse(body) as { Records: Record<string, unknown>[] }).Records;
    expect(record).toMatchObject({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      eventTime: '2019-01-31T09:00:00.000Z',
      s3: { bucket: { name: 'imports' }, object: { key: 'incoming/kunden+liste%2B1.csv', size: 3 } },
    });
  });

  describe('S44 pre-signed links', () => {
    const link = (verb: 'get' | 'put', key: string, settings: object = {}) => {
      const input = { Bucket: 'imports', Key: key };
      const signer = new S3Client({
        ...clientSettings(endpoint),
        requestChecksumCalculation: 'WHEN_REQUIRED',
        ...settings,
      });
      const command = verb === 'get' ? new GetObjectCommand(input) : new PutObjectCommand(input);
      return getSignedUrl(signer, command, { expiresIn: 300, signingDate: new Date(world.clock.now()) });
    };

    test('let anyone with the link put or get this one file', async () => {
      const url = await link('put', 'incoming/名 单.csv');
      const uploaded = await fetch(url, { method: 'PUT', body: 'a;b', headers: { origin: 'http://page.example' } });
      expect(uploaded.status).toBe(200);
      expect(uploaded.headers.get('access-control-allow-origin')).toBe('http://page.example');
      expect(await (await fetch(await link('get', 'incoming/名 单.csv'))).text()).toBe('a;b');
    });

    test('end when their time is over on the virtual clock', async () => {
      await put('letter.pdf');
      const url = await link('get', 'letter.pdf');
      world.moveBy(300_000);
      expect((await fetch(url)).status).toBe(200);
      world.moveBy(1_000);
      const late = await fetch(url);
      expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
    });

    test('cannot be bent to another key, verb, life or signer', async () => {
      await put('mine.pdf');
      await put('yours.pdf');
      const url = await link('get', 'mine.pdf');
      const bent = [
        url.replace('mine.pdf', 'yours.pdf'),
        url.replace('mine.pdf', 'x/../yours.pdf'),
        url.replace('X-Amz-Expires=300', 'X-Amz-Expires=600'),
        url.replace(/X-Amz-Signature=./, (found) => `${found.slice(0, -1)}${found.endsWith('0') ? '1' : '0'}`),
        url.replace(/&X-Amz-Signature=[0-9a-f]+/, ''),
        `${url}&versionId=1`,
      ];
      for (const attempt of bent) expect((await fetch(attempt)).status, attempt).toBe(403);
      expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
      const stranger = { credentials: { accessKeyId: 'gone', secretAccessKey: 'x' } };
      expect((await fetch(await link('get', 'mine.pdf', stranger))).status).toBe(403);
      const guesser = { credentials: { accessKeyId: 'operator', secretAccessKey: 'guess' } };
      expect((await fetch(await link('get', 'mine.pdf', guesser))).status).toBe(403);
      expect((await fetch(`${endpoint}/imports/mine.pdf`)).status).toBe(403);
      expect((await fetch(url)).status).toBe(200);
    });

    test('by a client with default settings carry the checksum of an empty body, and take nothing else', async () => {
      const url = await link('put', 'incoming/x.csv', { requestChecksumCalculation: 'WHEN_SUPPORTED' });
      const answer = await fetch(url, { method: 'PUT', body: 'a;b' });
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('BadDigest')]);
    });

    test('a browser may ask first, where the bucket allows its origin', async () => {
      const ask = (bucket: string) =>
        fetch(`${endpoint}/${bucket}/x`, {
          method: 'OPTIONS',
          headers: {
            origin: 'http://page.example',
            'access-control-request-method': 'PUT',
            'access-control-request-headers': 'content-type',
          },
        });
      const yes = await ask('imports');
      expect([yes.status, yes.headers.get('access-control-allow-headers')]).toEqual([200, 'content-type']);
      expect((await ask('messages')).status).toBe(403);
    });
  });

  test('a missing key shows itself only to who may list', async () => {
    const blind = new S3Client(clientSettings(endpoint, accessKeyOf('Reader')));
    await expect(blind.send(new GetObjectCommand({ Bucket: 'imports', Key: 'none' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    blind.destroy();
    await expect(text('none')).rejects.toBeInstanceOf(NoSuchKey);
  });

  test('refuses by name what it does not cover', async () => {
    const multipart = new CreateMultipartUploadCommand({ Bucket: 'imports', Key: 'x' });
    await expect(client.send(multipart)).rejects.toMatchObject({ name: 'NotImplemented' });
    const copy = new CopyObjectCommand({ Bucket: 'imports', Key: 'x', CopySource: 'imports/y' });
    await expect(client.send(copy)).rejects.toThrow(/x-amz-copy-source/);
    await expect(put('x', 'y', { StorageClass: 'GLACIER' })).rejects.toThrow(/x-amz-storage-class/);
    await expect(client.send(new PutObjectCommand({ Bucket: 'none', Key: 'x', Body: 'y' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  test('an overwritten or deleted file leaves nothing behind where nothing is versioned', async () => {
    await put('x', '1');
    await put('x', '2');
    expect(readdirSync(folder)).toHaveLength(1);
    await client.send(new DeleteObjectCommand({ Bucket: 'imports', Key: 'x' }));
    await client.send(new DeleteObjectCommand({ Bucket: 'imports', Key: 'never' }));
    expect(readdirSync(folder)).toHaveLength(0);
  });
});

test('bytes of an upload that a kill broke off are gone at the next start', () => {
  const folder = mkdtempSync(join(tmpdir(), 's3-'));
  writeFileSync(join(folder, 'half'), 'ha');
  const world = createTestWorld(RESOURCES);
  createS3(world, { folder, secretOf: () => 'local' });
  expect(readdirSync(folder)).toEqual([]);
  world.db.close();
  rmSync(folder, { recursive: true });
});

test('a notification that could never come stops the start', () => {
  const folder = mkdtempSync(join(tmpdir(), 's3-'));
  const events = ['s3:ObjectRemoved:*'];
  const bucket = bucketNamed('imports', { notifications: [{ events, targetArn: QUEUE.arn }] });
  const world = createTestWorld({ ...RESOURCES, buckets: [bucket] });
  expect(() => createS3(world, { folder, secretOf: () => 'local' })).toThrow(/s3:ObjectRemoved:.*does not raise/);
  world.db.close();
  rmSync(folder, { recursive: true });
});
