import { EngagementError } from '../../../../shared/platform/errors.ts';
import type { Instant } from '../../../../shared/platform/time.ts';
import type { KeyField, TableResource } from '../../template/resources.ts';
import type { DynamoEngine } from './engine.ts';

const schemaOf = (keys: readonly KeyField[]): { AttributeName: string; KeyType: string }[] =>
  keys.map(({ name, role }) => ({ AttributeName: name, KeyType: role }));

/** The template's table as CreateTable wants it. */
const createInput = (table: TableResource): Record<string, unknown> => {
  const fields = new Map(
    [...table.keys, ...table.indexes.flatMap(({ keys }) => keys)].map((key) => [key.name, key.type]),
  );
  const indexes = table.indexes.map(({ name, keys, projection, nonKeyAttributes }) => ({
    IndexName: name,
    KeySchema: schemaOf(keys),
    Projection: {
      ProjectionType: projection,
      ...(nonKeyAttributes === undefined ? {} : { NonKeyAttributes: nonKeyAttributes }),
    },
  }));
  return {
    TableName: table.name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...fields].map(([name, type]) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: schemaOf(table.keys),
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
};

/** What of a description must stay as it is while the state folder lives. */
const shapeOf = (table: Record<string, unknown>): string =>
  JSON.stringify([
    table['KeySchema'],
    ((table['GlobalSecondaryIndexes'] ?? []) as Record<string, unknown>[])
      .map((index) => JSON.stringify([index['IndexName'], index['KeySchema'], index['Projection']]))
      .sort(),
  ]);

/** Makes the template's tables where they are missing, and waits until each can be used.
 *  @throws EngagementError `misconfigured` where the state folder holds a table of another shape */
export const ensureTables = async (engine: DynamoEngine, tables: readonly TableResource[]): Promise<void> => {
  for (const table of tables) {
    const wanted = createInput(table);
    const described = await engine.call('DescribeTable', { TableName: table.name });
    if (described.status === 200) {
      const found = described.body['Table'] as Record<string, unknown>;
      if (shapeOf(found) !== shapeOf(wanted)) {
        throw new EngagementError(
          'misconfigured',
          `table ${table.name} of the state folder has other keys or indexes than the template: start with --fresh`,
        );
      }
    } else {
      const made = await engine.call('CreateTable', wanted);
      if (made.status !== 200) {
        throw new EngagementError('misconfigured', `table ${table.name} cannot be made: ${JSON.stringify(made.body)}`);
      }
    }
    await untilActive(engine, table.name);
  }
};

const untilActive = async (engine: DynamoEngine, name: string): Promise<void> => {
  for (;;) {
    const { body } = await engine.call('DescribeTable', { TableName: name });
    const table = body['Table'] as { TableStatus?: string; GlobalSecondaryIndexes?: { IndexStatus?: string }[] };
    const ready = [table.TableStatus, ...(table.GlobalSecondaryIndexes ?? []).map((index) => index.IndexStatus)];
    if (ready.every((status) => status === 'ACTIVE')) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** Deletes the items whose time to live is over at `now`, as the service does within days. @returns how many */
export const sweepExpired = async (
  engine: DynamoEngine,
  tables: readonly TableResource[],
  now: Instant,
): Promise<number> => {
  let swept = 0;
  for (const { name, keys, ttlAttribute } of tables) {
    if (ttlAttribute === undefined) continue;
    const expired = {
      ExpressionAttributeNames: { '#ttl': ttlAttribute },
      ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1_000)) } },
    };
    let after: unknown;
    do {
      const { body } = await engine.call('Scan', {
        TableName: name,
        FilterExpression: '#ttl <= :now',
        ...expired,
        ...(after === undefined ? {} : { ExclusiveStartKey: after }),
      });
      for (const item of (body['Items'] ?? []) as Record<string, unknown>[]) {
        // the condition again: the item may have been given a longer life since the scan
        const { status } = await engine.call('DeleteItem', {
          TableName: name,
          Key: Object.fromEntries(keys.map((key) => [key.name, item[key.name]])),
          ConditionExpression: '#ttl <= :now',
          ...expired,
        });
        if (status === 200) swept++;
      }
      after = body['LastEvaluatedKey'];
    } while (after !== undefined);
  }
  return swept;
};
