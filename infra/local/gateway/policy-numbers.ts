import { BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

/** The source's policy numbers of our opaque policy ids, and back. */
export interface PolicyNumbers {
  /** In the order of `ids`; an unknown id stays itself. */
  of(ids: readonly string[]): Promise<readonly string[]>;
  /** Our ids of a policy number: several where sources or contracts share it. */
  idsOf(policyNo: string): Promise<readonly string[]>;
}

const BATCH = 100;

/** Reads the table as an operator, by the layouts of docs/architecture.md. A number never changes, so it is kept. */
export const createPolicyNumbers = (client: DynamoDBClient, tableName: string): PolicyNumbers => {
  const known = new Map<string, string>();

  const learn = async (ids: readonly string[]): Promise<void> => {
    const unknown = [...new Set(ids)].filter((id) => !known.has(id));
    for (let at = 0; at < unknown.length; at += BATCH) {
      const keys = unknown.slice(at, at + BATCH).map((id) => ({ pk: { S: `P#${id}` }, sk: { S: 'POLICY' } }));
      const { Responses } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: keys } } }),
      );
      for (const item of Responses?.[tableName] ?? []) {
        const { policy } = unmarshall(item) as { policy?: { policyId: string; policyNo: string } };
        if (policy) known.set(policy.policyId, policy.policyNo);
      }
    }
  };

  return {
    async of(ids) {
      await learn(ids);
      return ids.map((id) => known.get(id) ?? id);
    },
    async idsOf(policyNo) {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: {
            ':pk': { S: `N#${policyNo.replaceAll(/\s+/g, '').toUpperCase()}` },
            ':sk': { S: 'POL#' },
          },
        }),
      );
      return (Items ?? []).map((item) => item['sk']?.S?.slice('POL#'.length) ?? '');
    },
  };
};
