import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRule } from '../../shared/audience/check-rule.ts';
import { compileRule } from '../../shared/audience/compile-rule.ts';
import { explainRule } from '../../shared/audience/explain-rule.ts';
import { ruleGroupSchema } from '../../shared/audience/rule.ts';
import type { RuleSubject } from '../../shared/audience/rule-subject.ts';
import { ruleArb, subjectArb } from './arbitrary.ts';
import { openPaths, oracle } from './oracle.ts';

const RUNS = Number(process.env.RULE_RUNS ?? 3_000);

/** Every way to decide what is left open, as long as that is few. */
const assignments = (paths: readonly string[]): ((path: string) => boolean)[] =>
  Array.from({ length: 2 ** paths.length }, (_, bits) => (path) => ((bits >> paths.indexOf(path)) & 1) === 1);

describe('rules', () => {
  test('D7: compiled rules answer as a slow reading of them does, and leave open only what is open', () => {
    const seen = { true: 0, false: 0, undefined: 0 };
    fc.assert(
      fc.property(ruleArb(), subjectArb, (rule, subject) => {
        expect(ruleGroupSchema.parse(rule)).toEqual(rule);
        expect(checkRule(rule, 'step', 'rule')).toEqual([]);
        const compiled = compileRule(rule);
        const answer = compiled.test(subject);
        seen[String(answer) as keyof typeof seen] += 1;
        const open = openPaths(rule, subject);
        if (open.length === 0) expect(answer).toBe(oracle(rule, subject, () => false));
        if (open.length > 8) return;
        // decided: whatever the left-out parts were; and with every part there, always decided
        if (answer !== undefined)
          for (const unknown of assignments(open)) expect(oracle(rule, subject, unknown)).toBe(answer);
        else expect(open.length).toBeGreaterThan(0);
        if ([...compiled.parts].every((part) => subject[part] !== undefined)) expect(answer).not.toBeUndefined();
      }),
      { numRuns: RUNS, seed: 20_261_122 },
    );
    expect(Math.min(seen.true, seen.false, seen.undefined)).toBeGreaterThan(RUNS / 30);
  });

  test('D7: the clauses named as deciding decide: asked alone they give the answer', () => {
    fc.assert(
      fc.property(ruleArb(), subjectArb, (rule, subject) => {
        const answer = compileRule(rule).test(subject);
        const verdicts = explainRule(rule, subject);
        const deciding = new Set(verdicts.map(({ path }) => path.replaceAll(/\.?rules\./g, '/')));
        // whatever all other clauses came to, the answer is the same
        const others = (flip: boolean) =>
          oracle(rule, { now: subject.now, today: subject.today } as RuleSubject, (path) =>
            deciding.has(path)
              ? verdicts.find((one) => one.path.replaceAll(/\.?rules\./g, '/') === path)?.holds === true
              : flip,
          );
        if (answer === undefined) return;
        expect([others(true), others(false)]).toEqual([answer, answer]);
      }),
      { numRuns: RUNS, seed: 7 },
    );
  });
});
