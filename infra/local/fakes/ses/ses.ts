import { randomUUID } from 'node:crypto';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import { DAY, type Instant, SECOND } from '../../../../shared/platform/time.ts';
import type { ConfigurationSetResource, EmailIdentityResource } from '../../template/resources.ts';
import { type Fake, WireRefusal, type WireRequest, type World } from '../../wire.ts';
import type { FaultPlan } from '../fault-plan.ts';
import { createOutbox } from '../outbox.ts';
import { formOf, listOf, queryAnswer, queryRefusal } from '../query-protocol.ts';
import { checkDelivery } from '../resource-policy.ts';
import { inTransaction } from '../transaction.ts';
import { type AcceptedMail, type AcceptLog, createAcceptLog } from './accept-log.ts';
import { readFeedback } from './feedback.ts';
import { addressesOf, checkAddress, type RawMail, readRawMail } from './raw-mail.ts';
import { destinationName, eventRecord, type SesEvent } from './ses-events.ts';

const NAMESPACE = 'http://ses.amazonaws.com/doc/2010-12-01/';
const MAX_RECIPIENTS = 50;
const MAX_TAGS = 50;
/** Mails a second that an account without a limit is told: SES knows -1, no limit, for the day only. */
const RATE_TOLD = 1_000;

/** What an account may send. */
interface SesQuota {
  /** Recipients in the last 24 virtual hours; absent: no limit. */
  readonly perDay?: number;
  /** Recipients in any second of real time, since a virtual second may last for ever; absent: no limit. */
  readonly perSecond?: number;
}

/** SES v1: takes raw mails into the accept log and tells what became of them. */
export interface Ses extends Fake {
  readonly mailbox: AcceptLog;
  /** Makes the event a mailbox or provider would cause, as `POST /local/mailbox/{id}/feedback` asks.
   *  @throws EngagementError `not-found` for an unknown mail, `bad-input` for the request, `conflict` where the mail's
   *  configuration set does not publish such events */
  feedback(id: string, input: unknown): void;
  setQuota(quota: SesQuota): void;
  /** While paused, every send is refused with AccountSendingPaused. */
  pause(paused: boolean): void;
}

/** @param faults asked at each event for `lose` and `duplicate`: service `ses`, action `Event:Send` and the like, the
 *  configuration set's name as principal
 *  @throws EngagementError `misconfigured` where a topic's policy does not let SES in */
