import type { ConsentLedger } from '../customer/consent-ledger.ts';
import type { Profile } from '../customer/customer.ts';
import type { CustomerNumbers } from '../customer/customer-numbers.ts';
import type { Gates } from '../customer/gate-store.ts';
import { recordConsent } from '../customer/record-consent.ts';
import { EngagementError, unreachable } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { type Money, parseMoney } from '../platform/money.ts';
import type { Queue } from '../platform/queue.ts';
import { civilDateAt, type Instant } from '../platform/time.ts';
import { type ChangeMessage, changesOf } from '../policy/contract.ts';
import { POLICY_ADMIN, type PolicyAdminEvent, type PolicyAdminEvents } from '../policy/customer-event.ts';
import type { PolicyFact } from '../policy/facts.ts';
import type { FactByNumber, PolicyFacts } from '../policy/facts-store.ts';
import type { Policies } from '../policy/policy-store.ts';
import { taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import type { TimelineWriter } from './journey-entries.ts';

/** Everything that receiving an event needs from outside. */
export interface ReceivePorts {
  readonly facts: Pick<PolicyFacts, 'write' | 'byNumber' | 'awaitPolicy'>;
  readonly policies: Pick<Policies, 'get'>;
  readonly customers: CustomerNumbers;
  readonly gates: Pick<Gates, 'setConsent' | 'setSituation'>;
  readonly ledger: Pick<ConsentLedger, 'append'>;
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly tasks: Pick<Tasks, 'add'>;
  readonly timeline: TimelineWriter;
  readonly changes: Pick<Queue<ChangeMessage>, 'send'>;
}

export type ReceiveOutcome =
  /** Recorded; whoever it concerns is looked at again. */
  | { readonly kind: 'recorded' }
  /** The policy is not known yet: the fact waits for it. */
  | { readonly kind: 'waiting' };

/** The premium that an event names; one without a currency is in the policy's. */
const moneyOf = (
  premium: PolicyAdminEvents['PolicyRenewed']['premium'],
  currency: string | undefined,
): Money | undefined => {
  if (premium === null || premium === undefined) return undefined;
  if ('minor' in premium) return premium;
  const known = 'currency' in premium ? premium.currency : currency;
  return known === undefined ? undefined : parseMoney(premium.amount, known);
};

type AboutPolicy = Extract<PolicyAdminEvent, { detail: { policyNo: string } }>;
type AboutCustomer = Exclude<PolicyAdminEvent, AboutPolicy>;

/** What an event says about a policy, as a fact. It cannot have been known after it was received: clocks differ (F16). */
const factOf = (event: AboutPolicy, currency: string | undefined, now: Instant): FactByNumber => {
  const knownFrom = Math.min(event.detail.occurredAt, now) as Instant;
  const base = { source: POLICY_ADMIN, knownFrom, recordedAt: knownFrom, origin: `event:${event.detail.eventId}` };
  switch (event.type) {
    case 'PolicyRenewed': {
      const { termStartsOn, nextRenewalOn } = event.detail;
      const premium = moneyOf(event.detail.premium, currency);
      return {
        ...base,
        kind: 'renewed',
        by: 'event',
        termStartsOn,
        renewsOn: nextRenewalOn,
        ...(premium === undefined ? {} : { premium }),
      };
    }
    case 'PolicyCancelled':
    case 'PolicyLapsed': {
      const { effectiveOn, reason } = event.detail;
      const kind = event.type === 'PolicyLapsed' ? 'lapsed' : 'cancelled';
      return { ...base, kind: 'ending', ending: { kind, on: effectiveOn, ...(reason ? { reason } : {}) } };
    }
    case 'PolicyDateMoved':
      return { ...base, kind: 'date-moved', from: event.detail.from, to: event.detail.to };
    default:
      return unreachable(event);
  }
};

const aboutPolicy = async (event: AboutPolicy, ports: ReceivePorts, now: Instant): Promise<ReceiveOutcome> => {
  const { policyNo } = event.detail;
  const [known] = await ports.facts.byNumber(policyNo);
  const currency =
    known !== undefined && event.type === 'PolicyRenewed'
      ? (await ports.policies.get(known))?.term.premium?.currency
      : undefined;
  const fact = factOf(event, currency, now);
  let policyId: PolicyId | undefined = known;
  if (known === undefined) policyId = await ports.facts.awaitPolicy(policyNo, fact);
  else await ports.facts.write([{ ...fact, policyId: known } as PolicyFact]);
  if (policyId === undefined) return { kind: 'waiting' };
  await ports.changes.send(changesOf([policyId], `event:${event.type}`));
  return { kind: 'recorded' };
};

const recordDeath = async (
  partyId: PartyId,
  { occurredAt, eventId, on }: PolicyAdminEvents['CustomerDeceased'],
  ports: ReceivePorts,
): Promise<void> => {
  // what silences comes first
  await ports.gates.setSituation(partyId, 'deceased', true);
  const profile = await ports.profiles.get(partyId);
  if (profile)
    await ports.tasks.add({
      taskId: taskIdOf('holder-died', partyId, ''),
      scope: profile.scope,
      kind: 'holder-died',
      reason: 'told-by-policy-admin',
      state: 'open',
      dueOn: civilDateAt(occurredAt, profile.zone),
      createdAt: occurredAt,
      partyId,
    });
  await ports.timeline.record({
    partyId,
    at: occurredAt,
    kind: 'fact',
    id: eventId,
    policyIds: [],
    reason: 'deceased',
    details: { fact: 'customer-deceased', ...(on ? { on } : {}) },
  });
};

const takeConsent = async (
  partyId: PartyId,
  { occurredAt, eventId, channel, purpose, given, wording }: PolicyAdminEvents['ConsentChanged'],
  ports: ReceivePorts,
  now: Instant,
): Promise<void> => {
  const at = Math.min(occurredAt, now) as Instant;
  const said = { partyId, at, channel, purpose, given, wording };
  await recordConsent(ports, { ...said, source: 'policy-admin', who: 'source-system' });
  await ports.timeline.record({
    partyId,
    at,
    kind: 'consent',
    id: eventId,
    policyIds: [],
    details: { channel, purpose, given, wording },
  });
};

const aboutCustomer = async (event: AboutCustomer, ports: ReceivePorts, now: Instant): Promise<ReceiveOutcome> => {
  const parties = await ports.customers.find(event.detail.customerRef);
  const silences = event.type === 'CustomerDeceased' || !event.detail.given;
  if (parties.length === 0)
    throw new EngagementError(
      'not-found',
      `${event.type}: no customer with the number of event ${event.detail.eventId}`,
      {
        retryable: true,
      },
    );
  // a refusal or a death is believed of all that the number may mean; a consent only of the one it surely means
  if (parties.length > 1 && !silences)
    throw new EngagementError(
      'conflict',
      `${event.type}: the number of event ${event.detail.eventId} means ${parties.length} customers: join them or name one`,
    );
  for (const partyId of parties) {
    if (event.type === 'CustomerDeceased') await recordDeath(partyId, event.detail, ports);
    else await takeConsent(partyId, event.detail, ports, now);
    await ports.changes.send([{ kind: 'party', partyId, because: `event:${event.type}` }]);
  }
  return { kind: 'recorded' };
};

/**
 * Takes an event of the policy administration: records what it says and has whom it concerns looked at again. The same
 * event any number of times, or the same fact under a new event id, changes nothing (F10, F11).
 * @throws EngagementError `not-found` (retryable) for a customer nobody knows yet, `conflict` for an ambiguous number
 */
export const receivePolicyEvent = (
  event: PolicyAdminEvent,
  ports: ReceivePorts,
  now: Instant,
): Promise<ReceiveOutcome> =>
  'policyNo' in event.detail
    ? aboutPolicy(event as AboutPolicy, ports, now)
    : aboutCustomer(event as AboutCustomer, ports, now);
