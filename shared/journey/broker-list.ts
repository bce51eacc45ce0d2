import { derivedId, type PartyId, type PolicyId } from '../platform/ids.ts';
import { type Item, type Key, queryAll, type Table } from '../platform/table.ts';
import {
  addDays,
  type CivilDate,
  civilDateAt,
  type Instant,
  instantAt,
  type WallTime,
  weekdayOf,
  type ZoneId,
} from '../platform/time.ts';
import type { DueItem } from './due-work.ts';

/** One line of a broker's weekly list: a step of a policy that goes through the broker. Names only; what the broker
 *  reads is looked up when the list is written. */
export interface BrokerRow {
  readonly broker: string;
  /** The Monday the list is written. */
  readonly week: CivilDate;
  readonly policyId: PolicyId;
  readonly partyId: PartyId;
  readonly campaign: string;
  readonly step: string;
  readonly dueAt: Instant;
}

/** The weekly lists of brokers, as they are being collected. */
export interface BrokerLists {
  /** Adds rows; the same row again changes nothing. */
  add(rows: readonly BrokerRow[]): Promise<void>;
  /** The rows of one list so far, by policy. */
  rowsOf(week: CivilDate, broker: string): Promise<readonly BrokerRow[]>;
}

/** Payload of due work of kind `broker-list`, and the message it becomes on the print queue. */
export interface BrokerListPayload {
  readonly kind: 'broker-list';
  readonly week: CivilDate;
  readonly broker: string;
}

/** Policies whose broker nobody names share one list. */
export const UNKNOWN_BROKER = 'unknown';

const LIST_TIME = '08:00' as WallTime;
const MONDAY = 1;

/** The next Monday at 08:00 in `zone` that is not past at `now`. */
export const nextListAt = (now: Instant, zone: ZoneId): { readonly week: CivilDate; readonly at: Instant } => {
  let day = civilDateAt(now, zone);
  while (weekdayOf(day) !== MONDAY || instantAt(day, LIST_TIME, zone) <= now) day = addDays(day, 1);
  return { week: day, at: instantAt(day, LIST_TIME, zone) };
};

/** Due work that writes one list. */
export const brokerListDue = (week: CivilDate, broker: string, at: Instant): DueItem => ({
  at,
  kind: 'broker-list',
  id: `${week}#${derivedId('broker', broker)}`,
  payload: { kind: 'broker-list', week, broker } satisfies BrokerListPayload,
});

const partition = (week: CivilDate, broker: string): string => `BL#${week}#${derivedId('broker', broker)}`;
const keyOf = ({ week, broker, policyId, campaign, step }: BrokerRow): Key => ({
  pk: partition(week, broker),
  sk: `${policyId}#${campaign}#${step}`,
});

/** Broker lists over the table: `BL#<week>#<broker>` / `<policy>#<campaign>#<step>`. */
export const createBrokerLists = (table: Table): BrokerLists => ({
  async add(rows) {
    const items = rows.map((row): Item => ({ ...keyOf(row), entity: 'BrokerRow', schemaVersion: 1, row }));
    if (items.length > 0)
      await table.writeMany([...new Map(items.map((item) => [`${item.pk} ${item.sk}`, item])).values()]);
  },

  async rowsOf(week, broker) {
    const rows: BrokerRow[] = [];
    for await (const item of queryAll(table, { pk: partition(week, broker), consistent: true }))
      rows.push(item.row as BrokerRow);
    return rows;
  },
});
