import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { IndexName, Table } from '../../shared/platform/table.ts';

/** One place where the stores' contract must hold. */
export interface TableEngine {
  readonly name: string;
  /** A new, empty table. */
  make(): Promise<Table>;
}

const INDEXES: readonly IndexName[] = ['byRenewal', 'byTrouble', 'byTask', 'bySurvey', 'byOwner'];
let tables = 0;

/** Creates the app's table (keys and indexes as in infra/data-stack.ts; test/infra compares the two). */
const createTable = async (client: DynamoDBClient): Promise<Table> => {
  tables += 1;
  const name = `contract-${process.pid}-${tables}`;
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', ...INDEXES.flatMap((index) => [`${index}Pk`, `${index}Sk`])].map(
        (attribute) => ({
          AttributeName: attribute,
          AttributeType: 'S',
        }),
      ),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: INDEXES.map((index) => ({
        IndexName: index,
        KeySchema: [
          { AttributeName: `${index}Pk`, KeyType: 'HASH' },
          { AttributeName: `${index}Sk`, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName: name });
  return createDynamoTable(client, name);
};

const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

let dynaliteClient: Promise<DynamoDBClient> | undefined;
const startDynalite = async (): Promise<DynamoDBClient> => {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // the test process may end while it listens
  server.unref();
  return clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

/** Memory and dynalite always; the endpoint of DYNAMODB_CONTRACT_ENDPOINT (a real table, DynamoDB Local) where one is named. */
export const tableEngines: readonly TableEngine[] = [
  { name: 'memory', make: async () => createMemoryTable() },
  {
    name: 'dynalite',
    make: async () => {
      dynaliteClient ??= startDynalite();
      return createTable(await dynaliteClient);
    },
  },
  ...(process.env.DYNAMODB_CONTRACT_ENDPOINT === undefined
    ? []
    : [
        {
          name: 'named endpoint',
          make: () => createTable(clientOf(process.env.DYNAMODB_CONTRACT_ENDPOINT as string)),
        },
      ]),
];
