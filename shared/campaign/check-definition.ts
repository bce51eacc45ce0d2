import { type CampaignDefinition, type CampaignStep, definitionSchema, type StepTime } from './definition.ts';

/** What is wrong with a definition file, where, and what to do about it. */
interface Problem {
  /** Such as `steps.3.at.daysBefore`. */
  readonly path: string;
  readonly message: string;
}

export type CheckOutcome =
  | { readonly kind: 'valid'; readonly definition: CampaignDefinition }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Days after the anchor (negative: before). */
const offsetOf = (at: StepTime): number => ('daysBefore' in at ? -at.daysBefore : at.daysAfter);

const templatesOf = (step: CampaignStep): readonly { path: string; template: string }[] => [
  ...('send' in step.do ? [{ path: 'do.template', template: step.do.template }] : []),
  ...(step.otherwise ? [{ path: 'otherwise.template', template: step.otherwise.template }] : []),
];

const checkStep = (step: CampaignStep, path: string, definition: CampaignDefinition): Problem[] => {
  const problems: Problem[] = [];
  const isLetter = 'send' in step.do && step.do.send === 'letter';
  const problem = (where: string, message: string) => problems.push({ path: `${path}.${where}`, message });
  if (isLetter !== 'letterbox' in step.at)
    problem(
      'at',
      isLetter
        ? 'a letter needs its day in the letterbox: write "letterbox": { "workingDays": 4 } instead of "time"'
        : 'only a letter has a day in the letterbox: write "time": "10:00" instead of "letterbox"',
    );
  if ((step.late === 'next-channel') !== (step.otherwise !== undefined))
    problem('otherwise', '"otherwise" and "late": "next-channel" go together: add the one or take out the other');
  if ('event' in definition.trigger && 'daysBefore' in step.at && step.at.daysBefore > 0)
    problem('at.daysBefore', 'nothing can happen before the event that begins the journey: use "daysAfter"');
  if (!definition.exits.includes('deceased') && 'send' in step.do)
    problem('do.send', 'a campaign that writes to people must exit on "deceased": add it to "exits"');
  return problems;
};

const checkSteps = (definition: CampaignDefinition, templates: readonly string[] | undefined): Problem[] => {
  const seen = new Set<string>();
  return definition.steps.flatMap((step, n) => {
    const path = `steps.${n}`;
    const problems = checkStep(step, path, definition);
    if (seen.has(step.id)) problems.push({ path: `${path}.id`, message: `"${step.id}" is there twice: rename one` });
    seen.add(step.id);
    const before = definition.steps[n - 1];
    if (before && offsetOf(before.at) > offsetOf(step.at))
      problems.push({
        path: `${path}.at`,
        message: `"${step.id}" comes before "${before.id}": put the steps in the order of their days`,
      });
    for (const { path: where, template } of templatesOf(step))
      if (templates && !templates.includes(template))
        problems.push({
          path: `${path}.${where}`,
          message: `there is no template "${template}": known are ${templates.join(', ')}`,
        });
    return problems;
  });
};

const checkLines = (definition: CampaignDefinition): Problem[] =>
  Object.entries(definition.byLine).flatMap(([line, overrides]) =>
    Object.entries(overrides ?? {}).flatMap(([id, override]) => {
      const path = `byLine.${line}.${id}`;
      const step = definition.steps.find((known) => known.id === id);
      if (!step) return [{ path, message: `there is no step "${id}": use the id of one of "steps"` }];
      return Object.keys(override)
        .filter((name) => !(name in step.at) && !(name === 'workingDays' && 'letterbox' in step.at))
        .map((name) => ({
          path: `${path}.${name}`,
          message: `step "${id}" has no "${name}" to differ from: override what its "at" says`,
        }));
    }),
  );

/**
 * Reads a definition: by the schema first, then what a schema cannot say.
 * @param templates names of the templates there are; not checked where absent
 */
export const checkDefinition = (source: unknown, templates?: readonly string[]): CheckOutcome => {
  const parsed = definitionSchema.safeParse(source);
  if (!parsed.success)
    return {
      kind: 'invalid',
      problems: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    };
  const problems = [...checkSteps(parsed.data, templates), ...checkLines(parsed.data)];
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'valid', definition: parsed.data };
};
