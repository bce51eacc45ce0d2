import { EngagementError } from '../../../shared/platform/errors.ts';
import { formatInstant, parseInstant } from '../../../shared/platform/time.ts';
import type { AcceptedMail } from '../fakes/ses/accept-log.ts';
import { addressesOf, readRawMail } from '../fakes/ses/raw-mail.ts';
import type { Envelope, Receipt } from '../fakes/ses/receipt.ts';
import type { Ses } from '../fakes/ses/ses.ts';
import { writeReply } from '../fakes/ses/write-reply.ts';
import type { VirtualClock } from '../wire.ts';
import { json, type LocalRoute, readJson } from './local-http.ts';
import type { PolicyNumbers } from './policy-numbers.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** `limit` of a query. @throws EngagementError bad-input */
export const limitOf = (query: URLSearchParams): number => {
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new EngagementError(
      'bad-input',
      `limit "${query.get('limit')}" is not a whole number from 1 to ${MAX_LIMIT}`,
    );
  }
  return limit;
};

/** `after` of a query, where given. @throws EngagementError bad-input */
export const afterOf = (query: URLSearchParams) => {
  const text = query.get('after');
  if (text === null) return undefined;
  const at = parseInstant(text);
  if (at === undefined) throw new EngagementError('bad-input', `after "${text}" is not an ISO 8601 instant`);
  return at;
};

const policyIdsOf = (mail: AcceptedMail): readonly string[] => (mail.tags['policies'] ?? '').split('-').filter(Boolean);

/** A body that begins with a mail's head is one; any other is what somebody writes. */
const isMail = (body: Buffer): boolean =>
  /^(from|to|date|subject|message-id|mime-version|received|return-path|content-type):.*\r?\n/i.test(
    body.subarray(0, 2_000).toString('latin1'),
  );

/** Whose hands a raw mail comes from and goes to: as `from` and `to` of the query say, else as its head does. */
const envelopeOf = (raw: Buffer, query: URLSearchParams): Envelope => {
  const given = query.get('to');
  if (given !== null) return { from: query.get('from') ?? '', to: [given] };
  const { headers, fromAddress, recipients } = readRawMail(raw);
  const returnPath = headers.find(({ name }) => name.toLowerCase() === 'return-path')?.value;
  return { from: returnPath === undefined ? fromAddress : (addressesOf(returnPath)[0] ?? ''), to: recipients };
};

/** What the mail provider accepted: mails as sent, and what their readers do with them. */
export const mailboxRoutes = (parts: {
  readonly ses: Ses;
  readonly receipt: Receipt;
  readonly numbers: PolicyNumbers;
  readonly clock: VirtualClock;
}): readonly LocalRoute[] => {
  const { ses, receipt, numbers, clock } = parts;
  const itemOf = async (mail: AcceptedMail) => ({
    id: mail.id,
    messageId: mail.messageId,
    at: formatInstant(mail.at),
    // one text, as in a header: the product writes to one address at a time
    to: mail.to.join(', '),
    from: mail.from,
    subject: mail.subject,
    headers: Object.fromEntries(mail.headers.map(({ name, value }) => [name.toLowerCase(), value])),
    customerId: mail.tags['party'] ?? null,
    policyIds: await numbers.of(policyIdsOf(mail)),
    campaign: mail.tags['campaign'] ?? null,
    step: mail.tags['step'] ?? null,
    sendClass: mail.tags['class'] ?? null,
  });
  return [
    {
      key: 'GET /local/mailbox',
      async answer({ query }) {
        const limit = limitOf(query);
        const policy = query.get('policy');
        const wanted = policy === null ? undefined : new Set(await numbers.idsOf(policy));
        const step = query.get('step');
        const after = afterOf(query);
        const to = query.get('to');
        const found: AcceptedMail[] = [];
        let cursor = query.get('cursor') ?? undefined;
        // Policies are in a list tag, which the log does not search: page through until there is a page of them.
        do {
          const page = ses.mailbox.list({
            limit: wanted ? MAX_LIMIT : limit,
            ...(to === null ? {} : { to }),
            ...(step === null ? {} : { tags: { step } }),
            ...(after === undefined ? {} : { after }),
            ...(cursor === undefined ? {} : { cursor }),
          });
          found.push(...page.items.filter((mail) => !wanted || policyIdsOf(mail).some((id) => wanted.has(id))));
          cursor = page.next;
        } while (cursor !== undefined && found.length < limit);
        const items = found.slice(0, limit);
        const next = found.length > limit ? items.at(-1)?.id : cursor;
        return json({ items: await Promise.all(items.map(itemOf)), next: next ?? null });
      },
    },
    {
      key: 'GET /local/mailbox/{id}.eml',
      answer(_, { id = '' }) {
        const raw = ses.mailbox.raw(id);
        if (!raw) throw new EngagementError('not-found', `the mailbox holds no mail ${id}`);
        return { kind: 'whole', status: 200, type: 'message/rfc822', body: raw };
      },
    },
    {
      key: 'POST /local/mailbox/receive',
      async answer({ body, query }) {
        return json({ key: await receipt.receive(body, envelopeOf(body, query)) }, 202);
      },
    },
    {
      key: 'POST /local/mailbox/{id}/reply',
      async answer({ body, query }, { id = '' }) {
        const mail = ses.mailbox.get(id);
        if (!mail) throw new EngagementError('not-found', `the mailbox holds no mail ${id}`);
        if (isMail(body)) return json({ key: await receipt.receive(body, envelopeOf(body, query)) }, 202);
        const { raw, from, to } = writeReply(mail, body.toString('utf8'), clock.now());
        return json({ key: await receipt.receive(raw, { from, to }) }, 202);
      },
    },
    {
      key: 'POST /local/mailbox/{id}/feedback',
      answer({ body }, { id = '' }) {
        ses.feedback(id, readJson(body));
        return json({ accepted: true }, 202);
      },
    },
  ];
};
