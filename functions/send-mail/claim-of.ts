import type { Recipient } from '../../shared/message/send-ports.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { PolicyFacts } from '../../shared/policy/facts-store.ts';
import type { Claim } from '../../shared/policy/policy.ts';

/** Reads the claim that began a recipient's journey: the one whose number is the journey's occurrence, or stands among the
 *  properties of its event. The latest word on it that is known. */
export const createClaimReader =
  (facts: Pick<PolicyFacts, 'read'>, clock: () => Instant) =>
  async ({ order, enrolments }: Recipient): Promise<Claim | undefined> => {
    const [ref] = order.enrolments;
    if (ref?.policyId === undefined) return undefined;
    const claimNo = enrolments[0]?.event?.claimNo ?? ref.occurrence;
    const now = clock();
    return (await facts.read(ref.policyId))
      .flatMap((fact) =>
        fact.kind === 'claim' && fact.claim.claimNo === claimNo && fact.knownFrom <= now ? [fact] : [],
      )
      .sort((a, b) => b.knownFrom - a.knownFrom || b.recordedAt - a.recordedAt)[0]?.claim;
  };
