import { shardOf } from '../platform/ids.ts';
import { type Item, type Key, queryAll, type Table } from '../platform/table.ts';
import { addDuration, DAY, formatInstant, HOUR, type Instant, parseInstant, type ZoneId } from '../platform/time.ts';

export type DueKind =
  | 'step'
  | 'recheck'
  | 'order'
  | 'settle'
  | 'print'
  | 'broker-list'
  /** Of the launching of campaigns and of audiences: handed on to their queue as it is. */
  | 'run'
  | 'audience-pass'
  | 'campaign-watch'
  /** An answer that was about to be stored: if it was, all that follows from it must be done by now. */
  | 'answer'
  /** A task whose deadline is over, if it is open then. */
  | 'task-deadline'
  /** Clicks of one mail, judged together once no more of the same burst can come. */
  | 'clicks';

/** Something to be looked at at an instant. A hint: what it points to (an enrolment, an order) is the truth. */
export interface DueItem {
  readonly at: Instant;
  readonly kind: DueKind;
  /** With kind and instant it names the item: placing it again changes nothing. */
  readonly id: string;
  /** What concerns one person names the person: as `partyId`, or in its enrolment's `ref`. */
  readonly payload: unknown;
}

/** A due item as found: `key` names its row. */
export interface DueRow extends DueItem {
  readonly key: Key;
  /** The person whom it concerns, or `-`. What one person has due at an instant lies together, on one page or on pages
   *  that follow each other. */
  readonly group: string;
}

/** One bucket of due work: an hour in UTC (`2019-01-31T09`) and a shard of it. */
export interface DueBucket {
  readonly hour: string;
  readonly shard: number;
}

/** Due work of all journeys, in sharded buckets of one hour; an agenda says which buckets hold any (ADR 0042). */
export interface DueWork {
  /** Places items; what is due before `now` is due at `now`. Idempotent. */
  place(items: readonly DueItem[], now: Instant): Promise<void>;
  /** Removes rows that were done. */
  remove(rows: readonly DueRow[]): Promise<void>;
  /** Rows of a bucket due at or before `upTo`, earliest first, read strongly. `next` is absent on the last page. */
  page(
    bucket: DueBucket,
    upTo: Instant,
    after?: string,
  ): Promise<{ readonly rows: readonly DueRow[]; readonly next?: string }>;
  /** The buckets with something due at or before `upTo`; clears the agenda of hours long over and empty. */
  activeBuckets(upTo: Instant): Promise<readonly DueBucket[]>;
  /** When to look again after `now`: exact within this hour, else the start of the next hour with work, which is not later
   *  than that work and spares a read per shard; undefined where nothing is due. */
  nextAfter(now: Instant): Promise<Instant | undefined>;
}

/** Writes per partition stay below a thousand a second even when a whole book is due at ten o'clock. */
const SHARDS = 16;
/** How many rows are worked through at a time. */
const DUE_PAGE = 25;
/** An hour's agenda is cleared this long after its end: no function that may still be placing a row there lives so long. */
const CLEAR_AFTER = HOUR;
/** Furthest that due work may lie ahead (a journey waits up to two years), and how far a first look goes back. */
const MONTHS_AHEAD = 26;
const MONTHS_BACK = 13;

const UTC = 'UTC' as ZoneId;
const hourOf = (at: Instant): string => formatInstant(at).slice(0, 13);
/** Place within the hour, `mm:ss.mmm`: rows sort by time. */
const timeOf = (at: Instant): string => formatInstant(at).slice(14, 23);
const monthOf = (at: Instant): string => formatInstant(at).slice(0, 7);
const hourStart = (hour: string): Instant => parseInstant(`${hour}:00:00Z`) as Instant;
const later = (at: Instant, duration: string): Instant => addDuration(at, duration, UTC);
const monthAfter = (month: string): string => monthOf(later(parseInstant(`${month}-01`) as Instant, 'P1M'));

