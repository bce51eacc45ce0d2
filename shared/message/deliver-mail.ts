import type { Gate } from '../customer/customer.ts';
import { EngagementError, unreachable } from '../platform/errors.ts';
import type { SendId } from '../platform/ids.ts';
import { type Instant, MINUTE } from '../platform/time.ts';
import { askingRefusal } from './asking.ts';
import type { Conclusions } from './conclude-order.ts';
import type { Verdict } from './decide-orders.ts';
import { tagsOf } from './mail-tags.ts';
import type { MailTags, SendAnswer } from './mailer.ts';
import type { Proof, SendOrder } from './message.ts';
import { messageRow } from './message-row.ts';
import { addressOf, contactOf } from './plan-mails.ts';
import type { ComposedMail, SendOutcome, SendPorts } from './send-ports.ts';
import { markUnknown } from './unknown-outcome.ts';

/** A message that the provider had no room for is decided again after this long … */
const THROTTLE_WAIT = 2 * MINUTE;
/** … and after this long where the provider has paused our sending altogether: somebody must look first. */
const PAUSED_WAIT = 15 * MINUTE;
/** Calls within one run before that; the pause in milliseconds doubles from one to the next. */
const THROTTLE_CALLS = 3;
const THROTTLE_PAUSE = 250;

/** Answers that say that nothing at all goes out for now (F21). */
const PAUSED: ReadonlySet<string> = new Set([
  'AccountSendingPausedException',
  'ConfigurationSetSendingPausedException',
]);

/** A mail that was made, with its verdict and where both are kept. */
export interface ReadyMail {
  readonly verdict: Verdict;
  readonly mail: Extract<ComposedMail, { kind: 'rendered' }>;
  readonly proof: Proof;
}

/** What the mails of one batch share. */
export interface Run {
  /** Set once the provider said that sending is paused: none of the rest is tried. */
  paused?: string;
  /** How many reservations this run has written since a gate was read. */
  readonly reserved: WeakMap<Gate, number>;
}

/** One call; once more only after answers that say "not sent". A mailer that throws has said nothing. */
const call = async (ports: SendPorts, run: Run, raw: Uint8Array, to: string, tags: MailTags): Promise<SendAnswer> => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ports.mailer
      .send({ raw, to, tags })
      .catch((): SendAnswer => ({ kind: 'unknown', code: 'no-answer' }));
    if (answer.kind !== 'throttled') return answer;
    if (PAUSED.has(answer.code)) {
      if (run.paused === undefined) {
        run.paused = answer.code;
        await ports.sendingPaused(answer.code);
      }
      return answer;
    }
    if (attempt === THROTTLE_CALLS) return answer;
    await ports.pause(THROTTLE_PAUSE * 2 ** (attempt - 1));
  }
};

/** The order as far as the mail speaks of it: a resend leaves out what ended since the first call. */
const spokenOf = ({ recipient: { order, policies } }: Verdict): SendOrder => {
  const spoken = new Set<string | undefined>(policies.map(({ policyId }) => policyId));
  const enrolments = order.enrolments.filter(({ policyId }) => policyId === undefined || spoken.has(policyId));
  return { ...order, enrolments };
};

/** Flags a message before it goes once more, because nobody may be there after it. */
const flagResend = async (ports: SendPorts, order: SendOrder, spoken: SendOrder, row: Instant): Promise<void> => {
  const { policyIds, ...key } = messageRow(spoken, row);
  const leftOut = messageRow(order, row).policyIds.filter((id) => !policyIds.includes(id));
  const details = { resent: true, ...(leftOut.length > 0 ? { leftOut: leftOut.join(' ') } : {}) };
  await ports.timeline.complete(key, { policyIds, details });
};

/** What a mail was reserved as. */
interface Reserved {
  readonly owner: string;
  /** Takes back that it asks a survey. */
  readonly unsend: () => Promise<void>;
}

