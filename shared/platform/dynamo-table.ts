import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { EngagementError } from './errors.ts';
import {
  type Change,
  type Condition,
  type Item,
  itemKey,
  type Key,
  type Path,
  type Table,
  type WriteOutcome,
} from './table.ts';
import { checkItem, checkKey, decodeAfter, encodeAfter } from './table-keys.ts';

const toAttributes = (value: object) => marshall(value, { removeUndefinedValues: true });

/** Collects the names and values of one request's expressions. */
const createExpression = () => {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const known = new Map<string, string>();
  const name = (path: Path): string =>
    path
      .map((part) => {
        const placeholder = known.get(part) ?? `#n${known.size}`;
        known.set(part, placeholder);
        names[placeholder] = part;
        return placeholder;
      })
      .join('.');
  const value = (given: unknown): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = given;
    return placeholder;
  };
  const condition = (clauses: Condition): string | undefined =>
    clauses.length === 0
      ? undefined
      : clauses
          .map((clause) => {
            const at = name(clause.path);
            if ('is' in clause) return `${at} = ${value(clause.is)}`;
            // an absent attribute differs from every value, which `<>` alone does not say
            if ('isNot' in clause) return `(attribute_not_exists(${at}) OR ${at} <> ${value(clause.isNot)})`;
            if ('absent' in clause) return `attribute_not_exists(${at})`;
            if ('present' in clause) return `attribute_exists(${at})`;
            return `${at} < ${value(clause.below)}`;
          })
          .join(' AND ');
  const change = ({ set = [], remove = [], add = [] }: Change): string =>
    [
      set.length > 0 ? `SET ${set.map((s) => `${name(s.path)} = ${value(s.value)}`).join(', ')}` : '',
      remove.length > 0 ? `REMOVE ${remove.map((path) => name(path)).join(', ')}` : '',
      add.length > 0 ? `ADD ${add.map((a) => `${name(a.path)} ${value(a.by)}`).join(', ')}` : '',
    ]
      .filter((part) => part !== '')
      .join(' ');
  const attributes = () => ({
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: toAttributes(values) } : {}),
  });
  return { name, value, condition, change, attributes };
};

/** Runs a conditional write. A refusal may be our own earlier write whose reply was lost: callers who must know carry
 *  an owner token and read it back (reliability.md 0.2). */
const outcomeOf = async (write: () => Promise<unknown>): Promise<WriteOutcome> => {
  try {
    await write();
    return { kind: 'written' };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { kind: 'refused' };
    throw error;
  }
};

const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

/** Batch calls answer "unprocessed" when throttled; 8 rounds of doubling from 25 ms wait 6 s at most. */
const BATCH_ROUNDS = 8;
const pause = (round: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 25 * 2 ** round));
const exhausted = (what: string): EngagementError =>
  new EngagementError(
    'throttled',
    `table ${what} still unprocessed after ${BATCH_ROUNDS} rounds: lower the concurrency`,
    {
      retryable: true,
    },
  );

