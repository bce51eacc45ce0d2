import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { objectCreatedSchema } from '../../shared/import/contract.ts';
import { createImports } from '../../shared/import/import-store.ts';
import { isIncoming, splitImport } from '../../shared/import/split-import.ts';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import { createS3Objects } from '../../shared/platform/s3-objects.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import type { Instant } from '../../shared/platform/time.ts';

/** A run stops by itself before Lambda's 15 minutes are over; the next delivery goes on where it was. */
const RUN_MS = 12 * 60_000;

const log = createEventLog();
const base = {
  objects: createS3Objects(new S3Client(), required('IMPORTS_BUCKET')),
  imports: createImports(createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'))),
  chunks: createSqsQueue(new SQSClient(), required('CHUNKS_QUEUE_URL')),
  staff: createStaffEvents(createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME'))),
};

export const handler = queueHandler({
  schema: objectCreatedSchema,
  log,
  handle: async ({ Records }) => {
    const begun = performance.now();
    const ports = { ...base, timeLeft: () => RUN_MS - (performance.now() - begun) };
    for (const { s3 } of Records) {
      if (!isIncoming(s3.object.key)) continue;
      const outcome = await splitImport(ports, s3.object.key, Date.now() as Instant);
      if (outcome.kind === 'split') {
        const { importId, chunks, rows } = outcome;
        log.info('import.split', { importId, chunks, rows, refused: 0 });
      } else if (outcome.kind !== 'gone') {
        log.info('import.refused', { importId: outcome.importId, code: outcome.kind });
      }
    }
  },
});
