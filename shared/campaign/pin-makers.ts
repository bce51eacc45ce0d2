import type { Pins } from './definition.ts';
import type { PinIndex } from './pins.ts';

/** One save of a template or survey: which version, by which opaque user id. */
export interface Save {
  readonly version: string;
  readonly by: string;
}

/** Who saved it after a version; everyone where that version is not among the saves: it shipped, was never approved, or
 *  lies further back than saves are kept. */
const saversSince = (saves: readonly Save[], version: string | undefined): readonly string[] =>
  saves.slice(saves.findLastIndex((save) => save.version === version) + 1).map(({ by }) => by);

/**
 * Who made what a definition is pinned with: whoever saved one of its templates or surveys since the version that was
 * approved last. Their words reach customers as those of the definition do, so none of them may approve it (G2).
 * @param pinned what is handed in, pinned with what stands in `index`
 * @param approved what the content that was last approved or is live was pinned with
 * @returns opaque user ids, each once
 */
export const makersOfPins = (pinned: Pins, approved: Pins | undefined, index: PinIndex): readonly string[] => {
  const savers = (kind: 'templates' | 'surveys'): readonly string[] =>
    Object.keys(pinned[kind]).flatMap((name) => saversSince(index[kind][name]?.saves ?? [], approved?.[kind][name]));
  return [...new Set([...savers('templates'), ...savers('surveys')])];
};
