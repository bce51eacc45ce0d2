import { DAY, formatInstant, type Instant } from '../platform/time.ts';
import { type Counted, type Evidence, latestFacts, satisfactionOf, styleOf } from '../survey/evidence.ts';
import type { FactsAnswer } from './contract.ts';

const viewOf = (evidence: Evidence) => ({
  at: formatInstant(evidence.at),
  source: evidence.source,
  value: evidence.value,
  ...(evidence.policyId === undefined ? {} : { policyId: evidence.policyId }),
  ...(evidence.metric === undefined ? {} : { metric: evidence.metric }),
  ...(evidence.score === undefined ? {} : { score: evidence.score }),
  ...(evidence.by === undefined ? {} : { by: evidence.by }),
});

const viewCounted = ({ evidence, ageDays, weight }: Counted) => ({ ...viewOf(evidence), ageDays, weight });

/** What was learnt about a customer by `now`, each conclusion with what it rests on. */
export const viewFacts = (evidence: readonly Evidence[], now: Instant): FactsAnswer => {
  const satisfaction = satisfactionOf(evidence, now);
  const style = styleOf(evidence, now);
  const policies = new Set(evidence.flatMap(({ policyId }) => policyId ?? []));
  return {
    ...(satisfaction && {
      satisfaction: { value: satisfaction.value, because: satisfaction.because.map(viewCounted) },
    }),
    policies: [...policies].flatMap((policyId) => {
      const about = satisfactionOf(evidence, now, policyId);
      return about === undefined
        ? []
        : [{ policyId, satisfaction: { value: about.value, because: about.because.map(viewCounted) } }];
    }),
    ...(style && {
      style: { value: style.value, shares: { ...style.shares }, because: style.because.map(viewCounted) },
    }),
    facts: [...latestFacts(evidence, now)].map(([fact, one]) => ({
      ...viewOf(one),
      fact,
      ageDays: (now - one.at) / DAY,
    })),
  };
};
