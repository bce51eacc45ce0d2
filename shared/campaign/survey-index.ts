import type { CampaignDefinition } from './definition.ts';

/** The current version of every survey by its name, as definitions are checked and pinned against. */
export type SurveyIndex = Readonly<Record<string, { readonly version: string }>>;

/** Where a definition names a survey. */
export interface SurveyUse {
  /** Such as `steps.3.do.survey`. */
  readonly path: string;
  readonly survey: string;
}

/** Every place where a definition names a survey. */
export const surveyUses = ({ steps }: CampaignDefinition): readonly SurveyUse[] =>
  steps.flatMap(({ do: act }, n) =>
    ('send' in act || 'task' in act) && act.survey !== undefined
      ? [{ path: `steps.${n}.do.survey`, survey: act.survey }]
      : [],
  );

/** The versions to pin a definition with: of each survey that it names and that there is, so that an answer belongs to
 *  the questions that were approved. */
export const surveyVersionsFor = (
  definition: CampaignDefinition,
  index: SurveyIndex,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    surveyUses(definition).flatMap(({ survey }) => {
      const found = Object.hasOwn(index, survey) ? index[survey] : undefined;
      return found === undefined ? [] : [[survey, found.version]];
    }),
  );
