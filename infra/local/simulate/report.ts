import type { Channel, Profile } from '../../../shared/customer/customer.ts';
import prices from '../../../shared/launch/prices.json' with { type: 'json' };
import type { TimelineEntry } from '../../../shared/message/message.ts';
import { entryOf } from '../../../shared/message/timeline-store.ts';
import type { Item } from '../../../shared/platform/table.ts';
import { civilDateAt, DAY, type Instant, type ZoneId } from '../../../shared/platform/time.ts';

type Counts = Record<string, number>;

/** What a rehearsal of a campaign came to. Days are UTC's. */
export interface SimulationReport {
  readonly campaign: string;
  readonly messages: number;
  readonly customers: number;
  readonly tasks: number;
  /** Day → what went out, by channel. */
  readonly byDay: Readonly<Record<string, Counts>>;
  /** Step → what became of it: `sent`, or the reason it was not. */
  readonly byStep: Readonly<Record<string, Counts>>;
  readonly byReason: Readonly<Counts>;
  readonly cost: { readonly minor: number; readonly currency: string };
  /** How long the provider is busy with its mails, in all and on the fullest day. */
  readonly sesHours: { readonly total: number; readonly fullestDay: number };
  /** Other campaign → customers whom both wrote to within seven days. */
  readonly collisions: Readonly<Counts>;
}

const SENT = new Set(['accepted', 'delivered', 'bounced', 'complained', 'composed', 'handed-over', 'returned']);
const NEAR = 7 * DAY;
const HOUR_SECONDS = 3_600;

const add = (counts: Counts, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};
const sorted = <Value>(record: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** When it went out; of a letter when it was composed. */
const sentAt = ({ at, details }: TimelineEntry): Instant =>
  (typeof details?.acceptedAt === 'number' ? details.acceptedAt : at) as Instant;

const letterPrice = (country: string | undefined): number => {
  const known = prices.letter as Readonly<Record<string, { printMinor: number; postageMinor: number }>>;
  const { printMinor, postageMinor } = known[country ?? ''] ?? prices.letter.default;
  return printMinor + postageMinor;
};

const priceOf = (channel: Channel | undefined, country: string | undefined): number => {
  if (channel === 'post') return letterPrice(country);
  return channel === 'sms' ? prices.textMinor : prices.mailPerThousandMinor / 1_000;
};

/** Sums up the history of a rehearsal for one campaign.
 *  @param items every item of the table; @param perSecond mails that the provider takes */
export const reportOn = (campaign: string, items: readonly Item[], perSecond: number): SimulationReport => {
  const rows = items
    .filter(({ entity }) => entity === 'TimelineEntry')
    .map(entryOf)
    .filter(({ kind }) => kind === 'message');
  const countries = new Map(
    items
      .filter(({ entity }) => entity === 'Profile')
      .map((item) => item.profile as Profile)
      .map(({ partyId, address }) => [partyId, address?.country]),
  );
  const own = rows.filter((row) => row.campaign === campaign);
  const sent = own.filter(({ state }) => state !== undefined && SENT.has(state));
  const byDay: Record<string, Counts> = {};
  const byStep: Record<string, Counts> = {};
  const byReason: Counts = {};
  let minor = 0;
  for (const row of own) {
    const went = row.state !== undefined && SENT.has(row.state);
    const outcome = went ? 'sent' : (row.reason ?? row.state ?? 'unknown');
    add((byStep[row.step ?? ''] ??= {}), outcome);
    if (!went) {
      add(byReason, outcome);
      continue;
    }
    add((byDay[civilDateAt(sentAt(row), 'UTC' as ZoneId)] ??= {}), row.channel ?? 'email');
    minor += priceOf(row.channel, countries.get(row.partyId));
  }

  const collisions: Counts = {};
  const others = Map.groupBy(
    rows.filter((row) => row.campaign !== campaign && row.state !== undefined && SENT.has(row.state)),
    ({ partyId }) => partyId,
  );
  for (const [partyId, mine] of Map.groupBy(sent, (row) => row.partyId)) {
    const met = new Set(
      (others.get(partyId) ?? [])
        .filter((other) => mine.some((row) => Math.abs(sentAt(row) - sentAt(other)) <= NEAR))
        .map((other) => other.campaign ?? ''),
    );
    for (const other of met) add(collisions, other);
  }

  const mails = Object.values(byDay).map((day) => day.email ?? 0);
  const hours = (count: number): number => Math.round((count / perSecond / HOUR_SECONDS) * 1_000) / 1_000;
  return {
    campaign,
    messages: sent.length,
    customers: new Set(sent.map(({ partyId }) => partyId)).size,
    tasks: items.filter(
      ({ entity, task }) => entity === 'Task' && (task as { campaign?: string })?.campaign === campaign,
    ).length,
    byDay: sorted(byDay),
    byStep: sorted(byStep),
    byReason: sorted(byReason),
    cost: { minor: Math.round(minor), currency: prices.currency },
    sesHours: { total: hours(mails.reduce((sum, count) => sum + count, 0)), fullestDay: hours(Math.max(0, ...mails)) },
    collisions: sorted(collisions),
  };
};

const line = (name: string, counts: Readonly<Counts>): string =>
  `  ${name.padEnd(24)} ${Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')}`;

/** The report for people to read. */
export const showReport = (report: SimulationReport, days: number): string => {
  const { messages, customers, tasks, cost, sesHours } = report;
  return [
    `${report.campaign}: ${messages} messages to ${customers} customers in ${days} days, ${tasks} tasks`,
    `cost ${(cost.minor / 100).toFixed(2)} ${cost.currency}; at the provider ${sesHours.total} h in all, ${sesHours.fullestDay} h on the fullest day`,
    'by day',
    ...Object.entries(report.byDay).map(([day, counts]) => line(day, counts)),
    'by step',
    ...Object.entries(report.byStep).map(([step, counts]) => line(step, counts)),
    'not sent, by reason',
    ...Object.entries(report.byReason).map(([reason, count]) => `  ${reason.padEnd(24)} ${count}`),
    'customers whom another campaign wrote to within seven days',
    ...Object.entries(report.collisions).map(([other, count]) => `  ${other.padEnd(24)} ${count}`),
  ].join('\n');
};
