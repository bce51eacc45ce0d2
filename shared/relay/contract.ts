import * as z from 'zod';
import { sendOrder } from '../message/contract.ts';
import { webhookCall } from '../message/webhook-call.ts';

/** What the queue `outbound` carries: calls of other systems, and orders of channel `sms`. */
export const outboundMessage = z.union([webhookCall, sendOrder]);
export type OutboundMessage = z.output<typeof outboundMessage>;
