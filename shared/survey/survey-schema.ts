import * as z from 'zod';
import { surveyFileSchema } from './survey.ts';

/** The format of survey files as JSON Schema, for editors and other programs: `surveys/schema.json` is this. */
export const surveyJsonSchema = (): Record<string, unknown> => ({
  title: 'Perennial survey',
  ...z.toJSONSchema(surveyFileSchema, { io: 'input', target: 'draft-07' }),
});
