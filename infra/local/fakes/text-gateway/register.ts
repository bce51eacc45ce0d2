import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoTable } from '../../../../shared/platform/dynamo-table.ts';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import type { Instant } from '../../../../shared/platform/time.ts';
import { createEndpoints } from '../../../../shared/relay/endpoint-store.ts';
import { type Resources, valueOf } from '../../template/resources.ts';

/** Name under which a local system knows its text gateway. */
const LOCAL_GATEWAY = 'local';

/** Registers the text gateway as an engineer would, at the address where this start serves it. */
export const registerTextGateway = async (
  client: DynamoDBClient,
  resources: Pick<Resources, 'functions' | 'origin'>,
  now: Instant,
): Promise<void> => {
  const tableName = valueOf(resources, 'TABLE_NAME');
  if (tableName === undefined)
    throw new EngagementError('misconfigured', 'no function has TABLE_NAME in its environment');
  const endpoints = createEndpoints(createDynamoTable(client, tableName));
  const url = `${resources.origin}/text-gateway/${LOCAL_GATEWAY}`;
  const known = await endpoints.get(LOCAL_GATEWAY);
  // another start may have had another port
  if (known?.url === url) return;
  const endpoint = { name: LOCAL_GATEWAY, kind: 'gateway', url, perMinute: 6_000 } as const;
  await endpoints.put({ ...endpoint, changed: { by: 'local-runtime', at: now } }, known?.version ?? 0);
};
