import type { Context } from 'hono';
import { mediaType } from '../../shared/platform/http.ts';

/** More than any form but a survey can hold, and little enough to read in one piece. */
const MAX_BODY = 16_384;

type Refused = { readonly kind: 'refused'; readonly status: 400 | 413 | 415 };
export type FormReading = { readonly kind: 'read'; readonly form: Readonly<Record<string, string>> } | Refused;
export type EntriesReading =
  | { readonly kind: 'read'; readonly entries: ReadonlyMap<string, readonly string[]> }
  | Refused;

/**
 * Reads a posted form whose fields may be given several times. Both encodings are taken; a file is in no form of ours.
 * The size is judged by the bytes that came, not by what the header says.
 */
export const readEntries = async (c: Context, maxBytes: number): Promise<EntriesReading> => {
  const type = mediaType(c.req.header('content-type'));
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data')
    return { kind: 'refused', status: 415 };
  const body = await c.req.arrayBuffer();
  if (body.byteLength > maxBytes) return { kind: 'refused', status: 413 };
  const headers = { 'content-type': c.req.header('content-type') ?? '' };
  const entries = new Map<string, string[]>();
  try {
    for (const [name, value] of (await new Response(body, { headers }).formData()).entries()) {
      if (typeof value !== 'string') return { kind: 'refused', status: 400 };
      const given = entries.get(name);
      if (given === undefined) entries.set(name, [value]);
      else given.push(value);
    }
  } catch {
    // the only thing that can fail here is the sender's encoding
    return { kind: 'refused', status: 400 };
  }
  return { kind: 'read', entries };
};

/** Reads a posted form of the usual kind (RFC 8058 allows both encodings): a field given twice is refused. */
export const readForm = async (c: Context): Promise<FormReading> => {
  const read = await readEntries(c, MAX_BODY);
  if (read.kind === 'refused') return read;
  const form: Record<string, string> = Object.create(null);
  for (const [name, [value = '', ...more]] of read.entries) {
    if (more.length > 0) return { kind: 'refused', status: 400 };
    form[name] = value;
  }
  return { kind: 'read', form };
};

/**
 * True where a browser says that another site made the request. The signed token is the authority, so nothing else is
 * needed against forged requests; this refuses a page that somebody else's site posts to with a leaked link.
 */
export const isForeign = (c: Context): boolean => c.req.header('sec-fetch-site') === 'cross-site';