export const createSes = (world: World, { faults }: { readonly faults?: FaultPlan } = {}): Ses => {
  const { db, clock, resources } = world;
  const { configurationSets, emailIdentities } = resources;
  for (const { arn, destinations } of configurationSets) {
    for (const { topicArn } of destinations) checkDelivery(world, 'ses.amazonaws.com', arn, topicArn);
  }
  const mailbox = createAcceptLog(db);
  const outbox = createOutbox(world, 'ses');
  let quota: SesQuota = {};
  let paused = false;
  let lately: { at: number; recipients: number }[] = [];

  /** A call is read twice, for the IAM check and to be done; mails are large. */
  const read = new WeakMap<WireRequest, SendRequest>();
  const readOnce = (request: WireRequest, form: ReadonlyMap<string, string>): SendRequest => {
    const send = read.get(request) ?? readSend(form, configurationSets, emailIdentities);
    read.set(request, send);
    return send;
  };

  /** Puts an event on its way; inside a transaction. @returns to how many destinations */
  const publish = (event: SesEvent, mail: AcceptedMail, at: Instant): number => {
    const set = configurationSets.find(({ name }) => name === mail.configurationSet);
    const wanted = (set?.destinations ?? []).filter(
      ({ enabled, events }) => enabled && events.includes(destinationName(event.type)),
    );
    const call = { service: 'ses', action: `Event:${event.type}`, principal: mail.configurationSet ?? '' };
    const strike = wanted.length === 0 ? undefined : faults?.strikeDelivery(call);
    if (strike === 'lose') return wanted.length;
    const [fromAddress = ''] = addressesOf(mail.from);
    const body = JSON.stringify(eventRecord(event, mail, at, identityOf(emailIdentities, fromAddress)?.arn ?? ''));
    for (const { topicArn } of wanted) {
      for (let copy = 0; copy < (strike === 'duplicate' ? 2 : 1); copy++) {
        outbox.add({ target: topicArn, body, dueAt: at });
      }
    }
    return wanted.length;
  };

  const checkQuota = (recipients: number): void => {
    if (paused) {
      throw new WireRefusal(400, 'AccountSendingPausedException', 'Sending paused for this account.');
    }
    const { perDay, perSecond } = quota;
    if (perDay !== undefined && mailbox.recipientsSince((clock.now() - DAY) as Instant) + recipients > perDay) {
      throw new WireRefusal(400, 'Throttling', 'Daily message quota exceeded.');
    }
    if (perSecond === undefined) return;
    const second = performance.now() - SECOND;
    lately = lately.filter(({ at }) => at > second);
    if (lately.reduce((sum, entry) => sum + entry.recipients, recipients) > perSecond) {
      throw new WireRefusal(400, 'Throttling', 'Maximum sending rate exceeded.');
    }
    lately.push({ at: performance.now(), recipients });
  };

  const accept = (send: SendRequest, principal: string): string => {
    checkQuota(send.to.length);
    const at = clock.now();
    const mail = {
      messageId: `0100${at.toString(16).padStart(12, '0')}-${randomUUID()}-000000`,
      at,
      to: send.to,
      from: send.mail.from,
      subject: send.mail.subject,
      headers: send.mail.headers,
      tags: send.tags,
      configurationSet: send.configurationSet?.name,
      principal,
    };
    // one commit: there is no accepted mail whose events are not on their way
    inTransaction(db, () => {
      const accepted = { ...mail, id: mailbox.add(mail, send.raw) };
      publish({ type: 'Send' }, accepted, at);
      for (const recipient of send.to) publish({ type: 'Delivery', recipient }, accepted, at);
    });
    outbox.kick();
    return mail.messageId;
  };

  return {
    mailbox,
    feedback(id, input) {
      const mail = mailbox.get(id);
      if (!mail) throw new EngagementError('not-found', `mailbox holds no mail ${id}`);
      const { event, at = clock.now() } = readFeedback(input, mail.to[0] ?? '');
      const reached = inTransaction(db, () => publish(event, mail, at));
      if (reached === 0) {
        throw new EngagementError(
          'conflict',
          `configuration set ${mail.configurationSet} publishes no ${event.type} events: add them to its event destination`,
        );
      }
      outbox.kick();
    },
    setQuota(next) {
      quota = next;
    },
    pause(next) {
      paused = next;
    },

    accepts: ({ headers, body }) =>
      headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true &&
      body.subarray(0, 400).includes('Version=2010-12-01'),
    actionOf(request) {
      const form = formOf(request);
      switch (form.get('Action')) {
        case 'GetSendQuota':
          return { action: 'ses:GetSendQuota', resources: ['*'] };
        case 'SendRawEmail': {
          const send = readOnce(request, form);
          return {
            action: 'ses:SendRawEmail',
            resources: [send.identity.arn, ...(send.configurationSet ? [send.configurationSet.arn] : [])],
            context: { 'ses:FromAddress': send.mail.fromAddress },
          };
        }
        default:
          throw new WireRefusal(400, 'InvalidAction', `ses:${form.get('Action')} is not covered by the local runtime`);
      }
    },
    async handle(request) {
      const form = formOf(request);
      if (form.get('Action') === 'GetSendQuota') {
        return queryAnswer(NAMESPACE, 'GetSendQuota', {
          Max24HourSend: String(quota.perDay ?? -1),
          MaxSendRate: String(quota.perSecond ?? RATE_TOLD),
          SentLast24Hours: String(mailbox.recipientsSince((clock.now() - DAY) as Instant)),
        });
      }
      const messageId = accept(readOnce(request, form), request.principal);
      return queryAnswer(NAMESPACE, 'SendRawEmail', { MessageId: messageId });
    },
    refuse: (_request: WireRequest, refusal) => queryRefusal(NAMESPACE, refusal),
    nextDueAt: () => outbox.nextDueAt(),
    run: () => outbox.flush(),
    busy: () => outbox.busy(),
    counts: () => ({ accepted: mailbox.count() }),
  };
};

