import { type Complaints, followComplaint } from '../customer/complaints.ts';
import type { CustomerNumbers } from '../customer/customer-numbers.ts';
import type { Gates } from '../customer/gate-store.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId, type PartyId, type PolicyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import type { CustomerEventDetail, JourneyEventDetail } from '../policy/customer-event.ts';
import type { PolicyFacts } from '../policy/facts-store.ts';
import type { Policies } from '../policy/policy-store.ts';
import type { JourneyMessage } from './contract.ts';
import type { TimelineWriter } from './journey-entries.ts';

type TimelineEntry = Parameters<TimelineWriter['record']>[0];

/** Everything that receiving a customer event needs from outside. */
export interface ReceiveCustomerEventPorts {
  readonly facts: Pick<PolicyFacts, 'byNumber'>;
  readonly policies: Pick<Policies, 'get'>;
  readonly customers: CustomerNumbers;
  readonly complaints: Complaints;
  readonly gates: Pick<Gates, 'setSituation'>;
  readonly timeline: TimelineWriter & {
    get(key: Pick<TimelineEntry, 'partyId' | 'at' | 'kind' | 'id'>): Promise<TimelineEntry | undefined>;
  };
  readonly changes: Pick<Queue<JourneyMessage | ChangeMessage>, 'send'>;
}

/** A customer event, its detail checked, whichever system raised it. */
export interface CustomerEvent {
  readonly type: string;
  readonly detail: CustomerEventDetail | JourneyEventDetail;
}

interface Subject {
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
}

const unknown = (what: string, eventId: string): EngagementError =>
  new EngagementError('not-found', `no ${what} with the number of event ${eventId}: it may come yet`, {
    retryable: true,
  });

const ofPolicy = async (
  policyNo: string,
  eventId: string,
  { facts, policies }: Pick<ReceiveCustomerEventPorts, 'facts' | 'policies'>,
): Promise<Required<Subject>> => {
  const [policyId] = await facts.byNumber(policyNo);
  const partyId = policyId && (await policies.get(policyId))?.partyId;
  if (policyId === undefined || partyId === undefined) throw unknown('policy', eventId);
  return { partyId, policyId };
};

/** Whom an event is about. @throws EngagementError `not-found` (retryable), `conflict` */
const subjectOf = async (
  detail: CustomerEventDetail | JourneyEventDetail,
  ports: ReceiveCustomerEventPorts,
): Promise<Subject> => {
  if ('partyId' in detail)
    return { partyId: detail.partyId, ...(detail.policyId === undefined ? {} : { policyId: detail.policyId }) };
  const { customerRef, policyNo, eventId } = detail;
  const policy = policyNo === undefined ? undefined : await ofPolicy(policyNo, eventId, ports);
  if (customerRef === undefined) return policy as Required<Subject>;
  const parties = await ports.customers.find(customerRef);
  if (parties.length === 0) throw unknown('customer', eventId);
  if (policy) {
    if (parties.includes(policy.partyId)) return policy;
    throw new EngagementError('conflict', `event ${eventId}: the policy is not the customer’s: correct either`);
  }
  const [partyId, ...others] = parties as [PartyId, ...PartyId[]];
  if (others.length > 0)
    throw new EngagementError(
      'conflict',
      `the number of event ${eventId} means ${parties.length} customers: join them or name a policy`,
    );
  return { partyId };
};

/** Events that say how a complaint stands. */
const COMPLAINTS: Readonly<Record<string, 'opened' | 'closed'>> = {
  ComplaintOpened: 'opened',
  ComplaintClosed: 'closed',
};

/**
 * Takes a customer event: notes it in the history and hands it to the journeys. A copy changes nothing and is handed on
 * again, because the hand-over of the one before may be what was lost; it keeps the instant at which Perennial first heard
 * of it, so that a replay of old events moves no journey that began since (F10, F12).
 * @throws EngagementError `not-found` (retryable) for somebody nobody knows yet, `conflict` for an ambiguous number
 */
export const receiveCustomerEvent = async (
  { type, detail }: CustomerEvent,
  ports: ReceiveCustomerEventPorts,
  now: Instant,
): Promise<void> => {
  const { partyId, policyId } = await subjectOf(detail, ports);
  const { eventId, key = eventId, properties } = detail;
  // it cannot have happened after it was received: clocks differ (F16)
  const occurredAt = Math.min(detail.occurredAt, now) as Instant;
  const complaint = Object.hasOwn(COMPLAINTS, type) ? COMPLAINTS[type] : undefined;
  // what silences comes first
  if (complaint !== undefined)
    await followComplaint(ports, {
      partyId,
      ...(detail.key === undefined ? {} : { complaint: detail.key }),
      state: complaint,
      at: occurredAt,
    });
  const row: TimelineEntry = {
    partyId,
    at: occurredAt,
    kind: 'fact',
    id: derivedId('event', type, key),
    policyIds: policyId === undefined ? [] : [policyId],
    // what it tells stays in the message: it may be personal
    details: { fact: 'customer-event', event: type, receivedAt: now },
  };
  const before = (await ports.timeline.record(row)) === 'refused' ? await ports.timeline.get(row) : undefined;
  const receivedAt = (before?.details?.receivedAt ?? now) as Instant;
  await ports.changes.send([
    {
      kind: 'event',
      partyId,
      ...(policyId === undefined ? {} : { policyId }),
      event: {
        id: eventId,
        type,
        key,
        occurredAt,
        receivedAt,
        properties,
        hops: 'hops' in detail ? detail.hops : 0,
      },
      because: `event:${type}`,
    },
    ...(complaint === undefined ? [] : [{ kind: 'party' as const, partyId, because: `event:${type}` }]),
  ]);
};
