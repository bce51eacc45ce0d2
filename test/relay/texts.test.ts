import { DatabaseSync } from 'node:sqlite';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { createTextComposer } from '../../functions/call-out/compose-text.ts';
import { hookRoutes } from '../../functions/serve-public/hook-routes.ts';
import { createTextGateway } from '../../infra/local/fakes/text-gateway/text-gateway.ts';
import { createShippedTemplates, shippedIndex } from '../../shared/content/shipped-templates.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { createFiles } from '../../shared/platform/files.ts';
import type { PartyId, SendId } from '../../shared/platform/ids.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import type { OutboundAnswer } from '../../shared/platform/outbound-http.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { journeyEventSchema } from '../../shared/policy/customer-event.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { sendTexts } from '../../shared/relay/send-texts.ts';
import { endpointKey, sign } from '../../shared/relay/signature.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { createSending, NOW, namesOf, orderOf, type Person } from '../message/sending.ts';

const SECRET = Buffer.from('the secret of a stage');
const PHONE = '+34600000001';
const TEMPLATE = 'renewal-reminder';

const textOf = (n: number, more: Partial<SendOrder> = {}): SendOrder =>
  orderOf(n, {
    sendId: `text${n}` as SendId,
    channel: 'sms',
    gateway: 'local',
    template: TEMPLATE,
    templateVersion: shippedIndex[TEMPLATE]?.version ?? '',
    ...more,
  });

const open: DatabaseSync[] = [];
afterEach(() => {
  for (const db of open.splice(0)) db.close();
});

