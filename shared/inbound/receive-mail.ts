import type { TimelineEntry } from '../message/message.ts';
import type { Answered } from '../message/take-reply.ts';
import { type TakeReplyPorts, takeReply } from '../message/take-reply.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import { taskIdOf } from '../task/task.ts';
import { classifyMail, type MailClass } from './classify-mail.ts';
import { mailIdOf, type ReceivedMails } from './inbound-store.ts';
import { ownWords } from './quoted-text.ts';
import { READ_BYTES, type ReceivedMail, readMail } from './read-mail.ts';
import type { ReplyAddresses, ReplyClaims } from './reply-address.ts';

/** What mail that comes in needs from outside. */
export interface ReceiveMailPorts extends TakeReplyPorts {
  readonly timeline: Pick<Timeline, 'record' | 'complete' | 'list'>;
  readonly mails: Pick<Objects, 'head' | 'stream'>;
  readonly received: ReceivedMails;
  readonly addresses: Pick<ReplyAddresses, 'read'>;
  /** Whose task it is to read what nobody can be found for. */
  readonly scope: string;
  readonly zone: ZoneId;
}

/**
 * What came of a mail. `unknown`: it is no customer's, as far as can be told: a task of the branch. `ignored`: a machine
 * wrote it. `dropped`: spam or a virus. `gone`: the file is not there (any more). `why` is a code, for the log.
 */
export interface MailOutcome {
  readonly kind: 'replied' | 'stopped' | 'unknown' | 'ignored' | 'dropped' | 'gone';
  readonly why: string;
}

/** Larger mails are noted and left to be read in the bucket. */
const MAX_BYTES = 10 * 1024 * 1024;
/** What is kept of the words in the timeline, in bytes; all of them stay in the bucket. */
const WORDS_BYTES = 4_096;
/** How far back in a person's history the mail is looked for that was answered. */
const LOOK_BACK = 100;

/** The beginning of a file. @returns undefined where it is gone */
const beginningOf = async (mails: ReceiveMailPorts['mails'], key: string): Promise<Uint8Array> => {
  const blocks: Uint8Array[] = [];
  let size = 0;
  for await (const block of await mails.stream(key)) {
    blocks.push(block);
    size += block.length;
    if (size >= READ_BYTES) break;
  }
  return Buffer.concat(blocks);
};

/** Cut at a whole character. */
const shortened = (text: string): string => {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length <= WORDS_BYTES
    ? text
    : new TextDecoder().decode(bytes.subarray(0, WORDS_BYTES), { stream: true });
};

type Writer =
  | { readonly kind: 'token'; readonly claims: ReplyClaims }
  | { readonly kind: 'address'; readonly partyId: PartyId }
  | { readonly kind: 'nobody'; readonly why: string };

/** Whose mail it is: the address it was sent to says so; else From, where it is one customer's. A token that is not ours
 *  leads to nobody, whatever From claims. */
const writerOf = async (ports: ReceiveMailPorts, mail: ReceivedMail): Promise<Writer> => {
  const readings = mail.recipients.map((address) => ports.addresses.read(address));
  const ours = readings.flatMap((one) => (one.kind === 'ours' ? one.claims : []));
  // who asks to stop is heard, though the mail went to both addresses
  const claims = ours.find(({ use }) => use === 'unsubscribe') ?? ours[0];
  if (claims !== undefined) return { kind: 'token', claims };
  if (readings.some(({ kind }) => kind === 'forged')) return { kind: 'nobody', why: 'forged-token' };
  if (mail.from === '') return { kind: 'nobody', why: 'no-sender' };
  // SES checked what the sender's domain says about who may write in its name (RFC 8601)
  const checked = mail.header('authentication-results')[0] ?? '';
  if (/\bdmarc=fail\b/i.test(checked)) return { kind: 'nobody', why: 'not-authentic' };
  const [partyId, ...others] = await ports.addressBook.partiesAt(mail.from);
  if (partyId === undefined) return { kind: 'nobody', why: 'unknown-sender' };
  return others.length === 0 ? { kind: 'address', partyId } : { kind: 'nobody', why: 'shared-address' };
};

interface Found {
  readonly entry: TimelineEntry;
  readonly answered: Answered;
  /** The mail says so itself; else it is the latest that was sent. */
  readonly exact: boolean;
}