interface SendRequest {
  readonly raw: Buffer;
  readonly mail: RawMail;
  readonly to: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly identity: EmailIdentityResource;
  readonly configurationSet: ConfigurationSetResource | undefined;
}

const KNOWN =
  /^(Action|Version|RawMessage\.Data|Source|ConfigurationSetName|Destinations\.member\.\d+|Tags\.member\.\d+\.(Name|Value))$/;

const readSend = (
  form: ReadonlyMap<string, string>,
  sets: readonly ConfigurationSetResource[],
  identities: readonly EmailIdentityResource[],
): SendRequest => {
  for (const name of form.keys()) {
    if (!KNOWN.test(name)) {
      throw invalid(`ses:SendRawEmail with parameter ${name} is not covered by the local runtime`);
    }
  }
  const raw = Buffer.from(form.get('RawMessage.Data') ?? '', 'base64');
  const mail = readRawMail(raw);
  const given = listOf(form, 'Destinations').flatMap(addressesOf);
  const to = given.length > 0 ? given : mail.recipients;
  if (to.length === 0) throw invalid('Missing required destinations.');
  if (to.length > MAX_RECIPIENTS)
    throw new WireRefusal(400, 'MessageRejected', `Recipient count exceeds ${MAX_RECIPIENTS}.`);
  for (const address of to) checkAddress(address);
  const senders = [...new Set([mail.fromAddress, ...addressesOf(form.get('Source') ?? '')])];
  const [identity] = senders.map((sender) => {
    checkAddress(sender);
    const found = identityOf(identities, sender);
    if (found) return found;
    throw new WireRefusal(
      400,
      'MessageRejected',
      `Email address is not verified. The following identities failed the check in region US-EAST-1: ${sender}`,
    );
  });
  const setName = form.get('ConfigurationSetName') ?? identity?.defaultConfigurationSet;
  const configurationSet = sets.find(({ name }) => name === setName);
  if (setName !== undefined && !configurationSet) {
    throw new WireRefusal(400, 'ConfigurationSetDoesNotExist', `Configuration set <${setName}> does not exist.`);
  }
  return { raw, mail, to, tags: readTags(form), identity: identity as EmailIdentityResource, configurationSet };
};

/** Names and values take letters, digits, `_` and `-` only, at most 256 of them (SES API reference, MessageTag). */
const readTags = (form: ReadonlyMap<string, string>): Record<string, string> => {
  const tags: Record<string, string> = {};
  for (let n = 1; form.has(`Tags.member.${n}.Name`); n++) {
    const name = form.get(`Tags.member.${n}.Name`) ?? '';
    const value = form.get(`Tags.member.${n}.Value`) ?? '';
    for (const [what, text] of [
      ['name', name],
      ['value', value],
    ]) {
      if (!/^[A-Za-z0-9_-]{1,256}$/.test(text ?? '')) {
        throw invalid(`Invalid tag ${what} <${text}>, only alphanumeric ASCII characters, '_', and '-' are allowed.`);
      }
    }
    if (name in tags) throw invalid(`Duplicate tag name <${name}>.`);
    tags[name] = value;
  }
  if (Object.keys(tags).length > MAX_TAGS) throw invalid(`Tag count exceeds ${MAX_TAGS}.`);
  return tags;
};

/** The verified identity an address falls under: itself, or its domain or a domain above that. */
const identityOf = (
  identities: readonly EmailIdentityResource[],
  address: string,
): EmailIdentityResource | undefined => {
  const wanted = address.toLowerCase();
  const domain = wanted.slice(wanted.lastIndexOf('@') + 1);
  return (
    identities.find(({ name }) => name.toLowerCase() === wanted) ??
    identities.find(({ name }) => domain === name.toLowerCase() || domain.endsWith(`.${name.toLowerCase()}`))
  );
};

const invalid = (message: string): WireRefusal => new WireRefusal(400, 'InvalidParameterValue', message);
