import type { IncomingMessage } from 'node:http';

/** A request whose body was longer than its reader takes. */
export const TOO_LONG = Symbol('request too long');

/** The whole body, or `TOO_LONG` past `limit` bytes. */
export const readBody = async (
  incoming: IncomingMessage,
  limit = Number.POSITIVE_INFINITY,
): Promise<Buffer | typeof TOO_LONG> => {
  const blocks: Buffer[] = [];
  let size = 0;
  for await (const block of incoming as AsyncIterable<Buffer>) {
    size += block.length;
    // Read to its end even so: an answer sent over an unread body reaches few clients.
    if (size <= limit) blocks.push(block);
  }
  return size > limit ? TOO_LONG : Buffer.concat(blocks);
};

/** Lowercase names, repeated headers joined by a comma. */
export const headersOf = (incoming: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
