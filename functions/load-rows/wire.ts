import { createHash } from 'node:crypto';
import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createMatchKeys, type MatchKeys } from '../../shared/customer/match-key-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createSourceRecords } from '../../shared/customer/source-record-store.ts';
import { createUnclearRecords } from '../../shared/customer/unclear-store.ts';
import { chunkMessageSchema } from '../../shared/import/contract.ts';
import { createImports } from '../../shared/import/import-store.ts';
import { loadRows } from '../../shared/import/load-rows.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { partyRecheckRow } from '../../shared/journey/step-row.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';

/** `load-rows`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bucket,
  ids,
  clock,
  log,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'ids' | 'clock' | 'log'>) => {
  const dueWork = createDueWork(table);
  const ports = {
    objects: bucket('IMPORTS_BUCKET'),
    imports: createImports(table),
    facts: createPolicyFacts(table),
    changes: queue<ChangeMessage>('CHANGES_QUEUE_URL'),
  };
  const persons = {
    table,
    sources: createSourceRecords(table),
    profiles: createProfiles(table),
    gates: createGates(table),
    addresses: createAddressBook(table),
    ledger: createConsentLedger(table),
    unclear: createUnclearRecords(table),
    audienceRows: createAudienceRows(table),
    ids,
    hash: (text: string) => createHash('sha256').update(text).digest('base64url'),
  };
  /** Its hash key is read from the table, so it is made with the first message and not with the module. */
  let keys: Promise<MatchKeys> | undefined;

  return queueHandler({
    schema: chunkMessageSchema,
    log,
    handle: async (message) => {
      keys ??= createMatchKeys(table);
      const link = { ...persons, keys: await keys };
      const now = clock();
      const waitForParties = (waiting: Parameters<Parameters<typeof loadRows>[0]['waitForParties']>[0]) =>
        dueWork.place(
          waiting.map(({ partyId, at }) => partyRecheckRow(partyId, at)),
          now,
        );
      const outcome = await loadRows({ ...ports, link, waitForParties }, message, now);
      if (outcome.kind === 'known') return;
      const { rows, refused } = outcome.counts;
      log.info('import.chunk', { importId: message.importId, chunk: message.chunk, rows, refused });
    },
  });
};
