import { rmSync } from 'node:fs';
import type { Context, SQSEvent } from 'aws-lambda';
import { type ParsedMail, simpleParser } from 'mailparser';
import { beforeAll, describe, expect, test } from 'vitest';
import { wire as wireReceiveMail } from '../../functions/receive-mail/wire.ts';
import { wire as wirePublic } from '../../functions/serve-public/wire.ts';
import { filesOfBook } from '../../infra/local/book.ts';
import { makeLive } from '../../infra/local/simulate/make-live.ts';
import { createMemorySystem } from '../../infra/local/simulate/memory-system.ts';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { pinWith } from '../../shared/campaign/pins.ts';
import { shippedIndex } from '../../shared/campaign/programmes.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { DAY, formatInstant, HOUR, type Instant, parseInstant } from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { endpointKey, sign } from '../../shared/relay/signature.ts';
import { type SmallPolicy, writeSmallBook } from './support/small-book.ts';

/**
 * Nine journeys run for everybody at once, one of each kind. A day after the first message of each something happens; a week
 * later the second message is due. The table below was written by hand from docs/guides/messages.md; the functions' own
 * wiring in memory must agree with it, cell by cell.
 */

/** A Monday, 10:00 in Madrid. */
const START = parseInstant('2019-03-04T09:00:00Z') as Instant;

/** Words of the table, and what the history says where that is meant. */
const MEANING: Readonly<Record<string, string>> = {
  shut: 'suppressed',
  out: 'opted-out',
  reacted: 'already-reacted',
  topic: 'topic-refused',
  pause: 'paused-by-customer',
};

/**
 * What becomes of the second message. `+` goes as planned; `post` goes by letter instead, because the mailbox is shut;
 * anything else is the reason for which it does not go. The sharer reads the same mailbox, or has the same number where
 * texts are stopped.
 *
 * contract: about a contract, service · unheard: the same, only for those who did not react · advice, events: service with
 * that topic · survey: a reminder to answer · offers: advertising · law: statutory, by letter where no mail reaches ·
 * letter, text: service by post and by the gateway.
 */
const TABLE = `
what happens                     | to whom  | contract | unheard | advice | events | survey | offers | law  | letter | text
nothing                          | customer | +        | +       | +      | +      | +      | +      | +    | +      | +
nothing                          | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +

hard bounce                      | customer | shut     | shut    | shut   | shut   | shut   | shut   | post | +      | +
hard bounce                      | sharer   | shut     | shut    | shut   | shut   | shut   | shut   | post | +      | +
one soft bounce                  | customer | +        | +       | +      | +      | +      | +      | +    | +      | +
one soft bounce                  | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +
five soft bounces in a row       | customer | shut     | shut    | shut   | shut   | shut   | shut   | +    | +      | +
five soft bounces in a row       | sharer   | shut     | shut    | shut   | shut   | shut   | shut   | +    | +      | +
refused for its content          | customer | +        | +       | +      | +      | +      | +      | +    | +      | +
refused for its content          | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +

complaint                        | customer | shut     | shut    | shut   | shut   | shut   | shut   | post | +      | +
complaint                        | sharer   | shut     | shut    | shut   | shut   | shut   | shut   | post | +      | +
complaint, type not-spam         | customer | +        | +       | +      | +      | +      | +      | +    | +      | +
complaint, type not-spam         | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +

one click, advertising           | customer | +        | +       | +      | +      | +      | out    | +    | +      | +
one click, advertising           | sharer   | +        | +       | +      | +      | +      | out    | +    | +      | +
one click, about a contract      | customer | out      | out     | out    | out    | out    | out    | +    | +      | +
one click, about a contract      | sharer   | out      | out     | out    | out    | out    | out    | +    | +      | +
a scanner opens that link        | customer | +        | +       | +      | +      | +      | +      | +    | +      | +
a scanner opens that link        | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +

reply 退订 to advertising        | customer | +        | +       | +      | +      | +      | out    | +    | +      | +
reply 退订 to advertising        | sharer   | +        | +       | +      | +      | +      | out    | +    | +      | +
reply 退订 to a reminder         | customer | out      | out     | out    | out    | out    | out    | +    | +      | +
reply 退订 to a reminder         | sharer   | out      | out     | out    | out    | out    | out    | +    | +      | +
reply 退订 to a statutory notice | customer | out      | out     | out    | out    | out    | out    | +    | +      | +
reply 退订 to a statutory notice | sharer   | out      | out     | out    | out    | out    | out    | +    | +      | +
a person's reply                 | customer | +        | reacted | +      | +      | +      | +      | +    | +      | +
a person's reply                 | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +
an absence note                  | customer | +        | +       | +      | +      | +      | +      | +    | +      | +
an absence note                  | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +
text STOP                        | customer | +        | +       | +      | +      | +      | +      | +    | +      | out
text STOP                        | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | out

topic advice refused             | customer | +        | +       | topic  | +      | +      | +      | +    | +      | +
topic advice refused             | sharer   | +        | +       | topic  | +      | +      | +      | +    | +      | +
topics surveys, offers refused   | customer | +        | +       | +      | +      | topic  | topic  | +    | +      | +
topics surveys, offers refused   | sharer   | +        | +       | +      | +      | topic  | topic  | +    | +      | +
advertising by e-mail refused    | customer | +        | +       | +      | +      | +      | out    | +    | +      | +
advertising by e-mail refused    | sharer   | +        | +       | +      | +      | +      | out    | +    | +      | +
pause                            | customer | +        | +       | pause  | pause  | pause  | pause  | +    | +      | +
pause                            | sharer   | +        | +       | pause  | pause  | pause  | pause  | +    | +      | +
pause, and resumed               | customer | +        | +       | +      | +      | +      | +      | +    | +      | +
pause, and resumed               | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +
pace monthly                     | customer | +        | +       | pace   | pace   | pace   | pace   | +    | +      | +
pace monthly                     | sharer   | +        | +       | pace   | pace   | pace   | pace   | +    | +      | +
pace weekly                      | customer | +        | +       | +      | pace   | pace   | pace   | +    | +      | +
pace weekly                      | sharer   | +        | +       | +      | pace   | pace   | pace   | +    | +      | +
stop all but contracts           | customer | +        | +       | topic  | topic  | topic  | out    | +    | +      | +
stop all but contracts           | sharer   | +        | +       | topic  | topic  | topic  | out    | +    | +      | +
this is not me                   | customer | shut     | shut    | shut   | shut   | shut   | shut   | post | +      | +
this is not me                   | sharer   | +        | +       | +      | +      | +      | +      | +    | +      | +
`;