const bucketPartition = ({ hour, shard }: DueBucket): string => `DUE#${hour}#${shard}`;
const agendaKey = ({ hour, shard }: DueBucket): Key => ({
  pk: `AGENDA#${hour.slice(0, 7)}`,
  sk: `${hour.slice(8)}#${String(shard).padStart(2, '0')}`,
});
const agendaItem = (bucket: DueBucket): Item => ({ ...agendaKey(bucket), entity: 'Agenda', schemaVersion: 1 });
const bucketOfAgenda = ({ pk, sk }: Key): DueBucket => ({
  hour: `${pk.slice('AGENDA#'.length)}-${sk.slice(0, 5)}`,
  shard: Number(sk.slice(6)),
});

/** In the place of a person where work concerns none, or many. */
export const NOBODY = '-';

const groupOf = ({ payload }: Pick<DueItem, 'payload'>): string => {
  const named = payload as { readonly partyId?: string; readonly ref?: { readonly partyId?: string } } | null;
  return named?.partyId ?? named?.ref?.partyId ?? NOBODY;
};

const rowOf = (item: Item): DueRow => ({
  key: { pk: item.pk, sk: item.sk },
  group: groupOf({ payload: item.payload }),
  at: item.at as Instant,
  kind: item.kind as DueKind,
  id: item.id as string,
  payload: item.payload,
});

