import { describe, expect, test } from 'vitest';
import { type PartyId, policyIdOf } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { CivilDate, Instant, ZoneId } from '../../shared/platform/time.ts';
import type { PolicyFact } from '../../shared/policy/facts.ts';
import { createPolicyFacts, type FactByNumber } from '../../shared/policy/facts-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { projectPolicy } from '../../shared/policy/project-policy.ts';
import { tableEngines } from '../support/tables.ts';

const policyId = policyIdOf('u', 'P 1', '2018-01-15');
const base = { policyId, source: 'u', knownFrom: 1 as Instant, recordedAt: 1 as Instant, origin: 'i' };
const contract: PolicyFact = {
  ...base,
  kind: 'contract',
  policyNo: 'P 1',
  scope: 'head',
  line: 'motor',
  contractStartsOn: '2018-01-15' as CivilDate,
  zone: 'Europe/Madrid' as ZoneId,
  contactRule: 'direct',
  holder: 'ana' as PartyId,
};
const term: PolicyFact = {
  ...base,
  kind: 'term',
  term: { startsOn: '2018-01-15' as CivilDate, renewsOn: '2019-01-15' as CivilDate },
};
const cancelled: FactByNumber = {
  source: 'policy.admin',
  knownFrom: 5 as Instant,
  recordedAt: 5 as Instant,
  origin: 'event:1',
  kind: 'ending',
  ending: { kind: 'cancelled', on: '2018-06-01' as CivilDate },
};

describe.each(tableEngines)('policy stores on $name', (engine) => {
  test('F10: the same facts again change nothing; all are read back', async () => {
    const facts = createPolicyFacts(await engine.make());
    for (let n = 0; n < 3; n += 1) await facts.write([contract, term, term]);
    const read = await facts.read(policyId);
    expect(read).toHaveLength(2);
    expect(read).toEqual(expect.arrayContaining([contract, term]));
    expect(await facts.byNumber('p1')).toEqual([policyId]);
  });

  test('two contracts under one number: the later one is meant', async () => {
    const facts = createPolicyFacts(await engine.make());
    const later = policyIdOf('u', 'P 1', '2020-01-15');
    await facts.write([
      { ...contract, policyId: later, contractStartsOn: '2020-01-15' as CivilDate } as PolicyFact,
      contract,
    ]);
    expect(await facts.byNumber('P1')).toEqual([later, policyId]);
  });

  test('a fact before its policy waits and is adopted, once', async () => {
    const facts = createPolicyFacts(await engine.make());
    expect(await facts.awaitPolicy('P1', cancelled)).toBeUndefined();
    expect(await facts.awaitPolicy('P1', cancelled)).toBeUndefined();
    await facts.write([contract]);
    expect(await facts.adopt([{ policyNo: 'P 1', policyId }])).toEqual(new Set([policyId]));
    expect(await facts.adopt([{ policyNo: 'P 1', policyId }])).toEqual(new Set());
    expect((await facts.read(policyId)).map(({ kind }) => kind).sort()).toEqual(['contract', 'ending']);
  });

  test('a fact that comes to wait while the others are adopted is adopted too', async () => {
    const table = await engine.make();
    const parking = createPolicyFacts(table);
    const lapsed = { ...cancelled, ending: { kind: 'lapsed', on: '2018-07-01' as CivilDate } } as FactByNumber;
    let raced = false;
    const facts = createPolicyFacts({
      ...table,
      remove: async (key, condition) => {
        if (!raced) await parking.awaitPolicy('P1', lapsed);
        raced = true;
        return table.remove(key, condition);
      },
    });
    await parking.awaitPolicy('P1', cancelled);
    await facts.adopt([{ policyNo: 'P 1', policyId }]);
    expect(raced).toBe(true);
    expect(await facts.read(policyId)).toHaveLength(2);
    expect(await facts.adopt([{ policyNo: 'P 1', policyId }])).toEqual(new Set());
  });

  test('the policy that comes between look-up and parking gets the fact', async () => {
    const facts = createPolicyFacts(await engine.make());
    expect(await facts.byNumber('P1')).toEqual([]);
    await facts.write([contract]);
    expect(await facts.awaitPolicy('P1', cancelled)).toBe(policyId);
    expect(await facts.adopt([{ policyNo: 'P 1', policyId }])).toEqual(new Set());
    expect(await facts.read(policyId)).toHaveLength(2);
  });

  test('a projection is written over the version it was made from only', async () => {
    const policies = createPolicies(await engine.make());
    const projection = projectPolicy([contract, term], 10 as Instant)?.policy;
    if (!projection) throw new Error('no projection');
    expect(await policies.put(projection, 0)).toBe('written');
    expect(await policies.put(projection, 0)).toBe('refused');
    expect(await policies.put({ ...projection, version: 2 }, 1)).toBe('written');
    expect(await policies.put({ ...projection, version: 2 }, 1)).toBe('refused');
    expect((await policies.getMany([policyId, 'nobody' as never])).get(policyId)?.version).toBe(2);
    const { policies: due } = await policies.due('head', '2019-01');
    expect(due.map((policy) => policy.policyId)).toEqual([policyId]);
    expect((await policies.due('head', '2019-02')).policies).toEqual([]);
  });
});

test('the number is written before the facts: whoever sees the policy finds it by its number', async () => {
  const table = createMemoryTable();
  const calls: string[][] = [];
  const facts = createPolicyFacts({
    ...table,
    writeMany: async (puts, deletes) => {
      calls.push(puts.map(({ entity }) => entity));
      return table.writeMany(puts, deletes);
    },
  });
  await facts.write([contract, term]);
  expect(calls).toEqual([['PolicyNumber'], ['PolicyFact', 'PolicyFact']]);
});
