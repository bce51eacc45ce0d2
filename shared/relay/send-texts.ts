import type { SendOrder } from '../message/message.ts';
import { asRetry, sendMail } from '../message/send-mail.ts';
import type { SendOutcome, SendPorts } from '../message/send-ports.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Table } from '../platform/table.ts';
import type { Endpoint } from './endpoint.ts';
import type { Endpoints } from './endpoint-store.ts';
import { createGatewayMailer, type GatewayPorts } from './gateway-mailer.ts';
import { createGatewayRate } from './gateway-rate.ts';

/** What sending texts needs from outside: what sending mail needs, but for the provider, which the order names. */
export interface TextPorts {
  readonly sending: Omit<SendPorts, 'mailer' | 'quota'>;
  readonly endpoints: Pick<Endpoints, 'get'>;
  readonly gateway: GatewayPorts;
  readonly table: Table;
}

const viaGateway = async (
  { sending, endpoints, gateway, table }: TextPorts,
  name: string,
  orders: readonly SendOrder[],
): Promise<readonly SendOutcome[]> => {
  const endpoint: Endpoint | undefined = await endpoints.get(name);
  if (endpoint?.kind !== 'gateway')
    throw new EngagementError('misconfigured', `gateway "${name}" is not registered: PUT /api/endpoints/${name}`);
  return sendMail(
    { ...sending, mailer: createGatewayMailer(gateway, endpoint), quota: createGatewayRate(table, endpoint) },
    orders,
  );
};

/**
 * Sends a batch of texts, each by the gateway that its order names: a text is a mail over another wire, so contact rules,
 * ledger, proof and unknown outcomes are those of `sendMail`. One gateway's fault is its own orders' outcome.
 * @param orders at most 25, all of channel `sms`
 * @returns one outcome per order, in the same order
 */
export const sendTexts = async (ports: TextPorts, orders: readonly SendOrder[]): Promise<readonly SendOutcome[]> => {
  const outcomes = new Map<SendOrder, SendOutcome>();
  for (const [name, those] of Map.groupBy(orders, ({ gateway }) => gateway ?? '')) {
    const done = await viaGateway(ports, name, those).catch((error: unknown) => those.map(() => asRetry(error)));
    those.forEach((order, n) => outcomes.set(order, done[n] as SendOutcome));
  }
  return orders.map((order) => outcomes.get(order) as SendOutcome);
};
