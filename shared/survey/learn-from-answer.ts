import type { Traits } from '../customer/traits-store.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import type { SurveyAnswer } from './answer.ts';
import { type Evidence, learnFrom, traitsFrom } from './evidence.ts';
import type { EvidenceStore } from './evidence-store.ts';
import type { Survey } from './survey.ts';

export interface LearnPorts {
  readonly evidence: EvidenceStore;
  readonly traits: Pick<Traits, 'set'>;
  readonly changes: Pick<Queue<ChangeMessage>, 'send'>;
}

/**
 * Keeps evidence and notes what follows from all of it as traits, so that rules see it at once and audiences follow. What
 * follows is computed from everything known, never added up: repeated, late and out of order end alike.
 */
const learn = async (ports: LearnPorts, partyId: PartyId, fresh: readonly Evidence[], now: Instant): Promise<void> => {
  if (fresh.length === 0) return;
  await ports.evidence.add(fresh);
  const traits = traitsFrom(await ports.evidence.ofParty(partyId), now);
  const touched = new Set(fresh.map(({ fact }) => fact));
  for (const [name, value] of Object.entries(traits))
    if (touched.has(name)) await ports.traits.set(partyId, name, value);
  await ports.changes.send([{ kind: 'party', partyId, because: 'trait' }]);
};

/** Learns from an answer; learning from it again changes nothing. */
export const learnFromAnswer = async (
  ports: LearnPorts,
  answer: SurveyAnswer,
  survey: Survey,
  now: Instant,
): Promise<void> => learn(ports, answer.partyId, learnFrom(answer, survey), now);
