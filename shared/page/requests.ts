import type { Context } from 'hono';
import { mediaType } from '../../shared/platform/http.ts';

/** More than any of our forms can hold, and little enough to read in one piece. */
const MAX_BODY = 16_384;

export type FormReading =
  | { readonly kind: 'read'; readonly form: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly status: 400 | 413 | 415 };

/**
 * Reads a posted form. Both encodings of RFC 8058 are taken; a field given twice or a file is no form of ours.
 * The size is judged by the bytes that came, not by what the header says.
 */
export const readForm = async (c: Context): Promise<FormReading> => {
  const type = mediaType(c.req.header('content-type'));
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data')
    return { kind: 'refused', status: 415 };
  const body = await c.req.arrayBuffer();
  if (body.byteLength > MAX_BODY) return { kind: 'refused', status: 413 };
  const headers = { 'content-type': c.req.header('content-type') ?? '' };
  const form: Record<string, string> = Object.create(null);
  try {
    for (const [name, value] of (await new Response(body, { headers }).formData()).entries()) {
      if (typeof value !== 'string' || name in form) return { kind: 'refused', status: 400 };
      form[name] = value;
    }
  } catch {
    // the only thing that can fail here is the sender's encoding
    return { kind: 'refused', status: 400 };
  }
  return { kind: 'read', form };
};

/**
 * True where a browser says that another site made the request. The signed token is the authority, so nothing else is
 * needed against forged requests; this refuses a page that somebody else's site posts to with a leaked link.
 */
export const isForeign = (c: Context): boolean => c.req.header('sec-fetch-site') === 'cross-site';
