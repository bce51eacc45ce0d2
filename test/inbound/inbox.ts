import type { Context, SQSEvent } from 'aws-lambda';
import { wire } from '../../functions/receive-mail/wire.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import type { SendClass } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createReplyAddresses } from '../../shared/inbound/reply-address.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import type { LogEvents } from '../../shared/platform/logging.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import type { Table } from '../../shared/platform/table.ts';
import { formatInstant, HOUR, type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { createSending, NOW, namesOf, type Person } from '../message/sending.ts';

const SECRET = Buffer.from('the secret of a stage, long enough');
export const addresses = createReplyAddresses(SECRET);

export interface Written {
  /** Beside, or in place of, the usual header fields; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

/** The address that mails to the n-th person bear. */
export const replyTo = (n: number, sendClass: SendClass = 'service', use: 'reply' | 'unsubscribe' = 'reply'): string =>
  addresses.address(`${use === 'reply' ? 'care' : 'unsubscribe'}@perennial.example`, {
    use,
    partyId: namesOf(n).partyId,
    sendClass,
  });

/** A mail as SES puts it into the bucket: its own lines on top. */
export const mailOf = ({ headers = {}, body = 'Please call me.' }: Written = {}): Buffer => {
  const all: Record<string, string | undefined> = {
    'Return-Path': '<person1@example.com>',
    'X-SES-Spam-Verdict': 'PASS',
    'X-SES-Virus-Verdict': 'PASS',
    'Authentication-Results': 'amazonses.com; spf=pass; dkim=pass; dmarc=pass',
    From: 'Person One <person1@example.com>',
    To: replyTo(1),
    Subject: 'Re: Your policy',
    Date: 'Thu, 31 Jan 2019 10:00:00 +0000',
    'Message-ID': '<m1@mail.example>',
    'In-Reply-To': '<ses-1@email.amazonses.com>',
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`));
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}\r\n`);
};

/** The function over memory: person 1 got one mail, of the class asked for, an hour ago. */
export const createInbox = async (
  people: readonly Person[] = [{ n: 1 }],
  sendClass: SendClass = 'service',
  watch: (table: Table) => Table = (table) => table,
) => {
  const sending = await createSending(people);
  const { memory } = sending;
  const timeline = createTimeline(memory);
  for (const { n } of people) {
    await createAddressBook(memory).link(`person${n}@example.com`, namesOf(n).partyId);
    await timeline.record({
      partyId: namesOf(n).partyId,
      at: (NOW - HOUR) as Instant,
      kind: 'message',
      id: `send${n}` as SendId,
      policyIds: [namesOf(n).policyId],
      campaign: 'renewal',
      step: 'm30',
      channel: 'email',
      sendClass,
      state: 'delivered',
      details: { messageId: `ses-${n}` },
    });
  }
  const objects = createMemoryObjects();
  const bus = createMemoryBus();
  const changes = createMemoryQueue<unknown>();
  const logged: [string, object][] = [];
  const note = <Name extends keyof LogEvents>(name: Name, fields: LogEvents[Name]): void => {
    logged.push([name, fields]);
  };
  const handler = wire({
    table: watch(memory),
    bucket: () => objects,
    bus,
    queue: () => changes as never,
    secret: () => async () => SECRET,
    clock: () => NOW,
    log: { info: note, warn: note, error: note },
  });
  let files = 0;

  /** Puts mails into the bucket and delivers the news of them, `copies` times each. @returns how many came back */
  const deliver = async (mails: readonly Buffer[], copies = 1): Promise<number> => {
    const keys: string[] = [];
    for (const mail of mails) {
      const key = `mail/${++files}`;
      await objects.put(key, mail);
      keys.push(key);
    }
    let failed = 0;
    for (const key of keys.flatMap((each) => Array.from({ length: copies }, () => each))) failed += await announce(key);
    return failed;
  };
  const announce = async (key: string): Promise<number> => {
    const at = formatInstant((NOW + (Number(key.split('/')[1]) || 0) * MINUTE) as Instant);
    const body = JSON.stringify({ Records: [{ eventTime: at, s3: { object: { key } } }] });
    const record = { messageId: key, body, attributes: { ApproximateReceiveCount: '1' } };
    const { batchItemFailures } = await handler({ Records: [record] } as unknown as SQSEvent, {} as Context);
    return batchItemFailures.length;
  };
  const outcomes = (): string[] =>
    logged.flatMap(([name, fields]) => (name === 'mail.received' ? Object.values(fields).join(' ') : []));
  return {
    ...sending,
    objects,
    bus,
    changes,
    logged,
    deliver,
    announce,
    outcomes,
    tasks: async () => [
      ...(await createTasks(memory).list('s', 'open')).tasks,
      ...(await createTasks(memory).list('head-office', 'open')).tasks,
    ],
    gate: async (n: number) => (await createGates(memory).getMany([namesOf(n).partyId])).get(namesOf(n).partyId),
    replies: async (n = 1) => (await sending.rows(n)).filter(({ kind }) => kind === 'reaction'),
    reactions: async (n = 1) =>
      (await createEnrolments(memory).ofParty(namesOf(n).partyId)).map(({ reaction }) => reaction?.kind),
  };
};
