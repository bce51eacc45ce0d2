import birthday from '../../campaigns/birthday.json' with { type: 'json' };
import cancellation from '../../campaigns/cancellation.json' with { type: 'json' };
import claimSettled from '../../campaigns/claim-settled.json' with { type: 'json' };
import closedLoop from '../../campaigns/closed-loop.json' with { type: 'json' };
import complaintClosed from '../../campaigns/complaint-closed.json' with { type: 'json' };
import confirmAddress from '../../campaigns/confirm-address.json' with { type: 'json' };
import lifePremium from '../../campaigns/life-premium.json' with { type: 'json' };
import lifeReinstatement from '../../campaigns/life-reinstatement.json' with { type: 'json' };
import missingData from '../../campaigns/missing-data.json' with { type: 'json' };
import onboarding from '../../campaigns/onboarding.json' with { type: 'json' };
import orphanPolicy from '../../campaigns/orphan-policy.json' with { type: 'json' };
import preferenceLink from '../../campaigns/preference-link.json' with { type: 'json' };
import renewal from '../../campaigns/renewal.json' with { type: 'json' };
import renewalSurvey from '../../campaigns/renewal-survey.json' with { type: 'json' };
import serviceCall from '../../campaigns/service-call.json' with { type: 'json' };
import welcome from '../../campaigns/welcome.json' with { type: 'json' };
import winBack from '../../campaigns/win-back.json' with { type: 'json' };
import shippedSurveyIndex from '../../surveys/generated/index.json' with { type: 'json' };
import shipped from '../../templates/generated/index.json' with { type: 'json' };
import { EngagementError } from '../platform/errors.ts';
import { definitionSchema, type PinnedDefinition } from './definition.ts';
import { type PinIndex, pinWith } from './pins.ts';
import type { SurveyIndex } from './survey-index.ts';
import type { TemplateIndex } from './template-index.ts';

/** The templates that this build ships: `templates/`, compiled by `npm run build`. */
export const shippedTemplates = shipped as TemplateIndex;

/** The surveys that this build ships: `surveys/`, named by `npm run build`. */
export const shippedSurveys: SurveyIndex = shippedSurveyIndex;

/** What this build ships, for pinning. */
export const shippedIndex: PinIndex = { templates: shippedTemplates, surveys: shippedSurveys };

/** A campaign that this build ships as a file under `campaigns/`. */
export interface Programme extends PinnedDefinition {
  /** Live from the first deploy on; the others are drafts for marketing to begin with. */
  readonly live: boolean;
}

/** By file name; a new file needs its line here and above, which test/campaign/schema.test.ts asks for. */
const files: Readonly<Record<string, unknown>> = {
  birthday,
  cancellation,
  'claim-settled': claimSettled,
  'closed-loop': closedLoop,
  'complaint-closed': complaintClosed,
  'confirm-address': confirmAddress,
  'life-premium': lifePremium,
  'life-reinstatement': lifeReinstatement,
  'missing-data': missingData,
  onboarding,
  'orphan-policy': orphanPolicy,
  'preference-link': preferenceLink,
  renewal,
  'renewal-survey': renewalSurvey,
  'service-call': serviceCall,
  welcome,
  'win-back': winBack,
};
/** The last two answer what customers ask for on the pages. */
const LIVE: readonly string[] = [
  'renewal',
  'win-back',
  'renewal-survey',
  'claim-settled',
  'closed-loop',
  'confirm-address',
  'preference-link',
];

const read = ([file, source]: [string, unknown]): Programme => {
  // by the schema only: what a schema cannot say is checked when the files are tested, not in every function's start
  const parsed = definitionSchema.safeParse(source);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new EngagementError('misconfigured', `campaigns/${file}.json cannot be used: ${problems}`);
  }
  const definition = parsed.data;
  return {
    ...pinWith(definition, shippedIndex),
    live: LIVE.includes(definition.id),
  };
};

/** The campaigns that this build ships, each pinned with the templates and surveys that it ships. */
export const programmes: readonly Programme[] = Object.entries(files).map(read);
