import { describe, expect, test } from 'vitest';
import { createAddressBook, normaliseAddress } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import type { Gate } from '../../shared/customer/customer.ts';
import { createUnconfirmedAddresses } from '../../shared/customer/unconfirmed-store.ts';
import { decideContact } from '../../shared/message/contact-rules.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { PartyId, SendId } from '../../shared/platform/ids.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { pageEvents } from '../../shared/survey/contract.ts';
import { createPageRig, type PageRig } from '../support/pages.ts';

const marked = (rig: PageRig, email = rig.profile.email as string) => ({
  target: rig.links.mark(normaliseAddress(email)),
});
const pathOf = (rig: PageRig) => rig.pathOf('preferences', marked(rig));
const gateOf = async (rig: PageRig, id: PartyId = rig.profile.partyId) =>
  (await rig.gates.getMany([id])).get(id) as Gate;
const ledgerOf = (rig: PageRig, id: PartyId = rig.profile.partyId) => createConsentLedger(rig.table).list(id);
const everything = {
  do: 'save',
  'topic-offers': 'yes',
  'topic-advice': 'yes',
  'topic-events': 'yes',
  'topic-surveys': 'yes',
  pace: 'any',
  language: 'zh-CN',
};
const without = (form: Record<string, string>, ...names: string[]) =>
  Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));
const events = (rig: PageRig) => rig.bus.events.map(({ detailType }) => detailType);

/** What the rules say about a mail of a class and topic, now. */
const rulesOn = (gate: Gate, now: Instant, order: Partial<SendOrder>) =>
  decideContact({
    order: {
      sendId: 's' as SendId,
      channel: 'email',
      sendClass: 'marketing',
      priority: 1,
      useBy: (now + DAY) as Instant,
      ...order,
    },
    gate,
    reachable: true,
    now,
    settings: { ...contactSettings, quietHours: {}, closedDays: {} },
  });

/** Mr Zhang's wife reads the same mailbox. */
const withWife = async (rig: PageRig): Promise<PartyId> => {
  const wife = '01jcustomer0000000000wife0' as PartyId;
  await rig.profiles.put({ ...rig.profile, partyId: wife }, 0);
  await rig.gates.create({ ...(await gateOf(rig)), partyId: wife, recent: {} });
  const book = createAddressBook(rig.table);
  for (const partyId of [wife, rig.profile.partyId]) await book.link(rig.profile.email as string, partyId);
  return wife;
};

