import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDefinition, type Known } from '../../shared/campaign/check-definition.ts';
import { pinDefinition } from '../../shared/campaign/definition.ts';
import { randomDefinition } from './random-definition.ts';
import { houseTemplates, type Source } from './samples.ts';

const NONE = { templates: {}, surveys: {} };
const known: Known = {
  templates: houseTemplates,
  audiences: { 'over-sixty': { combinator: 'and', rules: [{ field: 'customer.age', operator: '>', value: 60 }] } },
  lists: [],
};
const pathsOf = (source: Source): string[] => {
  const outcome = checkDefinition(source, known);
  return outcome.kind === 'valid' ? [] : outcome.problems.map(({ path }) => path);
};

test('a definition that holds is taken, and stays the same when it is written out and read again', () => {
  fc.assert(
    fc.property(randomDefinition, (source) => {
      expect(pathsOf(source)).toEqual([]);
      const outcome = checkDefinition(source, known);
      if (outcome.kind === 'invalid') throw new Error('not valid');
      const again = checkDefinition(JSON.parse(JSON.stringify(outcome.definition)), known);
      expect(again).toEqual(outcome);
      expect(pinDefinition(outcome.definition, NONE).hash).toBe(
        again.kind === 'valid' && pinDefinition(again.definition, NONE).hash,
      );
    }),
    { numRuns: 600 },
  );
});

type Mutation = readonly [name: string, spoil: (definition: Source, pick: number) => string | undefined];

const isCalendar = ({ steps }: Source) => 'at' in steps[0];
/** A step that fits, by chance; and its place. */
const choose = (
  { steps }: Source,
  pick: number,
  fits: (step: Source, n: number) => boolean,
): [Source, number] | undefined => {
  const fitting = steps
    .map((step: Source, n: number) => [step, n])
    .filter(([step, n]: [Source, number]) => fits(step, n));
  return fitting[pick % fitting.length];
};

const mutations: readonly Mutation[] = [
  [
    'an unknown property in a step',
    (d, pick) => {
      const [step, n] = choose(d, pick, () => true)!;
      step.colour = 'red';
      return `steps.${n}.colour`;
    },
  ],
  [
    'a step that has another’s id',
    (d, pick) => {
      const found = choose(d, pick, (_, n) => n > 0);
      if (!found || !isCalendar(d)) return undefined;
      found[0].id = d.steps[0].id;
      return `steps.${found[1]}.id`;
    },
  ],
  [
    'a way that leads nowhere',
    (d, pick) => {
      const found = choose(
        d,
        pick,
        ({ do: act, at }) => at === undefined && !('branch' in act) && !('split' in act) && !('exit' in act),
      );
      if (!found) return undefined;
      found[0].next = 'nowhere';
      return `steps.${found[1]}.next`;
    },
  ],
  [
    'a step that leads to itself',
    (d, pick) => {
      const found = choose(
        d,
        pick,
        ({ do: act, at }) => at === undefined && ('send' in act || 'task' in act || 'set' in act),
      );
      if (!found) return undefined;
      found[0].next = found[0].id;
      return `steps.${found[1]}.next`;
    },
  ],
  [
    'a step at the end that nothing leads to',
    (d) => {
      if (isCalendar(d)) return undefined;
      const last = d.steps.at(-1);
      d.steps[d.steps.length - 1] = { id: last.id, do: { exit: 'over' } };
      d.steps.push({ id: 'lost', do: { task: 'call', reason: 'lost' } });
      return `steps.${d.steps.length - 1}`;
    },
  ],
  [
    'shares that are not 100',
    (d, pick) => {
      const found = choose(d, pick, ({ do: act }) => 'split' in act && act.split[0].share < 99);
      if (!found) return undefined;
      found[0].do.split[0].share += 1;
      return `steps.${found[1]}.do.split`;
    },
  ],
  [
    'a wait beyond two years',
    (d, pick) => {
      const found = choose(d, pick, ({ do: act }) => 'wait' in act && 'for' in act.wait);
      if (!found) return undefined;
      found[0].do.wait.for = ['P732D', 'P3Y', 'P105W', 'P24M1D'][pick % 4];
      return `steps.${found[1]}.do.wait.for`;
    },
  ],
  [
    'a template that is not there',
    (d, pick) => {
      const found = choose(d, pick, ({ do: act }) => 'send' in act);
      if (!found) return undefined;
      found[0].do = { ...found[0].do, template: 'nobody-wrote-it' };
      return `steps.${found[1]}.do.template`;
    },
  ],
  [
    'an offer in a service message',
    (d, pick) => {
      const found = choose(d, pick, ({ do: act }) => 'send' in act && act.send === 'email');
      if (!found || d.class !== 'service') return undefined;
      found[0].do = { ...found[0].do, template: 'special' };
      return `steps.${found[1]}.do.template`;
    },
  ],
  [
    'a day among the waits',
    (d, pick) => {
      const found = choose(d, pick, (_, n) => n > 0);
      if (!found || isCalendar(d)) return undefined;
      found[0].at = { daysAfter: 1, time: '10:00' };
      return `steps.${found[1]}.at`;
    },
  ],
  [
    'a field that is not there',
    (d, pick) => {
      const found = choose(d, pick, ({ when }) => when !== undefined);
      if (!found) return undefined;
      found[0].when = {
        combinator: 'or',
        rules: [...found[0].when.rules, { field: 'customer.colour', operator: '=', value: 'red' }],
      };
      return `steps.${found[1]}.when.rules.${found[0].when.rules.length - 1}.field`;
    },
  ],
  [
    'a sensitive field without consent',
    (d) => {
      if (d.class !== 'marketing') return undefined;
      d.audience.rule = {
        combinator: 'or',
        rules: [d.audience.rule, { field: 'customer.largePrint', operator: '=', value: true }],
      };
      return 'audience.rule.rules.1.field';
    },
  ],
  [
    'two exits that contradict',
    (d) => {
      d.exits.push({ when: d.audience.rule }, { when: { combinator: 'and', not: true, rules: [d.audience.rule] } });
      d.audience.rule = { combinator: 'and', rules: [] };
      return `exits.${d.exits.length - 1}.when`;
    },
  ],
  [
    'nobody who ends by death',
    (d) => {
      if (!d.steps.some(({ do: act }: Source) => 'send' in act || 'relay' in act || 'task' in act)) return undefined;
      d.exits.shift();
      return 'exits';
    },
  ],
];

test.each(mutations)('%s is refused at its place, wherever it is', (_, spoil) => {
  let spoilt = 0;
  fc.assert(
    fc.property(randomDefinition, fc.nat(), (source, pick) => {
      const definition = structuredClone(source);
      const path = spoil(definition, pick);
      if (path === undefined) return;
      spoilt += 1;
      expect(pathsOf(definition)).toContain(path);
    }),
    { numRuns: 300 },
  );
  expect(spoilt).toBeGreaterThan(20);
});
