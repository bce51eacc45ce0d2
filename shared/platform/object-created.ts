import * as z from 'zod';
import { type Instant, parseInstant } from './time.ts';

const objectsCreated = z.object({
  Records: z.array(
    z.object({
      eventTime: z
        .string()
        .transform((text) => parseInstant(text) as Instant | undefined)
        .optional(),
      s3: z.object({
        object: z.object({
          // a form-encoded key: spaces as +
          key: z.string().transform((key) => decodeURIComponent(key.replaceAll('+', ' '))),
        }),
      }),
    }),
  ),
});
/** What S3 says once, when the notification is set up. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') }).transform(() => ({ Records: [] }));

/** An S3 notification on a queue: which files came, and when; other fields are S3's own. Anything else is refused (F09). */
export const objectCreatedSchema = z.union([objectsCreated, testEvent]);
