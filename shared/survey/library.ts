import cancellation from '../../surveys/cancellation.json' with { type: 'json' };
import claim from '../../surveys/claim.json' with { type: 'json' };
import complaint from '../../surveys/complaint.json' with { type: 'json' };
import decisionStyle from '../../surveys/decision-style.json' with { type: 'json' };
import onboarding from '../../surveys/onboarding.json' with { type: 'json' };
import renewal from '../../surveys/renewal.json' with { type: 'json' };
import resolution from '../../surveys/resolution.json' with { type: 'json' };
import serviceCall from '../../surveys/service-call.json' with { type: 'json' };
import { EngagementError } from '../platform/errors.ts';
import type { Instant } from '../platform/time.ts';
import { type Survey, surveyFileSchema, surveyVersionOf } from './survey.ts';

/** By file name; a new file needs its line here and above, which test/survey/library.test.ts asks for. */
const files: Readonly<Record<string, unknown>> = {
  cancellation,
  claim,
  complaint,
  'decision-style': decisionStyle,
  onboarding,
  renewal,
  resolution,
  'service-call': serviceCall,
};

/** Who saved the surveys that ship. */
export const LIBRARIAN = 'perennial';

const read = ([name, source]: [string, unknown]): Survey => {
  // by the schema only: what a schema cannot say is checked when the files are tested, not in every function's start
  const parsed = surveyFileSchema.safeParse(source);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new EngagementError('misconfigured', `surveys/${name}.json cannot be used: ${problems}`);
  }
  const file = parsed.data;
  return { id: file.id, version: surveyVersionOf(file), file, savedAt: 0 as Instant, savedBy: LIBRARIAN };
};

/** The surveys that this build ships as files under `surveys/`. */
export const library: readonly Survey[] = Object.entries(files).map(read);