/** Asks the survey of a mail that is reserved. @returns why it does not go after all, or what takes the asking back */
const askReserved = async (
  ports: SendPorts,
  ends: Conclusions,
  { recipient, sendIds, row }: Verdict,
  owner: string,
  again: () => Promise<SendOutcome>,
): Promise<{ readonly ended: SendOutcome } | { readonly unsend: () => Promise<void> }> => {
  const { order } = recipient;
  const release = (): Promise<void> => ports.gates.release(order.partyId, sendIds, owner);
  const now = ports.clock();
  const outcome = await ports.asking.ask(recipient, now).catch(async (fault: unknown) => {
    // nothing was called: the order comes again as if nothing had been, and a first call stays as unknown as it was
    if (!order.resend) await release();
    throw fault;
  });
  if (outcome.kind === 'asked') return { unsend: outcome.unsend };
  const reason = askingRefusal(outcome.asking, now);
  // what the first call did stays unknown, and with it the reservation
  if (order.resend && reason) return { ended: await ends.skip(order, row, reason) };
  await release();
  return { ended: await again() };
};

/** Writes down how the call ended. */
const conclude = async (
  ports: SendPorts,
  ends: Conclusions,
  { verdict, mail, proof }: ReadyMail,
  { owner, unsend }: Reserved,
  answer: SendAnswer,
): Promise<SendOutcome> => {
  const { sendIds, row } = verdict;
  const { order } = verdict.recipient;
  const spoken = spokenOf(verdict);
  const release = async (): Promise<void> => {
    await unsend();
    await ports.gates.release(order.partyId, sendIds, owner);
  };
  switch (answer.kind) {
    case 'accepted': {
      const { hash, version } = mail.content;
      return ends.accepted(spoken, row, answer.messageId, { proof, details: { template: hash, version } });
    }
    case 'unknown':
      await markUnknown(ports, order, { row, owner, now: ports.clock() });
      return { kind: 'unknown' };
    case 'throttled': {
      // released before it is held: a crash in between brings the order again as if nothing had been
      await release();
      const wait = PAUSED.has(answer.code) ? PAUSED_WAIT : THROTTLE_WAIT;
      return ends.hold(order, row, 'no-quota', (ports.clock() + wait) as Instant);
    }
    case 'refused':
      if (answer.permanent) {
        await unsend();
        const outcome = await ends.fail(order, row, 'rejected', answer.code, proof);
        await ports.gates.markFailed(order.partyId, sendIds[0] as SendId);
        return outcome;
      }
      await release();
      throw new EngagementError('misconfigured', `provider refused with ${answer.code}: check the sending identity`);
    default:
      return unreachable(answer);
  }
};

/**
 * Reserves one mail, calls the provider once and writes its row. The reservation is the ledger's act and the mark of the
 * call in one: whoever finds it without a row knows that the outcome is unknown (ADR 0050). A merged message reserves the
 * send ids of all its policies in the same write. A mail that asks a survey notes that between the two (ADR 0104).
 * @param again decides the order anew: the gate is not as it was when this mail was decided
 */
export const deliverMail = async (
  ports: SendPorts,
  ends: Conclusions,
  run: Run,
  ready: ReadyMail,
  again: () => Promise<SendOutcome>,
): Promise<SendOutcome> => {
  const { recipient, sendIds, row, known, read } = ready.verdict;
  const { order, profile } = recipient;
  if (run.paused !== undefined) return ends.hold(order, row, 'no-quota', (ports.clock() + PAUSED_WAIT) as Instant);
  if (order.resend && (await ports.timeline.get(messageRow(order, row)))?.state !== 'unknown') return { kind: 'done' };

  const owner = ports.token();
  const contact = contactOf(ready.verdict, owner, ports.clock());
  // exactly our own writes lie between the gate as read and as expected: anyone else's makes it another version (N4)
  const written = run.reserved.get(read) ?? 0;
  const gate = { ...recipient.gate, version: read.version + written };
  const reserve = () =>
    known ? ports.gates.takeOver(gate, sendIds, known.owner, contact) : ports.gates.reserve(gate, sendIds, contact);
  // without an answer the reservation may stand: asked again, the gate knows our token
  const reserved = await reserve().catch(reserve);
  if (reserved.kind !== 'reserved') return again();
  run.reserved.set(read, written + 1);

  const asked = await askReserved(ports, ends, ready.verdict, owner, again);
  if ('ended' in asked) return asked.ended;
  const spoken = spokenOf(ready.verdict);
  if (order.resend) await flagResend(ports, order, spoken, row);
  const { campaign, step, sendClass } = order;
  const tags = tagsOf({ ...messageRow(spoken, row), campaign, step, sendClass, proof: ready.proof });
  const answer = await call(ports, run, ready.mail.raw, addressOf(order, profile) as string, tags);
  return conclude(ports, ends, ready, { owner, unsend: asked.unsend }, answer);
};
