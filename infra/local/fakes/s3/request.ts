import type { BucketResource } from '../../template/resources.ts';
import { WireRefusal, type WireRequest } from '../../wire.ts';

/** What a REST request asks of a bucket. */
export type S3Call =
  | {
      readonly kind: 'put' | 'get' | 'head' | 'delete';
      readonly bucket: BucketResource;
      readonly key: string;
      readonly versionId: string | undefined;
    }
  | { readonly kind: 'list'; readonly bucket: BucketResource }
  | { readonly kind: 'preflight'; readonly bucket: BucketResource };

/** Query parameters that change nothing here: the SDK's own marks, and those of a pre-signed link. */
const HARMLESS =
  /^(x-id|x-amz-checksum-mode|x-amz-sdk-checksum-algorithm|X-Amz-(Algorithm|Content-Sha256|Credential|Date|Expires|Signature|SignedHeaders|Security-Token))$/i;
const ALLOWED: Readonly<Record<S3Call['kind'], RegExp>> = {
  put: /^x-amz-checksum-crc32$/,
  get: /^(versionId|response-content-type|response-content-disposition)$/,
  head: /^versionId$/,
  delete: /^versionId$/,
  list: /^(list-type|prefix|delimiter|max-keys|start-after|continuation-token|encoding-type|fetch-owner)$/,
  preflight: /./,
};

/** Headers that would change what a call means, and that nothing here reads. */
const UNREAD =
  /^(x-amz-copy-source.*|x-amz-object-lock-.*|x-amz-bypass-governance-retention|x-amz-tagging|x-amz-acl|x-amz-grant-.*|x-amz-storage-class|x-amz-website-redirect-location|x-amz-write-offset-bytes|x-amz-server-side-encryption-customer-.*|if-modified-since|if-unmodified-since)$/;

/** Reads what a request asks for. @throws WireRefusal where that is not covered, or the bucket is not there */
export const readCall = (request: WireRequest, buckets: readonly BucketResource[]): S3Call => {
  const [, bucketName = '', ...rest] = request.path.split('/');
  if (bucketName === '') throw notCovered(`s3:ListBuckets`);
  const bucket = buckets.find(({ name }) => name === decodeURIComponent(bucketName));
  if (!bucket) throw new WireRefusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
  const key = rest.map(decodeURIComponent).join('/');
  const call = kindOf(request, bucket, key);
  for (const name of request.query.keys()) {
    if (!HARMLESS.test(name) && !ALLOWED[call.kind].test(name)) {
      throw notCovered(`${request.method} of a ${key === '' ? 'bucket' : 'object'} with ?${name}`);
    }
  }
  if (call.kind !== 'preflight') {
    const unread = Object.keys(request.headers).find((name) => UNREAD.test(name));
    if (unread !== undefined) throw notCovered(`${request.method} with header ${unread}`);
  }
  return call;
};

const kindOf = (request: WireRequest, bucket: BucketResource, key: string): S3Call => {
  if (request.method === 'OPTIONS') return { kind: 'preflight', bucket };
  if (key === '') {
    if (request.method === 'GET' && request.query.get('list-type') === '2') return { kind: 'list', bucket };
    throw notCovered(`${request.method} of a bucket`);
  }
  if (Buffer.byteLength(key) > 1_024) throw new WireRefusal(400, 'KeyTooLongError', 'Your key is too long');
  const versionId = request.query.get('versionId') ?? undefined;
  switch (request.method) {
    case 'PUT':
      return { kind: 'put', bucket, key, versionId };
    case 'GET':
      return { kind: 'get', bucket, key, versionId };
    case 'HEAD':
      return { kind: 'head', bucket, key, versionId };
    case 'DELETE':
      return { kind: 'delete', bucket, key, versionId };
    default:
      throw notCovered(`${request.method} of an object`);
  }
};

const notCovered = (what: string): WireRefusal =>
  new WireRefusal(501, 'NotImplemented', `s3: ${what} is not covered by the local runtime`);
