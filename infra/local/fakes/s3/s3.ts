import { randomUUID } from 'node:crypto';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import { formatInstant } from '../../../../shared/platform/time.ts';
import { refusalOf } from '../../iam.ts';
import { OPERATOR, signedServiceOf } from '../../principal.ts';
import type { BucketResource } from '../../template/resources.ts';
import {
  type Fake,
  type WireAction,
  WireRefusal,
  type WireRequest,
  type WireResponse,
  type World,
} from '../../wire.ts';
import { createOutbox } from '../outbox.ts';
import { xmlText } from '../query-protocol.ts';
import { readUpload } from './body.ts';
import { listObjects } from './list.ts';
import { announceVersion, checkNotifications } from './notifications.ts';
import { readCall, type S3Call } from './request.ts';
import { checkPresigned, isPresigned } from './signature.ts';
import { createObjectStore, type StoredVersion } from './store.ts';

export interface S3Options {
  /** Where the files' bytes lie; emptied with the state folder. */
  readonly folder: string;
  /** The secret key of an access key, for pre-signed links. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
}

/** Content headers that are kept with an object and given back. */
const KEPT = ['content-type', 'content-disposition', 'content-language', 'cache-control', 'expires'];

/** S3, and its back door for services that write of themselves. */
export interface S3 extends Fake {
  /** Keeps a file as another service does that was let in by the bucket's policy. */
  store(bucketName: string, key: string, bytes: Buffer): Promise<void>;
}

/** The buckets of the template. @throws EngagementError `misconfigured` for notifications that could never come */
export const createS3 = (world: World, { folder, secretOf }: S3Options): S3 => {
  const { buckets, region, functions } = world.resources;
  checkNotifications(world, buckets);
  const store = createObjectStore(world.db, folder, () => world.clock.now());
  const outbox = createOutbox(world, 's3');

  /** Without the right to list, S3 does not even say that a key is missing. */
  const missing = (request: WireRequest, bucket: BucketResource, key: string): WireRefusal => {
    const statements = functions.find(({ logicalId }) => logicalId === request.principal)?.statements ?? [];
    const list = { action: 's3:ListBucket', resources: [bucket.arn], context: { 's3:prefix': key } };
    return request.principal === OPERATOR || refusalOf(statements, list) === undefined
      ? new WireRefusal(404, 'NoSuchKey', 'The specified key does not exist.')
      : new WireRefusal(
          403,
          'AccessDenied',
          'Access Denied (a missing key shows itself only to who may s3:ListBucket)',
        );
  };

  const locate = (request: WireRequest, call: S3Call & { kind: 'get' | 'head' }): StoredVersion => {
    const version = store.find(call.bucket.name, call.key, call.versionId);
    if (!version) {
      if (call.versionId === undefined) throw missing(request, call.bucket, call.key);
      throw new WireRefusal(404, 'NoSuchVersion', 'The specified version does not exist.');
    }
    if (version.deleteMarker) throw missing(request, call.bucket, call.key);
    const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
    if (match !== undefined && match !== version.etag) throw preconditionFailed();
    if (noneMatch !== undefined && noneMatch === version.etag) {
      throw new WireRefusal(304, 'NotModified', 'The object is the one you have');
    }
    return version;
  };

  const put = async (
    request: WireRequest,
    { bucket, key }: { bucket: BucketResource; key: string },
  ): Promise<WireResponse> => {
    const upload = readUpload(request);
    if (bucket.objectLock?.mode !== undefined && !upload.digested) {
      throw new WireRefusal(
        400,
        'InvalidRequest',
        'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
      );
    }
    checkPutCondition(request, store.find(bucket.name, key));
    const kept = Object.entries(request.headers).filter(
      ([name]) => KEPT.includes(name) || name.startsWith('x-amz-meta-'),
    );
    const encoding = request.headers['content-encoding']
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== 'aws-chunked')
      .join(',');
    const headers = { ...Object.fromEntries(kept), ...(encoding ? { 'content-encoding': encoding } : {}) };
    const version = await store.put(bucket, key, upload.bytes, { headers, crc32: upload.crc32 }, (made) =>
      announceVersion(outbox, bucket, made, region),
    );
    outbox.kick();
    return {
      status: 200,
      headers: { ...versionHeader(bucket, version), etag: version.etag, ...checksumHeader(version) },
    };
  };

