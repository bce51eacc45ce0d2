import type { CampaignStep } from './definition.ts';

/** One way from a step to another. */
export interface Way {
  /** Index of the step it leads to; undefined where no step has that id. */
  readonly to: number | undefined;
  /** The id as written; undefined for the step written below. */
  readonly named?: string;
  /** Where it is written, below the step: `next`, `do.branch.paths.0.next`. */
  readonly path: string;
}

/** Where a flow can go on after a step. A step without `next` goes on with the one written below it; the last one ends
 *  the journey. */
export const waysFrom = (steps: readonly CampaignStep[], n: number): readonly Way[] => {
  const step = steps[n];
  if (step === undefined) return [];
  const named = (id: string, path: string): Way => {
    const to = steps.findIndex((other) => other.id === id);
    return { to: to < 0 ? undefined : to, named: id, path };
  };
  const onwards: readonly Way[] =
    step.next !== undefined ? [named(step.next, 'next')] : n + 1 < steps.length ? [{ to: n + 1, path: 'next' }] : [];
  const failed = step.onFailure === undefined ? [] : [named(step.onFailure, 'onFailure')];
  const act = step.do;
  if ('branch' in act)
    return [
      ...act.branch.paths.map(({ next }, k) => named(next, `do.branch.paths.${k}.next`)),
      named(act.branch.otherwise, 'do.branch.otherwise'),
    ];
  if ('split' in act) return act.split.map(({ next }, k) => named(next, `do.split.${k}.next`));
  // an exit that does not happen because its `when` does not hold is passed over
  if ('exit' in act) return step.when === undefined ? [] : onwards;
  if ('wait' in act && 'event' in act.wait) return [...onwards, named(act.wait.otherwise, 'do.wait.otherwise')];
  return [...onwards, ...failed];
};

/** True where time must pass before the journey goes on. Waiting for a date does not count: once it is past, the journey
 *  goes on at once, and a step with `when` may be passed over. */
const takesTime = ({ do: act, when }: CampaignStep): boolean =>
  when === undefined && 'wait' in act && !('until' in act.wait && 'date' in act.wait.until);

/** Indexes of steps that no way leads to. */
export const unreachable = (steps: readonly CampaignStep[]): readonly number[] => {
  const reached = new Set<number>([0]);
  for (const n of reached) for (const { to } of waysFrom(steps, n)) if (to !== undefined) reached.add(to);
  return steps.flatMap((_, n) => (reached.has(n) ? [] : [n]));
};

/** The ways that close a circle in which no time passes: each once, with the steps of its circle. */
export const circles = (
  steps: readonly CampaignStep[],
): readonly { readonly from: number; readonly way: Way; readonly through: readonly number[] }[] => {
  const found: { from: number; way: Way; through: readonly number[] }[] = [];
  const finished = new Set<number>();
  const visit = (n: number, trail: readonly number[]): void => {
    const step = steps[n];
    if (finished.has(n) || step === undefined) return;
    if (!takesTime(step))
      for (const way of waysFrom(steps, n)) {
        if (way.to === undefined) continue;
        const begin = [...trail, n].indexOf(way.to);
        if (begin >= 0) found.push({ from: n, way, through: [...trail, n].slice(begin) });
        else visit(way.to, [...trail, n]);
      }
    finished.add(n);
  };
  for (const n of steps.keys()) visit(n, []);
  return found;
};
