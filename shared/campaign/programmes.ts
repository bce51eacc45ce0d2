import renewal from '../../campaigns/renewal.json' with { type: 'json' };
import renewalSurvey from '../../campaigns/renewal-survey.json' with { type: 'json' };
import winBack from '../../campaigns/win-back.json' with { type: 'json' };
import { EngagementError } from '../platform/errors.ts';
import { checkDefinition } from './check-definition.ts';
import { type PinnedDefinition, pinDefinition } from './definition.ts';

const read = (file: string, source: unknown): PinnedDefinition => {
  const outcome = checkDefinition(source);
  if (outcome.kind === 'valid') return pinDefinition(outcome.definition);
  const problems = outcome.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new EngagementError('misconfigured', `campaigns/${file} cannot be used: ${problems}`);
};

/** The campaigns in force: the files under `campaigns/` as this build ships them. */
export const programmes: readonly PinnedDefinition[] = [
  read('renewal.json', renewal),
  read('win-back.json', winBack),
  read('renewal-survey.json', renewalSurvey),
];
