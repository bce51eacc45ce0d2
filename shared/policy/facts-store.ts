import { derivedId, type PolicyId } from '../platform/ids.ts';
import { type Item, type Key, queryAll, type Table } from '../platform/table.ts';
import type { ContractFact, PolicyFact } from './facts.ts';

type WithoutPolicy<Fact> = Fact extends PolicyFact ? Omit<Fact, 'policyId'> : never;
/** A fact whose policy is named by its number only, because nobody has told us of the policy yet. */
export type FactByNumber = WithoutPolicy<Exclude<PolicyFact, ContractFact>>;

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
  /** Gives a policy the facts that waited for its number. @returns how many */
  adopt(policyNo: string, policyId: PolicyId): Promise<number>;
}

/** Numbers are matched without regard to spaces and case: departments type them differently. */
const normalised = (policyNo: string): string => policyNo.replaceAll(/\s+/g, '').toUpperCase();
const numberPartition = (policyNo: string): string => `N#${normalised(policyNo)}`;

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

  const waitingOf = async (policyNo: string): Promise<Item[]> => {
    const items: Item[] = [];
    for await (const item of queryAll(table, { pk: numberPartition(policyNo), prefix: 'WAIT#', consistent: true }))
      items.push(item);
    return items;
  };

  const write: PolicyFacts['write'] = async (facts) => {
    const contracts = facts.filter((fact) => fact.kind === 'contract');
    // the number first: a policy that anyone has seen is then found by its number, so that nothing waits in vain (ADR 0040)
    if (contracts.length > 0) await table.writeMany(once(contracts.map(toNumberItem)));
    await table.writeMany(once(facts.map(toItem)));
  };

  const adopt: PolicyFacts['adopt'] = async (policyNo, policyId) => {
    const waiting = await waitingOf(policyNo);
    if (waiting.length === 0) return 0;
    await write(waiting.map((item) => ({ ...(item.fact as FactByNumber), policyId }) as PolicyFact));
    await table.writeMany(
      [],
      waiting.map(({ pk, sk }) => ({ pk, sk })),
    );
    return waiting.length;
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
      await table.writeMany([
        {
          pk: numberPartition(policyNo),
          sk: `WAIT#${fact.kind}#${derivedId('fact', contentOf(fact))}`,
          entity: 'WaitingFact',
          schemaVersion: 1,
          fact,
        },
      ]);
      // it may have come between the caller's look-up and our writing: whoever is second finds what the first wrote
      const [policyId] = await byNumber(policyNo);
      if (policyId === undefined) return undefined;
      await adopt(policyNo, policyId);
      return policyId;
    },
  };
};