  const get = async (request: WireRequest, call: S3Call & { kind: 'get' | 'head' }): Promise<WireResponse> => {
    const version = locate(request, call);
    const range = rangeOf(request.headers['range'], version.size);
    const [from, to] = range ?? [0, version.size - 1];
    const { query } = request;
    const type = query.get('response-content-type');
    const disposition = query.get('response-content-disposition');
    const headers: Record<string, string> = {
      'content-type': 'binary/octet-stream',
      ...version.headers,
      ...(type === null ? {} : { 'content-type': type }),
      ...(disposition === null ? {} : { 'content-disposition': disposition }),
      ...versionHeader(call.bucket, version),
      etag: version.etag,
      'last-modified': new Date(version.at).toUTCString(),
      'accept-ranges': 'bytes',
      'content-length': String(to - from + 1),
      ...(range ? { 'content-range': `bytes ${from}-${to}/${version.size}` } : checksumHeader(version)),
      ...(version.lock
        ? {
            'x-amz-object-lock-mode': version.lock.mode,
            'x-amz-object-lock-retain-until-date': formatInstant(version.lock.until),
          }
        : {}),
    };
    const status = range ? 206 : 200;
    if (call.kind === 'head') return { status, headers };
    const body = await store.read(version, from, to);
    if (!body) throw missing(request, call.bucket, call.key);
    return { status, headers, body };
  };

  const remove = async (call: S3Call & { kind: 'delete' }): Promise<WireResponse> => {
    const removed = await store.remove(call.bucket, call.key, call.versionId);
    if (removed === 'locked') {
      throw new WireRefusal(403, 'AccessDenied', 'Access Denied because object protected by object lock.');
    }
    if (!removed || !call.bucket.versioned) return { status: 204 };
    const marker: Record<string, string> = removed.deleteMarker ? { 'x-amz-delete-marker': 'true' } : {};
    return { status: 204, headers: { 'x-amz-version-id': removed.versionId, ...marker } };
  };

  const perform = async (request: WireRequest): Promise<WireResponse> => {
    const call = readCall(request, buckets);
    if (call.kind !== 'preflight') checkSigned(request);
    switch (call.kind) {
      case 'put':
        return put(request, call);
      case 'get':
      case 'head':
        return get(request, { ...call, kind: call.kind });
      case 'delete':
        return remove({ ...call, kind: 'delete' });
      case 'list': {
        const body = listObjects(store, call.bucket.name, request.query);
        return { status: 200, headers: { 'content-type': 'application/xml' }, body };
      }
      case 'preflight':
        return preflight(request, call.bucket);
    }
  };

  const checkSigned = (request: WireRequest): void => {
    if (isPresigned(request.query)) checkPresigned(request, world.clock.now(), secretOf);
    else if (request.headers['authorization'] === undefined)
      throw new WireRefusal(403, 'AccessDenied', 'Access Denied');
  };

  return {
    accepts: (request) =>
      signedServiceOf(request.headers, request.query) === 's3' ||
      buckets.some(({ name }) => request.path.split('/')[1] === name),
    actionOf: (request) => actionOf(readCall(request, buckets), request),
    async handle(request) {
      const call = readCall(request, buckets);
      const answered = await perform(request).catch((error: unknown) => {
        // a browser that may not read an answer reports a network fault instead of the refusal
        if (error instanceof WireRefusal) return refuse(error, request);
        if (error instanceof EngagementError)
          return refuse(new WireRefusal(500, 'InternalError', error.message), request);
        throw error;
      });
      return { ...answered, headers: { ...answered.headers, ...corsHeaders(request, call.bucket) } };
    },
    async store(bucketName, key, bytes) {
      const bucket = buckets.find(({ name }) => name === bucketName);
      if (!bucket) throw new EngagementError('not-found', `there is no bucket ${bucketName}`);
      await store.put(bucket, key, bytes, { headers: {}, crc32: undefined }, (made) =>
        announceVersion(outbox, bucket, made, region),
      );
      outbox.kick();
    },
    refuse: (request, refusal) => refuse(refusal, request),
    nextDueAt: () => outbox.nextDueAt(),
    run: () => outbox.flush(),
    busy: () => outbox.busy(),
  };
};

