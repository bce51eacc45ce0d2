import * as z from 'zod';
import type { SendId } from '../platform/ids.ts';
import type { CivilDate, Instant } from '../platform/time.ts';

const day = z.iso.date().transform((text) => text as CivilDate);

/**
 * A message on the print queue, and the payload of due work of kind `print` and `broker-list`: close and hand over the
 * batch of one print house and day; write the weekly list of one intermediary (`week` is its Monday); or note what the
 * print house or the post reports about one letter.
 */
export const printOrderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('print'),
    house: z.string().min(1),
    printOn: day,
  }),
  z.strictObject({ kind: z.literal('broker-list'), week: day, broker: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('status'),
    house: z.string().min(1),
    printOn: day,
    letterId: z
      .string()
      .min(1)
      .transform((id) => id as SendId),
    status: z.enum(['printed', 'posted', 'returned']),
    at: z.int().transform((at) => at as Instant),
  }),
]);

export type PrintOrder = z.infer<typeof printOrderSchema>;
