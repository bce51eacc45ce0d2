import * as z from 'zod';
import type { Instant } from '../platform/time.ts';

/** A name as definitions use it. */
export const endpointName = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/);

/** What an engineer says of an endpoint. */
export const endpointDetails = z.strictObject({
  kind: z.enum(['webhook', 'gateway']).describe('webhook: told of journey steps · gateway: sends texts to customers'),
  url: z.string().min(8).max(500),
  perMinute: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Of a gateway: at most so many texts a minute; 60 unless said'),
});

/** Another system that is called by name: definitions never hold an address. */
export interface Endpoint extends z.output<typeof endpointDetails> {
  readonly name: string;
  readonly changed: { readonly by: string; readonly at: Instant };
  /** Rises with every change. */
  readonly version: number;
}

/** Texts a minute that a gateway takes where nobody said. */
export const DEFAULT_PER_MINUTE = 60;
