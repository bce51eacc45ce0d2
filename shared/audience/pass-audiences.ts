import { derivedId } from '../platform/ids.ts';
import { sameContent } from '../platform/same-content.ts';
import type { Instant } from '../platform/time.ts';
import { AUDIENCE_SHARDS, type AudienceRows } from './audience-rows.ts';
import type { SavedAudiences } from './audience-store.ts';
import type { AudienceSource } from './evaluate-audience.ts';
import { compareStandings, type FollowAudiencesPorts } from './follow-audiences.ts';
import { compiledOnce } from './rule-memo.ts';
import type { Watch, Watches } from './watch-store.ts';

/** Asks for a pass over one shard; a message of the audiences queue (launch/contract.ts). */
export interface PassMessage {
  readonly kind: 'audience-pass';
  readonly shard: number;
  readonly after?: string;
}

/** What beginning and ending watches takes. */
export interface WatchPorts {
  readonly saved: Pick<SavedAudiences, 'get'>;
  readonly watches: Watches;
  readonly passes: { send(messages: readonly PassMessage[]): Promise<void> };
}

const everyShard = (): PassMessage[] =>
  Array.from({ length: AUDIENCE_SHARDS }, (_, shard) => ({ kind: 'audience-pass', shard }));

/**
 * Watches the audiences that live campaigns wait for, and no others. A new watch, or one whose rule was changed, begins
 * with a pass that notes silently who is in it: nobody enters by a launch. Called at a launch, after a saved audience was
 * changed, and once a day; any number of calls end in the same.
 * @param wanted audiences named by the triggers of campaigns that are live or paused
 */
export const syncWatches = async (wanted: ReadonlySet<string>, ports: WatchPorts, now: Instant): Promise<void> => {
  const known = new Map((await ports.watches.all()).map((watch) => [watch.audience, watch]));
  let begun = false;
  for (const audience of wanted) {
    const saved = await ports.saved.get(audience);
    const watch = known.get(audience);
    if (saved === undefined || (watch && sameContent(watch.rule, saved.rule))) continue;
    const run = derivedId('watch', audience, saved.version, now);
    begun = (await ports.watches.begin({ audience, rule: saved.rule, run, since: now })) === 'written' || begun;
  }
  for (const audience of known.keys()) if (!wanted.has(audience)) await ports.watches.end(audience);
  // a run that is still marking is asked for again: its messages may be lost
  const marking = [...known.values()].some(({ audience, state }) => wanted.has(audience) && state === 'marking');
  if (begun || marking) await ports.passes.send(everyShard());
};

/** Whether its answers can change although nothing happened to the customer's row: by the calendar, or by what was sent. */
const needsNights = ({ rule }: Watch): boolean => {
  const { relative, parts } = compiledOnce(rule);
  return relative || parts.has('history');
};

/** Sends a pass over all shards where a watched audience needs one. Once a night. */
export const passEveryNight = async (ports: Pick<WatchPorts, 'watches' | 'passes'>): Promise<boolean> => {
  const needed = (await ports.watches.all()).some((watch) => watch.state === 'on' && needsNights(watch));
  if (needed) await ports.passes.send(everyShard());
  return needed;
};

/** What a pass takes. */
export interface PassPorts extends AudienceSource {
  readonly rows: Pick<AudienceRows, 'page' | 'setStanding'>;
  readonly watches: Pick<Watches, 'all' | 'markDone'>;
  readonly changes: FollowAudiencesPorts['changes'];
}

/** Where a pass goes on: the runs that it has been marking for since the shard's beginning, and the page. */
const readPlace = (after: string | undefined): { runs: readonly string[]; after?: string } | undefined => {
  if (after === undefined) return undefined;
  const [runs = '', ...rest] = after.split('|');
  return { runs: runs === '' ? [] : runs.split(','), ...(rest.length === 0 ? {} : { after: rest.join('|') }) };
};

/**
 * Passes over one shard: watches that have just begun learn who is in them; for the others whoever entered or left by the
 * calendar is told, by each customer's own day.
 * @param isTimeUp asked after each page: then the rest is left to the next message
 * @returns `after` for the next message of the shard; undefined when it is done
 */
export const passShard = async (
  { shard, after: from }: Pick<PassMessage, 'shard' | 'after'>,
  ports: PassPorts,
  now: Instant,
  isTimeUp: () => boolean,
): Promise<string | undefined> => {
  const place = readPlace(from);
  const all = await ports.watches.all();
  const marking = all.filter(({ state, run }) => state === 'marking' && (place?.runs.includes(run) ?? true));
  const watches = [...marking, ...all.filter((watch) => watch.state === 'on' && needsNights(watch))];
  if (watches.length === 0) return undefined;
  let after = place?.after;
  do {
    const page = await ports.rows.page(shard, after);
    await compareStandings({ rows: page.rows, watches, now, because: 'pass' }, ports);
    after = page.next;
    if (after !== undefined && isTimeUp()) return `${marking.map(({ run }) => run).join(',')}|${after}`;
  } while (after !== undefined);
  for (const { audience, run } of marking) await ports.watches.markDone(audience, run, shard);
  return undefined;
};
