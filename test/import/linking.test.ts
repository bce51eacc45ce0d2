import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type IncomingRecord, linkRecords, personKey } from '../../shared/customer/link-records.ts';
import { foldName, foldPhone, foldText, matchKeysOf } from '../../shared/customer/match-key.ts';
import { consentChanges, mergeProfile, type PersonData, type PersonRecord } from '../../shared/customer/record.ts';
import { search } from '../../shared/customer/search.ts';
import { refreshPerson } from '../../shared/customer/update-person.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { type CivilDate, DAY, type Instant } from '../../shared/platform/time.ts';
import { createImportRig, type ImportRig, NOW } from './support/rig.ts';

const birthOn = '1980-02-29' as CivilDate;
const full = (name: string): PersonData => ({ name: { full: name } });
const record = (source: string, key: string, data: PersonData, more: Partial<PersonRecord> = {}): PersonRecord => ({
  source,
  key,
  scope: 'head-office',
  asOf: NOW,
  knownFrom: 0 as Instant,
  authority: 50,
  data,
  consents: [],
  sameAs: [],
  ...more,
});
const incoming = (person: PersonRecord, more: Partial<IncomingRecord> = {}): IncomingRecord => ({
  record: person,
  isHolder: false,
  isPartial: false,
  isPlaceholder: false,
  ...more,
});

let rig: ImportRig;
beforeEach(async () => {
  rig = await createImportRig();
});
let chunk = 0;
const link = (people: readonly (PersonRecord | IncomingRecord)[], now = NOW) =>
  linkRecords(
    rig.link,
    people.map((person) => ('record' in person ? person : incoming(person))),
    { now, origin: `import/${(chunk += 1)}` },
  );
const partyOf = async (source: string, key: string): Promise<PartyId> => {
  const found = await rig.link.sources.getMany([{ source, kind: 'person', key }]);
  return [...found.values()][0]?.partyId as PartyId;
};
const profileOf = async (source: string, key: string) => rig.link.profiles.get(await partyOf(source, key));
const unclear = async () => {
  const all = [];
  for (let after: string | undefined; ; ) {
    const page = await rig.link.unclear.list({ limit: 2, ...(after === undefined ? {} : { after }) });
    all.push(...page.items);
    if (page.next === undefined) return all;
    after = page.next;
  }
};

describe('normalised values', () => {
  it.each([
    ['  MÜLLER-Lüdenscheidt ', 'mullerludenscheidt'],
    ["O'Neil", 'oneil'],
    ['Łukasz Ørsted', 'lukaszorsted'],
    ['Ａｎｎａ', 'anna'],
    ['欧阳 娜娜', '欧阳娜娜'],
    ['Straße', 'strasse'],
  ])('folds %s', (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });

  it('names compare split or not, in the order of their script', () => {
    expect(foldName({ given: 'Ana María', family: 'de la Cruz' })).toBe(foldName({ full: 'ana maria DE LA CRUZ' }));
    expect(foldName({ given: '伟', family: '张' })).toBe(foldName({ full: '张 伟' }));
    expect(foldName({ full: 'Riding Alice' })).not.toBe(foldName({ given: 'Alice', family: 'Riding' }));
  });

  it('phones compare by their digits', () => {
    expect(new Set(['+61 496 558 099', '0061-496558099', '61 (496) 558099'].map(foldPhone)).size).toBe(1);
  });

  it('neither e-mail nor phone alone is a key, and no birth date leaves only the national id', () => {
    const data: PersonData = { ...full('Ann Lee'), email: 'a@example.com', phone: '+61 496558099', postcode: '1000' };
    expect(matchKeysOf({ data })).toEqual([]);
    expect(matchKeysOf({ data, nationalId: 'X-12 3' })).toEqual([{ kind: 'national-id', parts: ['x123'] }]);
    expect(matchKeysOf({ data: { ...data, birthOn } }).map(({ kind }) => kind)).toEqual([
      'name+birth+postcode',
      'email+birth',
      'phone+birth',
    ]);
  });
});

