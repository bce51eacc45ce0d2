import { readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { simpleParser } from 'mailparser';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { addDuration, type Instant, parseInstant, type ZoneId } from '../../../shared/platform/time.ts';
import type { AcceptedMail, AcceptLog } from '../fakes/ses/accept-log.ts';
import { inTransaction } from '../fakes/transaction.ts';
import { type Fake, type VirtualClock, WireRefusal } from '../wire.ts';
import { fillSurvey } from './fill-survey.ts';
import { type Act, Behaviour } from './future-contract.ts';

/** What the player acts on: the same doors the outside world has. */
export interface Stage {
  readonly clock: VirtualClock;
  /** The provider's mailbox: what arrived. */
  readonly mailbox: Pick<AcceptLog, 'list' | 'get' | 'raw' | 'count'>;
  readonly publish: (event: {
    source: string;
    detailType: string;
    detail: Record<string, unknown>;
    at: Instant;
  }) => Promise<unknown>;
  readonly reply: (
    mail: AcceptedMail,
    written: Pick<Extract<Act, { do: 'reply' }>, 'text' | 'headers'>,
    at: Instant,
  ) => Promise<void>;
  readonly feedback: (mailId: string, report: { type: string; subType?: string; at: Instant }) => Promise<unknown>;
}

/** Plays what the people of a book will do, as the clock moves; kill -9 loses and repeats nothing but an act under way,
 *  and every act may be repeated. */
export interface Future extends Fake {
  /** Reads `future.ndjson` once per state folder. @throws EngagementError `bad-input` with the line number */
  load(file: string): void;
}

const LINKS = { renew: '/r/', survey: '/s/', unsubscribe: '/u/' } as const;
const UTC = 'UTC' as ZoneId;

/** Answers the page behind the mail's link as a browser would: reads it, fills the form, posts it. */
const answerPage = async (raw: Buffer, act: Extract<Act, { do: 'page' }>): Promise<void> => {
  const { text = '', html } = await simpleParser(raw);
  const found = `${text}\n${html || ''}`.match(new RegExp(`https?://[^\\s"'<>]+${LINKS[act.link]}[A-Za-z0-9_-]+`));
  if (!found) return;
  const url = found[0];
  if (act.link === 'survey') {
    const { score = '', comment } = act.form;
    await fillSurvey(url, { score, ...(comment === undefined ? {} : { comment }) });
    return;
  }
  const page = await (await fetch(url)).text();
  // `$first` takes the first choice the page offers, as a person does who does not care
  const offered = (name: string): string =>
    new RegExp(`name="${name}"[^>]*value="([^"]+)"`).exec(page)?.[1] ??
    new RegExp(`name="${name}"[\\s\\S]*?<option[^>]*value="([^"]+)"`).exec(page)?.[1] ??
    '';
  const form = Object.entries(act.form).map(([name, value]): [string, string] => [
    name,
    value === '$first' ? offered(name) : value,
  ]);
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    redirect: 'manual',
  });
};

