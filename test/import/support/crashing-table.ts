import type { Table } from '../../../shared/platform/table.ts';

/** What a crash looks like to the code it hits. */
export class Crash extends Error {}

/** A table that stops the caller at chosen writes: before the write, after it, or, for a batch, in the middle of it. */
export const createCrashingTable = (table: Table) => {
  let left = Number.POSITIVE_INFINITY;
  let how: 'before' | 'within' | 'after' = 'before';
  const writes = { count: 0 };
  const hit = async <Answer>(write: () => Promise<Answer>, half: () => Promise<void>): Promise<Answer> => {
    writes.count += 1;
    left -= 1;
    if (left !== 0) return write();
    if (how === 'within') await half();
    if (how === 'after') await write();
    throw new Crash(`crash ${how} a write`);
  };
  const nothing = async (): Promise<void> => {};
  const crashing: Table = {
    ...table,
    put: (item, condition) => hit(() => table.put(item, condition), nothing),
    update: (key, change, condition) => hit(() => table.update(key, change, condition), nothing),
    remove: (key, condition) => hit(() => table.remove(key, condition), nothing),
    writeMany: (puts, deletes) =>
      hit(
        () => table.writeMany(puts, deletes),
        () => table.writeMany(puts.slice(0, Math.ceil(puts.length / 2)), deletes?.slice(0, 1)),
      ),
  };
  return {
    table: crashing,
    writes,
    /** The next crash: at the `n`-th write from now. */
    crashAt(n: number, manner: typeof how): void {
      left = n;
      how = manner;
    },
    calm(): void {
      left = Number.POSITIVE_INFINITY;
    },
  };
};