/** Due work over the table: `AGENDA#<month>` and `DUE#<hour>#<shard>`. */
export const createDueWork = (table: Table): DueWork => {
  /** Agenda entries this container wrote for hours that no one clears yet; see `place`. */
  const announced = new Set<string>();
  /** Nothing is left on the agenda before this; a container's first look goes back as far as an outage may have lasted. */
  let clearedTo: Instant | undefined;

  let announcedFrom = '';
  const forgetBefore = (hour: string): void => {
    if (hour <= announcedFrom) return;
    announcedFrom = hour;
    for (const partition of announced) if (partition.slice('DUE#'.length) < hour) announced.delete(partition);
  };

  const bucketFor = (item: DueItem): DueBucket => {
    const group = groupOf(item);
    return {
      hour: hourOf(item.at),
      shard: shardOf(group === NOBODY ? `${item.kind}#${item.id}` : group, SHARDS),
    };
  };

  const firstRow = async (bucket: DueBucket): Promise<DueRow | undefined> => {
    const page = await table.query({ pk: bucketPartition(bucket), limit: 1, consistent: true });
    return page.items[0] && rowOf(page.items[0]);
  };

  /** The first row of a bucket of this hour due after `at`. */
  const firstAfter = async (bucket: DueBucket, at: Instant): Promise<DueRow | undefined> => {
    // `~` sorts behind every person: rows of this very millisecond are not after it
    const from = `${timeOf(at)}~`;
    const page = await table.query({ pk: bucketPartition(bucket), from, to: '~', limit: 1, consistent: true });
    return page.items[0] && rowOf(page.items[0]);
  };

  /** Agenda entries month by month, of the hours from that of `from` to that of `to`: a month of a large book has ten
   *  thousand, and a tick needs few. */
  async function* agenda(from: Instant, to: Instant): AsyncGenerator<DueBucket[]> {
    for (let month = monthOf(from); month <= monthOf(to); month = monthAfter(month)) {
      const entries: DueBucket[] = [];
      const range = {
        from: month === monthOf(from) ? hourOf(from).slice(8) : '0',
        to: month === monthOf(to) ? `${hourOf(to).slice(8)}~` : '~',
      };
      for await (const item of queryAll(table, { pk: `AGENDA#${month}`, ...range, consistent: true }))
        entries.push(bucketOfAgenda(item));
      yield entries;
    }
  }

  /** The first hour on the agenda after that of `now`. */
  const nextHour = async (now: Instant): Promise<Instant | undefined> => {
    const last = monthOf(later(now, `P${MONTHS_AHEAD}M`));
    for (let month = monthOf(now); month <= last; month = monthAfter(month)) {
      const from = month === monthOf(now) ? `${hourOf(now).slice(8)}~` : '0';
      const page = await table.query({ pk: `AGENDA#${month}`, from, to: '~', limit: 1, consistent: true });
      if (page.items[0]) return hourStart(bucketOfAgenda(page.items[0]).hour);
    }
    return undefined;
  };

  /** Takes an empty hour off the agenda; if a row came in between, the entry is put back. @returns whether it is off */
  const clear = async (bucket: DueBucket): Promise<boolean> => {
    announced.delete(bucketPartition(bucket));
    await table.remove(agendaKey(bucket));
    if ((await firstRow(bucket)) === undefined) return true;
    await table.put(agendaItem(bucket));
    return false;
  };

  return {
    async place(items, now) {
      const current = items.map((item) => (item.at < now ? { ...item, at: now } : item));
      // Nobody clears an hour before it is an hour over, and nothing is placed into an hour that is over: an entry
      // written once by this container stands for as long as rows may join it.
      forgetBefore(hourOf(now));
      const agendaItems = new Map<string, Item>();
      for (const item of current) {
        const bucket = bucketFor(item);
        if (!announced.has(bucketPartition(bucket))) agendaItems.set(bucketPartition(bucket), agendaItem(bucket));
      }
      if (agendaItems.size > 0) await table.writeMany([...agendaItems.values()]);
      for (const partition of agendaItems.keys()) announced.add(partition);
      const rows = new Map<string, Item>();
      for (const item of current) {
        const pk = bucketPartition(bucketFor(item));
        const sk = `${timeOf(item.at)}#${groupOf(item)}#${item.kind}#${item.id}`;
        rows.set(`${pk} ${sk}`, {
          pk,
          sk,
          entity: 'Due',
          schemaVersion: 1,
          at: item.at,
          kind: item.kind,
          id: item.id,
          payload: item.payload,
        });
      }
      if (rows.size > 0) await table.writeMany([...rows.values()]);
    },

    async remove(rows) {
      if (rows.length > 0)
        await table.writeMany(
          [],
          rows.map(({ key }) => key),
        );
    },

    async page(bucket, upTo, after) {
      const page = await table.query({
        pk: bucketPartition(bucket),
        from: '00',
        to: hourOf(upTo) > bucket.hour ? '~' : `${timeOf(upTo)}~`,
        limit: DUE_PAGE,
        consistent: true,
        ...(after === undefined ? {} : { after }),
      });
      return { rows: page.items.map(rowOf), ...(page.next === undefined ? {} : { next: page.next }) };
    },

    async activeBuckets(upTo) {
      const active: DueBucket[] = [];
      // a day of margin: another container's clock may lag, and what it places goes into its own hour
      let oldest = (upTo - DAY) as Instant;
      for await (const entries of agenda(clearedTo ?? later(upTo, `-P${MONTHS_BACK}M`), upTo)) {
        const firsts = await Promise.all(entries.map(async (bucket) => ({ bucket, row: await firstRow(bucket) })));
        for (const { bucket, row } of firsts) {
          if (row && row.at <= upTo) active.push(bucket);
          const isOver = !row && hourStart(bucket.hour) + HOUR + CLEAR_AFTER <= upTo;
          if (!isOver || !(await clear(bucket))) oldest = Math.min(oldest, hourStart(bucket.hour)) as Instant;
        }
      }
      clearedTo = oldest;
      return active;
    },

    async nextAfter(now) {
      for await (const current of agenda(now, now)) {
        const rows = await Promise.all(current.map((bucket) => firstAfter(bucket, now)));
        const found = rows.flatMap((row) => (row ? [row.at] : []));
        if (found.length > 0) return Math.min(...found) as Instant;
      }
      return nextHour(now);
    },
  };
};
