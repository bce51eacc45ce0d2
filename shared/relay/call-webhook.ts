import type { EnrolmentRef } from '../journey/enrolment.ts';
import type { WebhookCall } from '../message/webhook-call.ts';
import type { OutboundAnswer, OutboundHttp } from '../platform/outbound-http.ts';
import type { Queue } from '../platform/queue.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { Endpoint } from './endpoint.ts';
import type { Endpoints } from './endpoint-store.ts';
import { endpointKey, sign } from './signature.ts';

/** What calling another system needs from outside. */
export interface WebhookPorts {
  readonly endpoints: Pick<Endpoints, 'get'>;
  readonly http: OutboundHttp;
  /** The stage's secret that endpoint keys are derived from. */
  readonly secret: Uint8Array;
  /** Where a call waits for its next try. */
  readonly retries: Queue<WebhookCall>;
  /** Told of a call that was given up: the journey takes the step's failure branch, and staff see it. */
  readonly giveUp: (call: WebhookCall, ref: EnrolmentRef, because: string) => Promise<void>;
}

/** `retry-later`: it stands on the queue again. */
export type WebhookOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry-later'; readonly afterSeconds: number; readonly because: string }
  | { readonly kind: 'given-up'; readonly because: string };

/** Tries in all: with the waits between them about two and a half hours. */
const TRIES = 16;
const FIRST_WAIT = 15;
/** The longest that SQS keeps a message back, in seconds. */
const LONGEST_WAIT = 900;

/** Answers that may be others later; any other 4xx, and a redirect, is an answer for good. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 423, 425, 429]);

/** What is told: names only, so that nothing personal leaves by this way (C31). */
export const webhookBody = ({ id, campaign, step, partyId, policyId, occurrence, occurredAt }: WebhookCall): string =>
  JSON.stringify({
    type: 'journey.step',
    timestamp: formatInstant(occurredAt),
    data: { id, campaign, step, customerId: partyId, ...(policyId === undefined ? {} : { policyId }), occurrence },
  });

const refOf = ({ partyId, campaign, policyId, occurrence }: WebhookCall): EnrolmentRef => ({
  partyId,
  campaign,
  ...(policyId === undefined ? {} : { policyId }),
  occurrence,
});

type Judged =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'passing'; readonly because: string; readonly retryAfter?: number }
  | { readonly kind: 'for-good'; readonly because: string };

const judge = (answer: OutboundAnswer): Judged => {
  if (answer.kind !== 'answered') return { kind: 'passing', because: `${answer.kind}: ${answer.code}` };
  const { status, retryAfter } = answer;
  const because = `status ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status >= 500 || PASSING.has(status))
    return { kind: 'passing', because, ...(retryAfter === undefined ? {} : { retryAfter }) };
  return { kind: 'for-good', because };
};

/** Seconds until the next try: twice the last wait, or what the other side asked for. */
const waitAfter = (tried: number, retryAfter = 0): number =>
  Math.min(LONGEST_WAIT, Math.max(retryAfter, FIRST_WAIT * 2 ** (tried - 1)));

/** One signed call. @throws whatever the secret or the clock throws; the network never throws */
const callOnce = (
  ports: WebhookPorts,
  endpoint: Endpoint,
  call: WebhookCall,
  now: Instant,
): Promise<OutboundAnswer> => {
  const body = Buffer.from(webhookBody(call), 'utf8');
  const signed = sign(endpointKey(ports.secret, endpoint.name), call.id, now, body);
  return ports.http.post(endpoint.url, { 'content-type': 'application/json', ...signed }, body);
};

/**
 * Tells another system of a step. At least once: every try bears the same `webhook-id`, by which the receiver knows a
 * second one. Tried again, with waits that double, while the answer may pass; given up after two and a half hours, or at
 * once where the answer is for good or nobody registered the endpoint.
 */
export const callWebhook = async (ports: WebhookPorts, call: WebhookCall, now: Instant): Promise<WebhookOutcome> => {
  const givenUp = async (because: string): Promise<WebhookOutcome> => {
    await ports.giveUp(call, refOf(call), because);
    return { kind: 'given-up', because };
  };
  const endpoint = await ports.endpoints.get(call.endpoint);
  if (endpoint?.kind !== 'webhook') return givenUp('endpoint not registered');
  const judged = judge(await callOnce(ports, endpoint, call, now));
  if (judged.kind === 'delivered') return judged;
  const tried = (call.tried ?? 0) + 1;
  if (judged.kind === 'for-good' || tried >= TRIES) return givenUp(judged.because);
  const afterSeconds = waitAfter(tried, judged.retryAfter);
  await ports.retries.send([{ ...call, tried }], { delaySeconds: afterSeconds });
  return { kind: 'retry-later', afterSeconds, because: judged.because };
};
