import {
  type IncomingRecord,
  type LinkOutcome,
  type LinkPorts,
  linkRecords,
  personKey,
} from '../customer/link-records.ts';
import { policySearchKeys, searchItem } from '../customer/search.ts';
import { type SourceRecord, type SourceRef, sourceKey } from '../customer/source-record-store.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Queue } from '../platform/queue.ts';
import type { Item } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';
import { type ChangeMessage, changesOf } from '../policy/contract.ts';
import type { PolicyFact } from '../policy/facts.ts';
import type { PolicyFacts } from '../policy/facts-store.ts';
import { type ChunkPlan, chunkObject, decodeChunk, decodePlan, planObject } from './chunk.ts';
import type { ChunkMessage, RowCounts } from './contract.ts';
import { finishImport } from './finish-import.ts';
import type { Import, Imports, RowError } from './import-store.ts';
import { createRowMapper, type MappedRow, type RowMapper } from './map-row.ts';

export interface LoadPorts {
  readonly objects: Objects;
  readonly imports: Imports;
  readonly facts: PolicyFacts;
  readonly changes: Queue<ChangeMessage>;
  readonly link: LinkPorts;
  /** Has people looked at again at an instant: what a file says of them is known from then on. */
  readonly waitForParties: (waiting: readonly { readonly partyId: PartyId; readonly at: Instant }[]) => Promise<void>;
}

export type LoadOutcome = { readonly kind: 'loaded'; readonly counts: RowCounts } | { readonly kind: 'known' };

const WIDTH = 16;

/** Plans and mappers of the imports at work, a few at a time: the same for each of their chunks. */
const mappers = new Map<string, { readonly plan: ChunkPlan; readonly map: RowMapper }>();
const MAPPERS = 8;

const mapperOf = async (objects: Objects, importId: string) => {
  const known = mappers.get(importId);
  if (known) return known;
  const file = await objects.get(planObject(importId));
  if (file === undefined)
    throw new EngagementError('not-found', `plan of import ${importId} is not in the bucket: import the file again`);
  const plan = decodePlan(file.body);
  const made = { plan, map: createRowMapper(plan.mapping, plan.columns) };
  if (mappers.size >= MAPPERS) mappers.delete([...mappers.keys()][0] ?? '');
  mappers.set(importId, made);
  return made;
};

const isRefused = ({ problems }: MappedRow): boolean => problems.some(({ severity }) => severity === 'refused');

/**
 * Takes over one chunk: maps its rows, links the persons, stores the facts, notes what was refused, announces what
 * changed. Done or not done as a whole: only then is the chunk marked, so a chunk that a crash cut off is done again,
 * and all of it is safe to do again (F24). Nothing is acknowledged before its changes are queued.
 */
export const loadRows = async (
  ports: LoadPorts,
  { importId, chunk }: ChunkMessage,
  now: Instant,
): Promise<LoadOutcome> => {
  const { objects, imports } = ports;
  if (await imports.isChunkDone(importId, chunk)) {
    await objects.remove(chunkObject(importId, chunk));
    await finishImport(ports, importId, chunk);
    return { kind: 'known' };
  }
  const record = await imports.get(importId);
  if (record === undefined)
    throw new EngagementError('not-found', `import ${importId} is not in the table: import the file again`);
  const { plan, map } = await mapperOf(objects, importId);
  const file = await objects.get(chunkObject(importId, chunk));
  if (file === undefined)
    throw new EngagementError(
      'not-found',
      `chunk ${chunk} of import ${importId} is not in the bucket: import the file again`,
      {
        retryable: true,
      },
    );

  const records = decodeChunk(file.body);
  const rows = records.map((raw) => map(raw, record.receivedAt));
  const good = rows.filter((row) => !isRefused(row));
  const work: Work = { ports, record, origin: `${importId}/${chunk}`, now };
  const parties = await takePersons(work, good, plan.mapping.mode === 'delta');
  const taken = await takeFacts(work, good, parties);

  const errors = rows.flatMap(({ line, problems }, n): RowError[] =>
    problems.length === 0 ? [] : [{ line, problems, cells: records[n]?.cells ?? [] }],
  );
  await imports.putErrors(importId, errors);
  const messages: ChangeMessage[] = [
    ...changesOf(taken.policyIds, `import:${importId}`),
    ...parties.changed.map((partyId): ChangeMessage => ({ kind: 'party', partyId, because: `import:${importId}` })),
  ];
  if (messages.length > 0) await ports.changes.send(messages);

  const unchanged = good.length - taken.changedRows;
  const refused = rows.length - good.length;
  const counts: RowCounts = {
    rows: rows.length,
    changed: taken.changedRows,
    unchanged,
    refused,
    warnings: errors.length - refused,
  };
  await imports.chunkDone(importId, { chunk, counts });
  await objects.remove(chunkObject(importId, chunk));
  await finishImport(ports, importId, chunk);
  return { kind: 'loaded', counts };
};

/** One chunk's occasion. */
interface Work {
  readonly ports: LoadPorts;
  readonly record: Import;
  readonly origin: string;
  readonly now: Instant;
}

/** A holder of whom the row tells only the number: a place in the book until that department's own row comes. */
const placeholder = ({ source, key }: { source: string; key: string }, scope: string): IncomingRecord => ({
  record: {
    source,
    key,
    scope,
    asOf: 0 as Instant,
    knownFrom: 0 as Instant,
    authority: 0,
    data: {},
    consents: [],
    sameAs: [],
  },
  isHolder: true,
  isPartial: false,
  isPlaceholder: true,
});