describe('the preference page (M6)', () => {
  test('S24: looking changes nothing; it shows what stands, masked, and no box is ticked that nobody ticked', async () => {
    const rig = await createPageRig();
    const before = await gateOf(rig);
    for (const method of ['GET', 'HEAD']) {
      const response = await rig.app.request(`https://pages.example${pathOf(rig)}`, { method });
      expect(response.status).toBe(200);
    }
    const text = await (await rig.get(pathOf(rig))).text();
    expect(text).toContain('z•••@mail.example');
    for (const secret of ['zhang.wei@', '13812345678', 'PNO2018004821']) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/name="channel-email" value="yes" checked/);
    expect(text).toMatch(/name="topic-surveys" value="yes" checked/);
    expect(await gateOf(rig)).toEqual(before);
    expect(rig.bus.events).toEqual([]);
  });

  test('each choice is in force at the gate when it is answered, with its entries in ledger and history', async () => {
    const rig = await createPageRig();
    const form = {
      ...without(everything, 'topic-events', 'topic-surveys'),
      pace: 'monthly',
      'channel-email': 'yes',
      'channel-sms': 'yes',
    };
    const response = await rig.post(pathOf(rig), form);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('?lang=zh-CN&done=saved');
    const gate = await gateOf(rig);
    expect(gate.preferences).toEqual({ refusedTopics: ['events', 'surveys'], pace: 'monthly' });
    expect(rulesOn(gate, rig.start, { topic: 'offers' }).kind).toBe('send');
    expect(rulesOn(gate, rig.start, { topic: 'events' })).toMatchObject({ kind: 'skip', reason: 'topic-refused' });
    expect(rulesOn(gate, rig.start, { sendClass: 'service', topic: 'surveys' })).toMatchObject({
      reason: 'topic-refused',
    });
    expect(rulesOn(gate, rig.start, { sendClass: 'service' }).kind).toBe('send');
    expect(await ledgerOf(rig)).toMatchObject(
      ['email', 'sms'].map((channel) => ({
        channel,
        purpose: 'marketing',
        given: true,
        wording: 'preference-page-1',
        source: 'preference-page',
        who: 'customer',
        at: rig.start,
      })),
    );
    expect(await createConsentLedger(rig.table).listPreferences(rig.profile.partyId)).toMatchObject([
      { wording: 'preference-page-1', source: 'preference-page', who: 'customer', preferences: gate.preferences },
    ]);
    const rows = (await rig.timeline.list(rig.profile.partyId)).entries;
    expect(rows.filter(({ kind }) => kind === 'consent').length).toBe(3);
    expect(pageEvents.PreferencesChanged.parse(rig.bus.events[0]?.detail)).toMatchObject({
      refusedTopics: ['events', 'surveys'],
      pace: 'monthly',
      paused: false,
      advertising: true,
    });
    // the same again is nothing new
    await rig.post(pathOf(rig), form);
    expect((await ledgerOf(rig)).length).toBe(2);

    rig.at((rig.start + DAY) as Instant);
    await rig.post(pathOf(rig), without(form, 'channel-email'));
    const later = await gateOf(rig);
    expect(later.consent['email/marketing']).toMatchObject({ given: false });
    expect(later.consent['sms/marketing']).toMatchObject({ given: true });
    expect(rulesOn(later, (rig.start + DAY) as Instant, { topic: 'offers' })).toMatchObject({ reason: 'opted-out' });
  });

  test('F31, N4: a send that read the gate before does not get its reservation', async () => {
    const rig = await createPageRig();
    const read = await gateOf(rig);
    await rig.post(pathOf(rig), without(everything, 'topic-offers'));
    const contact = {
      at: rig.start,
      channel: 'email',
      sendClass: 'marketing',
      owner: 'w',
      leaseUntil: rig.start,
    } as const;
    expect((await rig.gates.reserve(read, ['s1' as SendId], contact)).kind).toBe('changed');
  });

  test('a pause of 90 days begins and ends by a press of a button', async () => {
    const rig = await createPageRig();
    expect((await rig.post(pathOf(rig), { do: 'pause' })).headers.get('location')).toContain('done=paused');
    const until = rig.start + 90 * DAY;
    expect((await gateOf(rig)).preferences?.pausedUntil).toBe(until);
    expect(await (await rig.get(pathOf(rig))).text()).toContain('已暂停至2019年4月2日');
    // saving other choices keeps it
    await rig.post(pathOf(rig), everything);
    expect((await gateOf(rig)).preferences?.pausedUntil).toBe(until);
    await rig.post(pathOf(rig), { do: 'resume' });
    expect((await gateOf(rig)).preferences?.pausedUntil).toBeUndefined();
  });

  test('one button stops everything that is not about contracts; all at the mailbox hear no more by mail', async () => {
    const rig = await createPageRig();
    const wife = await withWife(rig);
    await rig.post(pathOf(rig), { ...everything, 'channel-email': 'yes', 'channel-post': 'yes' });
    rig.at((rig.start + DAY) as Instant);
    await rig.post(pathOf(rig), { do: 'stop' });
    const now = (rig.start + 2 * DAY) as Instant;
    for (const party of [rig.profile.partyId, wife]) {
      const gate = await gateOf(rig, party);
      for (const topic of ['offers', 'advice', 'events', 'surveys'] as const) {
        expect(rulesOn(gate, now, { topic }).kind).toBe('skip');
        expect(rulesOn(gate, now, { topic, sendClass: 'service' }).kind).toBe('skip');
      }
      expect(rulesOn(gate, now, { sendClass: 'service' }).kind).toBe('send');
      expect(rulesOn(gate, now, { sendClass: 'statutory' }).kind).toBe('send');
    }
    expect((await gateOf(rig)).consent['post/marketing']).toMatchObject({ given: false });
    expect((await gateOf(rig, wife)).consent['post/marketing']).toBeUndefined();
    // whoever comes to the mailbox later finds the refusal
    const address = rig.profile.email as string;
    expect((await createAddressBook(rig.table).refusalsAt([address])).get(address)).toMatchObject([
      { purpose: 'marketing' },
    ]);
  });

  test('at a shared mailbox nothing becomes looser for others; a pause given by one word ends by one', async () => {
    const rig = await createPageRig();
    const wife = await withWife(rig);
    await rig.gates.setPreferences(wife, { refusedTopics: ['events'], pace: 'quarterly' });
    await rig.post(pathOf(rig), { ...without(everything, 'topic-offers'), pace: 'weekly' });
    expect((await gateOf(rig, wife)).preferences).toEqual({ refusedTopics: ['events', 'offers'], pace: 'quarterly' });
    await rig.post(pathOf(rig), { do: 'pause' });
    expect((await gateOf(rig, wife)).preferences?.pausedUntil).toBe(rig.start + 90 * DAY);
    await rig.post(pathOf(rig), { do: 'resume' });
    expect((await gateOf(rig, wife)).preferences).toEqual({ refusedTopics: ['events', 'offers'], pace: 'quarterly' });
    await rig.post(pathOf(rig), everything);
    expect((await gateOf(rig)).preferences).toEqual({ refusedTopics: [] });
    expect((await gateOf(rig, wife)).preferences?.refusedTopics).toEqual(['events', 'offers']);
  });

  test('the language chosen is that of the page and of the customer from then on', async () => {
    const rig = await createPageRig();
    const response = await rig.post(pathOf(rig), { ...everything, language: 'en' });
    expect(response.headers.get('location')).toBe('?lang=en&done=saved');
    expect((await rig.profiles.get(rig.profile.partyId))?.locale).toBe('en');
    expect(await (await rig.get(pathOf(rig))).text()).toContain('What you hear from us');
  });

  test('what changed is left for a person; this is not me shuts the mailbox for this customer alone', async () => {
    const rig = await createPageRig();
    const wife = await withWife(rig);
    const note = '=cmd() <script>alert(1)</script> 新地址：上海市浦东新区 1 号 🏠';
    expect((await rig.post(pathOf(rig), { do: 'tell', text: note })).headers.get('location')).toContain('done=told');
    expect((await rig.post(pathOf(rig), { do: 'tell', text: ' ' })).status).toBe(422);
    await rig.post(pathOf(rig), { do: 'not-me' });
    const { tasks } = await rig.tasks.list('house', 'open');
    expect(tasks.map(({ kind, reason }) => `${kind} ${reason}`).sort()).toEqual([
      'data-change not-me',
      'data-change told-on-page',
    ]);
    expect(JSON.stringify(tasks)).not.toContain('上海');
    const rows = (await rig.timeline.list(rig.profile.partyId)).entries.filter(({ kind }) => kind === 'reaction');
    expect(rows.map(({ details }) => details)).toEqual(
      expect.arrayContaining([
        { page: 'preferences', said: 'told-on-page', text: note },
        { page: 'preferences', said: 'not-me' },
      ]),
    );
    expect((await gateOf(rig)).suppressed).toEqual({ email: 'wrong-person' });
    expect((await gateOf(rig, wife)).suppressed).toEqual({});
    const gate = await gateOf(rig);
    for (const sendClass of ['marketing', 'service', 'statutory'] as const)
      expect(rulesOn(gate, rig.start, { sendClass })).toMatchObject({ kind: 'skip', reason: 'suppressed' });
    expect(JSON.stringify(rig.logged)).not.toContain('上海');
  });

  test('why did I get this: the campaign, what began it, when and by which data, nothing that names anybody', async () => {
    const rig = await createPageRig();
    const text = await (await rig.get(pathOf(rig), { 'accept-language': 'en' })).text();
    for (const said of ['续保', '车险', '****4821', '2019年1月31日', '您的保单即将续保']) expect(text).toContain(said);
    expect(text).not.toContain('PNO2018004821');
    const unknown = rig.pathOf('preferences', { ...marked(rig), campaign: 'long-gone' });
    expect(await (await rig.get(unknown)).text()).toContain('这里已无法显示原因');
  });

  test('S27, S29: a link of another purpose, of another person or of an old mailbox opens nothing', async () => {
    const rig = await createPageRig();
    for (const purpose of ['unsubscribe', 'survey', 'renew', 'confirm', 'click'] as const) {
      const token = rig.pathOf(purpose, marked(rig)).split('/').at(-1);
      expect((await rig.get(`/p/${token}`)).status).toBe(404);
      expect((await rig.post(`/p/${token}`, { do: 'stop' })).status).toBe(404);
    }
    const nobody = rig.pathOf('preferences', { partyId: 'nobody' as PartyId });
    expect((await rig.get(nobody)).status).toBe(404);
    expect((await rig.get(rig.pathOf('preferences', { expiresAt: (rig.start - DAY) as Instant }))).status).toBe(410);
    const old = rig.pathOf('preferences', marked(rig, 'old@mail.example'));
    expect((await rig.get(old)).status).toBe(410);
    expect((await rig.post(old, { do: 'not-me' })).status).toBe(410);
    expect((await gateOf(rig)).suppressed).toEqual({});
  });

  test('refuses what no form of ours sends; a fault of the table is an apology and changes nothing', async () => {
    const rig = await createPageRig();
    const path = pathOf(rig);
    const foreign: Record<string, string>[] = [{}, { do: 'else' }, { ...everything, pace: 'hourly' }];
    for (const form of [...foreign, { ...everything, language: 'xx' }])
      expect((await rig.post(path, form)).status).toBe(400);
    expect((await rig.post(path, everything, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await rig.app.request(`https://pages.example${path}`, { method: 'PUT' })).status).toBe(405);
    rig.breakTable(true);
    expect((await rig.post(path, everything)).status).toBe(500);
    rig.breakTable(false);
    expect((await gateOf(rig)).preferences).toBeUndefined();
  });

  test('unsubscribe leads to all settings, before and after', async () => {
    const rig = await createPageRig();
    const path = rig.pathOf('unsubscribe', { ...marked(rig), sendClass: 'marketing' });
    for (const page of [await rig.get(path), await rig.post(path, { 'List-Unsubscribe': 'One-Click' })]) {
      const link = /href="(\/p\/[^"?]+)/.exec(await page.text())?.[1] as string;
      expect((await rig.get(link)).status).toBe(200);
    }
    expect((await gateOf(rig)).consent['email/marketing']).toMatchObject({ given: false });
    const old = rig.pathOf('unsubscribe', { ...marked(rig, 'old@mail.example'), sendClass: 'marketing' });
    const link = /href="(\/p\/[^"?]+)/.exec(await (await rig.get(old)).text())?.[1] as string;
    expect((await rig.get(link)).status).toBe(410);
  });
});