const actionOf = (call: S3Call, { query }: WireRequest): WireAction => {
  switch (call.kind) {
    case 'put':
      return { action: 's3:PutObject', resources: [`${call.bucket.arn}/${call.key}`] };
    case 'get':
    case 'head':
      return {
        action: call.versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
        resources: [`${call.bucket.arn}/${call.key}`],
      };
    case 'delete':
      return {
        action: call.versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
        resources: [`${call.bucket.arn}/${call.key}`],
      };
    case 'list':
      return {
        action: 's3:ListBucket',
        resources: [call.bucket.arn],
        context: { 's3:prefix': query.get('prefix') ?? '', 's3:delimiter': query.get('delimiter') ?? '' },
      };
    case 'preflight':
      return { action: 's3:Preflight', resources: [] };
  }
};

const preconditionFailed = (): WireRefusal =>
  new WireRefusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');

const checkPutCondition = ({ headers }: WireRequest, found: StoredVersion | undefined): void => {
  const present = found !== undefined && !found.deleteMarker;
  const { 'if-none-match': noneMatch, 'if-match': match } = headers;
  if (noneMatch !== undefined && noneMatch !== '*') {
    throw new WireRefusal(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
  }
  if (noneMatch === '*' && present) throw preconditionFailed();
  if (match === undefined) return;
  if (!present) throw new WireRefusal(404, 'NoSuchKey', 'The specified key does not exist.');
  if (found.etag !== match) throw preconditionFailed();
};

/** One range of bytes; undefined for the whole file. @throws WireRefusal where it begins after the end */
const rangeOf = (header: string | undefined, size: number): [number, number] | undefined => {
  if (header === undefined) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (first === '' && last === '') throw new WireRefusal(501, 'NotImplemented', `s3: range ${header} is not covered`);
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from >= size || to < from) throw new WireRefusal(416, 'InvalidRange', 'The requested range is not satisfiable');
  return [from, to];
};

const versionHeader = (bucket: BucketResource, { versionId }: StoredVersion): Record<string, string> =>
  bucket.versioned ? { 'x-amz-version-id': versionId } : {};

const checksumHeader = ({ crc32 }: StoredVersion): Record<string, string> =>
  crc32 === undefined ? {} : { 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-type': 'FULL_OBJECT' };

const corsHeaders = ({ headers }: WireRequest, bucket: BucketResource): Record<string, string> => {
  const { origin } = headers;
  if (origin === undefined || !bucket.corsOrigins.some((allowed) => allowed === '*' || allowed === origin)) return {};
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'ETag', vary: 'Origin' };
};

const preflight = (request: WireRequest, bucket: BucketResource): WireResponse => {
  if (Object.keys(corsHeaders(request, bucket)).length === 0) {
    throw new WireRefusal(403, 'AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  }
  const asked = request.headers['access-control-request-headers'];
  return {
    status: 200,
    headers: {
      'access-control-allow-methods': 'GET, PUT, HEAD',
      ...(asked === undefined ? {} : { 'access-control-allow-headers': asked }),
    },
  };
};

const refuse = ({ status, code, message }: WireRefusal, { method, path }: WireRequest): WireResponse => ({
  status,
  headers: { 'content-type': 'application/xml' },
  // a HEAD, and a 304, have no body, so that the SDK knows the error by its status alone
  ...(method === 'HEAD' || status === 304
    ? {}
    : {
        body:
          `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message>` +
          `<Resource>${xmlText(path)}</Resource><RequestId>${randomUUID()}</RequestId></Error>`,
      }),
});
