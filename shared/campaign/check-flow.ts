import type { CampaignDefinition, CampaignStep } from './definition.ts';
import { circles, unreachable, waysFrom } from './flow-graph.ts';
import { type Problem, suggest } from './problem.ts';

/** Properties that say where a flow goes on. */
const WAYS = ['next', 'onFailure'] as const;

const isControl = ({ do: act }: CampaignStep): boolean =>
  'wait' in act || 'branch' in act || 'split' in act || 'exit' in act;

const canFail = ({ do: act }: CampaignStep): boolean => 'send' in act || 'relay' in act || 'webhook' in act;

/** A calendar journey has days only: nothing that steers. */
export const checkCalendarForm = ({ steps }: CampaignDefinition): readonly Problem[] =>
  steps.flatMap((step, n) => [
    ...(isControl(step)
      ? [
          {
            path: `steps.${n}.do`,
            message: 'waits, branches, splits and exits belong into a flow: take out every "at"',
          },
        ]
      : []),
    ...WAYS.filter((name) => step[name] !== undefined).map((name) => ({
      path: `steps.${n}.${name}`,
      message: `a step with "at" follows the calendar: take out "${name}", or every "at"`,
    })),
  ]);

const checkForm = (step: CampaignStep, path: string): readonly Problem[] => {
  const problems: Problem[] = [];
  const forks = 'branch' in step.do || 'split' in step.do;
  if ((forks || ('exit' in step.do && step.when === undefined)) && step.next !== undefined)
    problems.push({ path: `${path}.next`, message: `"${step.id}" says in "do" where to go on: take "next" out` });
  if (forks && step.when !== undefined)
    problems.push({ path: `${path}.when`, message: 'a branch or split is always taken: put the rule into a path' });
  if (step.onFailure !== undefined && !canFail(step))
    problems.push({
      path: `${path}.onFailure`,
      message: 'only a message or webhook can fail: take "onFailure" out',
    });
  if ('split' in step.do) {
    const sum = step.do.split.reduce((total, { share }) => total + share, 0);
    if (sum !== 100)
      problems.push({ path: `${path}.do.split`, message: `the shares are ${sum} together: make them 100` });
  }
  return problems;
};

/** A flow goes from step to step: every way leads somewhere, every step is reached, and no circle runs without waiting. */
export const checkFlow = ({ steps }: CampaignDefinition): readonly Problem[] => {
  const ids = steps.map(({ id }) => id);
  const lost = steps.flatMap((_, n) =>
    waysFrom(steps, n)
      .filter(({ to }) => to === undefined)
      .map(({ named = '', path }) => ({
        path: `steps.${n}.${path}`,
        message: `there is no step "${named}": ${suggest(named, ids)}`,
      })),
  );
  return [
    ...steps.flatMap((step, n) => checkForm(step, `steps.${n}`)),
    ...lost,
    ...(lost.length > 0 ? [] : unreachable(steps)).map((n) => ({
      path: `steps.${n}`,
      message: `no way leads to "${ids[n]}": name it in a "next", or take it out`,
    })),
    ...circles(steps).map(({ from, way, through }) => ({
      path: `steps.${from}.${way.path}`,
      message: `${[...through, way.to ?? 0].map((n) => ids[n]).join(' → ')} runs in a circle without waiting: put a wait into it`,
    })),
  ];
};
