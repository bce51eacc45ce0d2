import type { AudienceRow } from '../../shared/audience/audience-row.ts';
import { AUDIENCE_SHARDS } from '../../shared/audience/audience-rows.ts';
import { definitionSchema, pinDefinition } from '../../shared/campaign/definition.ts';
import { createMembers } from '../../shared/launch/members.ts';
import { createPace } from '../../shared/launch/pace-store.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { startRun } from '../../shared/launch/start-run.ts';
import { walkRuns } from '../../shared/launch/walk-runs.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';

/** What enrolling an audience took. */
export interface Enrolled {
  readonly customers: number;
  readonly enrolled: number;
  readonly seconds: number;
  /** Highest heap above that at the beginning, in MB. */
  readonly peakMb: number;
}

/** Rows of one page, as many as 1 MB of them are. */
const PAGE = 1_000;

const definition = definitionSchema.parse({
  formatVersion: 1,
  id: 'bench',
  title: { 'zh-CN': '测', en: 'Bench' },
  subject: 'customer',
  trigger: { once: { at: '2027-01-15T10:00', zone: 'Asia/Shanghai' } },
  class: 'marketing',
  audience: {
    rule: {
      combinator: 'and',
      rules: [
        { field: 'customer.locale', operator: '=', value: 'zh-CN' },
        { field: 'customer.city', operator: 'in', value: ['c0', 'c1', 'c2'] },
      ],
    },
  },
  reEntry: 'never',
  exits: ['deceased'],
  useBy: 'P2D',
  steps: [
    { id: 'pause', do: { wait: { for: 'P1D' } } },
    { id: 'mail', do: { send: 'email', template: 'bench' } },
  ],
});

const rowOf = (n: number): AudienceRow => ({
  partyId: `party${String(n).padStart(21, '0')}` as PartyId,
  customer: {
    kind: 'person',
    scope: 'head-office',
    locale: 'zh-CN',
    zone: 'Asia/Shanghai',
    city: `c${n % 10}`,
    hasEmail: true,
    hasPhone: true,
    hasAddress: true,
    largePrint: false,
    consent: {},
    suppressed: [],
    situations: [],
    traits: {},
  },
  policies: [],
  claims: [],
  lists: [],
  in: {},
  version: 1,
});

/** Has three of ten of so many customers enter a campaign. Their rows are made as they are read, so that the memory
 *  measured is the walk's. */
export const enrolAudience = async (customers: number): Promise<Enrolled> => {
  const pinned = pinDefinition(definition, { templates: {}, surveys: {} });
  const kept = createMemoryTable();
  // pages of members are the table's to keep, and would be all that grows here
  const table: Table = {
    ...kept,
    put: async (item, condition) => (item.entity === 'RunPage' ? { kind: 'written' } : kept.put(item, condition)),
  };
  const runs = createRuns(table);
  const perShard = Math.ceil(customers / AUDIENCE_SHARDS);
  const page = async (shard: number, after = '0') => {
    const from = Number(after);
    const last = Math.min(perShard, customers - shard * perShard);
    const to = Math.max(from, Math.min(from + PAGE, last));
    const rows = Array.from({ length: to - from }, (_, n) => rowOf(shard * perShard + from + n));
    return { rows, ...(to < last ? { next: String(to) } : {}) };
  };
  const members = createMembers({
    rows: { page, getMany: async () => new Map() },
    lists: { all: async () => [] },
    saved: { get: async () => undefined },
    deepen: async () => [],
  });
  const now = parseInstant('2027-01-15T02:00:00Z') as Instant;
  const definitions = { get: async () => pinned };
  const dueWork = { place: async () => {} };
  const staff = { tell: async () => {} };
  const record = { id: 'bench', state: 'live', live: pinned.hash } as never;
  await startRun(
    { campaign: 'bench', at: now, occurrence: '2027-01-15T10:00' },
    { campaigns: { get: async () => record }, definitions, runs, dueWork, staff },
    now,
  );
  let enrolled = 0;
  let again = true;
  const base = process.memoryUsage().heapUsed;
  let peak = base;
  const began = performance.now();
  while (again) {
    again = false;
    await walkRuns({
      runs,
      pace: createPace(table),
      limits: async () => ({ perSecond: 1_000_000, perDay: 1_000_000_000, sentLast24Hours: 0 }),
      controls: { of: async (ids) => new Map(ids.map((id) => [id, { kind: 'go' }])) },
      definitions,
      audience: members,
      arbitrate: async (orders) => orders,
      timeline: { getMany: async () => new Map() },
      orders: { send: async () => {} },
      changes: {
        send: async (messages) => {
          for (const message of messages) if (message.kind === 'enter') enrolled += message.subjects.length;
          peak = Math.max(peak, process.memoryUsage().heapUsed);
        },
      },
      audiences: {
        send: async () => {
          again = true;
        },
      },
      dueWork,
      staff,
      clock: () => now,
    });
  }
  const seconds = (performance.now() - began) / 1_000;
  return { customers, enrolled, seconds, peakMb: (peak - base) / 1024 / 1024 };
};
