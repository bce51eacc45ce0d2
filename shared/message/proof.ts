import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EngagementError } from '../platform/errors.ts';
import type { Objects } from '../platform/objects.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import type { Proof } from './message.ts';

/** Speed over size: the object is read once in a blue moon. */
const LEVEL = 1;

const keyOf = (day: string, id: string): string => `mail/${day}/${id}.gz`;

/**
 * Keeps mails as they are about to be sent, all of one batch in one object: gzip members one after the other, so that
 * the whole object is a valid .gz file too, and each entry can be read by itself.
 * @param id alphanumeric, new for each object: the bucket never overwrites
 * @returns where each mail lies, in the order given
 */
export const keepProof = async (
  objects: Pick<Objects, 'put'>,
  id: string,
  mails: readonly Uint8Array[],
  now: Instant,
): Promise<readonly Proof[]> => {
  const key = keyOf(civilDateAt(now, 'UTC' as ZoneId), id);
  const packed = mails.map((mail) => gzipSync(mail, { level: LEVEL }));
  let from = 0;
  const proofs = packed.map((entry, n): Proof => {
    const sha256 = createHash('sha256')
      .update(mails[n] as Uint8Array)
      .digest('base64url');
    const proof = { key, from, length: entry.length, sha256 };
    from += entry.length;
    return proof;
  });
  await objects.put(key, Buffer.concat(packed), { contentType: 'application/gzip' });
  return proofs;
};

/**
 * The mail as it was sent.
 * @throws EngagementError `not-found` where the object is gone; `conflict` where the bytes are not those of the row
 */
export const readProof = async (objects: Pick<Objects, 'get'>, proof: Proof): Promise<Uint8Array> => {
  const object = await objects.get(proof.key);
  if (!object) throw new EngagementError('not-found', `proof ${proof.key} is not in the bucket: check its retention`);
  let mail: Uint8Array | undefined;
  try {
    mail = gunzipSync(object.body.subarray(proof.from, proof.from + proof.length));
  } catch {
    // an entry that does not unpack is as wrong as one with another hash
  }
  if (mail === undefined || createHash('sha256').update(mail).digest('base64url') !== proof.sha256)
    throw new EngagementError(
      'conflict',
      `proof ${proof.key} at ${proof.from} does not match its hash: it was changed`,
    );
  return mail;
};

/** A proof as the value of a message tag. */
export const proofToTag = ({ key, from, length, sha256 }: Proof): string => {
  const [, day, id] = /^mail\/([\d-]{10})\/([0-9a-z]+)\.gz$/.exec(key) ?? [];
  if (day === undefined)
    throw new EngagementError('bad-input', `proof key ${key} is not of a mail: keep it by keepProof`);
  return `${day}-${id}-${from}-${length}-${sha256}`;
};

/** @returns undefined where `tag` is no such value */
export const proofFromTag = (tag: string): Proof | undefined => {
  const match = /^(\d{4}-\d\d-\d\d)-([0-9a-z]+)-(\d+)-(\d+)-([\w-]{43})$/.exec(tag);
  if (!match) return undefined;
  const [, day = '', id = '', from, length, sha256 = ''] = match;
  return { key: keyOf(day, id), from: Number(from), length: Number(length), sha256 };
};
