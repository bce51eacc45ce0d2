import { derivedId } from '../platform/ids.ts';
import type { Table } from '../platform/table.ts';
import { DAY, type Instant, SECOND } from '../platform/time.ts';

/** What is known of a mail since its first copy. */
export interface FirstCopy {
  /** When it came: names the row in the timeline, so that a copy of next week makes no second one. */
  readonly at: Instant;
  /** Of the file in the bucket. */
  readonly key: string;
}

/** Mails that came in, once each, whatever number of copies there are. */
export interface ReceivedMails {
  /** Notes a copy. @returns the first one, which may be this */
  note(id: string, copy: FirstCopy): Promise<FirstCopy>;
}

/** As long as the mails themselves are kept (infra/stages.ts). */
const KEPT_DAYS = 400;

/** Names a mail by what all its copies share: another transport changes headers, not these. */
export const mailIdOf = (mail: { messageId: string; from: string; date: string }, words: string): string =>
  derivedId('mail', mail.messageId, mail.from, mail.date, words);

/** Received mails over the table: `MAIL#<id>` / `FIRST`. */
export const createReceivedMails = (table: Table): ReceivedMails => ({
  async note(id, copy) {
    const key = { pk: `MAIL#${id}`, sk: 'FIRST' };
    const expiresAt = Math.ceil((copy.at + KEPT_DAYS * DAY) / SECOND);
    const item = { ...key, entity: 'ReceivedMail', schemaVersion: 1, expiresAt, ...copy };
    if ((await table.put(item, [{ path: ['pk'], absent: true }])).kind === 'written') return copy;
    const first = await table.get(key, { consistent: true });
    return first === undefined ? copy : { at: first.at as Instant, key: first.key as string };
  },
});