/** The table in DynamoDB. */
export const createDynamoTable = (client: DynamoDBClient, tableName: string): Table => {
  // without a logger it still filters every field of every message: a fifth of the CPU of a call, measured
  client.middlewareStack.remove('loggerMiddleware');
  const readBatch = async (keys: readonly Key[], consistent: boolean, into: Map<string, Item>): Promise<void> => {
    let rest = keys.map(({ pk, sk }) => marshall({ pk, sk }));
    for (let round = 0; rest.length > 0; round += 1) {
      if (round === BATCH_ROUNDS) throw exhausted('reads');
      if (round > 0) await pause(round);
      const answer = await client.send(
        new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: rest, ConsistentRead: consistent } } }),
      );
      for (const found of answer.Responses?.[tableName] ?? []) {
        const item = unmarshall(found) as Item;
        into.set(itemKey(item), item);
      }
      rest = (answer.UnprocessedKeys?.[tableName]?.Keys ?? []) as typeof rest;
    }
  };

  const writeBatch = async (requests: readonly WriteRequest[]): Promise<void> => {
    let rest = [...requests];
    for (let round = 0; rest.length > 0; round += 1) {
      if (round === BATCH_ROUNDS) throw exhausted('writes');
      if (round > 0) await pause(round);
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: rest } }));
      rest = answer.UnprocessedItems?.[tableName] ?? [];
    }
  };

  return {
    async get(key, { consistent = false } = {}) {
      checkKey(key);
      const { Item: found } = await client.send(
        new GetItemCommand({
          TableName: tableName,
          Key: marshall({ pk: key.pk, sk: key.sk }),
          ConsistentRead: consistent,
        }),
      );
      return found && (unmarshall(found) as Item);
    },

    async getMany(keys, { consistent = false } = {}) {
      for (const key of keys) checkKey(key);
      const distinct = [...new Map(keys.map((key) => [itemKey(key), key])).values()];
      const found = new Map<string, Item>();
      await Promise.all(chunksOf(distinct, 100).map((chunk) => readBatch(chunk, consistent, found)));
      return found;
    },

    async put(item, condition = []) {
      checkItem(item);
      const expression = createExpression();
      const guard = expression.condition(condition);
      return outcomeOf(() =>
        client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: toAttributes(item),
            ...(guard ? { ConditionExpression: guard } : {}),
            ...expression.attributes(),
          }),
        ),
      );
    },

    async update(key, change, condition = []) {
      checkKey(key);
      const expression = createExpression();
      const update = expression.change(change);
      const guard = expression.condition(condition);
      return outcomeOf(() =>
        client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: marshall({ pk: key.pk, sk: key.sk }),
            UpdateExpression: update,
            ...(guard ? { ConditionExpression: guard } : {}),
            ...expression.attributes(),
          }),
        ),
      );
    },

    async remove(key, condition = []) {
      checkKey(key);
      const expression = createExpression();
      const guard = expression.condition(condition);
      return outcomeOf(() =>
        client.send(
          new DeleteItemCommand({
            TableName: tableName,
            Key: marshall({ pk: key.pk, sk: key.sk }),
            ...(guard ? { ConditionExpression: guard } : {}),
            ...expression.attributes(),
          }),
        ),
      );
    },

    async writeMany(puts, deletes = []) {
      for (const item of puts) checkItem(item);
      for (const key of deletes) checkKey(key);
      // BatchWriteItem refuses a batch that names one key twice: the last put of a key wins, as it would one by one
      const requests = new Map<string, WriteRequest>();
      for (const item of puts) requests.set(itemKey(item), { PutRequest: { Item: toAttributes(item) } });
      for (const { pk, sk } of deletes)
        requests.set(itemKey({ pk, sk }), { DeleteRequest: { Key: marshall({ pk, sk }) } });
      // four batches at a time: more gains nothing against one table and fills the connection pool
      for (const wave of chunksOf(chunksOf([...requests.values()], 25), 4)) await Promise.all(wave.map(writeBatch));
    },

    async query({ pk, index, prefix, from, to, descending = false, limit, after, consistent = false }) {
      const expression = createExpression();
      const pkName = expression.name([index === undefined ? 'pk' : `${index}Pk`]);
      const skName = expression.name([index === undefined ? 'sk' : `${index}Sk`]);
      const clauses = [`${pkName} = ${expression.value(pk)}`];
      if (prefix !== undefined && prefix !== '') clauses.push(`begins_with(${skName}, ${expression.value(prefix)})`);
      else if (from !== undefined && to !== undefined)
        clauses.push(`${skName} BETWEEN ${expression.value(from)} AND ${expression.value(to)}`);
      else if (from !== undefined) clauses.push(`${skName} >= ${expression.value(from)}`);
      else if (to !== undefined) clauses.push(`${skName} <= ${expression.value(to)}`);
      const { ExpressionAttributeNames: names, ...rest } = expression.attributes();
      const used = Object.entries(names ?? {}).filter(([placeholder]) => clauses.join(' ').includes(placeholder));
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: clauses.join(' AND '),
          ExpressionAttributeNames: Object.fromEntries(used),
          ...rest,
          ScanIndexForward: !descending,
          ...(index === undefined ? { ConsistentRead: consistent } : { IndexName: index }),
          ...(limit === undefined ? {} : { Limit: limit }),
          ...(after === undefined ? {} : { ExclusiveStartKey: marshall(decodeAfter(after)) }),
        }),
      );
      return {
        items: (answer.Items ?? []).map((item) => unmarshall(item) as Item),
        ...(answer.LastEvaluatedKey ? { next: encodeAfter(unmarshall(answer.LastEvaluatedKey)) } : {}),
      };
    },
  };
};
