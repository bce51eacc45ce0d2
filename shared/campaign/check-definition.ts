import type { RuleGroup } from '../audience/rule.ts';
import { checkExits } from './check-exits.ts';
import { checkCalendarForm, checkFlow } from './check-flow.ts';
import { checkMessages } from './check-messages.ts';
import { checkRules } from './check-rules.ts';
import { checkSubject } from './check-subject.ts';
import { checkSurveys } from './check-surveys.ts';
import { checkCalendar, checkDurations, checkTriggerTime } from './check-times.ts';
import { checkTopic } from './check-topic.ts';
import { type CampaignDefinition, definitionSchema, isCalendar } from './definition.ts';
import { type Problem, suggest } from './problem.ts';
import { readProblems } from './read-problems.ts';
import type { SurveyIndex } from './survey-index.ts';
import type { TemplateIndex } from './template-index.ts';

export type CheckOutcome =
  | { readonly kind: 'valid'; readonly definition: CampaignDefinition }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** What a definition may name. What is absent is not checked. */
export interface Known {
  readonly templates?: TemplateIndex;
  readonly surveys?: SurveyIndex;
  /** Saved audiences by id, with their rules. */
  readonly audiences?: Readonly<Record<string, RuleGroup>>;
  /** Ids of uploaded lists. */
  readonly lists?: readonly string[];
}

const checkIds = ({ steps }: CampaignDefinition): readonly Problem[] =>
  steps.flatMap(({ id }, n) =>
    steps.findIndex((other) => other.id === id) < n
      ? [{ path: `steps.${n}.id`, message: `"${id}" is there twice: rename one` }]
      : [],
  );

/** Either every step has a day, or none. */
const checkKind = (definition: CampaignDefinition): readonly Problem[] => {
  const { steps } = definition;
  if (isCalendar(definition)) return checkCalendarForm(definition);
  if (steps.every(({ at }) => at === undefined)) return checkFlow(definition);
  const calendar = steps[0]?.at !== undefined;
  return steps.flatMap(({ id, at }, n) =>
    (at !== undefined) === calendar
      ? []
      : [
          {
            path: `steps.${n}.at`,
            message: `"${id}" ${calendar ? 'has no "at" and the first step has one' : 'has an "at" and the first step has none'}: give it to all steps or to none`,
          },
        ],
  );
};

const checkLines = ({ byLine, steps }: CampaignDefinition): readonly Problem[] =>
  Object.entries(byLine).flatMap(([line, overrides]) =>
    Object.entries(overrides ?? {}).flatMap(([id, override]) => {
      const path = `byLine.${line}.${id}`;
      const step = steps.find((known) => known.id === id);
      if (!step) {
        const ids = steps.map((known) => known.id);
        return [{ path, message: `there is no step "${id}": ${suggest(id, ids)}` }];
      }
      const at = step.at ?? {};
      return Object.keys(override)
        .filter((name) => !(name in at) && !(name === 'workingDays' && 'letterbox' in at))
        .map((name) => ({
          path: `${path}.${name}`,
          message: `step "${id}" has no "${name}" to differ from: override what its "at" says`,
        }));
    }),
  );

/** Saved audiences and lists that the definition names. */
const checkNames = ({ trigger, audience }: CampaignDefinition, { audiences, lists }: Known): readonly Problem[] => {
  const named = (
    path: string,
    name: string | undefined,
    what: string,
    known: readonly string[] | undefined,
  ): Problem[] =>
    name === undefined || known === undefined || known.includes(name)
      ? []
      : [{ path, message: `there is no ${what} "${name}": ${suggest(name, known)}` }];
  const saved = audiences && Object.keys(audiences);
  return [
    ...('audience' in trigger ? named('trigger.audience', trigger.audience, 'saved audience', saved) : []),
    ...named('audience.saved', audience.saved, 'saved audience', saved),
    ...(['include', 'exclude'] as const).flatMap((side) =>
      (audience[side] ?? []).flatMap((list, n) => named(`audience.${side}.${n}`, list, 'list', lists)),
    ),
  ];
};

/**
 * Reads a definition: by the schema first, then what a schema cannot say.
 * @returns every problem with its path in the file and what to do about it; those a schema finds come alone, because
 *  nothing more can be said of a file that has another form
 */
export const checkDefinition = (source: unknown, known: Known = {}): CheckOutcome => {
  const parsed = definitionSchema.safeParse(source);
  if (!parsed.success) return { kind: 'invalid', problems: readProblems(parsed.error, definitionSchema, source) };
  const definition = parsed.data;
  const { saved } = definition.audience;
  const problems = [
    ...checkSubject(definition),
    ...checkTriggerTime(definition),
    ...checkDurations(definition),
    ...checkIds(definition),
    ...checkKind(definition),
    ...checkCalendar(definition),
    ...checkMessages(definition, known.templates),
    ...checkSurveys(definition, known.surveys),
    ...checkTopic(definition),
    ...checkRules(definition, saved === undefined ? undefined : known.audiences?.[saved]),
    ...checkExits(definition),
    ...checkLines(definition),
    ...checkNames(definition, known),
  ];
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'valid', definition };
};
