import type { ChunkMessage } from '../../shared/import/contract.ts';
import { createImports } from '../../shared/import/import-store.ts';
import { isIncoming, splitImport } from '../../shared/import/split-import.ts';
import { objectCreatedSchema } from '../../shared/platform/object-created.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';

/** A run stops by itself before Lambda's 15 minutes are over; the next delivery goes on where it was. */
const RUN_MS = 12 * 60_000;

/** `split-import`, of whatever adapters it is given. */
export const wire = ({
  table,
  bucket,
  bus,
  queue,
  clock,
  log,
}: Pick<Parts, 'table' | 'bucket' | 'bus' | 'queue' | 'clock' | 'log'>) => {
  const base = {
    objects: bucket('IMPORTS_BUCKET'),
    imports: createImports(table),
    chunks: queue<ChunkMessage>('CHUNKS_QUEUE_URL'),
    staff: createStaffEvents(bus),
  };

  return queueHandler({
    schema: objectCreatedSchema,
    log,
    handle: async ({ Records }) => {
      const begun = performance.now();
      const ports = { ...base, timeLeft: () => RUN_MS - (performance.now() - begun) };
      for (const { s3 } of Records) {
        if (!isIncoming(s3.object.key)) continue;
        const outcome = await splitImport(ports, s3.object.key, clock());
        if (outcome.kind === 'split') {
          const { importId, chunks, rows } = outcome;
          log.info('import.split', { importId, chunks, rows, refused: 0 });
        } else if (outcome.kind !== 'gone') {
          log.info('import.refused', { importId: outcome.importId, code: outcome.kind });
        }
      }
    },
  });
};
