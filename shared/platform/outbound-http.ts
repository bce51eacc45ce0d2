import { lookup } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Which addresses outside calls may reach. `public`: https to public addresses only, whatever a name resolves to at the
 * moment of the call (SSRF, S19). `loopback`: this machine's own too, plain http included; for trying out.
 */
export type OutboundNetwork = 'public' | 'loopback';

/** The network that a stage's OUTBOUND_NETWORK names: `public` unless it says `loopback` and nothing else. */
export const outboundNetwork = (text: string): OutboundNetwork => (text === 'loopback' ? 'loopback' : 'public');

/** What came of one call. Only `lost` leaves open whether the other side took it. */
export type OutboundAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** The first 4 KB. */
      readonly body: string;
      /** Seconds that the other side asks to wait (`Retry-After`). */
      readonly retryAfter?: number;
    }
  /** Nothing left us: no such host, nobody listens, or an address that must not be called. */
  | { readonly kind: 'not-sent'; readonly code: string }
  /** Sent, at least in part, and not answered in time or at all. */
  | { readonly kind: 'lost'; readonly code: string };

/** Posts to systems outside. Redirects are not followed. */
export interface OutboundHttp {
  post(url: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<OutboundAnswer>;
}

/** Until when an answer must be complete, in milliseconds. */
const TIMEOUT = 5_000;
const MAX_ANSWER = 4_096;

const special = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  special.addSubnet(net, bits, 'ipv6');

/** True for an IP address that is on the public internet: none of the special-purpose ranges of the IANA registries
 *  (RFC 6890), IPv4 inside IPv6 included. */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && !special.check(address, family === 6 ? 'ipv6' : 'ipv4');
};

/** This machine, as URLs name it. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** Why `url` may not be called on this network, or undefined. What a name resolves to is known at the call only. */
export const urlRefusal = (url: string, network: OutboundNetwork): string | undefined => {
  if (!URL.canParse(url)) return 'is not a URL';
  const { protocol, hostname, username, password, hash } = new URL(url);
  if (username !== '' || password !== '') return 'holds a user name or password: calls are signed instead';
  if (hash !== '') return 'holds a fragment, which no server sees';
  const host = hostname.replace(/^\[|\]$/g, '');
  if (network === 'loopback' && LOOPBACK.has(host) && /^https?:$/.test(protocol)) return undefined;
  if (protocol !== 'https:') return 'must be https';
  if (isIP(host) !== 0) return isPublicAddress(host) ? undefined : 'is a private address';
  // a name without a dot, or of a network of one's own, is nobody's on the internet
  return /^localhost\.?$|\.(localhost|local|internal|home\.arpa)\.?$|^[^.]+\.?$/i.test(host)
    ? 'is a private name'
    : undefined;
};

/** Resolves and refuses in one, so that the address that was checked is the one that is called (no rebinding). */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 0);
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (refused !== undefined || first === undefined)
      return done(Object.assign(new Error('private address'), { code: 'EPRIVATE' }), '', 0);
    return options.all ? done(null, addresses) : done(null, first.address, first.family);
  });
};

/** Failures before a byte left us. */
const NEVER_LEFT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPRIVATE',
]);

const codeOf = (error: unknown): string => {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
};

const readAnswer = (
  response: IncomingMessage,
  request: ClientRequest,
  done: (answer: OutboundAnswer) => void,
): void => {
  const chunks: Buffer[] = [];
  let length = 0;
  const seconds = Number(response.headers['retry-after']);
  const finish = (): void => {
    done({
      kind: 'answered',
      status: response.statusCode ?? 0,
      body: Buffer.concat(chunks).subarray(0, MAX_ANSWER).toString('utf8'),
      ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfter: Math.ceil(seconds) } : {}),
    });
    request.destroy();
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_ANSWER) finish();
  });
  response.on('end', finish);
  // the status is there: what of the body is missing changes nothing
  response.on('error', finish);
};

/** Outside calls over node's own client. */
export const createOutboundHttp = (network: OutboundNetwork, timeout = TIMEOUT): OutboundHttp => ({
  post: (url, headers, body) =>
    new Promise((resolve) => {
      const refusal = urlRefusal(url, network);
      if (refusal !== undefined) return resolve({ kind: 'not-sent', code: 'EPRIVATE' });
      const target = new URL(url);
      const open = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = open(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': String(body.byteLength) },
        signal: AbortSignal.timeout(timeout),
        agent: false,
        ...(network === 'loopback' && LOOPBACK.has(target.hostname) ? {} : { lookup: publicLookup }),
      });
      request.on('response', (response) => readAnswer(response, request, resolve));
      request.on('error', (error) => {
        const code = codeOf(error);
        resolve(NEVER_LEFT.has(code) ? { kind: 'not-sent', code } : { kind: 'lost', code });
      });
      request.end(body);
    }),
});
