import chains from '../../templates/locales.json' with { type: 'json' };

const nearest: Readonly<Record<string, readonly string[]>> = chains.nearest;

/**
 * The locale of `available` that serves a reader of `wanted` best: the same; the ones that `templates/locales.json` names
 * as nearest; the same language; the branch's own; the last resorts of that file; whatever there is.
 * @param available BCP 47 tags, such as a template's variants; at least one
 * @param branch the default language of the branch that speaks, where it has one
 */
export const chooseLocale = (available: readonly string[], wanted: string, branch?: string): string => {
  const [language = wanted] = wanted.split('-');
  const chain = [
    wanted,
    ...(Object.hasOwn(nearest, wanted) ? (nearest[wanted] ?? []) : []),
    ...available.filter((locale) => locale.split('-')[0] === language),
    ...(Object.hasOwn(nearest, language) ? (nearest[language] ?? []) : []),
    ...(branch === undefined ? [] : [branch]),
    ...chains.last,
  ];
  return chain.find((locale) => available.includes(locale)) ?? (available[0] as string);
};

/** The variant of a template for a reader of `wanted` (`chooseLocale`). */
export const variantOf = <Variant extends { readonly locale: string }>(
  template: { readonly variants: readonly Variant[] },
  wanted: string,
  branch?: string,
): Variant => {
  const { variants } = template;
  const locale = chooseLocale(
    variants.map((variant) => variant.locale),
    wanted,
    branch,
  );
  return variants.find((variant) => variant.locale === locale) as Variant;
};
