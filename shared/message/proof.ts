import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EngagementError } from '../platform/errors.ts';
import type { Objects } from '../platform/objects.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import type { DecisionTrace } from './decision-trace.ts';
import type { Proof } from './message.ts';

/** Speed over size: the object is read once in a blue moon. */
const LEVEL = 1;
const NEWLINE = 0x0a;
const NOTHING = new Uint8Array();

const keyOf = (day: string, id: string): string => `mail/${day}/${id}.gz`;
const hashOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('base64url');

/** What is kept of one decision; `body`: the mail or letter that was made, where one was. */
export interface Evidence {
  readonly trace: DecisionTrace;
  readonly body?: Uint8Array;
}

/**
 * Keeps decisions as they were taken and, with those that let a message go, the message as it is about to be sent; all of
 * one batch in one object: gzip members one after the other, so that the whole object is a valid .gz file too, and each
 * entry can be read by itself. An entry is the trace as one line of JSON, then the message's bytes (ADR 0086).
 * @param id alphanumeric, new for each object: the bucket never overwrites
 * @returns where each lies, in the order given
 */
export const keepProof = async (
  objects: Pick<Objects, 'put'>,
  id: string,
  evidence: readonly Evidence[],
  now: Instant,
): Promise<readonly Proof[]> => {
  const key = keyOf(civilDateAt(now, 'UTC' as ZoneId), id);
  let from = 0;
  const packed: Uint8Array[] = [];
  const proofs = evidence.map(({ trace, body = NOTHING }): Proof => {
    const line = JSON.stringify(trace);
    const entry = gzipSync(Buffer.concat([Buffer.from(`${line}\n`), body]), { level: LEVEL });
    packed.push(entry);
    const proof = { key, from, length: entry.length, sha256: hashOf(body), trace: hashOf(line) };
    from += entry.length;
    return proof;
  });
  await objects.put(key, Buffer.concat(packed), { contentType: 'application/gzip' });
  return proofs;
};

/** An entry of a proof object: the line of its trace, and the message (empty where none was made). */
export interface ProofEntry {
  readonly trace: string;
  readonly body: Uint8Array;
}

/** Takes an entry apart. @returns undefined where it is none, or its trace or message is not the one of `proof` */
export const openEntry = (packed: Uint8Array, proof: Pick<Proof, 'sha256' | 'trace'>): ProofEntry | undefined => {
  let entry: Uint8Array;
  try {
    entry = gunzipSync(packed);
  } catch {
    return undefined;
  }
  const end = entry.indexOf(NEWLINE);
  if (end < 0) return undefined;
  const trace = Buffer.from(entry.subarray(0, end)).toString('utf8');
  const body = entry.subarray(end + 1);
  return hashOf(trace) === proof.trace && hashOf(body) === proof.sha256 ? { trace, body } : undefined;
};

/**
 * The entry of a row's proof.
 * @throws EngagementError `not-found` where the object is gone; `conflict` where the bytes are not those of the row
 */
export const readEvidence = async (objects: Pick<Objects, 'get'>, proof: Proof): Promise<ProofEntry> => {
  const object = await objects.get(proof.key);
  if (!object) throw new EngagementError('not-found', `proof ${proof.key} is not in the bucket: check its retention`);
  const entry = openEntry(object.body.subarray(proof.from, proof.from + proof.length), proof);
  if (entry) return entry;
  throw new EngagementError('conflict', `proof ${proof.key} at ${proof.from} does not match its hash: it was changed`);
};

/** The mail or letter as it was sent. @throws EngagementError as `readEvidence` does */
export const readProof = async (objects: Pick<Objects, 'get'>, proof: Proof): Promise<Uint8Array> =>
  (await readEvidence(objects, proof)).body;

/** A proof as the value of a message tag. */
export const proofToTag = ({ key, from, length, sha256, trace }: Proof): string => {
  const [, day, id] = /^mail\/([\d-]{10})\/([0-9a-z]+)\.gz$/.exec(key) ?? [];
  if (day === undefined)
    throw new EngagementError('bad-input', `proof key ${key} is not of a mail: keep it by keepProof`);
  return `${day}-${id}-${from}-${length}-${sha256}-${trace}`;
};

/** @returns undefined where `tag` is no such value */
export const proofFromTag = (tag: string): Proof | undefined => {
  const match = /^(\d{4}-\d\d-\d\d)-([0-9a-z]+)-(\d+)-(\d+)-([\w-]{43})-([\w-]{43})$/.exec(tag);
  if (!match) return undefined;
  const [, day = '', id = '', from, length, sha256 = '', trace = ''] = match;
  return { key: keyOf(day, id), from: Number(from), length: Number(length), sha256, trace };
};
