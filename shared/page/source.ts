import type { Context } from 'hono';

const GROUPS = 8;

/** The eight groups of an IPv6 address, `::` written out. */
const groupsOf = (address: string): readonly string[] => {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  const after = tail === '' ? [] : tail.split(':');
  return [
    ...before,
    ...Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => '0'),
    ...after,
  ];
};

/** Who shares one line: an IPv4 address, or the /64 of an IPv6 address, all of which one customer of a provider has. */
export const networkOf = (address: string): string => {
  const [plain = ''] = address.toLowerCase().split('%');
  if (!plain.includes(':')) return plain;
  const mapped = /^(?:0*:)*:?ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  return `${groupsOf(plain)
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
};

/** Where the request comes from, as the gateway saw it; requests without it count as one source. Never of a header that
 *  the sender may write. */
export const sourceOf = (c: Context): string => {
  const env = c.env as { requestContext?: { http?: { sourceIp?: unknown } } } | undefined;
  const address = env?.requestContext?.http?.sourceIp;
  return typeof address === 'string' ? networkOf(address) : 'unknown';
};
