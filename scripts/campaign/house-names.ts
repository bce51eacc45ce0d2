import { definitionSchema } from '../../shared/campaign/definition.ts';
import { shippedIndex } from '../../shared/campaign/programmes.ts';
import { surveyUses } from '../../shared/campaign/survey-index.ts';
import { templateUses } from '../../shared/campaign/template-index.ts';

/**
 * What a definition names that this build does not ship: it may be a house's own, which only the house's system knows.
 * @returns such as `template "wish"`, each once; nothing for what has not the form of a definition
 */
export const houseNames = (source: unknown): readonly string[] => {
  const parsed = definitionSchema.safeParse(source);
  if (!parsed.success) return [];
  const definition = parsed.data;
  const { audience, trigger } = definition;
  const { templates, surveys } = shippedIndex;
  const audiences = [audience.saved, 'audience' in trigger ? trigger.audience : undefined];
  return [
    ...new Set([
      ...templateUses(definition).flatMap(({ template }) =>
        Object.hasOwn(templates, template) ? [] : [`template "${template}"`],
      ),
      ...surveyUses(definition).flatMap(({ survey }) => (Object.hasOwn(surveys, survey) ? [] : [`survey "${survey}"`])),
      ...audiences.flatMap((name) => (name === undefined ? [] : [`audience "${name}"`])),
      ...[...(audience.include ?? []), ...(audience.exclude ?? [])].map((name) => `list "${name}"`),
    ]),
  ];
};