const [HEAD = [], ...ROWS] = TABLE.split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => line.split('|').map((cell) => cell.trim()));
const KINDS = HEAD.slice(2);
const ACTS = [...new Set(ROWS.map(([act = '']) => act))];

const mail = (template: string) => ({ do: { send: 'email', template } });
const unlessReacted = { combinator: 'and', rules: [{ field: 'journey.reacted', operator: '=', value: false }] };
const reachable = { combinator: 'and', rules: [{ field: 'reach.email', operator: '=', value: true }] };
const pause = { id: 'week', do: { wait: { for: 'P8D' } } };
const two = (first: object, second: object): readonly object[] => [
  { id: 'first', ...first },
  pause,
  { id: 'second', ...second },
];
const reminders = two(mail('renewal-m30'), mail('renewal-m07'));
const contract = { class: 'service', steps: reminders };
const invite = (template: string) => ({ do: { send: 'invite', template, survey: 'renewal' } });

const JOURNEYS: Readonly<Record<string, object>> = {
  contract,
  unheard: { class: 'service', steps: two(mail('renewal-m30'), { ...mail('renewal-m07'), when: unlessReacted }) },
  advice: { ...contract, topic: 'advice', priority: 70 },
  events: { ...contract, topic: 'events' },
  survey: { class: 'service', steps: two(invite('renewal-survey'), invite('renewal-survey-reminder')) },
  offers: { class: 'marketing', steps: two(mail('birthday'), mail('birthday')) },
  law: {
    class: 'statutory',
    steps: [
      { id: 'first', ...mail('renewal-m30') },
      pause,
      { id: 'how', do: { branch: { paths: [{ when: reachable, next: 'second' }], otherwise: 'letter' } } },
      { id: 'second', ...mail('renewal-m07'), next: 'end' },
      { id: 'letter', do: { send: 'letter', template: 'renewal-m14' } },
      { id: 'end', do: { exit: 'end' } },
    ],
  },
  letter: { class: 'service', steps: [pause, { id: 'second', do: { send: 'letter', template: 'renewal-m14' } }] },
  text: {
    class: 'service',
    steps: [pause, { id: 'second', do: { relay: { gateway: 'local', channel: 'sms', template: 'renewal-reminder' } } }],
  },
};

