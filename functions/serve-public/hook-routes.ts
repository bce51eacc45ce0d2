import type { Context, Hono } from 'hono';
import { mediaType } from '../../shared/platform/http.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { gatewayEvent } from '../../shared/relay/contract.ts';
import { endpointName } from '../../shared/relay/endpoint.ts';
import type { Endpoints } from '../../shared/relay/endpoint-store.ts';
import { type GatewayEventPorts, receiveGatewayEvent } from '../../shared/relay/receive-gateway-event.ts';
import { endpointKey, verify } from '../../shared/relay/signature.ts';

/** Larger bodies are none of a gateway's. */
const MAX_BODY = 16_384;

export interface HookSite {
  readonly hooks: {
    readonly endpoints: Pick<Endpoints, 'get'>;
    /** The stage's secret that endpoint keys are derived from. */
    readonly secret: () => Promise<Uint8Array>;
    readonly receive: GatewayEventPorts;
  };
  readonly log: EventLog;
  readonly now: () => Instant;
}

type Status = 200 | 400 | 401 | 413 | 415;

const answer = (c: Context, status: Status, told: Record<string, unknown>): Response => c.json(told, status);

/**
 * What gateways tell (`POST /h/{gateway}`): receipts and replies. The signature is the only authority; a call that bears
 * none, a gateway that nobody registered and a call from last week get one and the same answer. What is not known is
 * taken and dropped, so that a gateway does not try for ever.
 */
export const hookRoutes = (app: Hono, { hooks, log, now }: HookSite): void => {
  app.post('/h/:gateway', async (c) => {
    if (mediaType(c.req.header('content-type')) !== 'application/json')
      return answer(c, 415, { error: 'send JSON as content-type application/json' });
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (body.byteLength > MAX_BODY) return answer(c, 413, { error: `body exceeds ${MAX_BODY} bytes` });

    const gateway = c.req.param('gateway');
    const name = endpointName.safeParse(gateway);
    const registered = name.success && (await hooks.endpoints.get(gateway))?.kind === 'gateway';
    // the key is derived and the signature compared for unknown names too: the answer takes as long
    const header = (text: 'webhook-id' | 'webhook-timestamp' | 'webhook-signature'): Record<string, string> => {
      const value = c.req.header(text);
      return value === undefined ? {} : { [text]: value };
    };
    const headers = { ...header('webhook-id'), ...header('webhook-timestamp'), ...header('webhook-signature') };
    const id = verify(endpointKey(await hooks.secret(), gateway), headers, body, now());
    if (id === undefined || !registered) return answer(c, 401, { error: 'the signature does not hold' });

    const event = gatewayEvent.safeParse(jsonOf(body));
    if (!event.success) {
      const [issue] = event.error.issues;
      return answer(c, 400, { error: `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is not valid'}` });
    }
    const { kind } = await receiveGatewayEvent(hooks.receive, gateway, event.data, id);
    log.info('feedback.received', { type: event.data.type, outcome: kind });
    return answer(c, 200, { taken: kind !== 'foreign' });
  });
};

const jsonOf = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
};