describe('a new address (double opt-in)', () => {
  const give = async (rig: PageRig, email: string) =>
    (await rig.post(pathOf(rig), { do: 'address', email })).headers.get('location');
  const confirmPath = (rig: PageRig, email: string) => rig.pathOf('confirm', marked(rig, email));

  test('counts once confirmed by POST: profile, address book, gate and ledger follow; the event bears no address', async () => {
    const rig = await createPageRig();
    const book = createAddressBook(rig.table);
    await book.link(rig.profile.email as string, rig.profile.partyId);
    await rig.gates.suppress(rig.profile.partyId, 'email', 'complaint');
    expect(await give(rig, ' New.One@Mail.example ')).toContain('done=address');
    expect(events(rig)).toEqual(['AddressGiven']);
    expect((await rig.profiles.get(rig.profile.partyId))?.email).toBe(rig.profile.email);
    const path = confirmPath(rig, 'New.One@mail.example');
    for (let n = 0; n < 3; n += 1) expect(await (await rig.get(path)).text()).toContain('N•••@mail.example');
    expect((await rig.profiles.get(rig.profile.partyId))?.email).toBe(rig.profile.email);
    expect((await rig.post(path, {})).status).toBe(400);

    expect((await rig.post(path, { do: 'confirm' })).status).toBe(200);
    expect((await rig.profiles.get(rig.profile.partyId))?.email).toBe('New.One@mail.example');
    expect(await book.partiesAt(rig.profile.email as string)).toEqual([]);
    expect(await book.partiesAt('new.one@mail.example')).toEqual([rig.profile.partyId]);
    expect((await gateOf(rig)).suppressed).toEqual({});
    expect(await ledgerOf(rig)).toMatchObject([
      { channel: 'email', purpose: 'service', given: true, wording: 'confirm-address-1', source: 'confirm-page' },
    ]);
    expect(events(rig)).toEqual(['AddressGiven', 'AddressConfirmed']);
    expect(JSON.stringify(rig.bus.events)).not.toMatch(/mail\.example/i);
    // pressed twice, it is done once
    expect((await rig.post(path, { do: 'confirm' })).status).toBe(200);
    expect(events(rig).length).toBe(2);
  });

  test('an older link does not confirm a newer address, nor one of 8 days ago any', async () => {
    const rig = await createPageRig();
    await give(rig, 'first@mail.example');
    await give(rig, 'second@mail.example');
    expect((await rig.post(confirmPath(rig, 'first@mail.example'), { do: 'confirm' })).status).toBe(410);
    const late = rig.pathOf('confirm', {
      ...marked(rig, 'second@mail.example'),
      expiresAt: (rig.start - 1_000) as Instant,
    });
    expect((await rig.post(late, { do: 'confirm' })).status).toBe(410);
    expect((await rig.profiles.get(rig.profile.partyId))?.email).toBe(rig.profile.email);
    await rig.post(confirmPath(rig, 'second@mail.example'), { do: 'confirm' });
    expect((await rig.profiles.get(rig.profile.partyId))?.email).toBe('second@mail.example');
    // the mark of an address is told in no clear text
    expect(Buffer.from(confirmPath(rig, 'second@mail.example').slice(3), 'base64url').toString()).not.toContain('@');
  });

  test('three a day at most; no address at all and the one we have are said so', async () => {
    const rig = await createPageRig();
    for (const n of [1, 2, 3]) expect(await give(rig, `n${n}@mail.example`)).toContain('done=address');
    expect(await give(rig, 'n4@mail.example')).toContain('done=too-many');
    expect(await give(rig, 'ZHANG.wei@mail.example')).toContain('done=same');
    expect((await rig.post(pathOf(rig), { do: 'address', email: 'no address' })).status).toBe(422);
    const given = await createUnconfirmedAddresses(rig.table).getMany([rig.profile.partyId]);
    expect(given.get(rig.profile.partyId)?.email).toBe('n3@mail.example');
  });
});

