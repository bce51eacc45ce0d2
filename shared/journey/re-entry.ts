import type { CampaignDefinition } from '../campaign/definition.ts';
import type { Enrolment } from './enrolment.ts';

/** The occasion that an enrolment began for, whichever re-entry rule named it. */
export const occasionOf = ({ occurrence, occasion = occurrence }: Pick<Enrolment, 'occurrence' | 'occasion'>): string =>
  occasion;

/**
 * How an enrolment for `occasion` would be named, by the re-entry rule (C4, ADR 0083); undefined where the rule lets nobody
 * in. Two workers with different occasions come to the same name where only one may enter, and the store takes one of them.
 * @param known all enrolments of this customer or policy in this campaign, ended ones included, read strongly
 */
export const entryName = (
  { reEntry }: Pick<CampaignDefinition, 'reEntry'>,
  occasion: string,
  known: readonly Pick<Enrolment, 'occurrence' | 'occasion' | 'state'>[],
): Pick<Enrolment, 'occurrence' | 'occasion'> | undefined => {
  if (known.some((enrolment) => occasionOf(enrolment) === occasion)) return undefined;
  switch (reEntry) {
    case 'per-term':
    case 'concurrent':
      return { occurrence: occasion };
    case 'never':
      return known.length > 0 ? undefined : { occurrence: '1', occasion };
    case 'after-exit':
      // enrolments are never removed, so the number rises
      return known.some(({ state }) => state === 'active')
        ? undefined
        : { occurrence: String(known.length + 1), occasion };
  }
};