/** The n-th act's customer, and whoever shares the mailbox, or where texts are stopped the number. */
const customerOf = (n: number): SmallPolicy => ({
  policyNo: `ACT${String(n).padStart(2, '0')}A`,
  renewsOn: '2019-10-01',
  email: `act${n}@mail.example`,
  phone: `+346000001${String(n).padStart(2, '0')}`,
  marketing: 'Y',
});
const sharerOf = (n: number): SmallPolicy => ({
  ...customerOf(n),
  policyNo: `ACT${String(n).padStart(2, '0')}B`,
  ...(ACTS[n]?.startsWith('text')
    ? { email: `other${n}@mail.example` }
    : { phone: `+346000002${String(n).padStart(2, '0')}` }),
  given: 'Luis',
});

const createWorld = async () => {
  const raw: Uint8Array[] = [];
  const system = createMemorySystem({ start: START, read: (one) => raw.push(one.raw) });
  const { table, parts } = system;
  // what advertising may add to other mail is another table's subject (contact-budget.test.ts)
  const generous = { ...contactSettings, budget: { ...contactSettings.budget, allowance: 1_000 } };
  await createContactSettings(table).put(generous, 0, { by: 'test', at: START });
  const gateway = { name: 'local', kind: 'gateway', url: 'https://gateway.example/texts', perMinute: 1_000 } as const;
  await createEndpoints(table).put({ ...gateway, changed: { by: 'test', at: START } }, 0);
  for (const [id, journey] of Object.entries(JOURNEYS)) {
    const checked = checkDefinition(
      {
        formatVersion: 1,
        id,
        title: { 'zh-CN': id, en: id },
        subject: 'policy',
        trigger: { event: 'TestBegins' },
        audience: { contactRules: ['direct'] },
        reEntry: 'concurrent',
        exits: ['deceased'],
        useBy: 'P3D',
        ...journey,
      },
      shippedIndex,
    );
    if (checked.kind !== 'valid') throw new Error(JSON.stringify([id, checked.problems]));
    await makeLive(system, pinWith(checked.definition, shippedIndex));
  }
  const book = writeSmallBook(ACTS.flatMap((_, n) => [customerOf(n), sharerOf(n)]));
  await system.importBook(filesOfBook(book, book));
  rmSync(book, { recursive: true });
  const policies = new Map(
    table.all().flatMap(({ entity, policy }) => {
      const one = policy as Policy;
      return entity === 'Policy' ? [[one.policyNo, one] as const] : [];
    }),
  );
  for (const policyNo of policies.keys()) {
    const occurredAt = formatInstant(system.now());
    system.raise('customer.events', 'TestBegins', { schemaVersion: 1, eventId: policyNo, occurredAt, policyNo });
  }
  await system.moveTo((START + HOUR) as Instant);

  const partyOf = ({ policyNo }: SmallPolicy): PartyId => policies.get(policyNo)?.partyId as PartyId;
  const firstOf = (n: number, campaign: string) => {
    const party = partyOf(customerOf(n));
    const at = system.taken.findIndex(({ tags }) => tags.party === party && tags.campaign === campaign);
    if (at < 0) throw new Error(`no mail of ${campaign} to the customer of "${ACTS[n]}"`);
    return { ...system.taken[at]!, raw: raw[at]! };
  };
  const parsed = (n: number, campaign: string): Promise<ParsedMail> =>
    simpleParser(Buffer.from(firstOf(n, campaign).raw));

  /** What SES tells of the first mail of a campaign. */
  const tell = (n: number, campaign: string, eventType: string, part: object): void => {
    const { to, tags, at, messageId } = firstOf(n, campaign);
    const named = Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]]));
    const of = { messageId, timestamp: formatInstant(at), destination: [to], tags: named };
    system.feedback({ eventType, mail: of, ...part });
  };
  const bounce = (n: number, campaign: string, bounceType: string, bounceSubType: string): void =>
    tell(n, campaign, 'Bounce', { bounce: { bounceType, bounceSubType, timestamp: formatInstant(system.now()) } });
  const complaint = (n: number, more: object = {}): void =>
    tell(n, 'contract', 'Complaint', { complaint: { timestamp: formatInstant(system.now()), ...more } });

  const pages = wirePublic(parts);
  const visit = async (path: string, form?: Readonly<Record<string, string>>): Promise<void> => {
    const response = await pages.request(
      path,
      form && {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      },
    );
    if (response.status >= 400) throw new Error(`${form ? 'POST' : 'GET'} of a page answered ${response.status}`);
  };
  const unsubscribePage = async (n: number, campaign: string): Promise<string> => {
    const { headers } = await parsed(n, campaign);
    const { url } = (headers.get('list') as unknown as { unsubscribe: { url: string } }).unsubscribe;
    return new URL(url).pathname;
  };
  const oneClick = async (n: number, campaign: string): Promise<void> =>
    visit(await unsubscribePage(n, campaign), { 'List-Unsubscribe': 'One-Click' });
  const prefer = async (n: number, form: Readonly<Record<string, string>>): Promise<void> => {
    const { html } = await parsed(n, 'contract');
    await visit(/\/p\/[\w-]+/.exec(String(html))?.[0] ?? '', form);
  };

  const receiveMail = wireReceiveMail(parts);
  let files = 0;
  const reply = async (n: number, campaign: string, words: string, ...headers: readonly string[]): Promise<void> => {
    const { replyTo } = await parsed(n, campaign);
    const to = replyTo?.value[0]?.address;
    files += 1;
    const [key, eventTime] = [`mail/${files}`, formatInstant(system.now())];
    const lines = [
      `From: ${customerOf(n).email}`,
      `To: ${to}`,
      `Message-ID: <${files}@mail.example>`,
      `In-Reply-To: <${firstOf(n, campaign).messageId}@email.amazonses.com>`,
      'Content-Type: text/plain; charset=utf-8',
      ...headers,
    ];
    await parts.bucket('INBOUND_BUCKET').put(key, Buffer.from([...lines, '', words].join('\r\n')));
    const body = JSON.stringify({ Records: [{ eventTime, s3: { object: { key } } }] });
    const record = { messageId: key, body, attributes: { ApproximateReceiveCount: '1' } };
    const { batchItemFailures } = await receiveMail({ Records: [record] } as unknown as SQSEvent, {} as Context);
    expect(batchItemFailures).toEqual([]);
  };
  const text = async (n: number, words: string): Promise<void> => {
    const at = system.now();
    const data = { from: customerOf(n).phone, text: words, at: formatInstant(at) };
    const body = Buffer.from(JSON.stringify({ type: 'text.reply', data }));
    const key = endpointKey(await parts.secret('OUTBOUND_SECRET_ARN')(), 'local');
    const headers = { ...sign(key, `text-${n}`, at, body), 'content-type': 'application/json' };
    const response = await pages.request('/h/local', { method: 'POST', headers, body });
    expect(await response.json()).toEqual({ taken: true });
  };
  return { system, partyOf, text, bounce, complaint, oneClick, unsubscribePage, visit, prefer, reply };
};
type World = Awaited<ReturnType<typeof createWorld>>;

