import compiled from './generated/mail-templates.json' with { type: 'json' };
import type { CompiledTemplates } from './mail-template.ts';

/** The mails of this repository's `templates/mail`, compiled by `npm run build`. */
export const mailTemplates = compiled as CompiledTemplates;
