import type { Mailer, MailTags, SendAnswer } from '../message/mailer.ts';
import type { OutboundAnswer, OutboundHttp } from '../platform/outbound-http.ts';
import type { Instant } from '../platform/time.ts';
import type { Endpoint } from './endpoint.ts';
import { writeReference } from './reference.ts';
import { endpointKey, sign } from './signature.ts';

/** What handing texts to a gateway needs from outside. */
export interface GatewayPorts {
  readonly http: OutboundHttp;
  readonly secret: Uint8Array;
  readonly clock: () => Instant;
}

/** About this very text, so that no other try will do better. */
const PERMANENT: ReadonlySet<number> = new Set([400, 410, 413, 422]);

/** The gateway's own id of a text, where it tells one. */
const messageIdOf = (body: string): string | undefined => {
  try {
    const { id } = JSON.parse(body) as { readonly id?: unknown };
    return typeof id === 'string' && /^[\w.:-]{1,100}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
};

const read = (answer: OutboundAnswer, ownId: string): SendAnswer => {
  if (answer.kind === 'not-sent') return { kind: 'refused', permanent: false, code: answer.code };
  if (answer.kind === 'lost') return { kind: 'unknown', code: answer.code };
  const { status, body } = answer;
  if (status >= 200 && status < 300) return { kind: 'accepted', messageId: messageIdOf(body) ?? ownId };
  if (status === 429) return { kind: 'throttled', code: 'status-429' };
  if (status >= 500) return { kind: 'unknown', code: `status-${status}` };
  return { kind: 'refused', permanent: PERMANENT.has(status), code: `status-${status}` };
};

/** Names a text to the gateway: the message's row, the same on every try, so that a gateway that keeps ids takes it once. */
const idOf = ({ party, row }: MailTags): string => `${party}.${row}`;

/**
 * A gateway as a mailer: what the ledger knows of mails (reserve, one call, unknown outcome) holds for texts too. The
 * composed bytes are the body's `message`; recipient and reference are added here.
 */
export const createGatewayMailer = (ports: GatewayPorts, endpoint: Endpoint): Mailer => ({
  async send({ raw, to, tags }) {
    const now = ports.clock();
    const id = idOf(tags);
    const message = JSON.parse(Buffer.from(raw).toString('utf8')) as unknown;
    const data = { to, reference: writeReference(tags), message };
    const body = Buffer.from(JSON.stringify({ type: 'text.send', data }), 'utf8');
    const signed = sign(endpointKey(ports.secret, endpoint.name), id, now, body);
    return read(await ports.http.post(endpoint.url, { 'content-type': 'application/json', ...signed }, body), id);
  },
});
