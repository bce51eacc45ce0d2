import * as z from 'zod';
import { sendOrder } from '../message/contract.ts';
import { webhookCall } from '../message/webhook-call.ts';
import { type Instant, parseInstant } from '../platform/time.ts';

/** What the queue `outbound` carries: calls of other systems, and orders of channel `sms`. */
export const outboundMessage = z.union([webhookCall, sendOrder]);

const instant = z.iso.datetime({ offset: true }).transform((text) => parseInstant(text) as Instant);
const reference = z.string().min(1).max(2_000);

/**
 * What a gateway posts to `/h/{gateway}`: what became of a text, or what somebody wrote back. Unknown properties are
 * dropped, so that a gateway may send more.
 */
export const gatewayEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text.delivered'),
    data: z.object({ reference, at: instant }),
  }),
  z.object({
    type: z.literal('text.failed'),
    data: z.object({
      reference,
      at: instant,
      /** The gateway's code: `unknown-number`, `DB:0141`. */
      code: z
        .string()
        .max(80)
        .regex(/^[\w.: -]+$/)
        .default('failed'),
    }),
  }),
  z.object({
    type: z.literal('text.reply'),
    data: z.object({
      /** Of the text it answers, where the gateway can tell. */
      reference: reference.optional(),
      from: z.string().min(3).max(40),
      text: z.string().max(2_000),
      at: instant,
    }),
  }),
]);
export type GatewayEvent = z.output<typeof gatewayEvent>;
