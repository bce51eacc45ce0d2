import { describe, expect, test } from 'vitest';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import type { CivilDate, Instant } from '../../shared/platform/time.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import type { RenewalAnswer } from '../../shared/survey/renewal-answer.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { tableEngines } from '../support/tables.ts';

describe.each(tableEngines)('stores of answers, holdings and counts over $name', (engine) => {
  test('answers of a renewal page: only who read the latest may add', async () => {
    const answers = createRenewalAnswers(await engine.make());
    const none = await answers.get('inv1');
    expect(none).toEqual({ answers: [], version: 0 });
    const first: RenewalAnswer = { id: 'a1', at: 1 as Instant, content: { choice: 'renew' } };
    const second: RenewalAnswer = {
      id: 'a2',
      at: 2 as Instant,
      content: { choice: 'changed', text: 'moved' },
    };
    expect((await answers.add('inv1', none, first)).kind).toBe('written');
    expect((await answers.add('inv1', none, second)).kind).toBe('refused');
    const one = await answers.get('inv1');
    expect((await answers.add('inv1', one, second)).kind).toBe('written');
    expect((await answers.add('inv1', one, second)).kind).toBe('refused');
    expect((await answers.get('inv1')).answers).toEqual([first, second]);
    expect((await answers.get('inv2')).version).toBe(0);
  });

  test('holdings: said twice is held once, each person’s apart', async () => {
    const holdings = createHoldings(await engine.make());
    const [mine, yours] = ['party1' as PartyId, 'party10' as PartyId];
    const policies = Array.from({ length: 30 }, (_, n) => `policy${n}` as PolicyId);
    await holdings.add(policies.map((policyId) => ({ partyId: mine, policyId })));
    await holdings.add([
      { partyId: mine, policyId: policies[0] as PolicyId },
      { partyId: yours, policyId: 'policy-x' as PolicyId },
    ]);
    expect([...(await holdings.of(mine))].sort((a, b) => a.localeCompare(b))).toEqual(
      [...policies].sort((a, b) => a.localeCompare(b)),
    );
    expect(await holdings.of(yours)).toEqual(['policy-x']);
    expect(await holdings.of('nobody' as PartyId)).toEqual([]);
  });

  test('outcome counts: a job counts once, days are apart, equal outcomes are summed', async () => {
    const counts = createOutcomeCounts(await engine.make());
    const day = '2019-01-02' as CivilDate;
    const sent = { campaign: 'renewal', step: 'm30', outcome: 'sent' as const };
    await counts.record(day, 'job1', [
      { ...sent, count: 2 },
      { ...sent, count: 3 },
      { ...sent, outcome: 'skipped', reason: 'no-email', count: 1 },
    ]);
    await counts.record(day, 'job1', [{ ...sent, count: 9 }]);
    await counts.record(day, 'job2', [{ ...sent, count: 4 }]);
    await counts.record('2019-01-03' as CivilDate, 'job1', [{ ...sent, count: 100 }]);
    await counts.record(day, 'job3', []);
    expect(await counts.of(day)).toEqual([
      { ...sent, count: 9 },
      { ...sent, outcome: 'skipped', reason: 'no-email', count: 1 },
    ]);
  });
});