describe('asking for the link', () => {
  test('S29: a known and an unknown address: one answer, the same calls, one event each that tells no address', async () => {
    const known = await createPageRig();
    await createAddressBook(known.table).link(known.profile.email as string, known.profile.partyId);
    const ask = async (email: string) => {
      known.calls.length = 0;
      const response = await known.post('/p', { email });
      return { status: response.status, body: await response.text(), calls: [...known.calls] };
    };
    const [there, not] = [await ask(known.profile.email as string), await ask('nobody@mail.example')];
    expect(not).toEqual(there);
    expect(there.status).toBe(200);
    expect(events(known)).toEqual(['PreferenceLinkAsked', 'PreferenceLinkAsked']);
    for (const { detail } of known.bus.events)
      expect(Object.keys(detail).sort()).toEqual(['address', 'eventId', 'occurredAt', 'schemaVersion']);
    expect(JSON.stringify([known.bus.events, known.logged])).not.toContain('mail.example');
  });

  test('three a day for an address, thirty from one network; what is beyond is answered alike', async () => {
    const rig = await createPageRig();
    for (let n = 0; n < 5; n += 1) expect((await rig.post('/p', { email: 'a@mail.example' })).status).toBe(200);
    expect(rig.bus.events.length).toBe(3);
    for (let n = 0; n < 40; n += 1) await rig.post('/p', { email: `b${n}@mail.example` });
    expect(rig.bus.events.length).toBe(28);
    rig.at((rig.start + DAY) as Instant);
    await rig.post('/p', { email: 'a@mail.example' });
    expect(rig.bus.events.length).toBe(29);
  });

  test('what is no address is said so, harmlessly', async () => {
    const rig = await createPageRig();
    expect((await rig.get('/p')).status).toBe(200);
    const response = await rig.post('/p', { email: '"><script>alert(1)</script>' });
    expect(response.status).toBe(422);
    expect(await response.text()).not.toContain('<script>alert');
    expect(rig.bus.events).toEqual([]);
  });
});
