import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Queue } from '../platform/queue.ts';
import { HOUR, type Instant } from '../platform/time.ts';
import type { AudiencesMessage } from './contract.ts';
import { firstRun, hasRuns, runUseBy } from './plan-runs.ts';
import { noSums } from './pre-flight.ts';
import type { PreFlight, PreFlights } from './pre-flight-store.ts';

/** A pre-flight this old is computed again when it is asked for. */
const STALE_AFTER = HOUR;

/**
 * The pre-flight of a version of a campaign (C6): the latest one, or a new one where there is none, it is an hour old, or
 * `anew` is asked for. A new one is counted by the worker of the audiences queue; ask again for what it has found so far.
 */
export const beginPreFlight = async (
  { definition, hash }: PinnedDefinition,
  notBefore: Instant,
  ports: {
    readonly preFlights: PreFlights;
    readonly audiences: Pick<Queue<AudiencesMessage>, 'send'>;
    readonly clock: () => Instant;
  },
  anew = false,
): Promise<PreFlight> => {
  const now = ports.clock();
  const ref = { campaign: definition.id, definition: hash };
  const known = await ports.preFlights.get(ref);
  if (known !== undefined && !anew && now - known.requestedAt < STALE_AFTER) return known;
  const at = (hasRuns(definition) ? firstRun(definition, notBefore)?.at : undefined) ?? notBefore;
  const begun = await ports.preFlights.put({
    ...ref,
    requestedAt: now,
    at,
    useBy: runUseBy(definition, at),
    shard: 0,
    sums: noSums,
    version: known?.version ?? 0,
  });
  if (begun === undefined) return (await ports.preFlights.get(ref)) as PreFlight;
  await ports.audiences.send([{ kind: 'pre-flight', campaign: definition.id, definition: hash }]);
  return begun;
};
