import { Hono } from 'hono';
import { type ParsedMail, simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { preferencePorts } from '../../functions/serve-public/preference-ports.ts';
import { preferenceRoutes } from '../../functions/serve-public/preference-routes.ts';
import { makeLive } from '../../infra/local/simulate/make-live.ts';
import { createMemorySystem } from '../../infra/local/simulate/memory-system.ts';
import { definitionSchema } from '../../shared/campaign/definition.ts';
import { pinWith } from '../../shared/campaign/pins.ts';
import { programmes, shippedIndex } from '../../shared/campaign/programmes.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import type { Gate } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { type JoinedRecord, mergeProfile } from '../../shared/customer/record.ts';
import { searchItem, searchKeys } from '../../shared/customer/search.ts';
import { createLinks } from '../../shared/message/links.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { DAY, HOUR, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';

const ANA = '01jana00000000000000000ana' as PartyId;
// a Monday in Madrid, 10:00
const START = parseInstant('2019-06-03T08:00:00Z') as Instant;
const MAIL = 'ana@mail.example';

/** A campaign of two mails three days apart, begun by an event of its own. */
const twoMails = (id: string, event: string, more: object) =>
  pinWith(
    definitionSchema.parse({
      formatVersion: 1,
      id,
      title: { 'zh-CN': id, en: id },
      subject: 'customer',
      trigger: { event },
      class: 'service',
      reEntry: 'per-term',
      exits: ['deceased'],
      useBy: 'P1D',
      steps: [
        { id: 'first', do: { send: 'email', template: 'missing-data' } },
        { id: 'wait', do: { wait: { for: 'P3D' } } },
        { id: 'second', do: { send: 'email', template: 'missing-data' } },
      ],
      ...more,
    }),
    shippedIndex,
  );

/** The whole system in memory with one customer, and the preference pages over the same table. */
const createWorld = async (gate: Partial<Gate> = {}) => {
  const mails: { readonly to: string; readonly mail: Promise<ParsedMail> }[] = [];
  const system = createMemorySystem({
    start: START,
    read: ({ to, raw }) => mails.push({ to, mail: simpleParser(Buffer.from(raw)) }),
  });
  for (const programme of programmes.filter(({ live }) => live)) await makeLive(system, programme);
  await makeLive(system, twoMails('news', 'NewsDay', { class: 'service', topic: 'events' }));
  await makeLive(system, twoMails('advice', 'AdviceDay', { class: 'service', topic: 'advice' }));
  await makeLive(system, twoMails('care', 'CareDay', { class: 'service' }));
  const { table, parts } = system;
  const record: JoinedRecord = {
    source: 'crm',
    key: 'K1',
    scope: 'house',
    asOf: START,
    knownFrom: START,
    authority: 50,
    data: { name: { given: 'Ana', family: 'Secreta' }, email: MAIL, locale: 'en', zone: 'Europe/Madrid' as ZoneId },
    consents: [],
    joinedBy: 'first',
    joinedAt: START,
  };
  const profile = mergeProfile(ANA, [record], START, 1);
  await createProfiles(table).putPerson({ profile, joined: [record] }, 0);
  await createAddressBook(table).link(MAIL, ANA);
  await createGates(table).create({
    partyId: ANA,
    version: 1,
    consent: {},
    suppressed: {},
    situations: [],
    zone: profile.zone,
    recent: {},
    ...gate,
  });
  await table.writeMany(searchKeys(profile).map(searchItem));

  const app = new Hono();
  const secret = await parts.secret('LINK_SECRET_ARN')();
  preferenceRoutes(app, {
    links: async () => createLinks(secret, parts.setting('PUBLIC_ORIGIN')),
    log: silentLog,
    now: system.now,
    newId: () => 'id',
    preferences: preferencePorts(table, parts.queue('CHANGES_QUEUE_URL'), parts.bus),
  });
  const post = async (path: string, form: Record<string, string>): Promise<Response> => {
    const response = await app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    await system.drain();
    return response;
  };
  const raise = async (type: string): Promise<void> => {
    const at = new Date(system.now()).toISOString();
    const detail = { schemaVersion: 1, eventId: `${type}-${at}`, occurredAt: at, customerRef: 'K1', properties: {} };
    system.raise('customer.events', type, detail);
    await system.drain();
  };
  /** The address of a page in the last mail, below this site. */
  const linkIn = async (page: string): Promise<string> => {
    const mail = await mails.at(-1)?.mail;
    return new RegExp(`/${page}/[\\w-]+`).exec(`${mail?.html} ${mail?.text}`)?.[0] ?? '';
  };
  const forward = (milliseconds: number): Promise<void> => system.moveTo((system.now() + milliseconds) as Instant);
  /** A row for each message: campaign, step, what became of it. */
  const messages = async (): Promise<string[]> =>
    (await createTimeline(table).list(ANA, { limit: 200 })).entries
      .filter(({ kind }) => kind === 'message')
      .map(({ campaign, step, state, reason }) => [campaign, step, state, reason].filter(Boolean).join(' '))
      .sort();
  return { system, table, mails, app, post, raise, linkIn, forward, messages };
};

const save = (...topics: string[]) => ({
  do: 'save',
  pace: 'any',
  language: 'en',
  ...Object.fromEntries(topics.map((topic) => [`topic-${topic}`, 'yes'])),
});

describe('what a customer says on the preference page, in the middle of running journeys (M6)', () => {
  test('a refused topic ends its mails and no others; a pause ends what is about no contract', async () => {
    const world = await createWorld();
    for (const type of ['NewsDay', 'AdviceDay', 'CareDay']) await world.raise(type);
    await world.forward(HOUR);
    expect(await world.messages()).toEqual(['advice first delivered', 'care first delivered', 'news first delivered']);

    const page = await world.linkIn('p');
    expect((await world.app.request(page)).status).toBe(200);
    expect((await world.post(page, save('offers', 'advice', 'surveys'))).status).toBe(303);
    await world.forward(4 * DAY);
    expect(await world.messages()).toEqual([
      'advice first delivered',
      'advice second delivered',
      'care first delivered',
      'care second delivered',
      'news first delivered',
      'news second skipped topic-refused',
    ]);

    await world.post(page, { do: 'pause' });
    for (const type of ['AdviceDay', 'CareDay']) await world.raise(type);
    await world.forward(5 * DAY);
    const after = await world.messages();
    expect(after.filter((row) => row.includes('paused-by-customer'))).toEqual([
      'advice first skipped paused-by-customer',
      'advice second skipped paused-by-customer',
    ]);
    expect(after.filter((row) => row.startsWith('care')).length).toBe(4);
    expect(after.filter((row) => row.startsWith('care')).every((row) => row.endsWith('delivered'))).toBe(true);
  });

  test('a pace lets one through and skips the next, whichever campaign it is of', async () => {
    const world = await createWorld();
    await world.raise('CareDay');
    await world.forward(HOUR);
    await world.post(await world.linkIn('p'), { ...save('advice', 'events'), pace: 'weekly' });
    await world.raise('AdviceDay');
    await world.forward(HOUR);
    await world.raise('NewsDay');
    await world.forward(2 * DAY);
    expect((await world.messages()).filter((row) => !row.startsWith('care'))).toEqual([
      'advice first delivered',
      'news first skipped pace',
    ]);
  });

  test('S29: the link is sent to those we know, under every refusal and at night; to nobody else', async () => {
    const refused = { given: false, wording: 'w', at: START };
    const world = await createWorld({ consent: { 'email/service': refused, 'email/marketing': refused } });
    await world.forward(14 * HOUR);
    for (const email of ['nobody@mail.example', ` ${MAIL.toUpperCase()}`]) {
      expect((await world.post('/p', { email })).status).toBe(200);
      await world.forward(10 * 60_000);
    }
    expect(world.mails.map(({ to }) => to)).toEqual([MAIL]);
    expect(world.system.events.filter(({ detailType }) => detailType === 'PreferenceLinkAsked').length).toBe(2);
    const response = await world.app.request(await world.linkIn('p'));
    expect(await response.text()).toContain('you asked for it on a page of ours');
    // asked for again, sent again; four times in a day it is enough
    for (let n = 0; n < 4; n += 1) {
      await world.post('/p', { email: MAIL });
      await world.forward(10 * 60_000);
    }
    expect(world.mails.length).toBe(3);
  });

  test('F43: a new address gets one link and nothing that names the customer; once confirmed, mail goes there and nowhere else', async () => {
    const world = await createWorld({ suppressed: { email: 'hard-bounce' } });
    expect((await createProfiles(world.table).get(ANA))?.email).toBe(MAIL);
    const links = createLinks(await world.system.parts.secret('LINK_SECRET_ARN')(), 'https://rehearsal.invalid');
    const claims = { partyId: ANA, expiresAt: (START + DAY) as Instant };
    const page = new URL(links.url({ ...claims, purpose: 'preferences', target: links.mark(MAIL) })).pathname;
    await world.post(page, { do: 'address', email: 'new@mail.example' });
    await world.forward(10 * 60_000);
    expect(world.mails.map(({ to }) => to)).toEqual(['new@mail.example']);
    const mail = (await world.mails[0]?.mail) as ParsedMail;
    const whole = `${mail.html} ${mail.text} ${JSON.stringify([...mail.headers])}`;
    for (const personal of ['Ana', 'Secreta', MAIL]) expect(whole).not.toContain(personal);
    expect(mail.headers.has('list-unsubscribe')).toBe(false);
    expect([...new Set(whole.match(/rehearsal\.invalid\/\w+/g))]).toEqual(['rehearsal.invalid/a']);

    // nothing changes before the button is pressed, however often scanners look
    const confirm = await world.linkIn('a');
    for (let n = 0; n < 3; n += 1) await world.app.request(confirm);
    expect((await createProfiles(world.table).get(ANA))?.email).toBe(MAIL);
    expect((await world.post(confirm, { do: 'confirm' })).status).toBe(200);
    await world.raise('CareDay');
    await world.forward(4 * DAY);
    expect(world.mails.map(({ to }) => to)).toEqual(['new@mail.example', 'new@mail.example', 'new@mail.example']);
    // what lies in the old mailbox opens nothing any more
    expect((await world.app.request(page)).status).toBe(410);
  });

  test('an address that a newer one replaced before its mail went gets none', async () => {
    const world = await createWorld();
    await world.raise('CareDay');
    await world.forward(HOUR);
    const page = await world.linkIn('p');
    const before = world.mails.length;
    await world.post(page, { do: 'address', email: 'typo@mail.example' });
    await world.post(page, { do: 'address', email: 'right@mail.example' });
    await world.forward(HOUR);
    const to = world.mails.slice(before).map((mail) => mail.to);
    expect(to.at(-1)).toBe('right@mail.example');
    await world.post(await world.linkIn('a'), { do: 'confirm' });
    expect((await createProfiles(world.table).get(ANA))?.email).toBe('right@mail.example');
  });
});
