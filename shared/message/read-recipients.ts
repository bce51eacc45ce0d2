import type { CampaignControl } from '../campaign/campaign.ts';
import type { Profile } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import type { UnconfirmedAddress } from '../customer/unconfirmed-store.ts';
import { enrolmentKey } from '../journey/enrolment-store.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId } from '../platform/ids.ts';
import type { SendOrder } from './message.ts';
import type { Recipient, SendPorts } from './send-ports.ts';

type Known = Omit<Recipient, 'control'>;
export type RecipientPorts = Pick<SendPorts, 'enrolments' | 'profiles' | 'policies' | 'controls' | 'unconfirmed'> & {
  readonly gates: Pick<Gates, 'getMany'>;
};

/** Where a recipient belongs in the house: as the policy, or the customer, that is written about. */
export const scopeOf = ({ policies, profile }: Pick<Recipient, 'policies' | 'profile'>): string =>
  policies[0]?.scope ?? profile.scope;

/** The campaigns' controls, strong, after everything else was read: what is cancelled by now does not go. */
const readControls = async (
  ports: Pick<SendPorts, 'controls'>,
  known: readonly Known[],
): Promise<(one: Known) => CampaignControl> => {
  const byScope = Map.groupBy(known, scopeOf);
  const read = new Map(
    await Promise.all(
      [...byScope].map(async ([scope, those]) => {
        const campaigns = [...new Set(those.map(({ order }) => order.campaign))];
        return [scope, await ports.controls.of(campaigns, scope)] as const;
      }),
    ),
  );
  return (one) => read.get(scopeOf(one))?.get(one.order.campaign) ?? { kind: 'go' };
};

/** The profile with the address that the order goes to, where that is not the customer's yet; without any once it was
 *  confirmed, or forgotten. */
const addressed = (
  order: SendOrder,
  profile: Profile,
  given: UnconfirmedAddress | undefined,
): Pick<Recipient, 'profile' | 'unconfirmed'> => {
  if (order.to !== 'unconfirmed') return { profile };
  const { email: _, ...rest } = profile;
  return given === undefined || given.confirmedAt !== undefined
    ? { profile: rest }
    : { profile: { ...rest, email: given.email }, unconfirmed: given };
};

/**
 * Reads what a batch of orders needs: gates and enrolments strongly, because an opt-out or an exit that was committed
 * before must be seen (F45); profiles and policies as they come; then what their campaigns may do, strongly (F33).
 * @returns per order its recipient, or the fault of an order that names what does not exist
 */
export const readRecipients = async (
  ports: RecipientPorts,
  orders: readonly SendOrder[],
): Promise<readonly (Recipient | EngagementError)[]> => {
  const parties = [...new Set(orders.map((order) => order.partyId))];
  const refs = orders.flatMap((order) => (order.broadcast ? [] : order.enrolments));
  const policyIds = orders.flatMap((order) => order.enrolments.flatMap(({ policyId }) => policyId ?? []));
  const toNew = orders.filter(({ to }) => to === 'unconfirmed').map(({ partyId }) => partyId);
  const [gates, enrolments, profiles, policies, unconfirmed] = await Promise.all([
    ports.gates.getMany(parties),
    refs.length === 0 ? new Map() : ports.enrolments.getMany(refs),
    ports.profiles.getMany(parties),
    policyIds.length === 0 ? new Map() : ports.policies.getMany([...new Set(policyIds)]),
    toNew.length === 0 ? new Map<PartyId, UnconfirmedAddress>() : ports.unconfirmed.getMany([...new Set(toNew)]),
  ]);
  const missing = (what: string, id: string): EngagementError =>
    new EngagementError('not-found', `${what} ${id} of a send order does not exist: see who placed the order`);
  const found = orders.map((order): Known | EngagementError => {
    const [gate, profile] = [gates.get(order.partyId), profiles.get(order.partyId)];
    const own = order.enrolments.flatMap(({ policyId }) => policyId ?? []);
    const lost = own.find((policyId) => !policies.has(policyId));
    if (!gate) return missing('gate of party', order.partyId);
    if (!profile) return missing('profile of party', order.partyId);
    if (lost !== undefined) return missing('policy', lost);
    return {
      order,
      gate,
      enrolments: order.broadcast ? [] : order.enrolments.map((ref) => enrolments.get(enrolmentKey(ref))),
      ...addressed(order, profile, unconfirmed.get(order.partyId)),
      policies: own.map((policyId) => policies.get(policyId)),
    };
  });
  const controlOf = await readControls(
    ports,
    found.flatMap((one) => (one instanceof Error ? [] : [one])),
  );
  return found.map((one) => (one instanceof Error ? one : { ...one, control: controlOf(one) }));
};
