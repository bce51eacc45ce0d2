import type { SendId } from '../platform/ids.ts';

/** Where a composed letter waits, in the print bucket. */
export const letterFile = (letterId: SendId): string => `letters/${letterId}.pdf`;

/** A batch's folder, its letters by name, and its manifest: what the print house takes. */
export const batchFile = (batch: string, name: string): string => `batches/${batch}/${name}`;

export const MANIFEST = 'manifest.csv';

/** The weekly list of one broker. @param broker a name that can stand in a path */
export const brokerListFile = (week: string, broker: string): string => `broker-lists/${week}/${broker}.csv`;
