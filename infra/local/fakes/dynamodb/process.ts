import type { AddressInfo } from 'node:net';
import type { Instant } from '../../../../shared/platform/time.ts';
import type { PolicyStatement, TableResource } from '../../template/resources.ts';
import { createFaultPlan, type FaultRule, type ReportedRule } from '../fault-plan.ts';
import { openEngine } from './engine.ts';
import { createTableServer } from './server.ts';
import { ensureTables, sweepExpired } from './tables.ts';

/** The table's process: forked by `dynamodb.ts`, ends when its parent does. */

export type ToTable =
  | {
      readonly kind: 'start';
      readonly folder?: string;
      readonly port: number;
      readonly tables: readonly TableResource[];
      readonly statements: Readonly<Record<string, readonly PolicyStatement[]>>;
    }
  | { readonly kind: 'faults'; readonly rules: readonly unknown[]; readonly id: number }
  | { readonly kind: 'fault-report'; readonly id: number }
  | { readonly kind: 'sweep'; readonly now: Instant; readonly id: number }
  | { readonly kind: 'stop' };

export type FromTable =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly result: number | readonly FaultRule[] | readonly ReportedRule[];
    }
  | { readonly kind: 'kill'; readonly what: 'host' | 'system' };

const tell = (message: FromTable): void => {
  process.send?.(message);
};

const start = async (options: Extract<ToTable, { kind: 'start' }>): Promise<void> => {
  const { tables, statements, folder, port } = options;
  const engine = openEngine(folder);
  await ensureTables(engine, tables);
  const faults = createFaultPlan();
  const effects = {
    killHost: () => tell({ kind: 'kill', what: 'host' }),
    killSystem: () => tell({ kind: 'kill', what: 'system' }),
  };
  const server = createTableServer(engine, { tables, statements, faults, effects });
  // SDK clients keep connections; a server that closes them first makes every pause a reset
  server.keepAliveTimeout = 0;
  server.listen(port, '127.0.0.1', () => tell({ kind: 'ready', port: (server.address() as AddressInfo).port }));

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    server.close();
    server.closeAllConnections();
    await engine.close();
    process.exit(0);
  };
  // the parent was killed: what was accepted is written, then the folder's lock goes
  process.on('disconnect', () => void stop());
  process.on('message', (message: ToTable) => {
    switch (message.kind) {
      case 'faults':
        tell({ kind: 'done', id: message.id, result: faults.set(message.rules) });
        break;
      case 'fault-report':
        tell({ kind: 'done', id: message.id, result: faults.report() });
        break;
      case 'sweep':
        void sweepExpired(engine, tables, message.now).then((result) => tell({ kind: 'done', id: message.id, result }));
        break;
      case 'stop':
        void stop();
        break;
      case 'start':
        break;
    }
  });
};

// Ctrl-C reaches the whole process group; the parent decides when the table may go
process.on('SIGINT', () => {});
process.once('message', (message: ToTable) => {
  if (message.kind !== 'start') return;
  start(message).catch((error: unknown) => {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  });
});
