import { en, type PageText } from './text/en.ts';
import { zhCN } from './text/zh-CN.ts';

/** The languages of the customer's pages, by BCP 47 tag. */
export const texts: Readonly<Record<string, PageText>> = { 'zh-CN': zhCN, en };

/**
 * The language to answer in: what the switch asked for, else the customer's own, else the browser's, else English.
 * A region that is not there falls back to its language (`en-GB` → `en`, `zh-TW` → `zh-CN`).
 */
export const chooseLocale = (...wishes: readonly (string | undefined)[]): string => {
  for (const wish of wishes) {
    for (const part of (wish ?? '').split(',')) {
      const tag = part.split(';', 1)[0]?.trim().toLowerCase() ?? '';
      if (!/^[a-z]{2,3}(-[a-z0-9]+)*$/.test(tag)) continue;
      const [language = ''] = tag.split('-');
      const found =
        Object.keys(texts).find((known) => known.toLowerCase() === tag) ??
        Object.keys(texts).find((known) => known.toLowerCase().split('-')[0] === language);
      if (found !== undefined) return found;
    }
  }
  return 'en';
};

/** The words of a language that `chooseLocale` chose. */
export const textOf = (locale: string): PageText => texts[locale] ?? en;
