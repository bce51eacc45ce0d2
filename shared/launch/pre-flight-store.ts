import { AUDIENCE_SHARDS } from '../audience/audience-rows.ts';
import type { SendLimits } from '../message/quota.ts';
import type { Table } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import type { PreFlightSums } from './pre-flight.ts';

/** A pre-flight of one version of a campaign, as far as it was computed. */
export interface PreFlight {
  readonly campaign: string;
  /** Content hash of the definition. */
  readonly definition: string;
  /** When it was asked for. */
  readonly requestedAt: Instant;
  /** When the run that is looked at begins, and its use-by; the instant asked about where the campaign has no runs. */
  readonly at: Instant;
  readonly useBy: Instant;
  /** The next shard to be looked at; all are done where it is past the last. */
  readonly shard: number;
  readonly sums: PreFlightSums;
  /** The provider's limits when the counting began. */
  readonly limits?: SendLimits;
  readonly version: number;
}

/** True where all shards were looked through. */
export const isDone = ({ shard }: Pick<PreFlight, 'shard'>): boolean => shard >= AUDIENCE_SHARDS;

export type PreFlightRef = Pick<PreFlight, 'campaign' | 'definition'>;

/** Pre-flights, the latest of each version of a campaign. */
export interface PreFlights {
  get(ref: PreFlightRef): Promise<PreFlight | undefined>;
  /** Writes over the version read, as version + 1 (0: there is none). @returns undefined where another came in between */
  put(preFlight: PreFlight): Promise<PreFlight | undefined>;
}

const keyOf = ({ campaign, definition }: PreFlightRef) => ({ pk: `PRE#${campaign}`, sk: definition });

/** Pre-flights over the table: `PRE#<campaign>` / `<hash>`. */
export const createPreFlights = (table: Table): PreFlights => ({
  async get(ref) {
    const item = await table.get(keyOf(ref), { consistent: true });
    return item?.preFlight as PreFlight | undefined;
  },

  async put(preFlight) {
    const next = { ...preFlight, version: preFlight.version + 1 };
    const { kind } = await table.put(
      { ...keyOf(next), entity: 'PreFlight', schemaVersion: 1, version: next.version, preFlight: next },
      preFlight.version === 0 ? [{ path: ['pk'], absent: true }] : [{ path: ['version'], is: preFlight.version }],
    );
    return kind === 'written' ? next : undefined;
  },
});