/** Links the persons of all rows; each number once, with its latest data. */
const takePersons = async ({ ports, record, origin, now }: Work, rows: readonly MappedRow[], isPartial: boolean) => {
  const holders = new Set(rows.flatMap(({ holder }) => (holder ? [personKey(holder.source, holder.key)] : [])));
  const incoming = rows.flatMap(({ person }): IncomingRecord[] =>
    person
      ? [
          {
            record: person,
            isHolder: holders.has(personKey(person.source, person.key)),
            isPartial,
            isPlaceholder: false,
          },
        ]
      : [],
  );
  const named = new Set(incoming.map(({ record: person }) => personKey(person.source, person.key)));
  const unnamed = new Map(
    rows.flatMap(({ holder }) =>
      holder && !named.has(personKey(holder.source, holder.key))
        ? [[personKey(holder.source, holder.key), holder] as const]
        : [],
    ),
  );
  const placeholders = [...unnamed.values()].map((holder) => placeholder(holder, record.scope));
  const outcome = await linkRecords(ports.link, [...incoming, ...placeholders], { now, origin });
  if (outcome.waiting.length > 0) await ports.waitForParties(outcome.waiting);
  return outcome;
};

const rowRef = (source: string, key: string): SourceRef => ({ source, kind: 'row', key });

/** Stores what the rows say of policies, where it is new. @returns the policies to be announced */
const takeFacts = async (
  { ports, record, origin }: Work,
  rows: readonly MappedRow[],
  { parties, taken }: Pick<LinkOutcome, 'parties' | 'taken'>,
): Promise<{ policyIds: Set<PolicyId>; changedRows: number }> => {
  const { source, receivedAt } = record;
  const occasion = { recordedAt: receivedAt, origin: `import:${record.importId}` };
  const holderOf = ({ holder }: MappedRow): PartyId | undefined =>
    holder && parties.get(personKey(holder.source, holder.key));
  const telling = rows.filter(({ facts, numbered }) => facts.length + numbered.length > 0);
  const known = await ports.link.sources.getMany(telling.map(({ key }) => rowRef(source, key)));

  const policyIds = new Set<PolicyId>();
  let again = 0;
  const facts: PolicyFact[] = [];
  const search: Item[] = [];
  const fresh: { row: MappedRow; hash: string; former?: SourceRecord; policyIds: PolicyId[] }[] = [];
  for (const row of telling) {
    const former = known.get(sourceKey(rowRef(source, row.key)));
    const hash = ports.link.hash(JSON.stringify([row.facts, row.numbered, holderOf(row) ?? null]));
    if (former?.hash === hash) {
      // an earlier attempt of this very chunk may have stopped before announcing it
      if (former.origin === origin) {
        again += 1;
        for (const id of former.policyIds ?? []) policyIds.add(id);
      }
      continue;
    }
    const holder = holderOf(row);
    for (const fact of row.facts) {
      if (fact.kind !== 'contract') facts.push({ ...fact, ...occasion });
      else if (holder !== undefined) {
        facts.push({ ...fact, ...occasion, holder });
        search.push(...policySearchKeys(fact.policyNo, fact.policyId).map(searchItem));
      }
    }
    fresh.push({ row, hash, policyIds: row.policyId ? [row.policyId] : [], ...(former ? { former } : {}) });
  }
  await ports.facts.write(facts);
  await ports.link.table.writeMany([...new Map(search.map((item) => [`${item.pk}\n${item.sk}`, item])).values()]);
  await takeNumbered(ports.facts, fresh, occasion);

  const written = fresh.map(({ row, hash, former, policyIds: ids }) => ({
    record: {
      ref: rowRef(source, row.key),
      hash,
      asOf: row.asOf,
      origin,
      policyIds: ids,
      data: [row.facts, row.numbered],
    },
    ...(former ? { former } : {}),
  }));
  // the same key twice in a chunk: the later line stands
  await ports.link.sources.writeMany([...new Map(written.map((entry) => [entry.record.ref.key, entry])).values()]);
  for (const entry of fresh) for (const id of entry.policyIds) policyIds.add(id);
  const people = rows.filter(
    ({ facts: own, numbered, person }) =>
      own.length + numbered.length === 0 && person && taken.has(personKey(person.source, person.key)),
  );
  return { policyIds, changedRows: fresh.length + again + people.length };
};

/** Offers and claims: each number is looked up once; what finds no policy waits for it. */
const takeNumbered = async (
  facts: PolicyFacts,
  fresh: readonly { readonly row: MappedRow; readonly policyIds: PolicyId[] }[],
  occasion: { readonly recordedAt: Instant; readonly origin: string },
): Promise<void> => {
  const byNumber = Map.groupBy(
    fresh.flatMap(({ row, policyIds }) => row.numbered.map(({ policyNo, fact }) => ({ policyNo, fact, policyIds }))),
    ({ policyNo }) => policyNo,
  );
  const found = await inParallel([...byNumber], WIDTH, async ([policyNo, entries]) => {
    const [policyId] = await facts.byNumber(policyNo);
    if (policyId !== undefined) return { policyId, entries };
    for (const { fact, policyIds } of entries) {
      const came = await facts.awaitPolicy(policyNo, { ...fact, ...occasion });
      if (came !== undefined) policyIds.push(came);
    }
    return undefined;
  });
  const hits = found.filter((entry) => entry !== undefined);
  await facts.write(
    hits.flatMap(({ policyId, entries }) =>
      entries.map(({ fact }): PolicyFact => ({ ...fact, ...occasion, policyId })),
    ),
  );
  for (const { policyId, entries } of hits) for (const { policyIds } of entries) policyIds.push(policyId);
};
