import words from '../../templates/words.json' with { type: 'json' };
import type { Place, Report } from './finding.ts';

interface WordRule {
  readonly id: string;
  readonly level: string;
  readonly why: string;
  readonly phrases: readonly string[];
  /** Wordings that hold a phrase and mean its opposite. */
  readonly except?: readonly string[];
}

const HAN = /\p{Script=Han}/u;

/**
 * Text as it is compared: one form of each character (full width, ligatures), lowercase, without what cannot be seen, one
 * blank between words and none beside a Chinese character, where a blank means nothing.
 */
const comparable = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/[’‘]/g, "'")
    .replace(/[‐‑‒–—]/g, '-')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/(?<=\p{Script=Han}) | (?=\p{Script=Han})/gu, '');

const isIn = (text: string, phrase: string): boolean => {
  if (HAN.test(phrase)) return text.includes(phrase);
  for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
    const around = `${text[at - 1] ?? ' '}${text[at + phrase.length] ?? ' '}`;
    if (!/[a-z0-9]/.test(around)) return true;
  }
  return false;
};

const rules = (words as readonly WordRule[]).map((rule) => ({
  ...rule,
  phrases: rule.phrases.map((phrase) => ({ phrase, compared: comparable(phrase) })),
  except: (rule.except ?? []).map(comparable),
}));

/**
 * Finds forbidden phrases (`templates/words.json`) in what a customer would read.
 * @param text without markup; blanks, widths and cases do not hide a phrase
 * @param placeOf the place to show for a phrase
 */
export const checkWords = (text: string, placeOf: (phrase: string) => Place, report: Report): void => {
  const whole = comparable(text);
  for (const { level, why, phrases, except } of rules) {
    const searched = except.reduce((left, allowed) => left.replaceAll(allowed, ' '), whole);
    for (const { phrase, compared } of phrases) {
      if (!isIn(searched, compared)) continue;
      report({
        level: level === 'warning' ? 'warning' : 'error',
        code: 'phrase',
        message: `"${phrase}" may not be said: ${why}`,
        place: placeOf(phrase),
      });
    }
  }
};
