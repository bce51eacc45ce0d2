import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import type { Table } from '../../shared/platform/table.ts';
import { journeyEventSchema } from '../../shared/policy/customer-event.ts';
import { namesOf } from '../message/sending.ts';
import { createInbox, mailOf, replyTo } from './inbox.ts';

const { partyId, policyId } = namesOf(1);

describe('a person writes back (M5)', () => {
  test('a line in the timeline with the words, a task, a reaction, and an event without the words', async () => {
    const inbox = await createInbox([{ n: 1, profile: { manager: 'u-7' } }]);
    const body = 'Please call me about <b>my</b> car 😀\r\n\r\nOn 31 Jan 2019, Evermere <a@b.example> wrote:\r\n> Dear';
    expect(await inbox.deliver([mailOf({ body })])).toBe(0);
    const [reply, ...others] = await inbox.replies();
    expect(others).toEqual([]);
    expect(reply).toMatchObject({
      campaign: 'renewal',
      step: 'm30',
      policyIds: [policyId],
      channel: 'email',
      reason: 'reply',
      details: { text: 'Please call me about <b>my</b> car 😀', stop: false, mail: 'mail/1' },
    });
    expect(await inbox.tasks()).toMatchObject([
      { kind: 'reply', reason: 'wrote-back', partyId, policyId, assignee: 'u-7', campaign: 'renewal', scope: 's' },
    ]);
    expect(await inbox.reactions()).toEqual(['reply']);
    expect(inbox.bus.events).toMatchObject([{ source: 'perennial.journeys', detailType: 'CustomerReplied' }]);
    expect(journeyEventSchema.parse(inbox.bus.events[0]?.detail)).toMatchObject({
      partyId,
      policyId,
      properties: { channel: 'email', stop: false, campaign: 'renewal', step: 'm30' },
    });
    expect((await inbox.gate(1))?.consent['email/service']).toBeUndefined();
    // N7, S36: neither words nor addresses leave the history
    for (const out of [inbox.logged, inbox.bus.events, inbox.changes.messages, await inbox.tasks()])
      expect(JSON.stringify(out)).not.toMatch(/my car|example\.com|b>/);
  });

  test('46 copies, of the news and of the mail by other transports, change once', async () => {
    const inbox = await createInbox();
    await inbox.deliver([mailOf()], 46);
    await inbox.deliver([
      mailOf({ headers: { Received: 'from elsewhere by here; Fri, 1 Feb 2019 10:00:00 +0000' } }),
      mailOf({ headers: { 'X-SES-RECEIPT': 'another' } }),
    ]);
    expect(await inbox.replies()).toHaveLength(1);
    expect(await inbox.tasks()).toHaveLength(1);
    expect(new Set(inbox.bus.events.map(({ detail }) => detail.eventId)).size).toBe(1);
    await inbox.deliver([mailOf({ headers: { 'Message-ID': '<m2@mail.example>' }, body: 'And one thing more.' })]);
    expect(await inbox.replies()).toHaveLength(2);
    expect(await inbox.tasks()).toHaveLength(2);
  });

  test.each<[string, string | undefined, string]>([
    ['the named mail', '<ses-1@eu-west-1.amazonses.com>', 'm30'],
    ['no id: the latest mail', undefined, 'm07'],
    ['an id that is none of ours: the latest mail', '<x@mail.example>', 'm07'],
  ])('what is answered: %s', async (_, id, step) => {
    const inbox = await createInbox();
    await inbox.ports.timeline.record({
      ...(await inbox.rows(1))[0],
      id: 'later',
      step: 'm07',
      details: { messageId: 'ses-9' },
      at: Date.parse('2019-01-31T08:59:00Z'),
    } as never);
    await inbox.deliver([mailOf({ headers: { 'In-Reply-To': id } })]);
    expect((await inbox.replies())[0]).toMatchObject({ step });
  });

  test('References alone name the mail too', async () => {
    const inbox = await createInbox();
    const headers = { 'In-Reply-To': undefined, References: '<a@b>\r\n <ses-1@email.amazonses.com>', To: 'care@in.x' };
    await inbox.deliver([mailOf({ headers })]);
    expect((await inbox.replies())[0]).toMatchObject({ step: 'm30' });
    expect(await inbox.reactions()).toEqual(['reply']);
  });

  test('a crash at any write: the next copy completes it, and nothing stands twice', async () => {
    const clean = await createInbox();
    await clean.deliver([mailOf()]);
    const stateOf = async (inbox: typeof clean) => [
      await inbox.replies(),
      await inbox.tasks(),
      await inbox.reactions(),
      new Set(inbox.bus.events.map(({ detail }) => detail.eventId)).size,
    ];
    let left = -1;
    let done = false;
    const dying = (table: Table): Table => {
      const may = async <T>(act: () => Promise<T>): Promise<T> => {
        // the write is done and its answer lost, or it is not done: both happen
        if (left-- === 0) {
          if (done) await act();
          throw new EngagementError('unavailable', 'killed', { retryable: true });
        }
        return act();
      };
      return {
        ...table,
        put: (...given) => may(() => table.put(...given)),
        update: (...given) => may(() => table.update(...given)),
      };
    };
    for (let dies = 0; dies < 12; dies += 1) {
      done = dies % 2 === 0;
      const inbox = await createInbox([{ n: 1 }], 'service', dying);
      left = dies >> 1;
      const failed = await inbox.deliver([mailOf()]);
      left = -1;
      if (failed > 0) expect(await inbox.announce('mail/1')).toBe(0);
      expect(await stateOf(inbox), `killed at write ${dies >> 1}`).toEqual(await stateOf(clean));
    }
  });

  test('words beyond 4 KB are cut at a whole character, and the row says so', async () => {
    const inbox = await createInbox();
    await inbox.deliver([mailOf({ body: '请回电。😀'.repeat(1_000) })]);
    const [reply] = await inbox.replies();
    const text = String(reply?.details?.text);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
    expect(Buffer.byteLength(text)).toBeGreaterThan(4_080);
    expect(text).not.toContain('\uFFFD');
    expect(reply?.details?.cut).toBe(true);
  });

  test('a mail of more than 10 MB is noted without its words; files that come with one are counted, not opened', async () => {
    const inbox = await createInbox();
    const big = Buffer.concat([mailOf({ body: 'secret words' }), Buffer.alloc(10 * 1024 * 1024, 'x')]);
    const part = (type: string, body: string): string => `--b\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
    const attached = mailOf({
      headers: { 'Content-Type': 'multipart/mixed; boundary=b', 'Message-ID': '<m2@mail.example>' },
      body: `${part('text/plain', 'See the form.')}${part('application/pdf; name=f.pdf', '%PDF')}--b--`,
    });
    expect(await inbox.deliver([big, attached])).toBe(0);
    const [second, first] = await inbox.replies();
    expect(first?.details).toMatchObject({ cut: true, mail: 'mail/1', text: '' });
    expect(second?.details).toMatchObject({ text: 'See the form.', attachments: 1 });
    expect(await inbox.tasks()).toHaveLength(2);
  });
});

describe('who asks for no more', () => {
  test.each<[string, 'marketing' | 'service', readonly string[]]>([
    ['退订', 'marketing', ['email/marketing']],
    ['Unsubscribe', 'service', ['email/marketing', 'email/service']],
  ])('"%s" in answer to %s mail stops exactly that', async (body, sendClass, stopped) => {
    const people = [{ n: 1 }, { n: 2 }];
    const inbox = await createInbox(people, sendClass);
    await inbox.deliver([mailOf({ body: `${body}\r\n\r\n> Dear`, headers: { To: replyTo(1, sendClass) } })], 3);
    const refused = Object.entries((await inbox.gate(1))?.consent ?? {}).flatMap(([of, said]) =>
      said?.given === false ? of : [],
    );
    expect(refused.sort()).toEqual(stopped);
    expect((await inbox.gate(2))?.consent['email/marketing']?.given).toBe(true);
    // still in the timeline, and no task, no confirmation
    expect(await inbox.replies()).toMatchObject([{ details: { stop: true, text: body } }]);
    expect(await inbox.tasks()).toEqual([]);
    expect(await inbox.reactions()).toEqual([undefined]);
    expect(inbox.bus.events[0]).toMatchObject({ detail: { properties: { stop: true } } });
    expect(inbox.outcomes()[0]).toBe('stopped token');
  });

  test('the class of the address counts where the answered mail is not named', async () => {
    const inbox = await createInbox([{ n: 1 }], 'service');
    const headers = { To: replyTo(1, 'marketing'), 'In-Reply-To': undefined };
    await inbox.deliver([mailOf({ body: 'stop', headers })]);
    const gate = await inbox.gate(1);
    expect([gate?.consent['email/marketing']?.given, gate?.consent['email/service']]).toEqual([false, undefined]);
  });

  test('N4: in force before the news of the mail is done with', async () => {
    const inbox = await createInbox();
    const shut: (boolean | undefined)[] = [];
    const { publish } = inbox.bus;
    inbox.bus.publish = async (events) => {
      shut.push((await inbox.gate(1))?.consent['email/service']?.given);
      return publish(events);
    };
    await inbox.deliver([mailOf({ body: 'stop' })]);
    expect(shut).toEqual([false]);
  });

  test.each<[string, string]>([
    ['an empty mail', ''],
    ['any words', 'I like your letters'],
  ])('RFC 2369: %s to the unsubscribe address is an opt-out of its class', async (_, body) => {
    const inbox = await createInbox([{ n: 1 }], 'marketing');
    const headers = {
      To: replyTo(1, 'marketing', 'unsubscribe'),
      Subject: 'unsubscribe',
      // mail programs send it for their user
      'Auto-Submitted': 'auto-generated',
      'X-SES-Spam-Verdict': 'FAIL',
    };
    await inbox.deliver([mailOf({ body, headers })]);
    const gate = await inbox.gate(1);
    expect([gate?.consent['email/marketing']?.given, gate?.consent['email/service']]).toEqual([false, undefined]);
    expect(await inbox.tasks()).toEqual([]);
  });

  test('"cancel" may be about the policy: a person reads it', async () => {
    const inbox = await createInbox();
    await inbox.deliver([mailOf({ body: 'Cancel.' })]);
    expect(await inbox.tasks()).toHaveLength(1);
    expect((await inbox.gate(1))?.consent['email/service']).toBeUndefined();
  });
});

describe('what is no person’s reply (ADR 0115)', () => {
  const machines: readonly [string, Record<string, string>, string][] = [
    ['RFC 3834', { 'Auto-Submitted': 'auto-replied' }, 'auto-submitted'],
    ['RFC 3834 with parameters', { 'Auto-Submitted': 'auto-replied; owner-email="a@b"' }, 'auto-submitted'],
    ['X-Autoreply', { 'X-Autoreply': 'yes' }, 'auto-reply-header'],
    ['X-Autorespond', { 'X-Autorespond': 'away' }, 'auto-reply-header'],
    ['Precedence bulk', { Precedence: 'bulk' }, 'precedence'],
    ['Precedence auto_reply', { Precedence: 'auto_reply' }, 'precedence'],
    ['Precedence junk', { Precedence: 'junk' }, 'precedence'],
    ['Exchange', { 'X-Auto-Response-Suppress': 'All' }, 'auto-response-suppress'],
    ['a list', { 'List-Id': '<a.b.example>' }, 'list'],
    ['an empty return path', { 'Return-Path': '<>' }, 'empty-return-path'],
    ['a report', { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b' }, 'delivery-report'],
    ['the postmaster', { From: 'MAILER-DAEMON@mail.example' }, 'postmaster'],
    ['a subject', { Subject: 'Automatic reply: Your policy' }, 'subject'],
    ['a subject in Chinese', { Subject: '=?utf-8?B?6Ieq5Yqo5Zue5aSNOiDmgqjnmoTkv53ljZU=?=' }, 'subject'],
  ];

  test.each(machines)('%s changes nothing but a note on the mail', async (_, headers, why) => {
    const inbox = await createInbox();
    const before = JSON.stringify([await inbox.gate(1), await inbox.reactions()]);
    await inbox.deliver([mailOf({ headers, body: '退订' })], 2);
    expect(inbox.outcomes()).toEqual([`ignored ${why}`, `ignored ${why}`]);
    expect([await inbox.replies(), await inbox.tasks(), inbox.bus.events]).toEqual([[], [], []]);
    expect(JSON.stringify([await inbox.gate(1), await inbox.reactions()])).toBe(before);
    expect((await inbox.rows(1))[0]?.details?.autoReplyAt).toBeTypeOf('number');
  });

  test.each([{ 'Auto-Submitted': 'no' }, { Subject: 'Re: Automatic reply: x' }, { Precedence: 'first-class' }])(
    'a person’s: %o',
    async (headers) => {
      const inbox = await createInbox();
      await inbox.deliver([mailOf({ headers })]);
      expect(inbox.outcomes()).toEqual(['replied token']);
    },
  );

  test.each<[string, Record<string, string>]>([
    ['spam', { 'X-SES-Spam-Verdict': 'FAIL' }],
    ['virus', { 'X-SES-Virus-Verdict': 'FAIL' }],
  ])('%s is dropped and counted', async (why, headers) => {
    const inbox = await createInbox();
    await inbox.deliver([mailOf({ headers })]);
    expect(inbox.outcomes()).toEqual([`dropped ${why}`]);
    expect([await inbox.replies(), await inbox.tasks()]).toEqual([[], []]);
  });
});

describe('whose mail it is', () => {
  const plain = { To: 'care@in.perennial.example', 'In-Reply-To': undefined };

  test('without a token: From, where it is one customer’s; it answers nothing and stops no reminder', async () => {
    const inbox = await createInbox();
    await inbox.deliver([mailOf({ headers: plain })]);
    expect(await inbox.replies()).toHaveLength(1);
    expect(await inbox.tasks()).toMatchObject([{ partyId, reason: 'wrote-back' }]);
    expect(await inbox.reactions()).toEqual([undefined]);
  });

  test('the token counts, whatever From says', async () => {
    const inbox = await createInbox([{ n: 1 }, { n: 2 }]);
    await inbox.deliver([mailOf({ headers: { From: 'person2@example.com' } })]);
    expect([(await inbox.replies(1)).length, (await inbox.replies(2)).length]).toEqual([1, 0]);
  });

  test('a Bcc is found in what SES received it for', async () => {
    const inbox = await createInbox();
    const Received = `from a by inbound-smtp.amazonaws.com with SMTP id x for ${replyTo(1)}; Thu, 31 Jan 2019 10:00:00`;
    await inbox.deliver([mailOf({ headers: { To: 'somebody@else.example', Received } })]);
    expect(inbox.outcomes()).toEqual(['replied token']);
  });

  const changed = replyTo(1).replace(/\+(.)/, (_, letter: string) => `+${letter === 'a' ? 'b' : 'a'}`);
  test.each<[string, Record<string, string | undefined>, string]>([
    ['a forged token', { To: changed }, 'forged-token'],
    ['a stranger', { ...plain, From: 'stranger@mail.example' }, 'unknown-sender'],
    ['nobody', { ...plain, From: undefined }, 'no-sender'],
    [
      'one who is not who he says',
      { ...plain, 'Authentication-Results': 'amazonses.com; dmarc=fail' },
      'not-authentic',
    ],
  ])('%s: one task of the branch a day, and nothing else', async (_, headers, why) => {
    const inbox = await createInbox();
    await inbox.deliver([
      mailOf({ headers, body: '退订' }),
      mailOf({ headers: { ...headers, 'Message-ID': '<again@x>' }, body: 'stop' }),
    ]);
    expect(inbox.outcomes()).toEqual([`unknown ${why}`, `unknown ${why}`]);
    expect(await inbox.replies()).toEqual([]);
    const tasks = await inbox.tasks();
    expect(tasks).toMatchObject([{ kind: 'reply', reason: 'unknown-sender', scope: 'head-office' }]);
    expect(tasks[0]?.partyId).toBeUndefined();
    expect((await inbox.gate(1))?.consent['email/service']).toBeUndefined();
  });

  test('an address of several customers is nobody’s for certain', async () => {
    const inbox = await createInbox([{ n: 1 }, { n: 2, profile: { email: 'person1@example.com' } }]);
    await createAddressBook(inbox.memory).link('person1@example.com', namesOf(2).partyId);
    await inbox.deliver([mailOf({ headers: plain })]);
    expect(inbox.outcomes()).toEqual(['unknown shared-address']);
  });
});

describe('whatever a stranger sends (F09, F26)', () => {
  const usual = mailOf().toString();
  const corpus: readonly [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(5_000)],
    ['no head', Buffer.from('\r\n\r\nwords')],
    ['no body', Buffer.from(usual.split('\r\n\r\n')[0] ?? '')],
    ['a head without end', Buffer.from(`From: ${'a'.repeat(300_000)}`)],
    ['thousands of fields', Buffer.from(`${'X-A: b\r\n'.repeat(40_000)}\r\nhello`)],
    [
      'thousands of recipients',
      mailOf({ headers: { To: Array.from({ length: 9_000 }, (_, n) => `a${n}@x.yz`).join(',') } }),
    ],
    ['bytes that are no text', Buffer.from(Array.from({ length: 70_000 }, (_, n) => (n * 7_919) % 256))],
    ['a multipart without boundary', mailOf({ headers: { 'Content-Type': 'multipart/mixed' } })],
    [
      'a multipart that does not end',
      mailOf({ headers: { 'Content-Type': 'multipart/mixed; boundary=b' }, body: '--b\r\n\r\nx' }),
    ],
    [
      'parts in parts',
      mailOf({
        headers: { 'Content-Type': 'multipart/mixed; boundary=b0' },
        body: Array.from(
          { length: 400 },
          (_, n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n`,
        ).join('\r\n'),
      }),
    ],
    ['an unknown charset', mailOf({ headers: { 'Content-Type': 'text/plain; charset=x-klingon' } })],
    ['broken base64', mailOf({ headers: { 'Content-Transfer-Encoding': 'base64' }, body: '!!!!=a=b' })],
    [
      'broken quoted-printable',
      mailOf({ headers: { 'Content-Transfer-Encoding': 'quoted-printable' }, body: '=ZZ=\u0000=' }),
    ],
    ['lone line ends', Buffer.from(usual.replaceAll('\r\n', '\r'))],
    ['GBK under a false name', mailOf({ body: Buffer.from([0xc4, 0xe3, 0xba, 0xc3]).toString('latin1') })],
    ['prototype names', mailOf({ headers: { __proto__x: 'y', constructor: 'x', 'To ': 'x' } })],
    ['HTML of tags only', mailOf({ headers: { 'Content-Type': 'text/html' }, body: '<div>'.repeat(40_000) })],
    ['10 MB of short lines', mailOf({ body: 'x\r\n'.repeat(3_400_000) })],
    [
      '10 MB of parts',
      mailOf({
        headers: { 'Content-Type': 'multipart/mixed; boundary=x' },
        body: '--x\r\n\r\na\r\n'.repeat(1_000_000),
      }),
    ],
  ];

  test.each(corpus)(
    '%s',
    async (_, mail) => {
      const inbox = await createInbox();
      expect(await inbox.deliver([mail])).toBe(0);
      expect(inbox.outcomes()).toHaveLength(1);
    },
    60_000,
  );

  test('any bytes at all, and any cut or flip of a mail', async () => {
    const inbox = await createInbox();
    const raw = mailOf({ body: 'Hello\r\n> quoted' });
    const mails = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
      fc.integer({ min: 0, max: raw.length }).map((end) => raw.subarray(0, end)),
      fc.tuple(fc.integer({ min: 0, max: raw.length - 1 }), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
        const copy = Buffer.from(raw);
        copy[at] = byte;
        return copy;
      }),
    );
    await fc.assert(
      fc.asyncProperty(mails, async (mail) => {
        expect(await inbox.deliver([mail])).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('a file that is gone, and what SES writes to see whether it may, are passed over', async () => {
    const inbox = await createInbox();
    expect(await inbox.announce('mail/none')).toBe(0);
    await inbox.objects.put('mail/AMAZON_SES_SETUP_NOTIFICATION', 'hello');
    expect(await inbox.announce('mail/AMAZON_SES_SETUP_NOTIFICATION')).toBe(0);
    expect(inbox.outcomes()).toEqual(['gone no-file']);
    expect(await inbox.tasks()).toEqual([]);
  });
});
