import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { EngagementError } from '../../shared/platform/errors.ts';
import { type CallOutcome, type FaultEffects, type FaultPlan, performUnder } from './fakes/fault-plan.ts';
import { refusalOf } from './iam.ts';
import { OPERATOR, principalOf } from './principal.ts';
import { headersOf, readBody, TOO_LONG } from './read-request.ts';
import type { PolicyStatement } from './template/resources.ts';
import {
  type Fake,
  type TraceHop,
  type VirtualClock,
  WireRefusal,
  type WireRequest,
  type WireResponse,
} from './wire.ts';

export interface AwsEndpointParts {
  /** Nothing while the system starts. */
  readonly fakes: () => readonly Fake[];
  /** Statements of each function, by logical id. */
  readonly statements: ReadonlyMap<string, readonly PolicyStatement[]>;
  readonly faults: Pick<FaultPlan, 'strikeCall'>;
  readonly effects: FaultEffects;
  readonly clock: VirtualClock;
  readonly trace: (hop: TraceHop) => void;
  /** Told after each call: it may have given the engine work. */
  readonly onHandled: () => void;
  /** One line for the terminal: something is wrong with the app. */
  readonly warn: (line: string) => void;
}

/** The one address of all AWS services: finds the service, checks the caller's statements, strikes faults, answers. */
export const createAwsEndpoint = (parts: AwsEndpointParts): Server => {
  const server = createServer((incoming, response) => {
    void answer(parts, incoming, response).catch((error: unknown) => {
      parts.warn(`the AWS endpoint failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      response.destroy();
    });
  });
  // SDK clients keep connections; a server that closes them first makes every pause a reset.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;
};

const answer = async (parts: AwsEndpointParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await readBody(incoming);
  if (body === TOO_LONG) return;
  const url = new URL(incoming.url ?? '/', 'http://local');
  const headers = headersOf(incoming);
  const principal = principalOf(headers, url.searchParams);
  const request: WireRequest = {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body,
    principal,
  };
  const outcome = await decide(parts, request);
  parts.onHandled();
  if (outcome.kind === 'drop') response.destroy();
  if (outcome.kind !== 'answer') return;
  // Functions live in virtual time; with the machine's date the SDK would take their clock for wrong.
  if (principal !== OPERATOR) response.setHeader('date', new Date(parts.clock.now()).toUTCString());
  response.writeHead(outcome.response.status, outcome.response.headers);
  response.end(outcome.response.body);
};

const decide = async (parts: AwsEndpointParts, request: WireRequest): Promise<CallOutcome> => {
  const fake = parts.fakes().find((candidate) => candidate.accepts(request));
  if (!fake) {
    const what = request.headers['x-amz-target'] ?? `${request.method} ${request.path}`;
    parts.warn(`${request.principal} called "${what}", which no local service answers`);
    return {
      kind: 'answer',
      response: plainRefusal(new WireRefusal(400, 'UnknownOperationException', `no local service answers "${what}"`)),
    };
  }
  const refuse = (refusal: WireRefusal): WireResponse => fake.refuse?.(request, refusal) ?? plainRefusal(refusal);
  try {
    const call = fake.actionOf(request);
    const [service = '', action = ''] = call.action.split(':');
    const denied =
      request.principal === OPERATOR ? undefined : refusalOf(parts.statements.get(request.principal) ?? [], call);
    if (denied) {
      parts.trace({
        service: 'iam',
        action: 'denied',
        from: request.principal,
        to: call.resources.join(' '),
        note: call.action,
      });
      parts.warn(`DENIED ${request.principal} ${denied}; grant it in infra/app-stack.ts`);
      return {
        kind: 'answer',
        response: refuse(new WireRefusal(403, 'AccessDenied', `User: ${request.principal} ${denied}`)),
      };
    }
    parts.trace({ service, action, from: request.principal, to: call.resources.join(' ') });
    const rule = parts.faults.strikeCall({ service, action, principal: request.principal });
    return await performUnder(rule, service, () => handle(fake, request), refuse, parts.effects);
  } catch (error) {
    if (!(error instanceof WireRefusal)) throw error;
    parts.trace({ service: 'wire', action: 'refused', from: request.principal, to: request.path, note: error.code });
    return { kind: 'answer', response: refuse(error) };
  }
};

/** A fake may refuse while it works, too; a fault of the runtime itself is the service's internal error. */
const handle = async (fake: Fake, request: WireRequest): Promise<WireResponse> => {
  try {
    return await fake.handle(request);
  } catch (error) {
    if (error instanceof EngagementError) throw new WireRefusal(500, 'InternalError', error.message);
    throw error;
  }
};

const plainRefusal = (refusal: WireRefusal): WireResponse => ({
  status: refusal.status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': refusal.code },
  body: JSON.stringify({ __type: refusal.code, message: refusal.message }),
});
