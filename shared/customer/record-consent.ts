import { type ConsentEntry, stateOf } from './consent.ts';
import type { ConsentLedger } from './consent-ledger.ts';
import type { Gates } from './gate-store.ts';

/**
 * Writes what a person said into the ledger and makes it count at the gate. A refusal counts first and is noted then,
 * consent is noted first and counts then: a crash between the two never leaves a mail that was refused, nor one that
 * rests on a consent nobody can show. Idempotent; repeat it after a fault.
 * @returns whether the gate changed: an older word than the one that stands is noted and changes nothing
 * @throws EngagementError `not-found` where the person has no gate
 */
export const recordConsent = async (
  { gates, ledger }: { readonly gates: Pick<Gates, 'setConsent'>; readonly ledger: Pick<ConsentLedger, 'append'> },
  entry: ConsentEntry,
): Promise<boolean> => {
  const atGate = (): Promise<boolean> => gates.setConsent(entry.partyId, entry.channel, entry.purpose, stateOf(entry));
  if (entry.given) {
    await ledger.append([entry]);
    return atGate();
  }
  const changed = await atGate();
  await ledger.append([entry]);
  return changed;
};
