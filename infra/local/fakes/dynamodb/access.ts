import type { TableResource } from '../../template/resources.ts';
import { type WireAction, WireRefusal } from '../../wire.ts';
import { parametersOf } from './engine.ts';

/** What functions may ask of the table; everything else is refused by name. */
const OPERATIONS = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'DescribeTable',
] as const;

const KNOWN = new Map<string, ReadonlySet<string>>(OPERATIONS.map((name) => [name, parametersOf(name)]));

/** dynalite drops this one; the server adds it (`answerOldItem`). */
const ADDED = new Set(['ReturnValuesOnConditionCheckFailure']);

/** True where an HTTP request is for DynamoDB. */
export const isDynamoRequest = (headers: Readonly<Record<string, string>>): boolean =>
  headers['x-amz-target']?.startsWith('DynamoDB_') ?? false;

/** `GetItem` of `DynamoDB_20120810.GetItem`. */
export const operationOf = (headers: Readonly<Record<string, string>>): string =>
  headers['x-amz-target']?.split('.')[1] ?? '';

/** What the call wants, for the IAM check: the table's ARN, or its index's where a query or scan names one.
 *  @throws WireRefusal for an operation, parameter or table that is not there */
export const dynamoActionOf = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
  tables: readonly TableResource[],
): WireAction => {
  const parameters = KNOWN.get(operation);
  if (!parameters) {
    throw new WireRefusal(
      400,
      'UnknownOperationException',
      `dynamodb:${operation} is not covered by the local runtime (infra/local/fakes/dynamodb/README.md)`,
    );
  }
  const unknown = Object.keys(input).find((name) => !parameters.has(name) && !ADDED.has(name));
  if (unknown !== undefined) {
    throw new WireRefusal(
      400,
      'ValidationException',
      `dynamodb:${operation} with parameter ${unknown} is not covered by the local runtime`,
    );
  }
  const names = operation.startsWith('Batch')
    ? Object.keys(record(input['RequestItems']))
    : [String(input['TableName'])];
  const arns = names.map((name) => {
    const table = tables.find((candidate) => candidate.name === name);
    if (!table) throw new WireRefusal(400, 'ResourceNotFoundException', `Requested resource not found: Table: ${name}`);
    const index = input['IndexName'];
    return typeof index === 'string' ? `${table.arn}/index/${index}` : table.arn;
  });
  return { action: `dynamodb:${operation}`, resources: arns };
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
