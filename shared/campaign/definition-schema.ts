import * as z from 'zod';
import { definitionSchema } from './definition.ts';

/** The definition format as JSON Schema, for editors and other programs: `campaigns/schema.json` is this. */
export const definitionJsonSchema = (): Record<string, unknown> => ({
  title: 'Perennial campaign definition',
  ...z.toJSONSchema(definitionSchema, { io: 'input', target: 'draft-07' }),
});
