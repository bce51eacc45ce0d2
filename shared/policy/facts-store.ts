import { derivedId, type PolicyId } from '../platform/ids.ts';
import { type Item, itemKey, type Key, queryAll, type Table } from '../platform/table.ts';
import type { ContractFact, PolicyFact } from './facts.ts';

type WithoutPolicy<Fact> = Fact extends PolicyFact ? Omit<Fact, 'policyId'> : never;
/** A fact whose policy is named by its number only, because nobody has told us of the policy yet. */
export type FactByNumber = WithoutPolicy<Exclude<PolicyFact, ContractFact>>;

/** A policy with the number that others know it by. */
export interface NumberedPolicy {
  readonly policyNo: string;
  readonly policyId: PolicyId;
}

/** What departments said about policies. Facts are added, never changed. */
export interface PolicyFacts {
  /** Stores facts; the same fact again changes nothing but its `recordedAt` and `origin`. */
  write(facts: readonly PolicyFact[]): Promise<void>;
  /** All facts of a policy, known or not yet, read strongly, in no order. */
  read(policyId: PolicyId): Promise<readonly PolicyFact[]>;
  /** The policies that bear this number, the latest contract first; read strongly. */
  byNumber(policyNo: string): Promise<readonly PolicyId[]>;
  /**
   * Takes a fact about a policy that was not found by its number: it waits until the policy comes (`adopt`).
   * @returns the policy that came in the meantime and has the fact now; undefined while it waits
   */
  awaitPolicy(policyNo: string, fact: FactByNumber): Promise<PolicyId | undefined>;
  /** Gives policies the facts that waited for their numbers. @returns those that got any */
  adopt(policies: readonly NumberedPolicy[]): Promise<ReadonlySet<PolicyId>>;
}

/** Numbers are matched without regard to spaces and case: departments type them differently. */
const normalised = (policyNo: string): string => policyNo.replaceAll(/\s+/g, '').toUpperCase();
const numberPartition = (policyNo: string): string => `N#${normalised(policyNo)}`;
const waitKey = (policyNo: string): Key => ({ pk: numberPartition(policyNo), sk: 'WAIT' });

/** What a fact says, without when and how it came: saying it again is the same fact. */
const contentOf = (fact: PolicyFact | FactByNumber): string => {
  const { recordedAt: _recordedAt, origin: _origin, policyId: _policyId, ...content } = fact as PolicyFact;
  return JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
};

const factKey = (fact: PolicyFact): Key => ({
  pk: `P#${fact.policyId}`,
  sk: `FACT#${fact.kind}#${derivedId('fact', contentOf(fact))}`,
});

const toItem = (fact: PolicyFact): Item => ({ ...factKey(fact), entity: 'PolicyFact', schemaVersion: 1, fact });

const toNumberItem = (fact: ContractFact): Item => ({
  pk: numberPartition(fact.policyNo),
  sk: `POL#${fact.policyId}`,
  entity: 'PolicyNumber',
  schemaVersion: 1,
  contractStartsOn: fact.contractStartsOn,
});

/** Each key once, the last one standing: a batch may not name an item twice. */
const once = (items: readonly Item[]): Item[] => [
  ...new Map(items.map((item) => [`${item.pk} ${item.sk}`, item])).values(),
];

/** Facts over the table: `P#<policyId>` / `FACT#…` and the partition of each policy number. */
export const createPolicyFacts = (table: Table): PolicyFacts => {
  const byNumber: PolicyFacts['byNumber'] = async (policyNo) => {
    const items: Item[] = [];
    for await (const item of queryAll(table, { pk: numberPartition(policyNo), prefix: 'POL#', consistent: true }))
      items.push(item);
    return items
      .sort((a, b) => ((a.contractStartsOn as string) < (b.contractStartsOn as string) ? 1 : -1))
      .map((item) => item.sk.slice('POL#'.length) as PolicyId);
  };

  const write: PolicyFacts['write'] = async (facts) => {
    const contracts = facts.filter((fact) => fact.kind === 'contract');
    // the number first: a policy that anyone has seen is then found by its number, so that nothing waits in vain (ADR 0040)
    if (contracts.length > 0) await table.writeMany(once(contracts.map(toNumberItem)));
    await table.writeMany(once(facts.map(toItem)));
  };

  /** Moves what waits in `item` to the policy; looks again where another fact came to wait meanwhile. */
  const adoptFrom = async (found: Item, policyId: PolicyId): Promise<void> => {
    let item: Item | undefined = found;
    while (item !== undefined) {
      const waiting = Object.values(item.facts as Record<string, FactByNumber>);
      await write(waiting.map((fact) => ({ ...fact, policyId }) as PolicyFact));
      const key: Key = { pk: item.pk, sk: item.sk };
      const outcome = await table.remove(key, [{ path: ['version'], is: item.version as number }]);
      item = outcome.kind === 'written' ? undefined : await table.get(key, { consistent: true });
    }
  };

  const adopt: PolicyFacts['adopt'] = async (policies) => {
    const items = await table.getMany(
      policies.map(({ policyNo }) => waitKey(policyNo)),
      { consistent: true },
    );
    const adopted = new Set<PolicyId>();
    for (const { policyNo, policyId } of policies) {
      const item = items.get(itemKey(waitKey(policyNo)));
      if (item === undefined) continue;
      await adoptFrom(item, policyId);
      adopted.add(policyId);
    }
    return adopted;
  };

  /** Adds to what waits for a number: makes the item, or joins the one that is there. */
  const park = async (policyNo: string, fact: FactByNumber): Promise<void> => {
    const key = waitKey(policyNo);
    const id = derivedId('fact', contentOf(fact));
    for (;;) {
      const first = { ...key, entity: 'WaitingFacts', schemaVersion: 1, version: 1, facts: { [id]: fact } };
      if ((await table.put(first, [{ path: ['pk'], absent: true }])).kind === 'written') return;
      const joined = await table.update(
        key,
        { set: [{ path: ['facts', id], value: fact }], add: [{ path: ['version'], by: 1 }] },
        [{ path: ['pk'], present: true }],
      );
      if (joined.kind === 'written') return;
    }
  };

  return {
    write,
    byNumber,
    adopt,

    async read(policyId) {
      const facts: PolicyFact[] = [];
      for await (const item of queryAll(table, { pk: `P#${policyId}`, prefix: 'FACT#', consistent: true }))
        facts.push(item.fact as PolicyFact);
      return facts;
    },

    async awaitPolicy(policyNo, fact) {
      await park(policyNo, fact);
      // it may have come between the caller's look-up and our writing: whoever is second finds what the first wrote
      const [policyId] = await byNumber(policyNo);
      if (policyId === undefined) return undefined;
      await adopt([{ policyNo, policyId }]);
      return policyId;
    },
  };
};
