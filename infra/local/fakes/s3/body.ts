import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { WireRefusal, type WireRequest } from '../../wire.ts';

/** What an upload carries, checked. */
export interface UploadBody {
  readonly bytes: Buffer;
  /** Base64, where the sender gave one. */
  readonly crc32: string | undefined;
  /** True where the sender gave any digest of the content, which an object-locked bucket asks for. */
  readonly digested: boolean;
}

/** Reads a body, plain or `aws-chunked` with trailers, and checks every digest given with it.
 *  @throws WireRefusal `BadDigest` and kin */
export const readUpload = ({ headers, query, body }: WireRequest): UploadBody => {
  const chunked = headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
  const { bytes, trailers } = chunked ? readChunks(body) : { bytes: body, trailers: {} };
  const declared = headers['x-amz-decoded-content-length'];
  if (chunked && declared !== undefined && Number(declared) !== bytes.length) {
    throw new WireRefusal(400, 'IncompleteBody', 'The request body is not as long as its header says');
  }
  const given = { ...headers, ...Object.fromEntries(query), ...trailers } as Record<string, string | undefined>;
  const other = Object.keys(given).find((name) =>
    /^x-amz-checksum-(?!crc32$|sha256$|sha1$|mode$|type$|algorithm$)/.test(name),
  );
  if (other !== undefined) {
    throw new WireRefusal(501, 'NotImplemented', `s3: digest ${other} is not covered by the local runtime`);
  }
  const digests: [string, () => string][] = [
    ['x-amz-checksum-crc32', () => crc32Of(bytes)],
    ['x-amz-checksum-sha256', () => createHash('sha256').update(bytes).digest('base64')],
    ['x-amz-checksum-sha1', () => createHash('sha1').update(bytes).digest('base64')],
    ['content-md5', () => createHash('md5').update(bytes).digest('base64')],
  ];
  for (const [name, digest] of digests) {
    if (given[name] !== undefined && given[name] !== digest()) {
      throw new WireRefusal(400, 'BadDigest', `The ${name} you specified did not match what we received.`);
    }
  }
  return {
    bytes,
    crc32: given['x-amz-checksum-crc32'],
    digested: digests.some(([name]) => given[name] !== undefined),
  };
};

/** Base64 of the CRC-32 in network order, as `x-amz-checksum-crc32` has it. */
const crc32Of = (bytes: Uint8Array): string => {
  const word = Buffer.alloc(4);
  word.writeUInt32BE(crc32(bytes));
  return word.toString('base64');
};

/** `size[;chunk-signature=…]\r\n bytes \r\n … 0\r\n trailer:value\r\n\r\n` */
const readChunks = (body: Buffer): { bytes: Buffer; trailers: Record<string, string> } => {
  const blocks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(body.subarray(at, end).toString('latin1'), 16);
    if (Number.isNaN(size) || end + 2 + size > body.length) {
      throw new WireRefusal(400, 'IncompleteBody', 'The chunks of the request body are broken off');
    }
    at = end + 2;
    if (size === 0) break;
    blocks.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const trailers = body
    .subarray(at)
    .toString('utf8')
    .split('\r\n')
    .map((line) => /^([^:]+):\s*(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', value = '']) => [name.toLowerCase(), value] as const);
  return { bytes: Buffer.concat(blocks), trailers: Object.fromEntries(trailers) };
};
