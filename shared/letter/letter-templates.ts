import compiled from './generated/letter-templates.json' with { type: 'json' };
import type { LetterTemplates } from './letter-template.ts';

/** The letters of this repository's `templates/letter`, compiled by `npm run build`. */
export const letterTemplates = compiled as unknown as LetterTemplates;
