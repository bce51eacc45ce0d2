import { rowOfTags } from '../../shared/message/mail-tags.ts';
import type { Mailer, MailTags, SendAnswer } from '../../shared/message/mailer.ts';
import { formatInstant, MINUTE } from '../../shared/platform/time.ts';
import type { FaultRates } from './faults.ts';
import type { Process, Random, Scheduler } from './scheduler.ts';

/** What the provider truly took: the oracle of every invariant. */
export interface Accepted {
  readonly step: number;
  readonly sendId: string;
  readonly partyId: string;
  readonly sendClass: string;
  readonly campaign: string;
  /** Names of its step and of the policies that it speaks of. */
  readonly stepId: string;
  readonly policyIds: readonly string[];
  readonly to: string;
  /** When the process that called began to read. */
  readonly processStartedAt: number;
}

/** SES: accepts, throttles, refuses, loses its answers; and tells by events, late, in any order, many times or never. */
export const createProvider = (world: {
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  /** Share of mails that bounce for good, or are complained about. */
  trouble: number;
  emit: (event: unknown) => void;
}): { readonly log: Accepted[]; readonly mailer: (process: Process) => Mailer } => {
  const { scheduler, random, rates } = world;
  const log: Accepted[] = [];

  const tell = (to: string, messageId: string, tags: MailTags): void => {
    const mail = () => ({
      messageId,
      timestamp: formatInstant(scheduler.now()),
      destination: [to],
      tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
    });
    const timestamp = formatInstant(scheduler.now());
    const events: unknown[] = [{ eventType: 'Send', mail: mail() }];
    if (random.chance(world.trouble)) {
      const bouncedRecipients = [{ emailAddress: to }];
      const bounce = { bounceType: 'Permanent', bounceSubType: 'General', bouncedRecipients, timestamp };
      events.push(
        random.chance(0.5)
          ? { eventType: 'Bounce', mail: mail(), bounce }
          : { eventType: 'Complaint', mail: mail(), complaint: { complainedRecipients: bouncedRecipients, timestamp } },
      );
    } else events.push({ eventType: 'Delivery', mail: mail(), delivery: { timestamp } });
    for (const event of events) {
      if (random.chance(rates.eventLost)) continue;
      const copies = random.chance(rates.duplicate) ? 2 + random.int(3) : 1;
      for (let copy = 0; copy < copies; copy += 1)
        scheduler.at(scheduler.now() + random.int(rates.eventLost > 0 ? 20 * MINUTE : 1_000), () => world.emit(event));
    }
  };

  return {
    log,
    mailer: (process) => ({
      async send({ raw, to, tags }): Promise<SendAnswer> {
        if (random.chance(rates.throttle)) return { kind: 'throttled', code: 'Throttling' };
        if (random.chance(rates.mailUnanswered)) return { kind: 'unknown', code: 'TimeoutError' };
        if (random.chance(rates.refuse)) return { kind: 'refused', permanent: true, code: 'MessageRejected' };
        const row = rowOfTags(Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])));
        if (!row) throw new Error('mail without tags of ours');
        const { id: sendId, partyId, sendClass, campaign, step: stepId } = row;
        const [, ...policyIds] = Buffer.from(raw).toString().split(' ');
        const what = { sendId, partyId, sendClass, campaign, stepId, policyIds, to };
        log.push({ ...what, step: scheduler.step(), processStartedAt: process.startedAt });
        const messageId = `m${log.length}`;
        tell(to, messageId, tags);
        if (random.chance(rates.mailLost)) return { kind: 'unknown', code: 'ECONNRESET' };
        return { kind: 'accepted', messageId };
      },
    }),
  };
};
