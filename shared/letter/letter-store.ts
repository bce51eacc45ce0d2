import type { SendId } from '../platform/ids.ts';
import { type Item, type Key, queryAll, type Table } from '../platform/table.ts';
import type { CivilDate, Instant } from '../platform/time.ts';
import type { Letter, LetterState } from './letter.ts';

/** One hand-over: its letters are fixed when it is opened, so that a crash can never print one in two batches. */
export interface Batch {
  /** `<printOn>-<house>-<number>`: a folder name, one per hand-over. */
  readonly batch: string;
  readonly house: string;
  readonly printOn: CivilDate;
  readonly number: number;
  readonly letterIds: readonly SendId[];
  readonly openedAt: Instant;
  readonly state: 'open' | 'done';
}

/** Names the letters of one print house and day. */
export interface PrintDay {
  readonly house: string;
  readonly printOn: CivilDate;
}

/** Letters and batches by print day. All reads are strong. */
export interface Letters {
  /** Adds a letter; in the place of one that was recalled, or is being made anew, too. @returns the letter that stands there: this one, or an earlier */
  add(letter: Letter): Promise<Letter>;
  get(day: PrintDay, letterId: SendId): Promise<Letter | undefined>;
  /** Letters of a day, in the order of their ids. */
  ofDay(day: PrintDay): Promise<readonly Letter[]>;
  /** Moves a letter on from a state it must still be in. @returns whether it was */
  move(letter: Letter, from: LetterState, to: LetterState, batch?: string): Promise<boolean>;
  batches(day: PrintDay): Promise<readonly Batch[]>;
  /** @returns false where the number is taken */
  openBatch(batch: Batch): Promise<boolean>;
  closeBatch(batch: Batch): Promise<void>;
}

/** Number of digits that keeps batches of a day in order. */
const DIGITS = 4;

const partition = ({ house, printOn }: PrintDay): string => `B#${printOn}#${house}`;
const letterKey = (day: PrintDay, letterId: SendId): Key => ({ pk: partition(day), sk: `L#${letterId}` });
const batchKey = (batch: Pick<Batch, 'house' | 'printOn' | 'number'>): Key => ({
  pk: partition(batch),
  sk: `BATCH#${String(batch.number).padStart(DIGITS, '0')}`,
});

/** The state lies beside the letter, because it is what conditions look at. */
const toItem = ({ state, batch, ...letter }: Letter): Item => ({
  ...letterKey(letter, letter.letterId),
  entity: 'Letter',
  schemaVersion: 1,
  state,
  ...(batch === undefined ? {} : { batch }),
  letter,
});

const fromItem = (item: Item): Letter => ({
  ...(item['letter'] as Letter),
  state: item['state'] as LetterState,
  ...(item['batch'] === undefined ? {} : { batch: item['batch'] as string }),
});

const batchOf = (item: Item): Batch => ({
  ...(item['content'] as Omit<Batch, 'state'>),
  state: item['state'] as Batch['state'],
});

/** Letters over the table: `B#<printOn>#<house>` / `L#<letterId>` and `BATCH#<number>`. */
export const createLetters = (table: Table): Letters => {
  const get = async (day: PrintDay, letterId: SendId): Promise<Letter | undefined> => {
    const item = await table.get(letterKey(day, letterId), { consistent: true });
    return item && fromItem(item);
  };
  return {
    get,
    add: async (letter) => {
      const item = toItem(letter);
      if ((await table.put(item, [{ path: ['pk'], absent: true }])).kind === 'written') return letter;
      for (const gone of ['recalled', 'remaking'])
        if ((await table.put(item, [{ path: ['state'], is: gone }])).kind === 'written') return letter;
      return (await get(letter, letter.letterId)) ?? letter;
    },
    ofDay: async (day) => {
      const letters: Letter[] = [];
      for await (const item of queryAll(table, { pk: partition(day), prefix: 'L#', consistent: true }))
        letters.push(fromItem(item));
      return letters;
    },
    move: async (letter, from, to, batch) => {
      const set = [
        { path: ['state'] as const, value: to },
        ...(batch === undefined ? [] : [{ path: ['batch'] as const, value: batch }]),
      ];
      const outcome = await table.update(letterKey(letter, letter.letterId), { set }, [{ path: ['state'], is: from }]);
      return outcome.kind === 'written';
    },
    batches: async (day) => {
      const batches: Batch[] = [];
      for await (const item of queryAll(table, { pk: partition(day), prefix: 'BATCH#', consistent: true }))
        batches.push(batchOf(item));
      return batches;
    },
    openBatch: async ({ state, ...content }) => {
      const item: Item = { ...batchKey(content), entity: 'PrintBatch', schemaVersion: 1, state, content };
      return (await table.put(item, [{ path: ['pk'], absent: true }])).kind === 'written';
    },
    closeBatch: async (batch) => {
      await table.update(batchKey(batch), { set: [{ path: ['state'], value: 'done' }] }, [
        { path: ['pk'], present: true },
      ]);
    },
  };
};
