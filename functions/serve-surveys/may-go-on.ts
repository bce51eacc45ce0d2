import type { FormView } from '../../shared/survey/form-view.ts';
import type { SurveyFile } from '../../shared/survey/survey.ts';

type Page = { readonly name: string };

/**
 * Whether the button of a page says "next": there is a page after it, or an answer on it could open one. A condition names
 * its question as `{name}`.
 */
export const mayGoOn = ({ form }: Pick<SurveyFile, 'form'>, view: FormView, index: number): boolean => {
  if (index < view.pages.length - 1) return true;
  const here = view.pages[index];
  const pages = form.pages as readonly Page[];
  const later = pages.slice(pages.findIndex(({ name }) => name === here?.name) + 1);
  const conditions = JSON.stringify(later);
  return (here?.questions ?? []).some(({ name }) => conditions.includes(`{${name}}`));
};
