import renewal from '../../campaigns/renewal.json' with { type: 'json' };
import renewalSurvey from '../../campaigns/renewal-survey.json' with { type: 'json' };
import winBack from '../../campaigns/win-back.json' with { type: 'json' };
import shipped from '../../templates/generated/index.json' with { type: 'json' };
import { EngagementError } from '../platform/errors.ts';
import { definitionSchema, type PinnedDefinition, pinDefinition } from './definition.ts';
import { type TemplateIndex, versionsFor } from './template-index.ts';

/** The templates that this build ships: `templates/`, compiled by `npm run build`. */
export const shippedTemplates = shipped as TemplateIndex;

/** A campaign that this build ships as a file under `campaigns/`. */
export interface Programme extends PinnedDefinition {
  /** Live from the first deploy on; the others are drafts for marketing to begin with. */
  readonly live: boolean;
}

/** By file name; a new file needs its line here and above, which test/campaign/schema.test.ts asks for. */
const files: Readonly<Record<string, unknown>> = {
  renewal,
  'win-back': winBack,
  'renewal-survey': renewalSurvey,
};
const LIVE: readonly string[] = ['renewal', 'win-back', 'renewal-survey'];

const read = ([file, source]: [string, unknown]): Programme => {
  // by the schema only: what a schema cannot say is checked when the files are tested, not in every function's start
  const parsed = definitionSchema.safeParse(source);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new EngagementError('misconfigured', `campaigns/${file}.json cannot be used: ${problems}`);
  }
  const definition = parsed.data;
  return {
    ...pinDefinition(definition, versionsFor(definition, shippedTemplates)),
    live: LIVE.includes(definition.id),
  };
};

/** The campaigns that this build ships, each pinned with the templates that it ships. */
export const programmes: readonly Programme[] = Object.entries(files).map(read);
