import { createHash } from 'node:crypto';
import { createAudienceRows } from '../../../shared/audience/audience-rows.ts';
import { createAddressBook } from '../../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../../shared/customer/consent-ledger.ts';
import { createGates } from '../../../shared/customer/gate-store.ts';
import { createMatchKeys } from '../../../shared/customer/match-key-store.ts';
import { createProfiles } from '../../../shared/customer/profile-store.ts';
import { createSourceRecords } from '../../../shared/customer/source-record-store.ts';
import { createUnclearRecords } from '../../../shared/customer/unclear-store.ts';
import type { ChunkMessage, RowCounts } from '../../../shared/import/contract.ts';
import { createImports, type Import, type RowError } from '../../../shared/import/import-store.ts';
import { type LoadPorts, loadRows } from '../../../shared/import/load-rows.ts';
import { type SplitOutcome, type SplitPorts, splitImport } from '../../../shared/import/split-import.ts';
import { createMemoryBus } from '../../../shared/platform/bus.ts';
import type { PartyId } from '../../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../../shared/platform/memory-objects.ts';
import { createMemoryQueue } from '../../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../../shared/platform/memory-table.ts';
import { createStaffEvents } from '../../../shared/platform/staff-events.ts';
import type { Table } from '../../../shared/platform/table.ts';
import { type Instant, parseInstant } from '../../../shared/platform/time.ts';
import type { ChangeMessage } from '../../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../../shared/policy/facts-store.ts';

export const NOW = parseInstant('2018-12-01') as Instant;

/** The import over ports in memory, as the two functions wire it over AWS. */
export const createImportRig = async (table: Table = createMemoryTable()) => {
  const objects = createMemoryObjects();
  const chunks = createMemoryQueue<ChunkMessage>();
  const changes = createMemoryQueue<ChangeMessage>();
  const imports = createImports(table);
  const facts = createPolicyFacts(table);
  const waiting: { readonly partyId: PartyId; readonly at: Instant }[] = [];
  let drawn = 0;
  const link = {
    table,
    sources: createSourceRecords(table),
    keys: await createMatchKeys(table),
    profiles: createProfiles(table),
    gates: createGates(table),
    addresses: createAddressBook(table),
    ledger: createConsentLedger(table),
    unclear: createUnclearRecords(table),
    audienceRows: createAudienceRows(table),
    ids: { next: () => `party${String((drawn += 1)).padStart(6, '0')}` },
    hash: (text: string) => createHash('sha256').update(text).digest('base64url'),
  };
  const bus = createMemoryBus();
  const splitPorts: SplitPorts = {
    objects,
    imports,
    chunks,
    staff: createStaffEvents(bus),
    timeLeft: () => Number.POSITIVE_INFINITY,
  };
  const loadPorts: LoadPorts = {
    objects,
    imports,
    facts,
    changes,
    link,
    waitForParties: async (more) => {
      waiting.push(...more);
    },
  };

  /** Puts a mapping where uploads find it. */
  const addMapping = (mapping: { readonly id: string }): Promise<void> =>
    objects.put(`mappings/${mapping.id}.json`, JSON.stringify(mapping));
  /** Uploads a file and splits it. */
  const split = async (
    name: string,
    body: string | Uint8Array,
    metadata: Record<string, string> = {},
    now = NOW,
  ): Promise<SplitOutcome> => {
    await objects.put(`incoming/${name}`, body, { metadata });
    return splitImport(splitPorts, `incoming/${name}`, now);
  };
  /** Loads every queued chunk. */
  const load = async (now = NOW): Promise<void> => {
    for (const message of chunks.take()) await loadRows(loadPorts, message, now);
  };
  /** Uploads, splits and loads a file. */
  const run = async (name: string, body: string | Uint8Array, metadata: Record<string, string> = {}, now = NOW) => {
    const outcome = await split(name, body, metadata, now);
    await load(now);
    const record = outcome.kind === 'gone' ? undefined : await imports.get(outcome.importId);
    const errors: RowError[] = [];
    if (record) for await (const error of imports.errors(record.importId)) errors.push(error);
    return { outcome, record: record as Import, counts: record?.counts as RowCounts, errors };
  };
  return {
    table,
    objects,
    chunks,
    changes,
    imports,
    facts,
    link,
    waiting,
    bus,
    splitPorts,
    loadPorts,
    addMapping,
    split,
    load,
    run,
  };
};

export type ImportRig = Awaited<ReturnType<typeof createImportRig>>;
