import type { Gate, Profile } from '../customer/customer.ts';
import { EngagementError } from '../platform/errors.ts';
import { type PartyId, type PolicyId, shardOf } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import { sameContent } from '../platform/same-content.ts';
import {
  type Change,
  type Condition,
  type Item,
  itemKey,
  type Key,
  type Table,
  type WriteOutcome,
} from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import {
  type AudienceRow,
  fromStoredClaims,
  fromStoredCustomer,
  fromStoredPolicy,
  type StoredPolicy,
  toStoredCustomer,
  toStoredPolicy,
} from './audience-row.ts';
import { customerFactsOf } from './rule-facts.ts';
import type { ClaimFacts, CustomerFacts, PolicyFacts } from './rule-subject.ts';

/** Rows lie in this many partitions, so that a count asks them side by side. */
export const AUDIENCE_SHARDS = 256;

/** A person, as import and linking know them. */
export interface NewRow {
  readonly profile: Profile;
  readonly gate: Gate | undefined;
}

/** A policy with all its claims, and whose row it belongs in. */
export interface PolicyEntry {
  readonly partyId: PartyId;
  readonly policy: PolicyFacts;
  readonly claims: readonly ClaimFacts[];
}

/**
 * The audience rows (ADR 0095): of each person what rules can ask, in one item, so that a rule is asked of everybody by
 * reading nothing else. A copy: profile, gate and policies are the truth, and whoever changes them writes here after.
 * An older word never overwrites a later one. A row that is missing is made by the first write.
 */
export interface AudienceRows {
  /** Makes rows of new persons; those that exist stay as they are. */
  createMany(persons: readonly NewRow[], now: Instant): Promise<void>;
  /** Writes what is known of the person themself, traits included. */
  setCustomer(partyId: PartyId, facts: CustomerFacts, now: Instant): Promise<void>;
  /** Writes one policy with all its claims, and touches nothing else in the row. */
  setPolicy(partyId: PartyId, policy: PolicyFacts, claims: readonly ClaimFacts[], now: Instant): Promise<void>;
  /** The same for many: one batched read, and one write for each person to whom something is new. */
  setPolicies(entries: readonly PolicyEntry[], now: Instant): Promise<void>;
  /** Takes out a policy that is now somebody else's. */
  dropPolicy(partyId: PartyId, policyId: PolicyId): Promise<void>;
  /** Notes that the person was put on a list or taken off it. */
  setList(partyId: PartyId, list: string, on: boolean): Promise<void>;
  /** Gives the person another standing in an audience (standing.ts; undefined: none); refused where the standing or
   *  anything that rules can ask is not as `row` has it any more: whoever changed it asks again. */
  setStanding(row: AudienceRow, audience: string, to: string | undefined): Promise<WriteOutcome['kind']>;
  /** Rows of a shard in order of party, at most 1 MB of them; possibly a moment old. `next` is absent on the last page. */
  page(shard: number, after?: string): Promise<{ readonly rows: readonly AudienceRow[]; readonly next?: string }>;
  /** Those that exist, read strongly. */
  getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, AudienceRow>>;
  /** For persons who turned out to be somebody else's. */
  removeMany(ids: readonly PartyId[]): Promise<void>;
}

/** Policies and claims beyond this many characters are not kept in the row (a fleet of thousands): an item holds 400 KB. */
const MOST_POLICY_TEXT = 150_000;
const ATTEMPTS = 20;
const WIDTH = 16;

const partitionOf = (shard: number): string => `A#${String(shard).padStart(3, '0')}`;
/** The shard of a person's row. */
export const audienceShardOf = (partyId: PartyId): number => shardOf(partyId, AUDIENCE_SHARDS);
const keyOf = (partyId: PartyId): Key => ({ pk: partitionOf(audienceShardOf(partyId)), sk: partyId });

/** With every change of what rules can ask, so that a standing is never set by facts that are over. */
const COUNTED = [{ path: ['v'] as const, by: 1 }];
const NEW: Condition = [{ path: ['pk'], absent: true }];
const THERE: Condition = [{ path: ['pk'], present: true }];

const emptyItem = (partyId: PartyId): Item => ({
  ...keyOf(partyId),
  entity: 'AudienceRow',
  schemaVersion: 1,
  v: 1,
  w: 0,
  t: {},
  p: {},
  l: {},
  in: {},
});

const policiesOf = (item: Item): Readonly<Record<string, StoredPolicy>> => item.p as Record<string, StoredPolicy>;

/** What is to be written where policies of a person say something new; undefined where none does. */
const withPolicies = (item: Item, entries: readonly PolicyEntry[], now: Instant) => {
  if (item.big === true) return undefined;
  const fresh = entries.flatMap(({ policy, claims }) => {
    const known = policiesOf(item)[policy.policyId];
    const stored = toStoredPolicy(policy, claims, now);
    const isOld = known && (known.w > now || sameContent({ ...stored, w: known.w }, known));
    return isOld ? [] : [{ path: ['p', policy.policyId] as const, stored, known }];
  });
  if (fresh.length === 0) return undefined;
  const text = [item.p, ...fresh.map(({ stored }) => stored)].reduce<number>(
    (sum, part) => sum + JSON.stringify(part).length,
    0,
  );
  return {
    set:
      text > MOST_POLICY_TEXT
        ? [
            { path: ['big'] as const, value: true },
            { path: ['p'] as const, value: {} },
          ]
        : fresh.map(({ path, stored }) => ({ path, value: stored })),
    while: [
      { path: ['big'] as const, absent: true as const },
      ...fresh.map(({ path, known }) =>
        known ? { path: [...path, 'w'] as const, is: known.w } : { path, absent: true as const },
      ),
    ],
  };
};