const everyTopic = { 'topic-offers': 'yes', 'topic-advice': 'yes', 'topic-events': 'yes', 'topic-surveys': 'yes' };
const asBefore = { do: 'save', pace: 'any', language: 'en', 'channel-email': 'yes', ...everyTopic };
const without = (...names: readonly string[]) =>
  Object.fromEntries(Object.entries(asBefore).filter(([name]) => !names.includes(name)));
const withPace = (pace: string) => ({ ...asBefore, pace });

/** What happens, by its name in the table. */
const PERFORM: Readonly<Record<string, (world: World, n: number) => unknown>> = {
  nothing: () => {},
  'hard bounce': ({ bounce }, n) => bounce(n, 'survey', 'Permanent', 'NoEmail'),
  'one soft bounce': ({ bounce }, n) => bounce(n, 'contract', 'Transient', 'MailboxFull'),
  'five soft bounces in a row': ({ bounce }, n) => {
    for (const kind of ['contract', 'unheard', 'advice', 'events', 'survey', 'offers', 'law'])
      bounce(n, kind, 'Transient', 'MailboxFull');
  },
  'refused for its content': ({ bounce }, n) => {
    for (const kind of ['contract', 'unheard', 'advice', 'events', 'survey', 'offers', 'law'])
      bounce(n, kind, 'Transient', 'ContentRejected');
  },
  complaint: ({ complaint }, n) => complaint(n),
  'complaint, type not-spam': ({ complaint }, n) => complaint(n, { complaintFeedbackType: 'not-spam' }),
  'one click, advertising': ({ oneClick }, n) => oneClick(n, 'offers'),
  'one click, about a contract': ({ oneClick }, n) => oneClick(n, 'contract'),
  'a scanner opens that link': async ({ visit, unsubscribePage }, n) => {
    for (const kind of ['offers', 'contract']) await visit(await unsubscribePage(n, kind));
  },
  'reply 退订 to advertising': ({ reply }, n) => reply(n, 'offers', '退订'),
  'reply 退订 to a reminder': ({ reply }, n) => reply(n, 'contract', '退订'),
  'reply 退订 to a statutory notice': ({ reply }, n) => reply(n, 'law', '退订'),
  "a person's reply": ({ reply }, n) => reply(n, 'unheard', 'Please call me.'),
  'an absence note': ({ reply }, n) => reply(n, 'unheard', 'stop', 'Auto-Submitted: auto-replied'),
  'text STOP': ({ text }, n) => text(n, 'STOP'),
  'topic advice refused': ({ prefer }, n) => prefer(n, without('topic-advice')),
  'topics surveys, offers refused': ({ prefer }, n) => prefer(n, without('topic-surveys', 'topic-offers')),
  'advertising by e-mail refused': ({ prefer }, n) => prefer(n, without('channel-email')),
  pause: ({ prefer }, n) => prefer(n, { do: 'pause' }),
  'pause, and resumed': async ({ prefer }, n) => {
    await prefer(n, { do: 'pause' });
    await prefer(n, { do: 'resume' });
  },
  'pace monthly': ({ prefer }, n) => prefer(n, withPace('monthly')),
  'pace weekly': ({ prefer }, n) => prefer(n, withPace('weekly')),
  'stop all but contracts': ({ prefer }, n) => prefer(n, { do: 'stop' }),
  'this is not me': ({ prefer }, n) => prefer(n, { do: 'not-me' }),
};