describe('linking', () => {
  const ann: PersonData = { ...full('Ann Lee'), birthOn, postcode: '1000' };

  it.each([
    [
      'name, birth date and postcode',
      ann,
      { name: { given: 'ANN', family: 'Lee' }, birthOn, postcode: ' 1000' },
      'name+birth+postcode',
    ],
    [
      'e-mail and birth date',
      { ...full('Ann Lee'), birthOn, email: 'Ann@Example.com' },
      { ...full('A. Lee'), birthOn, email: 'ann@example.com' },
      'email+birth',
    ],
    [
      'phone and birth date',
      { ...full('Ann Lee'), birthOn, phone: '+34 600 111 222' },
      { ...full('Lee'), birthOn, phone: '0034600111222' },
      'phone+birth',
    ],
  ] as const)('joins by %s and records why', async (_, a, b, joinedBy) => {
    await link([record('service', 'C1', a)]);
    await link([record('underwriting', 'H1', b)]);
    expect(await partyOf('underwriting', 'H1')).toBe(await partyOf('service', 'C1'));
    expect((await profileOf('service', 'C1'))?.records).toEqual([
      { source: 'service', key: 'C1', joinedBy: 'first', at: NOW },
      { source: 'underwriting', key: 'H1', joinedBy, at: NOW },
    ]);
  });

  it('joins by a number of another source, and by national id', async () => {
    await link([record('service', 'C1', full('Ann'), { nationalId: '12-X' })]);
    await link([
      record('claims', 'K1', {}, { sameAs: [{ source: 'service', key: 'C1' }] }),
      record('risk', 'R1', {}, { nationalId: '12x' }),
    ]);
    expect((await profileOf('service', 'C1'))?.records.map(({ joinedBy }) => joinedBy)).toEqual([
      'first',
      'number',
      'national-id',
    ]);
  });

  it('a family at one address, e-mail and phone stays a family', async () => {
    const home = { email: 'lee@example.com', phone: '+34 600111222', postcode: '1000' };
    await link([
      record('service', 'C1', { ...full('Ann Lee'), ...home, birthOn }),
      record('service', 'C2', { ...full('Bo Lee'), ...home, birthOn: '1981-01-01' as CivilDate }),
      record('service', 'C3', { ...full('Cy Lee'), ...home }),
    ]);
    expect(new Set(await Promise.all(['C1', 'C2', 'C3'].map((key) => partyOf('service', key)))).size).toBe(3);
  });

  it('a record whose keys lead to two people joins neither and is listed', async () => {
    await link([
      record('service', 'C1', { ...ann, email: 'ann@example.com' }),
      record('service', 'C2', { ...full('Bo'), birthOn, phone: '+34 600111222' }),
    ]);
    await link([record('lists', 'L1', { ...ann, phone: '+34 600111222' })]);
    const [one, two, alone] = [
      await partyOf('service', 'C1'),
      await partyOf('service', 'C2'),
      await partyOf('lists', 'L1'),
    ];
    expect(new Set([one, two, alone]).size).toBe(3);
    expect(await unclear()).toEqual([
      {
        ref: { source: 'lists', kind: 'person', key: 'L1' },
        reason: 'two-parties',
        partyId: alone,
        candidates: [one, two],
        at: NOW,
      },
    ]);
  });

  it('a holder nobody can write to is listed until somebody can', async () => {
    const holders = Array.from({ length: 7 }, (_, n) =>
      incoming(record('underwriting', `H${n}`, { ...ann, postcode: `${n}` }), { isHolder: true }),
    );
    await link(holders);
    expect((await unclear()).map(({ ref, reason }) => `${ref.key} ${reason}`).sort()).toEqual(
      Array.from({ length: 7 }, (_, n) => `H${n} no-contact-data`),
    );
    const outcome = await link([record('service', 'C3', { ...ann, postcode: '3', email: 'ann@example.com' })]);
    expect(outcome.changed).toEqual([await partyOf('underwriting', 'H3')]);
    expect((await unclear()).map(({ ref }) => ref.key).sort()).toEqual(['H0', 'H1', 'H2', 'H4', 'H5', 'H6']);
  });

  it('a number that came before its record keeps its person, who is announced when the record comes', async () => {
    await link([
      incoming(record('service', 'C1', {}, { asOf: 0 as Instant, authority: 0 }), {
        isPlaceholder: true,
        isHolder: true,
      }),
    ]);
    const party = await partyOf('service', 'C1');
    expect(await unclear()).toHaveLength(1);
    const outcome = await link([record('service', 'C1', { ...ann, email: 'ann@example.com' })]);
    expect(outcome).toMatchObject({ changed: [party] });
    expect(await partyOf('service', 'C1')).toBe(party);
    await link([incoming(record('service', 'C1', {}, { asOf: 0 as Instant }), { isPlaceholder: true })]);
    expect(await profileOf('service', 'C1')).toMatchObject({ email: 'ann@example.com', records: [{ key: 'C1' }] });
    expect(await unclear()).toEqual([]);
    expect(await search(rig.table, { text: 'ann@example.com' })).toEqual([{ kind: 'email', partyId: party }]);
  });

  it('the later as-of day stands in whatever order versions come; a delta keeps what it leaves out', async () => {
    const at = (days: number): Partial<PersonRecord> => ({ asOf: (NOW + days * DAY) as Instant });
    await link([record('service', 'C1', { ...ann, email: 'new@example.com' }, at(0))]);
    await link([record('service', 'C1', { ...ann, email: 'old@example.com' }, at(-9))]);
    expect((await profileOf('service', 'C1'))?.email).toBe('new@example.com');
    await link([incoming(record('service', 'C1', { phone: '+34 600111222' }, at(1)), { isPartial: true })]);
    expect(await profileOf('service', 'C1')).toMatchObject({ email: 'new@example.com', phone: '+34 600111222' });
    await link([record('service', 'C1', { ...ann, phone: '+34 600111222' }, at(2))]);
    expect(await profileOf('service', 'C1')).not.toHaveProperty('email');
    expect(await rig.link.addresses.partiesAt('new@example.com')).toEqual([]);
    expect(await search(rig.table, { text: 'new@example.com' })).toEqual([]);
  });

  it('what is known later waits: the profile is as before until then', async () => {
    await link([record('service', 'C1', { ...ann, email: 'old@example.com' })]);
    const later = (NOW + 3 * DAY) as Instant;
    const refused = [{ channel: 'email' as const, purpose: 'service' as const, given: false, wording: 'v1' }];
    const outcome = await link([
      record(
        'service',
        'C1',
        { ...ann, email: 'new@example.com' },
        { asOf: later, knownFrom: later, consents: refused },
      ),
    ]);
    const party = await partyOf('service', 'C1');
    expect(outcome.waiting).toEqual([{ partyId: party, at: later }]);
    expect((await profileOf('service', 'C1'))?.email).toBe('old@example.com');
    expect(await refreshPerson(rig.link, party, (later - 1) as Instant)).toBe('same');
    expect(await refreshPerson(rig.link, party, later)).toBe('changed');
    expect((await profileOf('service', 'C1'))?.email).toBe('new@example.com');
    expect((await rig.link.gates.getMany([party])).get(party)?.consent['email/service']).toMatchObject({
      given: false,
    });
    expect((await search(rig.table, { text: 'new@example.com' })).length).toBe(1);
  });

  it('a gate is made once with the first consents; the ledger holds each of them', async () => {
    const consents = [{ channel: 'email' as const, purpose: 'marketing' as const, given: true, wording: 'mail-2' }];
    await link([record('service', 'C1', ann, { consents })]);
    const party = await partyOf('service', 'C1');
    expect((await rig.link.gates.getMany([party])).get(party)).toMatchObject({
      consent: { 'email/marketing': { given: true, wording: 'mail-2', at: NOW } },
    });
    await link([
      record('underwriting', 'H1', ann, {
        consents: [{ ...consents[0], given: false } as never],
        asOf: (NOW + 1) as Instant,
      }),
    ]);
    expect((await rig.link.gates.getMany([party])).get(party)?.consent['email/marketing']).toMatchObject({
      given: false,
    });
    const entries = await rig.table.query({ pk: `C#${party}`, prefix: 'L#' });
    expect(entries.items).toHaveLength(2);
  });

  it('N4 importing an old file again does not undo an opt-out', () => {
    const optOut = { 'email/service': { given: false, wording: 'unsubscribe', at: (NOW - DAY) as Instant } };
    const yes = { channel: 'email' as const, purpose: 'service' as const, given: true };
    expect(consentChanges(optOut, [{ ...yes, wording: 'legacy-unproven' }], NOW)).toEqual([]);
    expect(consentChanges(optOut, [{ ...yes, wording: 'mail-2' }], NOW)).toEqual([]);
    expect(consentChanges(optOut, [{ ...yes, wording: 'mail-2', at: (NOW - 2 * DAY) as Instant }], NOW)).toEqual([]);
    expect(consentChanges(optOut, [{ ...yes, wording: 'mail-2', at: NOW }], NOW)).toHaveLength(1);
    expect(
      consentChanges(
        { 'email/service': { ...optOut['email/service'], given: true } },
        [{ ...yes, given: false, wording: 'x' }],
        NOW,
      ),
    ).toHaveLength(1);
  });

  it('an opened address: a new e-mail opens a channel that bounced, never one that complained', async () => {
    for (const [key, why] of [
      ['C1', 'hard-bounce'],
      ['C2', 'complaint'],
    ] as const) {
      await link([record('service', key, { ...ann, postcode: key, email: `${key}@example.com` })]);
      const { gates } = rig.link as unknown as {
        gates: { suppress(id: PartyId, channel: 'email', why: string): Promise<boolean> };
      };
      await gates.suppress(await partyOf('service', key), 'email', why);
      await link([record('service', key, { ...ann, postcode: key, email: `new-${key}@example.com` })]);
    }
    const gateOf = async (key: string) =>
      [...(await rig.link.gates.getMany([await partyOf('service', key)])).values()][0];
    expect((await gateOf('C1'))?.suppressed).toEqual({});
    expect((await gateOf('C2'))?.suppressed).toEqual({ email: 'complaint' });
  });
});

