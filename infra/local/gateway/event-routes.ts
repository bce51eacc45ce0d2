import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { parseInstant } from '../../../shared/platform/time.ts';
import { POLICY_ADMIN, policyAdminEvents } from '../../../shared/policy/customer-event.ts';
import { json, type LocalRoute, readJson } from './local-http.ts';

const eventSchema = z.strictObject({
  source: z.string().min(1),
  detailType: z.string().min(1),
  detail: z.record(z.string(), z.unknown()),
  time: z
    .string()
    .refine((text) => parseInstant(text) !== undefined, 'not an ISO 8601 instant')
    .optional(),
});

/** An event as `POST /local/events` takes it. */
export type LocalEvent = z.infer<typeof eventSchema>;

/** Reads an event; those of the policy administration must fit their contract.
 *  @throws EngagementError bad-input, naming the field */
export const readEvent = (body: unknown): LocalEvent => {
  const read = eventSchema.safeParse(body);
  if (!read.success) throw new EngagementError('bad-input', `event is not readable: ${z.prettifyError(read.error)}`);
  const event = read.data;
  if (event.source === POLICY_ADMIN) {
    const schemas: Readonly<Record<string, z.ZodType>> = policyAdminEvents;
    const schema = Object.hasOwn(schemas, event.detailType) ? schemas[event.detailType] : undefined;
    if (!schema) {
      throw new EngagementError(
        'bad-input',
        `unknown detail type "${event.detailType}" of ${POLICY_ADMIN}: known are ${Object.keys(schemas).join(', ')}`,
      );
    }
    const detail = schema.safeParse(event.detail);
    if (!detail.success) {
      throw new EngagementError('bad-input', `detail of ${event.detailType}: ${z.prettifyError(detail.error)}`);
    }
  }
  return event;
};

/** @param put hands a checked event to the bus; answers its id */
export const eventRoutes = (put: (event: LocalEvent) => string): readonly LocalRoute[] => [
  {
    key: 'POST /local/events',
    answer: ({ body }) => json({ id: put(readEvent(readJson(body))) }, 202),
  },
];
