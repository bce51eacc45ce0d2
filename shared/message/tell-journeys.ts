import type { JourneyMessage } from '../journey/contract.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import { refOf } from '../journey/enrolment-store.ts';
import { derivedId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import { stepFailures } from './conclude-order.ts';
import { type HeardRow, journeysOfRow } from './journeys-of-row.ts';

/** What telling journeys of a message needs from outside. */
export interface TellPorts {
  readonly enrolments: Pick<Enrolments, 'ofParty'>;
  readonly journeys: Pick<Queue<JourneyMessage>, 'send'>;
}

/** Events about messages that campaigns may begin, go on or end with: `campaign`, `occurrence`, `step`, `channel` and what
 *  else is told are their properties. */
export type MessageEvent = 'MessageUndelivered' | 'MessageClicked';

/** One event of the message for each journey that it was of, or one by itself for a broadcast. The same news any number of
 *  times bears the same key, so that a journey takes it once. */
const eventsOf = (
  row: HeardRow,
  journeys: Awaited<ReturnType<typeof journeysOfRow>>,
  told: { readonly type: MessageEvent; readonly at: Instant; readonly because: string },
): JourneyMessage[] => {
  const { type, at, because } = told;
  return (journeys.length === 0 ? [undefined] : journeys).map((journey) => {
    const policyId = journey?.policyId;
    const key = derivedId(type, row.id, policyId ?? '', journey?.occurrence ?? '');
    return {
      kind: 'event',
      partyId: row.partyId,
      ...(policyId === undefined ? {} : { policyId }),
      event: {
        id: key,
        type,
        key,
        occurredAt: at,
        receivedAt: at,
        properties: {
          campaign: row.campaign,
          step: row.step,
          channel: row.channel ?? 'email',
          ...(type === 'MessageUndelivered' ? { why: because } : {}),
          ...(journey === undefined ? {} : { occurrence: journey.occurrence }),
        },
        hops: 0,
      },
      because,
    };
  });
};

/**
 * Tells journeys that a message did not reach its customer and will not: the step counts as failed (`journey.failed`, its
 * failure branch), and `MessageUndelivered` is heard by whoever waits for it. Told again by every copy of the news: the
 * telling before may be what was lost, and a journey takes it once.
 * @param because `hard-bounce`, `soft-bounces`, `rejected`, `returned-mail` … : the event's property `why`
 */
export const tellUndelivered = async (
  ports: TellPorts,
  row: HeardRow,
  { because, at }: { readonly because: string; readonly at: Instant },
): Promise<void> => {
  const journeys = await journeysOfRow(ports.enrolments, row);
  const failures = stepFailures({ enrolments: journeys.map(refOf), step: row.step }, because);
  await ports.journeys.send([...failures, ...eventsOf(row, journeys, { type: 'MessageUndelivered', at, because })]);
};

/** Tells journeys that a person clicked: a reaction, which makes reminders needless, and the event `MessageClicked`. */
export const tellClicked = async (ports: TellPorts, row: HeardRow, at: Instant): Promise<void> => {
  const journeys = await journeysOfRow(ports.enrolments, row);
  const because = 'click';
  const reactions = journeys.map(
    (journey): JourneyMessage => ({ kind: 'reaction', ref: refOf(journey), reaction: { kind: 'click', at }, because }),
  );
  await ports.journeys.send([...reactions, ...eventsOf(row, journeys, { type: 'MessageClicked', at, because })]);
};
