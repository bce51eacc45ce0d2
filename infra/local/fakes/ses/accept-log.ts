import type { DatabaseSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Instant } from '../../../../shared/platform/time.ts';
import type { MailHeader } from './raw-mail.ts';

/** One mail SES accepted: the oracle of every test about who got what. */
export interface AcceptedMail {
  /** Place in the log, `1` for the first: the mailbox's id. */
  readonly id: string;
  readonly messageId: string;
  readonly at: Instant;
  readonly to: readonly string[];
  /** From header, decoded. */
  readonly from: string;
  /** Subject, decoded. */
  readonly subject: string;
  readonly headers: readonly MailHeader[];
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet: string | undefined;
  /** Logical id of the function that sent it, or `operator`. */
  readonly principal: string;
}

/** Which mails, in the order they were accepted. */
interface MailQuery {
  /** An address, any case. */
  readonly to?: string;
  /** Only mails with these message tags. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Only mails accepted at or after. */
  readonly after?: Instant;
  /** 1 … 1,000; absent: 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface AcceptLog {
  /** Call inside the accepting transaction. @returns the mail's id */
  add(mail: Omit<AcceptedMail, 'id'>, raw: Buffer): string;
  get(id: string): AcceptedMail | undefined;
  /** The message as it was sent. */
  raw(id: string): Buffer | undefined;
  list(query: MailQuery): { readonly items: readonly AcceptedMail[]; readonly next: string | undefined };
  count(): number;
  /** Recipients accepted after `since`: what the daily quota counts. */
  recipientsSince(since: Instant): number;
}

interface Row {
  id: number;
  message_id: string;
  at: number;
  recipients: string;
  sender: string;
  subject: string;
  headers: string;
  tags: string;
  configuration_set: string | null;
  principal: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS ses_accept (
    id INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, recipients TEXT NOT NULL,
    recipient_count INTEGER NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, headers TEXT NOT NULL,
    tags TEXT NOT NULL, configuration_set TEXT, principal TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS ses_accept_at ON ses_accept (at);
  CREATE TABLE IF NOT EXISTS ses_recipient (address TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (address, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ses_raw (id INTEGER PRIMARY KEY, raw BLOB NOT NULL);`;

/** The accept log in the state file. The raw message lies beside its row, packed: one commit keeps both. */
export const createAcceptLog = (db: DatabaseSync): AcceptLog => {
  db.exec(SCHEMA);
  const insert = db.prepare(
    `INSERT INTO ses_accept (message_id, at, recipients, recipient_count, sender, subject, headers, tags,
     configuration_set, principal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertRaw = db.prepare('INSERT INTO ses_raw (id, raw) VALUES (?, ?)');
  const insertRecipient = db.prepare('INSERT OR IGNORE INTO ses_recipient (address, id) VALUES (?, ?)');
  const one = db.prepare('SELECT * FROM ses_accept WHERE id = ?');
  const oneRaw = db.prepare('SELECT raw FROM ses_raw WHERE id = ?');
  const page = db.prepare('SELECT * FROM ses_accept WHERE id > ? AND at >= ? ORDER BY id LIMIT ?');
  const pageTo = db.prepare(
    `SELECT mail.* FROM ses_recipient JOIN ses_accept AS mail USING (id)
     WHERE address = ? AND id > ? AND at >= ? ORDER BY id LIMIT ?`,
  );
  const countAll = db.prepare('SELECT COUNT(*) AS n FROM ses_accept');
  const since = db.prepare('SELECT COALESCE(SUM(recipient_count), 0) AS n FROM ses_accept WHERE at > ?');

  return {
    add(mail, raw) {
      const { lastInsertRowid: id } = insert.run(
        mail.messageId,
        mail.at,
        JSON.stringify(mail.to),
        mail.to.length,
        mail.from,
        mail.subject,
        JSON.stringify(mail.headers.map(({ name, value }) => [name, value])),
        JSON.stringify(mail.tags),
        mail.configurationSet ?? null,
        mail.principal,
      );
      insertRaw.run(id, deflateRawSync(raw, { level: 1 }));
      for (const address of mail.to) insertRecipient.run(address.toLowerCase(), id);
      return String(id);
    },
    get(id) {
      const row = one.get(id) as unknown as Row | undefined;
      return row && mailOf(row);
    },
    raw(id) {
      const row = oneRaw.get(id) as { raw: Uint8Array } | undefined;
      return row && inflateRawSync(row.raw);
    },
    list({ to, tags = {}, after = 0 as Instant, limit = 100, cursor = '0' }) {
      const wanted = Object.entries(tags);
      const items: AcceptedMail[] = [];
      let from = Number(cursor);
      for (;;) {
        const rows = (to === undefined
          ? page.all(from, after, 1_000)
          : pageTo.all(to.toLowerCase(), from, after, 1_000)) as unknown as Row[];
        for (const row of rows) {
          const mail = mailOf(row);
          if (!wanted.every(([name, value]) => mail.tags[name] === value)) continue;
          if (items.length === limit) return { items, next: items.at(-1)?.id };
          items.push(mail);
        }
        const last = rows.at(-1);
        if (last === undefined || rows.length < 1_000) return { items, next: undefined };
        from = last.id;
      }
    },
    count: () => (countAll.get() as { n: number }).n,
    recipientsSince: (at) => (since.get(at) as { n: number }).n,
  };
};

const mailOf = (row: Row): AcceptedMail => ({
  id: String(row.id),
  messageId: row.message_id,
  at: row.at as Instant,
  to: JSON.parse(row.recipients) as string[],
  from: row.sender,
  subject: row.subject,
  headers: (JSON.parse(row.headers) as [string, string][]).map(([name, value]) => ({ name, value })),
  tags: JSON.parse(row.tags) as Record<string, string>,
  configurationSet: row.configuration_set ?? undefined,
  principal: row.principal,
});
