import type { Item, Key, Table } from '../platform/table.ts';
import { MINUTE } from '../platform/time.ts';
import type { Click } from './click.ts';
import type { TimelineKey } from './timeline-store.ts';

/** What names a message: its timeline row. */
export type MessageKey = Pick<TimelineKey, 'partyId' | 'at' | 'id'>;

/** Clicks on the links of messages, until and after they are judged. */
export interface Clicks {
  /**
   * Notes a click. The same link followed again by the same kind of program within a minute is one click (S24), and no
   * message has more than a hundred.
   * @returns whether it is noted now, or was before
   */
  note(message: MessageKey, click: Click): Promise<boolean>;
  /** All that are noted of a message, strongly consistent. */
  of(message: MessageKey): Promise<readonly Click[]>;
  /** Forgets them: the message they were of is gone. */
  forget(message: MessageKey): Promise<void>;
}

/** More than a mail has links that a person follows in its life; a scanner that comes for ever fills no table. */
const MOST = 100;
/** How often others may write the same item meanwhile. */
const ATTEMPTS = 12;

const keyOf = ({ partyId, at, id }: MessageKey): Key => ({ pk: `C#${partyId}`, sk: `CLICKS#${at}#${id}` });

type StoredClick = readonly [at: number, target: string, agent: string];

const clicksOf = (item: Item | undefined): readonly Click[] =>
  ((item?.clicks ?? []) as readonly StoredClick[]).map(([at, target, agent]) => ({ at, target, agent }) as Click);

const isSame = (a: Click, b: Click): boolean =>
  a.target === b.target && a.agent === b.agent && Math.abs(a.at - b.at) < MINUTE;

/** Clicks over the table: one item a message, `C#<partyId>` / `CLICKS#<row>#<sendId>`. */
export const createClicks = (table: Table): Clicks => {
  const read = (partyKey: MessageKey): Promise<Item | undefined> => table.get(keyOf(partyKey), { consistent: true });
  return {
    async note(message, click) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const item = await read(message);
        const known = clicksOf(item);
        if (known.some((one) => isSame(one, click))) return true;
        if (known.length >= MOST) return false;
        const stored = [...known, click].map(({ at, target, agent }): StoredClick => [at, target, agent]);
        const version = Number(item?.v ?? 0);
        const outcome = await table.put(
          { ...keyOf(message), entity: 'Clicks', schemaVersion: 1, v: version + 1, clicks: stored },
          item === undefined ? [{ path: ['pk'], absent: true }] : [{ path: ['v'], is: version }],
        );
        if (outcome.kind === 'written') return true;
      }
      // a burst so dense that its other clicks tell enough
      return false;
    },

    of: async (message) => clicksOf(await read(message)),

    async forget(message) {
      await table.remove(keyOf(message));
    },
  };
};
