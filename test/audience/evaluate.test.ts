import { describe, expect, test } from 'vitest';
import { AUDIENCE_SHARDS } from '../../shared/audience/audience-rows.ts';
import { compileRule } from '../../shared/audience/compile-rule.ts';
import {
  countAudience,
  decidable,
  questionOfPolicies,
  sampleAudience,
} from '../../shared/audience/evaluate-audience.ts';
import type { RuleGroup } from '../../shared/audience/rule.ts';
import { createAudienceWorld, customerFacts, NOW, party, policyFacts } from './audience-world.ts';

const women: RuleGroup = { combinator: 'and', rules: [{ field: 'customer.gender', operator: '=', value: 'f' }] };

/** 4,000 people, three of ten of them women, every fifth with a motor and a home policy. */
const book = async () => {
  const world = createAudienceWorld();
  for (let n = 0; n < 4_000; n += 1) {
    await world.rows.setCustomer(
      party(n),
      customerFacts({ gender: n % 10 < 3 ? 'f' : 'm', scope: n % 2 === 0 ? 'house/east' : 'house/west' }),
      NOW,
    );
    if (n % 5 > 0) continue;
    await world.rows.setPolicy(party(n), policyFacts(2 * n), [], NOW);
    await world.rows.setPolicy(party(n), policyFacts(2 * n + 1, { line: 'home' }), [], NOW);
  }
  return world;
};

describe('D7 an audience', async () => {
  const world = await book();
  const source = { ...world };

  test('is counted exactly while there is time', async () => {
    expect(await countAudience(compileRule(women), source, NOW, () => false)).toEqual({
      count: 1_200,
      of: 4_000,
      exact: true,
      margin: 0,
      shards: AUDIENCE_SHARDS,
    });
  });

  test('is extrapolated from a fair sample when time is up, and says so with its margin', async () => {
    let asked = 0;
    const counted = await countAudience(compileRule(women), source, NOW, () => (asked += 1) > 3);
    expect(counted).toMatchObject({ exact: false, shards: 32 });
    expect(Math.abs(counted.count - 1_200)).toBeLessThan(counted.margin);
    expect(counted.margin).toBeLessThan(400);
    expect(await countAudience(compileRule(women), source, NOW, () => true)).toMatchObject({ shards: 8, exact: false });
  });

  test('S08: of a branch counts only its own', async () => {
    const east = await countAudience(
      compileRule(women),
      source,
      NOW,
      () => false,
      ({ customer }) => customer?.scope === 'house/east',
    );
    expect([east.count, east.of]).toEqual([800, 2_000]);
  });

  test('gives a few members as a sample, of those that may be seen', async () => {
    const ids = await sampleAudience(compileRule(women), source, NOW, {
      most: 20,
      isTimeUp: () => false,
      mayCount: ({ customer }) => customer?.scope === 'house/west',
    });
    expect(ids).toHaveLength(20);
    for (const row of (await world.rows.getMany(ids)).values())
      expect([row.customer?.gender, row.customer?.scope]).toEqual(['f', 'house/west']);
  });

  test('of policies is decided by the row: nothing else is read', async () => {
    const rule = compileRule({
      combinator: 'and',
      rules: [{ field: 'policy.line', operator: '=', value: 'home' }, ...women.rules],
    });
    const { rows } = await world.rows.page(3);
    const found = await decidable(rows, [questionOfPolicies(rule)], source, NOW);
    const policies = found.flatMap(({ subject }) =>
      (subject.policies ?? []).filter((policy) => rule.test({ ...subject, policy }) === true),
    );
    expect(policies.length).toBeGreaterThan(0);
    expect(policies.every(({ line }) => line === 'home')).toBe(true);
    expect(world.deepened).toEqual([]);
  });
});
