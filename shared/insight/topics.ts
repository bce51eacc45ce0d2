import * as z from 'zod';
import dictionary from '../../surveys/topics.json' with { type: 'json' };

/** One subject that customers write about, and the words by which it is known. */
const topicSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z-]{1,30}$/),
  label: z.strictObject({ 'zh-CN': z.string().min(1), en: z.string().min(1) }),
  terms: z.strictObject({
    /** Found wherever they stand in a text; a single character would be found in too many other words. */
    'zh-CN': z.array(z.string().regex(/^[\p{Script=Han}A-Z0-9]{2,}$/v)),
    /** Whole words, or several in a row; `*` stands for any ending: `expens*` finds "expensive" and "expense". */
    en: z.array(z.string().regex(/^(?:[a-z0-9']+|[a-z0-9']{3,}\*)(?: (?:[a-z0-9']+|[a-z0-9']{3,}\*))*$/)),
  }),
});
export type Topic = z.infer<typeof topicSchema>;

/** The dictionary that this build ships, `surveys/topics.json`. */
export const topics: readonly Topic[] = z.strictObject({ topics: z.array(topicSchema) }).parse(dictionary).topics;

/** A topic that a text speaks of, and why. */
export interface FoundTopic {
  readonly topic: string;
  /** Terms of the dictionary that were found. */
  readonly terms: readonly string[];
  /** What stands in the text where they were found, in small letters. */
  readonly words: readonly string[];
}

/** Of a longer text only the beginning is looked at: what a customer writes about is said in it. */
const LONGEST = 20_000;

interface Term {
  readonly topic: string;
  readonly term: string;
  readonly parts: readonly string[];
}

interface Finding {
  readonly terms: Set<string>;
  readonly words: Set<string>;
}

const matches = (part: string, word: string | undefined): boolean =>
  word !== undefined && (part.endsWith('*') ? word.startsWith(part.slice(0, -1)) : word === part);

/** English terms by how their first word begins: three letters are enough to leave nearly all aside. */
const startOf = (word: string): string => word.slice(0, 3);

/**
 * Finds the topics of a text by the words of a dictionary, and nothing else: no model, no guess at what is meant, so that
 * everybody can see why a text was counted where. Chinese terms are looked for as they stand; English ones word by word,
 * as Unicode parts words (UAX #29), without stemming but for the endings that `*` leaves open. Both are looked for in any
 * text, since customers mix languages. Full-width letters count as plain ones.
 */
export const createTopicFinder = (dictionary: readonly Topic[]): ((text: string) => readonly FoundTopic[]) => {
  const words = new Intl.Segmenter('en', { granularity: 'word' });
  const chinese = dictionary.flatMap(({ id, terms }) =>
    terms['zh-CN'].map((term) => ({ topic: id, term, written: term.toLowerCase() })),
  );
  const english = Map.groupBy(
    dictionary.flatMap(({ id, terms }) => terms.en.map((term): Term => ({ topic: id, term, parts: term.split(' ') }))),
    ({ parts }) => startOf((parts[0] as string).replaceAll('*', '')),
  );

  const wordsOf = (text: string): readonly string[] => {
    const found: string[] = [];
    for (const { segment, isWordLike } of words.segment(text)) if (isWordLike) found.push(segment);
    return found;
  };

  return (text) => {
    const plain = text.slice(0, LONGEST).normalize('NFKC').toLowerCase().replaceAll('’', "'");
    const found = new Map<string, Finding>();
    const note = (topic: string, term: string, word: string): void => {
      const known = found.get(topic) ?? { terms: new Set(), words: new Set() };
      found.set(topic, known);
      known.terms.add(term);
      known.words.add(word);
    };
    if (/\p{Script=Han}/v.test(plain))
      for (const { topic, term, written } of chinese) if (plain.includes(written)) note(topic, term, written);
    if (/[a-z]/.test(plain)) {
      const all = wordsOf(plain);
      for (const [n, word] of all.entries())
        for (const { topic, term, parts } of english.get(startOf(word)) ?? [])
          if (parts.every((part, behind) => matches(part, all[n + behind])))
            note(topic, term, all.slice(n, n + parts.length).join(' '));
    }
    // in the order of the dictionary, whatever the order of the text
    return dictionary.flatMap(({ id }) => {
      const said = found.get(id);
      return said === undefined ? [] : [{ topic: id, terms: [...said.terms], words: [...said.words] }];
    });
  };
};
