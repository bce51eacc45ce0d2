import * as z from 'zod';
import type { CivilDate } from '../platform/time.ts';

/**
 * A message on the print queue, and the payload of due work of kind `print` and `broker-list`: close and hand over the
 * batch of one print house and day, or write the weekly list of one intermediary (`week` is its Monday).
 */
export const printOrderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('print'),
    house: z.string().min(1),
    printOn: z.iso.date().transform((day) => day as CivilDate),
  }),
  z.strictObject({ kind: z.literal('broker-list'), week: z.string().min(1), broker: z.string().min(1) }),
]);

export type PrintOrder = z.infer<typeof printOrderSchema>;
