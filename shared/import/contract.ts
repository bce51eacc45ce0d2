import * as z from 'zod';

/** One chunk of an import, on the chunks queue. */
export const chunkMessageSchema = z.strictObject({
  importId: z.string().regex(/^[a-z2-7]{26}$/),
  chunk: z.int().min(0),
});
export type ChunkMessage = z.output<typeof chunkMessageSchema>;

const objectsCreated = z.object({
  Records: z.array(
    z.object({
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

/** An S3 notification on the imports queue; other fields are S3's own. Anything else is refused (F09). */
export const objectCreatedSchema = z.union([objectsCreated, testEvent]);

/** How many rows came to what. */
export interface RowCounts {
  readonly rows: number;
  /** New or changed, and taken over. */
  readonly changed: number;
  /** Said before. */
  readonly unchanged: number;
  readonly refused: number;
  readonly warnings: number;
}

/** Where an import stands. `partial` from the first row to the last: what is there is not all of the file. */
export type ImportState = 'partial' | 'done' | 'refused' | 'awaiting-confirmation';

/** Folders of the imports bucket. */
export const folders = { incoming: 'incoming/', mappings: 'mappings/', chunks: 'chunks/', errors: 'errors/' } as const;
