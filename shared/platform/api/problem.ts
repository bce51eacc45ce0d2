import * as z from 'zod';

/** The answer to every request that was refused or failed. */
export const problem = z.object({
  error: z.object({
    code: z.string(),
    message: z.string().describe('what was wrong and what to do'),
    path: z.string().optional().describe('the value that was wrong'),
    problems: z
      .array(z.looseObject({ message: z.string() }))
      .optional()
      .describe('each thing that is wrong, where there are several'),
    requestId: z.string(),
  }),
});
export type Problem = z.infer<typeof problem>;
