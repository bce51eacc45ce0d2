import * as z from 'zod';

/** One chunk of an import, on the chunks queue. */
export const chunkMessageSchema = z.strictObject({
  importId: z.string().regex(/^[a-z2-7]{26}$/),
  chunk: z.int().min(0),
});
export type ChunkMessage = z.output<typeof chunkMessageSchema>;

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
