import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type ConsoleText, en } from './text/en.ts';
import { zhCN } from './text/zh-CN.ts';

/** The languages of the first page, by BCP 47 tag. */
export const texts: Readonly<Record<string, ConsoleText>> = { 'zh-CN': zhCN, en };

/** The language that serves `wishes` best, in their order; English where none does. */
export const chooseLocale = (wishes: readonly (string | null | undefined)[]): string => {
  for (const wish of wishes) {
    const language = wish?.toLowerCase().split('-')[0];
    const found = Object.keys(texts).find((tag) => tag.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
};

export interface Language {
  readonly locale: string;
  readonly text: ConsoleText;
}

export const LanguageContext = createContext<Language>({ locale: 'en', text: en });

/** The language of the page. */
export const useLanguage = (): Language => useContext(LanguageContext);

/** The word for a code; a code that has none is shown as it is, which is better than nothing. */
export const wordFor = (words: Readonly<Record<string, unknown>>, code: string): string => {
  const word = Object.hasOwn(words, code) ? words[code] : undefined;
  return typeof word === 'string' ? word : code;
};

/** Why a task is there; many are asked for by a campaign, which then is the reason. */
export const taskReason = (text: ConsoleText, reason: string): string =>
  wordFor(Object.hasOwn(text.reasons, reason) ? text.reasons : text.campaigns, reason);

/** A step's name from its id: `m30` is thirty days before, `p15` fifteen after, `d00` the day itself. */
export const stepName = (text: ConsoleText, step: string): string => {
  const [, kind, days] = /^([mpd])(\d+)$/.exec(step) ?? [];
  if (kind === 'm') return text.steps.before(Number(days));
  if (kind === 'p') return text.steps.after(Number(days));
  return kind === 'd' ? text.steps.on : wordFor(text.taskKinds, step);
};
