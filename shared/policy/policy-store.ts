import type { PolicyId } from '../platform/ids.ts';
import { type Item, itemKey, type Key, type Table, type WriteOutcome } from '../platform/table.ts';
import type { Policy } from './policy.ts';

/** The policies as projected. */
export interface Policies {
  /** Strongly consistent. */
  get(id: PolicyId): Promise<Policy | undefined>;
  /** A policy that nobody knows is missing from the map. Half the price without `consistent`, and a moment old. */
  getMany(ids: readonly PolicyId[], options?: { readonly consistent?: boolean }): Promise<Map<PolicyId, Policy>>;
  /** Writes a projection over the one of `expectedVersion` (0: there is none). Refused where another came in between. */
  put(policy: Policy, expectedVersion: number): Promise<WriteOutcome['kind']>;
  /** Policies of a scope by renewal date within one month (`2019-01`), ascending; from an index, so possibly a moment
   *  old. `next` is absent on the last page. */
  due(
    scope: string,
    month: string,
    page?: { readonly limit?: number; readonly after?: string },
  ): Promise<{ readonly policies: readonly Policy[]; readonly next?: string }>;
}

const keyOf = (id: PolicyId): Key => ({ pk: `P#${id}`, sk: 'POLICY' });

const toItem = (policy: Policy): Item => ({
  ...keyOf(policy.policyId),
  entity: 'Policy',
  schemaVersion: 1,
  version: policy.version,
  policy,
  byRenewalPk: `${policy.scope}#${policy.term.renewsOn.slice(0, 7)}`,
  byRenewalSk: `${policy.term.renewsOn}#${policy.policyId}`,
});

/** Policies over the table, with the index byRenewal. */
export const createPolicies = (table: Table): Policies => ({
  async get(id) {
    const item = await table.get(keyOf(id), { consistent: true });
    return item?.policy as Policy | undefined;
  },

  async getMany(ids, { consistent = false } = {}) {
    const items = await table.getMany(ids.map(keyOf), { consistent });
    const found = new Map<PolicyId, Policy>();
    for (const id of ids) {
      const item = items.get(itemKey(keyOf(id)));
      if (item) found.set(id, item.policy as Policy);
    }
    return found;
  },

  async put(policy, expectedVersion) {
    const outcome = await table.put(toItem(policy), [
      expectedVersion === 0 ? { path: ['pk'], absent: true } : { path: ['version'], is: expectedVersion },
    ]);
    return outcome.kind;
  },

  async due(scope, month, { limit = 100, after } = {}) {
    const page = await table.query({
      index: 'byRenewal',
      pk: `${scope}#${month}`,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    return {
      policies: page.items.flatMap((item) => (item.policy === undefined ? [] : [item.policy as Policy])),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  },
});