describe('races', () => {
  it('workers at the same people end at the same parties, however their steps mix', async () => {
    const people = (source: string) =>
      Array.from({ length: 6 }, (_, n) =>
        record(source, `${source}${n}`, { ...full(`Person ${n}`), birthOn, postcode: '1', email: `p${n}@example.com` }),
      );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const raced = await createImportRig();
        const table = new Proxy(raced.table, {
          get: (target, name) => {
            const act = target[name as keyof typeof target] as (...args: unknown[]) => Promise<unknown>;
            return (...args: unknown[]) =>
              s.schedule(Promise.resolve(), String(name)).then(() => act.apply(target, args));
          },
        });
        const slow = createImportRig(table);
        const [{ link: ports }] = await Promise.all([slow, s.waitFor(slow)]);
        const works = ['a', 'b', 'a', 'c'].map((source, n) =>
          linkRecords(
            ports,
            people(source).map((person) => incoming(person)),
            { now: NOW, origin: `import/${n}` },
          ),
        );
        const outcomes = await s.waitFor(Promise.all(works));
        for (let n = 0; n < 6; n += 1) {
          const found = ['a', 'b', 'a', 'c'].map((source, w) =>
            outcomes[w]?.parties.get(personKey(source, `${source}${n}`)),
          );
          expect(new Set(found).size).toBe(1);
          const profile = await raced.link.profiles.get(found[0] as PartyId);
          expect(profile?.records.map(({ key }) => key).sort()).toEqual([`a${n}`, `b${n}`, `c${n}`]);
          expect((await raced.link.gates.getMany([found[0] as PartyId])).size).toBe(1);
        }
        const hits = await search(raced.table, { text: 'person', limit: 100 });
        expect(hits).toHaveLength(6);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe('the projection', () => {
  it('S4: the account manager is whom the strongest source names; a source that names none takes nobody away', () => {
    const joined = (source: string, authority: number, data: PersonData) => ({
      ...record(source, 'K', data, { authority }),
      joinedBy: 'first' as const,
      joinedAt: NOW,
    });
    const partyId = 'p' as PartyId;
    const service = joined('service', 80, { manager: 'user-1' });
    const underwriting = joined('underwriting', 20, { manager: 'user-2' });
    expect(mergeProfile(partyId, [underwriting, service], NOW, 1).manager).toBe('user-1');
    expect(mergeProfile(partyId, [underwriting, joined('service', 80, {})], NOW, 1).manager).toBe('user-2');
    expect(mergeProfile(partyId, [joined('service', 80, {})], NOW, 1)).not.toHaveProperty('manager');
  });

  it('takes each field from the strongest word that states it, and is the same in any order', () => {
    const joined = (source: string, authority: number, days: number, data: PersonData) => ({
      ...record(source, '1', data, { authority, asOf: (NOW + days * DAY) as Instant }),
      joinedBy: 'first' as const,
      joinedAt: NOW,
    });
    const address = { lines: ['Calle 1'], city: 'Madrid', postcode: '28001', country: 'ES' };
    const records = [
      joined('a', 80, -5, { name: { given: 'Ann', family: 'Lee' }, email: 'a@example.com' }),
      joined('b', 80, 0, { email: 'b@example.com' }),
      joined('c', 20, 9, { ...full('Lee Ann'), email: 'c@example.com', address, locale: 'es' }),
      { ...joined('d', 99, 0, { email: 'd@example.com' }), knownFrom: (NOW + 1) as Instant },
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: 4 }), (shuffled) => {
        const profile = mergeProfile('p' as PartyId, shuffled, NOW, 1);
        expect(profile).toMatchObject({
          name: { given: 'Ann', family: 'Lee' },
          email: 'b@example.com',
          address,
          locale: 'es',
        });
        expect(profile.records.map(({ source }) => source).join('')).toHaveLength(4);
      }),
    );
  });
});
