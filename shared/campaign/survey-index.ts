import type { CampaignDefinition } from './definition.ts';
import type { Save } from './pin-makers.ts';

/** What a definition must know of a survey. */
export interface SurveyInfo {
  /** Content hash of the current version. */
  readonly version: string;
  /** Who saved it, latest last; absent where it ships as it is. */
  readonly saves?: readonly Save[];
}

/** The surveys there are, by name, as definitions are checked and pinned against. */
export type SurveyIndex = Readonly<Record<string, SurveyInfo>>;

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
