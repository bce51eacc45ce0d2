import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import {
  addDuration,
  formatInstant,
  type Instant,
  isDuration,
  parseInstant,
  type ZoneId,
} from '../../../shared/platform/time.ts';
import type { ClockMover } from '../move-clock.ts';
import type { VirtualClock } from '../wire.ts';
import { type LocalRoute, readJson } from './local-http.ts';

const UTC = 'UTC' as ZoneId;

const moveSchema = z.union([
  z.strictObject({ to: z.string().refine((text) => parseInstant(text) !== undefined, 'not an ISO 8601 instant') }),
  z.strictObject({ by: z.string().refine(isDuration, 'not an ISO 8601 duration') }),
]);

/** The instant a request asks for. @throws EngagementError bad-input */
export const targetOf = (body: unknown, now: Instant): Instant => {
  const read = moveSchema.safeParse(body);
  if (!read.success) {
    throw new EngagementError(
      'bad-input',
      `clock move ${JSON.stringify(body)} is not readable: send { "to": "2019-01-31T00:00:00Z" } or { "by": "P30D" }`,
    );
  }
  const target = 'to' in read.data ? (parseInstant(read.data.to) as Instant) : addDuration(now, read.data.by, UTC);
  if (target < now) {
    throw new EngagementError(
      'bad-input',
      `cannot move the clock back from ${formatInstant(now)} to ${formatInstant(target)}`,
    );
  }
  return target;
};

/** `POST /local/clock`: checked before the headers go, for nothing can be refused after them. */
export const clockRoutes = (clock: VirtualClock, mover: ClockMover): readonly LocalRoute[] => [
  {
    key: 'POST /local/clock',
    answer({ body }) {
      const target = targetOf(readJson(body), clock.now());
      if (mover.moving()) {
        throw new EngagementError('conflict', 'the clock is moving already: wait for the answer to that move');
      }
      return { kind: 'growing', text: mover.move(target).then((result) => JSON.stringify(result)) };
    },
  },
];