export const createFuture = (db: DatabaseSync, stage: Stage): Future => {
  db.exec(`
    CREATE TABLE IF NOT EXISTS future_rule (id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, rule TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS future_rule_recipient ON future_rule (recipient) WHERE used = 0;
    CREATE TABLE IF NOT EXISTS future_act (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, act TEXT NOT NULL, mail TEXT, done INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS future_act_due ON future_act (at) WHERE done = 0;
    CREATE TABLE IF NOT EXISTS future_mark (id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL);
    INSERT OR IGNORE INTO future_mark (id, sequence) VALUES (1, 0);`);
  const statements = {
    loaded: db.prepare('SELECT (SELECT count(*) FROM future_rule) + (SELECT count(*) FROM future_act) AS n'),
    addRule: db.prepare('INSERT INTO future_rule (recipient, rule) VALUES (?, ?)'),
    addAct: db.prepare('INSERT INTO future_act (at, act, mail) VALUES (?, ?, ?)'),
    rules: db.prepare('SELECT id, rule FROM future_rule WHERE recipient = ? AND used = 0'),
    use: db.prepare('UPDATE future_rule SET used = 1 WHERE id = ?'),
    mark: db.prepare('SELECT sequence FROM future_mark'),
    setMark: db.prepare('UPDATE future_mark SET sequence = ?'),
    next: db.prepare('SELECT min(at) AS at FROM future_act WHERE done = 0'),
    due: db.prepare('SELECT id, at, act, mail FROM future_act WHERE done = 0 AND at <= ? ORDER BY at, id LIMIT 100'),
    done: db.prepare('UPDATE future_act SET done = 1 WHERE id = ?'),
  };
  const nextAct = (): Instant | undefined => (statements.next.get() as { at: Instant | null }).at ?? undefined;

  const seen = (): number => (statements.mark.get() as { sequence: number }).sequence;

  /** Turns new mails into acts to come: in one transaction with the mark, so that each mail is looked at once. */
  const followMails = (): boolean => {
    const mails = stage.mailbox.list({ cursor: String(seen()), limit: 1_000 }).items;
    const last = mails.at(-1);
    if (last === undefined) return false;
    inTransaction(db, () => {
      for (const mail of mails)
        for (const recipient of mail.to)
          for (const row of statements.rules.all(recipient) as { id: number; rule: string }[]) {
            const rule = JSON.parse(row.rule) as Extract<Behaviour, { onMail: unknown }>;
            if (rule.onMail.campaign !== mail.tags.campaign) continue;
            if (rule.onMail.step !== undefined && rule.onMail.step !== mail.tags.step) continue;
            statements.use.run(row.id);
            statements.addAct.run(addDuration(mail.at, rule.after, UTC), JSON.stringify(rule.act), mail.id);
          }
      statements.setMark.run(Number(last.id));
    });
    return true;
  };

  const perform = async (act: Act, at: Instant, mailId: string | null): Promise<void> => {
    switch (act.do) {
      case 'event':
        await stage.publish({ source: act.source, detailType: act.detailType, detail: act.detail, at });
        return;
      case 'feedback':
        if (mailId !== null)
          await stage.feedback(mailId, {
            type: act.type,
            ...(act.subType === undefined ? {} : { subType: act.subType }),
            at,
          });
        return;
      case 'reply': {
        const mail = mailId === null ? undefined : stage.mailbox.get(mailId);
        if (mail !== undefined) await stage.reply(mail, act, at);
        return;
      }
      case 'page': {
        const raw = mailId === null ? undefined : stage.mailbox.raw(mailId);
        if (raw !== undefined) await answerPage(raw, act);
        return;
      }
    }
  };

  return {
    load(file) {
      if ((statements.loaded.get() as { n: number }).n > 0) return;
      const lines = readFileSync(file, 'utf8').split('\n');
      inTransaction(db, () => {
        for (const [index, line] of lines.entries()) {
          if (line === '') continue;
          const parsed = Behaviour.safeParse(JSON.parse(line));
          if (!parsed.success)
            throw new EngagementError(
              'bad-input',
              `future.ndjson line ${index + 1} does not fit: ${parsed.error.issues[0]?.message}`,
            );
          const behaviour = parsed.data;
          if ('at' in behaviour)
            statements.addAct.run(parseInstant(behaviour.at) ?? 0, JSON.stringify(behaviour.act), null);
          else statements.addRule.run(behaviour.onMail.to, line);
        }
      });
    },

    accepts: () => false,
    actionOf: () => {
      throw new WireRefusal(400, 'UnknownOperation', 'the future takes no calls');
    },
    handle: () => Promise.reject(new WireRefusal(400, 'UnknownOperation', 'the future takes no calls')),

    nextDueAt: () => (stage.mailbox.count() > seen() ? stage.clock.now() : nextAct()),

    async run() {
      const followed = followMails();
      const due = statements.due.all(stage.clock.now()) as {
        id: number;
        at: Instant;
        act: string;
        mail: string | null;
      }[];
      for (const { id, at, act, mail } of due) {
        await perform(JSON.parse(act) as Act, at, mail);
        statements.done.run(id);
      }
      return followed || due.length > 0;
    },
  };
};
