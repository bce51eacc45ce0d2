import type { Traits } from '../customer/traits-store.ts';
import type { Queue } from '../platform/queue.ts';
import { sameContent } from '../platform/same-content.ts';
import type { Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import type { SurveyAnswer } from './answer.ts';
import { learnFrom, traitsFrom } from './evidence.ts';
import type { EvidenceStore } from './evidence-store.ts';
import type { Survey } from './survey.ts';

export interface LearnPorts {
  readonly evidence: EvidenceStore;
  readonly traits: Pick<Traits, 'set'>;
  readonly changes: Pick<Queue<ChangeMessage>, 'send'>;
}

/**
 * Learns from an answer: keeps the evidence and notes what follows from all that is known as traits, so that rules see it at
 * once and audiences follow. What follows is computed anew from everything, never added up: repeated, late and out of order
 * end alike.
 */
export const learnFromAnswer = async (
  { evidence, traits, changes }: LearnPorts,
  answer: SurveyAnswer,
  survey: Survey,
  now: Instant,
): Promise<void> => {
  const { partyId } = answer;
  const fresh = learnFrom(answer, survey);
  if (fresh.length === 0) return;
  await evidence.add(fresh);
  const touched = new Set(fresh.map(({ fact }) => fact));
  // the clock that stamped the answer may go before ours
  const until = Math.max(now, answer.at) as Instant;
  let noted: unknown;
  for (;;) {
    const known = Object.entries(traitsFrom(await evidence.ofParty(partyId), until)).filter(([name]) =>
      touched.has(name),
    );
    // another answer may have come between reading and noting
    if (sameContent(known, noted)) break;
    for (const [name, value] of known) await traits.set(partyId, name, value);
    noted = known;
  }
  await changes.send([{ kind: 'party', partyId, because: 'trait' }]);
};
