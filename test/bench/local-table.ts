import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../infra/local/fakes/dynamodb/dynamodb.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import type { Table } from '../../shared/platform/table.ts';

const NAME = 'bench';

/** The table as a function in the cloud sees it, at another process's address. */
export const tableAt = (endpoint: string): Table =>
  createDynamoTable(
    new DynamoDBClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    }),
    NAME,
  );

/** An empty table in a process of its own, as in the local runtime, and gone when `act` is done. */
export const withLocalTable = async <T>(act: (table: Table, url: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-bench-'));
  const key = (attribute: string, role: 'HASH' | 'RANGE') => ({ name: attribute, type: 'S' as const, role });
  const server = await startDynamoDb({
    folder,
    resources: {
      tables: [
        {
          logicalId: 'Table',
          name: NAME,
          arn: `arn:aws:dynamodb:x:0:table/${NAME}`,
          keys: [key('pk', 'HASH'), key('sk', 'RANGE')],
          indexes: [],
        },
      ],
      functions: [],
    },
    effects: { killHost: () => {}, killSystem: () => {} },
  });
  try {
    return await act(tableAt(server.url), server.url);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
