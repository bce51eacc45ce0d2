import { createServer, type IncomingMessage, type Server } from 'node:http';
import { refusalOf } from '../../iam.ts';
import { OPERATOR, principalOf } from '../../principal.ts';
import type { PolicyStatement, TableResource } from '../../template/resources.ts';
import { WireRefusal, type WireResponse } from '../../wire.ts';
import { type FaultEffects, type FaultPlan, performUnder } from '../fault-plan.ts';
import { dynamoActionOf, operationOf } from './access.ts';
import type { DynamoEngine } from './engine.ts';

/** What the table's server checks calls against. */
export interface TableServerOptions {
  readonly tables: readonly TableResource[];
  /** Statements by the logical id of the calling function; who is not in here is the operator. */
  readonly statements: Readonly<Record<string, readonly PolicyStatement[]>>;
  readonly faults: FaultPlan;
  readonly effects: FaultEffects;
}

/** The table over HTTP: IAM check, then faults, then dynalite. */
export const createTableServer = (engine: DynamoEngine, options: TableServerOptions): Server =>
  createServer((request, response) => {
    void answer(engine, options, request).then((answered) => {
      if (answered === 'drop') response.destroy();
      if (typeof answered === 'string') return;
      response.writeHead(answered.status, answered.headers);
      response.end(answered.body);
    });
  });

const answer = async (
  engine: DynamoEngine,
  { tables, statements, faults, effects }: TableServerOptions,
  incoming: IncomingMessage,
): Promise<WireResponse | 'drop' | 'hang'> => {
  const request = await readRequest(incoming);
  const principal = principalOf(request.headers, new URL(request.url, 'http://local').searchParams);
  const operation = operationOf(request.headers);
  try {
    const input = parseInput(request.body);
    const action = dynamoActionOf(operation, input, tables);
    const refusal = principal === OPERATOR ? undefined : refusalOf(statements[principal] ?? [], action);
    if (refusal !== undefined) {
      return refuse(new WireRefusal(400, 'AccessDeniedException', `User: ${principal} ${refusal}`));
    }
    const rule = faults.strikeCall({ service: 'dynamodb', action: operation, principal });
    const perform = async (): Promise<WireResponse> => answerOldItem(engine, input, await engine.serve(request));
    const outcome = await performUnder(rule, 'dynamodb', perform, refuse, effects);
    return outcome.kind === 'answer' ? outcome.response : outcome.kind;
  } catch (error) {
    if (error instanceof WireRefusal) return refuse(error);
    throw error;
  }
};

const readRequest = async (incoming: IncomingMessage) => {
  const blocks: Buffer[] = [];
  for await (const block of incoming) blocks.push(block as Buffer);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return { method: incoming.method ?? 'POST', url: incoming.url ?? '/', headers, body: Buffer.concat(blocks) };
};

const parseInput = (body: Buffer): Record<string, unknown> => {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new WireRefusal(400, 'SerializationException', 'the request body is not JSON');
  }
};

/** The table's own form of an error. */
export const refuse = (refusal: WireRefusal): WireResponse => ({
  status: refusal.status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${refusal.code}`, message: refusal.message }),
});

/** `ReturnValuesOnConditionCheckFailure: ALL_OLD`, which dynalite does not know. The item is read after the refusal,
 *  so under a race it may be one write newer than the one that refused. */
const answerOldItem = async (
  engine: DynamoEngine,
  input: Readonly<Record<string, unknown>>,
  answered: WireResponse,
): Promise<WireResponse> => {
  if (answered.status !== 400 || input['ReturnValuesOnConditionCheckFailure'] !== 'ALL_OLD') return answered;
  const error = JSON.parse(String(answered.body)) as Record<string, unknown>;
  if (!String(error['__type']).endsWith('#ConditionalCheckFailedException')) return answered;
  const { body: described } = await engine.call('DescribeTable', { TableName: input['TableName'] });
  const names = (described['Table'] as { KeySchema: { AttributeName: string }[] }).KeySchema;
  const source = (input['Key'] ?? input['Item']) as Record<string, unknown>;
  const key = Object.fromEntries(names.map(({ AttributeName: name }) => [name, source[name]]));
  const { body } = await engine.call('GetItem', { TableName: input['TableName'], Key: key, ConsistentRead: true });
  const text = JSON.stringify(body['Item'] === undefined ? error : { ...error, Item: body['Item'] });
  // the checksum dynalite gave no longer fits
  return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: text };
};
