import { createHash } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
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
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import { createS3Objects } from '../../shared/platform/s3-objects.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';

const log = createEventLog();
const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const dueWork = createDueWork(table);
const ports = {
  objects: createS3Objects(new S3Client(), required('IMPORTS_BUCKET')),
  imports: createImports(table),
  facts: createPolicyFacts(table),
  changes: createSqsQueue<ChangeMessage>(new SQSClient(), required('CHANGES_QUEUE_URL')),
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
  ids: randomIds,
  hash: (text: string) => createHash('sha256').update(text).digest('base64url'),
};
/** Its hash key is read from the table, so it is made with the first message and not with the module. */
let keys: Promise<MatchKeys> | undefined;

export const handler = queueHandler({
  schema: chunkMessageSchema,
  log,
  handle: async (message) => {
    keys ??= createMatchKeys(table);
    const link = { ...persons, keys: await keys };
    const now = Date.now() as Instant;
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