const fromItem = (item: Item): AudienceRow => {
  const policies = Object.entries(policiesOf(item));
  return {
    partyId: item.sk as PartyId,
    ...(item.c === undefined
      ? {}
      : { customer: fromStoredCustomer(item.c as readonly unknown[], item.t as CustomerFacts['traits']) }),
    ...(item.big === true
      ? {}
      : {
          policies: policies.map(([id, stored]) => fromStoredPolicy(id, stored)),
          claims: policies.flatMap(([id, stored]) => fromStoredClaims(id, stored)),
        }),
    lists: Object.keys(item.l as object),
    in: item.in as AudienceRow['in'],
    version: item.v as number,
  };
};

/** Audience rows over the table: `A#<000–255>` / `<partyId>`. */
export const createAudienceRows = (table: Table): AudienceRows => {
  const create = async (item: Item): Promise<void> => {
    await table.put(item, NEW);
  };

  /** Reads unless `found` was just read, decides, writes under the condition that what was read still stands; makes the
   *  row where there is none. */
  const change = async (
    partyId: PartyId,
    decide: (item: Item) => { readonly set: NonNullable<Change['set']>; readonly while: Condition } | undefined,
    found?: Item,
  ): Promise<void> => {
    const key = keyOf(partyId);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const item = (attempt === 0 ? found : undefined) ?? (await table.get(key, { consistent: true }));
      if (item === undefined) {
        await create(emptyItem(partyId));
        continue;
      }
      const wanted = decide(item);
      if (wanted === undefined) return;
      const outcome = await table.update(key, { set: wanted.set, add: COUNTED }, [...THERE, ...wanted.while]);
      if (outcome.kind === 'written') return;
    }
    throw new EngagementError('conflict', `audience row of ${partyId} kept changing meanwhile: try again`, {
      retryable: true,
    });
  };

  return {
    async createMany(persons, now) {
      await inParallel(persons, WIDTH, ({ profile, gate }) => {
        const facts = customerFactsOf(profile, gate, {});
        return create({ ...emptyItem(profile.partyId), w: now, c: toStoredCustomer(facts) });
      });
    },

    setCustomer: (partyId, facts, now) =>
      change(partyId, (item) => {
        const written = item.w as number;
        const stored = toStoredCustomer(facts);
        if (written > now || (sameContent(stored, item.c) && sameContent(facts.traits, item.t))) return undefined;
        return {
          set: [
            { path: ['c'], value: stored },
            { path: ['t'], value: facts.traits },
            { path: ['w'], value: now },
          ],
          while: [{ path: ['w'], is: written }],
        };
      }),

    setPolicy: (partyId, policy, claims, now) =>
      change(partyId, (item) => withPolicies(item, [{ partyId, policy, claims }], now)),

    async setPolicies(entries, now) {
      const byParty = Map.groupBy(entries, ({ partyId }) => partyId);
      const items = await table.getMany([...byParty.keys()].map(keyOf), { consistent: true });
      await inParallel([...byParty], WIDTH, ([partyId, own]) =>
        change(partyId, (item) => withPolicies(item, own, now), items.get(itemKey(keyOf(partyId)))),
      );
    },

    async dropPolicy(partyId, policyId) {
      await table.update(keyOf(partyId), { remove: [['p', policyId]], add: COUNTED }, [
        { path: ['p', policyId], present: true },
      ]);
    },

    async setList(partyId, list, on) {
      const key = keyOf(partyId);
      if (!on) {
        await table.update(key, { remove: [['l', list]], add: COUNTED }, [{ path: ['l', list], present: true }]);
        return;
      }
      const put = () => table.update(key, { set: [{ path: ['l', list], value: 1 }], add: COUNTED }, THERE);
      if ((await put()).kind === 'written') return;
      await create(emptyItem(partyId));
      await put();
    },

    async setStanding({ partyId, version, in: standings }, audience, to) {
      const path = ['in', audience] as const;
      const from = standings[audience];
      const { kind } = await table.update(
        keyOf(partyId),
        to === undefined ? { remove: [path] } : { set: [{ path, value: to }] },
        [{ path: ['v'], is: version }, from === undefined ? { path, absent: true } : { path, is: from }],
      );
      return kind;
    },

    async page(shard, after) {
      const { items, next } = await table.query({ pk: partitionOf(shard), ...(after === undefined ? {} : { after }) });
      return { rows: items.map(fromItem), ...(next === undefined ? {} : { next }) };
    },

    async getMany(ids) {
      const items = await table.getMany(ids.map(keyOf), { consistent: true });
      return new Map(
        ids.flatMap((id) => {
          const item = items.get(itemKey(keyOf(id)));
          return item ? [[id, fromItem(item)] as const] : [];
        }),
      );
    },

    removeMany: (ids) => table.writeMany([], ids.map(keyOf)),
  };
};
