import { createLiquid, describeFailure } from '../../shared/content/liquid.ts';
import { fieldCatalogue } from '../../shared/content/message-data.ts';

/** Data of the catalogue's examples: everything, or only what is always known and the fields in `needs`. */
const sampleData = (all: boolean, needs: readonly string[]): object => {
  const data: Record<string, unknown> = { customer: {}, links: {} };
  for (const [name, field] of Object.entries(fieldCatalogue)) {
    const [group = '', leaf] = name.split('.');
    if (group === 'offer' && !all) continue;
    if (field.optional && !all && !needs.includes(name)) continue;
    if (leaf === undefined) {
      if (name !== 'offer') data[name] = field.example;
      continue;
    }
    const part = (data[group] ??= {}) as Record<string, unknown>;
    part[leaf] = field.example;
  }
  return data;
};

const liquid = createLiquid((value) => value);

/**
 * Renders a template for a customer of whom everything is known and for one of whom only the needful is.
 * @param needs optional fields that whoever sends it always gives
 * @returns what would fail, in words
 */
export const renderProblems = (
  template: { readonly subject: string; readonly html: string; readonly text: string },
  needs: readonly string[],
): readonly string[] => {
  const problems: string[] = needs
    .filter((name) => !(name in fieldCatalogue))
    .map((name) => `needs unknown field "${name}"`);
  for (const all of [true, false]) {
    for (const part of ['subject', 'html', 'text'] as const) {
      try {
        liquid.compile(template[part])(sampleData(all, needs));
      } catch (error) {
        const failure = describeFailure(error);
        if (failure === undefined) throw error;
        problems.push(
          failure.kind === 'missing-value'
            ? `${part}: "${failure.variable}" is not always known: wrap it in {% if %}, give a default, or list it under needs`
            : `${part}: ${failure.detail}`,
        );
      }
    }
  }
  return problems;
};
