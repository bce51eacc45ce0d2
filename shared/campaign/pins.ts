import { type CampaignDefinition, type PinnedDefinition, pinDefinition } from './definition.ts';
import { type SurveyIndex, surveyVersionsFor } from './survey-index.ts';
import { type TemplateIndex, versionsFor } from './template-index.ts';

/** What definitions are pinned with: templates and surveys as they stand. */
export interface PinIndex {
  readonly templates: TemplateIndex;
  readonly surveys: SurveyIndex;
}

/** A definition pinned with the versions of all that it names, as they stand now. */
export const pinWith = (definition: CampaignDefinition, { templates, surveys }: PinIndex): PinnedDefinition =>
  pinDefinition(definition, {
    templates: versionsFor(definition, templates),
    surveys: surveyVersionsFor(definition, surveys),
  });