/** A stage in memory: sending, the insurer's gateway, and the public route that the gateway calls. */
const createWorld = async (people: readonly Person[] = [{ n: 1, profile: { phone: PHONE } }]) => {
  const sending = await createSending(people);
  const { ports } = sending;
  const endpoints = createEndpoints(sending.memory);
  const changed = { by: 'e', at: NOW };
  await endpoints.put(
    { name: 'local', kind: 'gateway', url: 'https://sms.example.com/local', perMinute: 5, changed },
    0,
  );
  const db = new DatabaseSync(':memory:');
  open.push(db);
  const changes = createMemoryQueue<ChangeMessage | JourneyMessage>();
  const bus = createMemoryBus();
  const app = new Hono();
  const receive = {
    timeline: ports.timeline,
    gates: ports.gates,
    ledger: createConsentLedger(sending.memory),
    enrolments: ports.enrolments as never,
    addressBook: createAddressBook(sending.memory),
    tasks: createTasks(sending.memory),
    profiles: { ...ports.profiles, get: async (id: PartyId) => (await ports.profiles.getMany([id])).get(id) },
    findByPhone: async () => people.map(({ n }) => namesOf(n).partyId),
    changes,
    bus,
  };
  hookRoutes(app, {
    hooks: { endpoints, secret: async () => SECRET, receive },
    log: silentLog,
    now: ports.clock,
  });
  const post = async (path: string, headers: Record<string, string>, body: string) =>
    app.request(path, { method: 'POST', headers, body });
  const gateway = createTextGateway({
    db,
    clock: { now: ports.clock },
    secret: () => SECRET,
    post: async (path, headers, body) => (await post(path, { ...headers }, body)).status,
  });
  let wire: ((answer: OutboundAnswer) => OutboundAnswer) | undefined;
  const texts = {
    sending: {
      ...ports,
      compose: createTextComposer({
        templates: createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
      }),
    },
    endpoints,
    gateway: {
      http: {
        async post(url: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<OutboundAnswer> {
          expect(url).toBe('https://sms.example.com/local');
          const { status, body: text } = gateway.take('local', headers, Buffer.from(body));
          const answer: OutboundAnswer = { kind: 'answered', status, body: text };
          return wire?.(answer) ?? answer;
        },
      },
      secret: SECRET,
      clock: ports.clock,
    },
    table: sending.memory,
  };
  return {
    ...sending,
    gateway,
    changes,
    bus,
    post,
    receive,
    send: (...orders: SendOrder[]) => sendTexts(texts, orders),
    /** What the wire makes of the gateway's answers from now on. */
    breakWire: (change: typeof wire) => {
      wire = change;
    },
  };
};

describe('a text (M9)', () => {
  test('goes to the gateway with signature, template and reference; the row says so', async () => {
    const world = await createWorld();
    const [outcome] = await world.send(textOf(1));
    expect(outcome).toMatchObject({ kind: 'sent' });
    const [text, ...others] = world.gateway.list({ limit: 10 });
    expect(others).toEqual([]);
    expect(text).toMatchObject({ to: PHONE, gateway: 'local', template: TEMPLATE, sendClass: 'service' });
    expect(text?.text).toContain('your motor');
    expect(text?.signature).not.toBe('');
    const [row] = await world.rows(1);
    expect(row).toMatchObject({ kind: 'message', id: 'text1', channel: 'sms', state: 'accepted' });
    expect(row?.details?.messageId).toBe(text?.messageId);
    expect(row?.proof).toBeDefined();
    expect((await world.gateOf(1)).recent['text1' as SendId]).toMatchObject({ channel: 'sms', sendClass: 'service' });
  });

  test('the same order again, and five times at once, is one text (F07)', async () => {
    const world = await createWorld();
    await Promise.all(Array.from({ length: 5 }, () => world.send(textOf(1))));
    await world.send(textOf(1), textOf(1));
    expect(world.gateway.count()).toBe(1);
  });

  test.each<[string, Person, Partial<SendOrder>, object]>([
    ['no phone', { n: 1 }, {}, { kind: 'skipped', reason: 'no-phone' }],
    [
      'texts refused',
      {
        n: 1,
        profile: { phone: PHONE },
        gate: { consent: { 'sms/service': { given: false, wording: 'w', at: NOW } } },
      },
      {},
      { kind: 'skipped', reason: 'opted-out' },
    ],
    [
      'an advertisement without consent for texts',
      { n: 1, profile: { phone: PHONE } },
      { sendClass: 'marketing' },
      { kind: 'skipped', reason: 'no-consent' },
    ],
  ])('%s: it does not go', async (_, person, order, expected) => {
    const world = await createWorld([person]);
    expect(await world.send(textOf(1, order))).toEqual([expected]);
    expect(world.gateway.count()).toBe(0);
  });

  test('at night it waits for the morning', async () => {
    const world = await createWorld();
    world.later(14 * HOUR);
    expect(await world.send(textOf(1))).toMatchObject([{ kind: 'held', reason: 'quiet-hours' }]);
  });

  test('the gateway’s rate is shared by all batches of a minute; the rest waits for the next', async () => {
    const people = Array.from({ length: 8 }, (_, n) => ({ n: n + 1, profile: { phone: `${PHONE}${n}` } }));
    const world = await createWorld(people);
    const first = await world.send(...[1, 2, 3].map((n) => textOf(n)));
    const second = await world.send(...[4, 5, 6, 7, 8].map((n) => textOf(n)));
    expect([...first, ...second].filter(({ kind }) => kind === 'sent')).toHaveLength(5);
    expect(second.filter((one) => one.kind === 'held' && one.reason === 'no-quota')).toHaveLength(3);
    expect(world.gateway.count()).toBe(5);
    world.later(MINUTE);
    await world.send(...[4, 5, 6, 7, 8].map((n) => textOf(n)));
    expect(world.gateway.count()).toBe(8);
  });

  test('F04: the answer is lost: the outcome is unknown, and the resend is known to the gateway by its id', async () => {
    const world = await createWorld();
    world.breakWire(() => ({ kind: 'lost', code: 'ABORT_ERR' }));
    expect(await world.send(textOf(1))).toEqual([{ kind: 'unknown' }]);
    expect(world.placed).toMatchObject([{ kind: 'settle' }]);
    const [row] = await world.rows(1);
    expect(row?.state).toBe('unknown');
    world.breakWire(undefined);
    world.later(15 * MINUTE);
    const again = textOf(1, { resend: { of: String(row?.details?.owner), by: 'rule' } });
    expect(await world.send(again)).toMatchObject([{ kind: 'sent' }]);
    expect(world.gateway.count()).toBe(1);
  });

  test.each<[number, object]>([
    [400, { kind: 'failed', reason: 'rejected' }],
    [422, { kind: 'failed', reason: 'rejected' }],
    [429, { kind: 'held', reason: 'no-quota' }],
    [500, { kind: 'unknown' }],
    [401, { kind: 'retry' }],
    [302, { kind: 'retry' }],
  ])('the gateway answers %i', async (status, expected) => {
    const world = await createWorld();
    world.gateway.answerWith(status);
    expect(await world.send(textOf(1))).toMatchObject([expected]);
    if (status === 401 || status === 302 || status === 429) expect((await world.gateOf(1)).recent).toEqual({});
  });

  test('a gateway that nobody registered, or that is a webhook: the order comes again, others are done', async () => {
    const world = await createWorld();
    expect(await world.send(textOf(1, { gateway: 'nobody', sendId: 'other' as SendId }), textOf(1))).toMatchObject([
      { kind: 'retry', error: { code: 'misconfigured' } },
      { kind: 'sent' },
    ]);
  });
});

describe('what the gateway tells', () => {
  const sent = async () => {
    const world = await createWorld();
    await world.send(textOf(1));
    const tell = async (report: object) => {
      world.gateway.feedback('1', report);
      await world.gateway.run?.();
    };
    const row = async () => (await world.rows(1)).find(({ kind }) => kind === 'message');
    return { ...world, tell, row };
  };

  test('a receipt moves the row on; any order and number of copies ends alike (F17)', async () => {
    const world = await sent();
    await world.tell({ type: 'delivered' });
    expect(await world.row()).toMatchObject({ state: 'delivered', details: { gateway: 'local' } });
    await world.tell({ type: 'failed', code: 'DB:0141' });
    await world.tell({ type: 'delivered' });
    expect(await world.row()).toMatchObject({ state: 'failed', reason: 'rejected' });
  });

  test('a failure takes the failure branch of the step, and is heard as MessageUndelivered', async () => {
    const world = await sent();
    const enrolments = createEnrolments(world.memory);
    for (const enrolment of await enrolments.ofParty(textOf(1).partyId))
      await enrolments.put({ ...enrolment, done: ['m30'] }, enrolment.version);
    await world.tell({ type: 'failed', code: 'unknown-number' });
    const because = 'gateway:unknown-number';
    expect(world.changes.messages).toMatchObject([
      { kind: 'step-failed', step: 'm30', because, ref: { campaign: 'renewal' } },
      {
        kind: 'event',
        event: { type: 'MessageUndelivered', properties: { step: 'm30', channel: 'sms', why: because } },
      },
    ]);
  });

  test('F18: a receipt that is faster than our own write makes the row', async () => {
    const world = await sent();
    const [text] = world.gateway.list({ limit: 1 });
    const fresh = await createWorld();
    const event = {
      type: 'text.delivered',
      data: { reference: text?.reference, at: '2019-01-31T09:00:01Z' },
    };
    const body = JSON.stringify(event);
    const signed = sign(endpointKey(SECRET, 'local'), 'e1', NOW, Buffer.from(body));
    expect((await fresh.post('/h/local', { 'content-type': 'application/json', ...signed }, body)).status).toBe(200);
    expect((await fresh.rows(1))[0]).toMatchObject({
      id: 'text1',
      channel: 'sms',
      state: 'delivered',
      campaign: 'renewal',
    });
    await fresh.send(textOf(1));
    expect((await fresh.rows(1))[0]).toMatchObject({ state: 'delivered' });
  });

  test('a reply is a line in the timeline, a reaction, and an event without the words', async () => {
    const world = await sent();
    await world.tell({ type: 'reply', text: 'Please call me about my car' });
    const reply = (await world.rows(1)).find(({ kind }) => kind === 'reaction');
    expect(reply).toMatchObject({ channel: 'sms', reason: 'reply', details: { text: 'Please call me about my car' } });
    const [enrolment] = [...(await world.ports.enrolments.getMany(textOf(1).enrolments)).values()];
    expect(enrolment?.reaction).toMatchObject({ kind: 'reply' });
    expect(world.bus.events).toHaveLength(1);
    const [event] = world.bus.events;
    expect(event).toMatchObject({ source: 'perennial.journeys', detailType: 'CustomerReplied' });
    expect(JSON.stringify(event)).not.toContain('my car');
    expect(journeyEventSchema.parse(event?.detail)).toMatchObject({
      partyId: namesOf(1).partyId,
      policyId: namesOf(1).policyId,
      properties: { channel: 'sms', gateway: 'local', stop: false, campaign: 'renewal', step: 'm30' },
    });
    expect((await world.gateOf(1)).consent['sms/service']).toBeUndefined();
    // M5: somebody must read it
    const { tasks } = await createTasks(world.memory).list('s', 'open');
    expect(tasks).toMatchObject([{ kind: 'reply', reason: 'texted-back', partyId: namesOf(1).partyId, step: 'm30' }]);
    expect(JSON.stringify(tasks)).not.toContain('my car');
  });

  test.each(['TD', ' 退订。', 'Stop!', 'ＴＤ', '回复', 'stop it please'])('"%s"', async (text) => {
    const stops = !['回复', 'stop it please'].includes(text);
    const world = await sent();
    await world.tell({ type: 'reply', text });
    const { consent } = await world.gateOf(1);
    expect(consent['sms/service']?.given).toBe(stops ? false : undefined);
    expect(consent['sms/marketing']?.given).toBe(stops ? false : undefined);
    // e-mail was not what they answered
    expect(consent['email/service']).toBeUndefined();
    expect(world.bus.events[0]?.detail).toMatchObject({ properties: { stop: stops } });
    if (!stops) return;
    world.later(DAY);
    const [next] = await world.send(textOf(1, { sendId: 'next' as SendId, useBy: (NOW + 3 * DAY) as Instant }));
    expect(next).toEqual({ kind: 'skipped', reason: 'opted-out' });
  });

  test('F43: a stop word without reference stops texts for everyone with that number, and for nobody else', async () => {
    const people = [
      { n: 1, profile: { phone: PHONE } },
      { n: 2, profile: { phone: PHONE.replace('+', '00') } },
      { n: 3, profile: { phone: `${PHONE}9` } },
    ];
    const world = await createWorld(people);
    const body = JSON.stringify({
      type: 'text.reply',
      data: { from: PHONE, text: '退订', at: '2019-01-31T09:00:00Z' },
    });
    const signed = sign(endpointKey(SECRET, 'local'), 'e1', NOW, Buffer.from(body));
    const answer = await world.post('/h/local', { 'content-type': 'application/json', ...signed }, body);
    expect(await answer.json()).toEqual({ taken: true });
    const given = await Promise.all([1, 2, 3].map(async (n) => (await world.gateOf(n)).consent['sms/service']?.given));
    expect(given).toEqual([false, false, undefined]);
  });

  test('a call that is played again changes nothing', async () => {
    const world = await sent();
    const [text] = world.gateway.list({ limit: 1 });
    const body = JSON.stringify({
      type: 'text.reply',
      data: { reference: text?.reference, from: PHONE, text: 'TD', at: '2019-01-31T09:00:00Z' },
    });
    const signed = sign(endpointKey(SECRET, 'local'), 'e1', NOW, Buffer.from(body));
    const headers = { 'content-type': 'application/json', ...signed };
    await world.post('/h/local', headers, body);
    const before = JSON.stringify([await world.rows(1), await world.gateOf(1)]);
    world.later(MINUTE);
    await world.post('/h/local', headers, body);
    expect(JSON.stringify([await world.rows(1), await world.gateOf(1)])).toBe(before);
    expect(new Set(world.bus.events.map(({ detail }) => detail.eventId)).size).toBe(1);
    world.later(5 * MINUTE);
    expect((await world.post('/h/local', headers, body)).status).toBe(401);
  });
});

describe('POST /h/{gateway} is closed to everyone else', () => {
  const body = JSON.stringify({ type: 'text.delivered', data: { reference: 'x', at: '2019-01-31T09:00:00Z' } });
  const json = { 'content-type': 'application/json' };
  const signedFor = (name: string, text = body) => ({
    ...json,
    ...sign(endpointKey(SECRET, name), 'e1', NOW, Buffer.from(text)),
  });

  test.each<[string, string, Record<string, string>, string, number]>([
    ['no signature', '/h/local', json, body, 401],
    ['another gateway’s signature', '/h/local', signedFor('other'), body, 401],
    ['a gateway that nobody registered', '/h/other', signedFor('other'), body, 401],
    ['another body', '/h/local', signedFor('local'), `${body} `, 401],
    ['no JSON', '/h/local', { ...signedFor('local'), 'content-type': 'text/plain' }, body, 415],
    ['too large', '/h/local', signedFor('local'), 'x'.repeat(20_000), 413],
    ['signed nonsense', '/h/local', signedFor('local', '{'), '{', 400],
    ['signed, of an unknown type', '/h/local', signedFor('local', '{"type":"x"}'), '{"type":"x"}', 400],
    ['signed, a reference that is none of ours', '/h/local', signedFor('local'), body, 200],
  ])('%s', async (_, path, headers, text, status) => {
    const world = await createWorld();
    const answer = await world.post(path, headers, text);
    expect(answer.status).toBe(status);
    expect(await world.rows(1)).toEqual([]);
    if (status === 200) expect(await answer.json()).toEqual({ taken: false });
  });
});