describe('bounce, complaint, unsubscribe, reply and preference change, in the middle of running journeys', () => {
  let world: World;
  /** By `policy campaign`: what became of the second message. */
  const became = new Map<string, string>();

  beforeAll(async () => {
    world = await createWorld();
    const { system } = world;
    await system.moveTo((START + DAY) as Instant);
    for (const [n, act] of ACTS.entries()) {
      await PERFORM[act]?.(world, n);
      await system.drain();
    }
    await system.moveTo((START + 13 * DAY) as Instant);
    const timeline = createTimeline(system.table);
    for (const [n] of ACTS.entries())
      for (const one of [customerOf(n), sharerOf(n)])
        for (const row of (await timeline.list(world.partyOf(one), { limit: 200 })).entries) {
          const { kind, campaign = '', step = '', state = '', reason = '' } = row;
          if (kind !== 'message' || step === 'first') continue;
          const went = ['accepted', 'delivered', 'composed', 'handed-over'].includes(state);
          const outcome = went ? (step === 'second' ? '+' : 'post') : reason || state;
          const key = `${one.policyNo} ${campaign}`;
          became.set(key, [became.get(key), outcome].filter(Boolean).join(' then '));
        }
  }, 120_000);

  test('the table is about every act, and each of its acts is performed', () => {
    expect(Object.keys(PERFORM).sort()).toEqual([...ACTS].sort());
    expect(KINDS).toEqual(Object.keys(JOURNEYS));
  });

  test.each(ROWS)('M5 M6 N4: %s: %s', (act = '', whom = '', ...expected) => {
    const n = ACTS.indexOf(act);
    const { policyNo } = whom === 'customer' ? customerOf(n) : sharerOf(n);
    const actual = KINDS.map((kind) => `${kind}: ${became.get(`${policyNo} ${kind}`) ?? 'nothing'}`);
    expect(actual).toEqual(KINDS.map((kind, k) => `${kind}: ${MEANING[expected[k] ?? ''] ?? expected[k]}`));
  });

  test('the provider took the mails of which the history says so, and no others', () => {
    const taken = world.system.taken.filter(({ at, tags }) => at > START + DAY && tags.step === 'second');
    const told = ACTS.flatMap((_, n) => [customerOf(n), sharerOf(n)]).flatMap((one) =>
      KINDS.filter((kind) => kind !== 'letter' && kind !== 'text' && became.get(`${one.policyNo} ${kind}`) === '+').map(
        (kind) => `${world.partyOf(one)} ${kind}`,
      ),
    );
    expect(taken.map(({ tags }) => `${tags.party} ${tags.campaign}`).sort()).toEqual(told.sort());
  });
});