/** The mail that was answered: the one named by its id, else the latest that went out. */
const answeredOf = async (
  ports: ReceiveMailPorts,
  partyId: PartyId,
  mail: ReceivedMail,
): Promise<Found | undefined> => {
  const { entries } = await ports.timeline.list(partyId, { limit: LOOK_BACK });
  const sent = entries.filter(
    ({ kind, channel, state }) =>
      kind === 'message' && channel === 'email' && state !== undefined && state !== 'held' && state !== 'skipped',
  );
  const named = sent.find(({ details }) => mail.answers.includes(String(details?.messageId ?? '')));
  const entry = named ?? sent[0];
  if (entry?.campaign === undefined || entry.step === undefined || entry.sendClass === undefined) return undefined;
  const { policyIds, campaign, step, sendClass } = entry;
  return { entry, answered: { partyId, policyIds, campaign, step, sendClass }, exact: entry === named };
};

/** One task a sender and day: anybody may write, as often as they like. */
const leaveToBranch = async (
  ports: ReceiveMailPorts,
  mail: ReceivedMail,
  { at, key }: { readonly at: Instant; readonly key: string },
  why: string,
): Promise<MailOutcome> => {
  const dueOn = civilDateAt(at, ports.zone);
  await ports.tasks.add({
    taskId: taskIdOf('reply', derivedId('sender', mail.from), dueOn),
    scope: ports.scope,
    kind: 'reply',
    reason: 'unknown-sender',
    state: 'open',
    dueOn,
    createdAt: at,
    details: { channel: 'email', mail: key },
  });
  return { kind: 'unknown', why };
};

/** An absence note or report stops nothing and is nobody's reaction; the mail that it names says that it came. */
const noteMachine = async (ports: ReceiveMailPorts, mail: ReceivedMail, writer: Writer, at: Instant): Promise<void> => {
  if (writer.kind !== 'token') return;
  const found = await answeredOf(ports, writer.claims.partyId, mail);
  if (found?.exact) await ports.timeline.complete(found.entry, { details: { autoReplyAt: at } });
};

const wantsOut = (writer: Writer): boolean => writer.kind === 'token' && writer.claims.use === 'unsubscribe';

/**
 * Takes one mail that came in (ADR 0115): finds who wrote and what they answer, and hands a person's words to `takeReply`.
 * A mail to the unsubscribe address is an opt-out whatever it says, and whatever wrote it: mail programs send it for their
 * user. Any number of copies, in any order, end in the same state; whatever a stranger sends, it fails for no mail.
 * @param key of the file in the bucket
 * @param at when it came
 */
export const receiveMail = async (ports: ReceiveMailPorts, key: string, at: Instant): Promise<MailOutcome> => {
  const file = await ports.mails.head(key);
  if (file === undefined) return { kind: 'gone', why: 'no-file' };
  const tooLarge = file.size > MAX_BYTES;
  const mail = await readMail(await beginningOf(ports.mails, key), tooLarge ? 'head' : 'whole');
  const writer = await writerOf(ports, mail);
  const sort: MailClass = wantsOut(writer) ? { kind: 'person' } : classifyMail(mail);
  if (sort.kind === 'unwanted') return { kind: 'dropped', why: sort.why };
  if (sort.kind === 'automatic') {
    await noteMachine(ports, mail, writer, at);
    return { kind: 'ignored', why: sort.why };
  }

  const own = ownWords(mail.text);
  const words = own === '' ? subjectOf(mail) : own;
  const id = mailIdOf(mail, words);
  const first = await ports.received.note(id, { at, key });
  if (writer.kind === 'nobody') return leaveToBranch(ports, mail, first, writer.why);

  const { partyId } = writer.kind === 'token' ? writer.claims : writer;
  const found = await answeredOf(ports, partyId, mail);
  // who writes of their own accord answers nothing: only the address that a mail bore, or the mail's id, says they do
  const answers = found !== undefined && (found.exact || writer.kind === 'token') ? found : undefined;
  const text = shortened(words);
  const { kind } = await takeReply(ports, {
    id: derivedId('mail-reply', partyId, id),
    at: first.at,
    channel: 'email',
    partyId,
    answered: answers?.answered,
    // the latest mail is a guess, the address is not
    sendClass: answers?.exact
      ? answers.answered.sendClass
      : writer.kind === 'token'
        ? writer.claims.sendClass
        : undefined,
    text,
    ...(wantsOut(writer) ? { asksToStop: true as const } : {}),
    details: {
      mail: first.key,
      ...(mail.attachments > 0 ? { attachments: mail.attachments } : {}),
      ...(tooLarge || text.length < words.length ? { cut: true } : {}),
    },
  });
  return { kind, why: writer.kind };
};

/** A mail without words may say it all in its subject, unless that is only ours again. */
const subjectOf = ({ subject }: ReceivedMail): string =>
  /^\s*(re|aw|antw|sv|回复|回覆|答复|答覆)\s*[:：]/i.test(subject) ? '' : subject.trim();
