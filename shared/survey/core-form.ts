import { type SurveyModel as CoreModel, Model, surveyLocalization } from 'survey-core';
import { EngagementError } from '../platform/errors.ts';
import type { Form } from './form-schema.ts';
import type { SurveyLocale } from './form-view.ts';
import { surveyWords } from './survey-words.ts';

/** The language that texts are taken in: Chinese for anything that begins with `zh`, else English. */
export const surveyLocaleOf = (locale: string): SurveyLocale => (/^zh\b/i.test(locale) ? 'zh-CN' : 'en');

/** survey-core knows languages by exactly these codes: to it, `zh-CN` is another language than `zh-cn`. */
export const CORE_LOCALES: Readonly<Record<SurveyLocale, string>> = { 'zh-CN': 'zh-cn', en: 'en' };

const { locales } = surveyLocalization;
for (const [locale, code] of Object.entries(CORE_LOCALES))
  locales[code] = { ...locales[code], ...surveyWords[locale as SurveyLocale] };

/** The form as survey-core reads it: a copy, since it keeps and changes what it is given, with its language codes. */
export const asCoreJson = (part: unknown): unknown => {
  if (Array.isArray(part)) return part.map(asCoreJson);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key === 'zh-CN' ? CORE_LOCALES['zh-CN'] : key, asCoreJson(value)]),
  );
};

/**
 * A model of survey-core; takes some milliseconds.
 * @throws EngagementError `bad-input` where survey-core does not understand the form, which checking it would have found
 */
export const makeCoreModel = (form: Form): CoreModel => {
  const model = new Model(asCoreJson(form));
  const [error] = model.jsonErrors ?? [];
  if (error !== undefined)
    throw new EngagementError('bad-input', `survey-core refuses the form: ${error.message}: check the survey`);
  return model;
};
