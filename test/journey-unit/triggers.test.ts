import { describe, expect, test } from 'vitest';
import { createHandler as createFollow } from '../../functions/follow-changes/core.ts';
import { personOccasions } from '../../shared/journey/occasions.ts';
import { nextEntry } from '../../shared/journey/reconcile.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import type { CivilDate, Instant, ZoneId } from '../../shared/platform/time.ts';
import { campaign, clause, hear, journeysOf, mailAfter } from './campaigns.ts';
import { createWorld, day, instant } from './world.ts';

const birthday = {
  id: 'birthday',
  trigger: { date: 'customer.birthOn', yearly: true },
  steps: [{ id: 'day', at: { daysBefore: 0, time: '09:00' }, do: { send: 'email', template: 'welcome' } }],
};

/** The civil day and hour in a zone, by the platform's own calendar instead of ours. */
const wallOf = (at: number, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(at));

/** The birthday in a year by the oracle's own arithmetic. */
const birthdayIn = (birthOn: string, year: number): string => {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return `${year}${birthOn.slice(4) === '-02-29' && !isLeap ? '-02-28' : birthOn.slice(4)}`;
};

describe('birthdays', () => {
  test.each([
    ['1992-02-29', 'Europe/Madrid'],
    ['1988-02-29', 'Pacific/Auckland'],
    // the clocks change on this very day
    ['1990-03-31', 'Europe/Madrid'],
    ['1990-10-27', 'Europe/Madrid'],
    ['1984-12-31', 'Asia/Shanghai'],
    ['1984-01-01', 'America/New_York'],
    ['1975-04-07', 'Australia/Lord_Howe'],
  ])('F15: born on %s in %s: one message each year, on the day, at nine', async (birthOn, zone) => {
    const world = createWorld({ now: '2018-06-15T00:00:00Z', programmes: [campaign(birthday)] });
    await world.person('ana', { birthOn: day(birthOn), zone: zone as ZoneId });
    await world.changes.send([{ kind: 'party', partyId: 'ana' as PartyId, because: 'import' }]);
    await world.drain();
    expect(await journeysOf(world)).toEqual([]);
    await world.advance('2025-06-15T00:00:00Z');
    const years = [2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025].map((year) => birthdayIn(birthOn, year));
    const wanted = years.filter((on) => on > '2018-06-15' && on < '2025-06-15');
    expect(wanted).toHaveLength(7);
    expect(world.seen.map(({ at }) => wallOf(at, zone))).toEqual(wanted.map((on) => `${on} 09:00`));
    expect(await journeysOf(world)).toEqual(wanted.map((on) => `birthday ${on.slice(0, 4)} finished`));
  });

  test('F15: 3,000 dates of birth: each year has its day, and only one', () => {
    const { definition } = campaign(birthday);
    const zone = 'UTC' as ZoneId;
    let seed = 7;
    const next = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let n = 0; n < 3_000; n += 1) {
      const born = new Date(Date.UTC(1920 + next(90), 0, 1 + next(366))).toISOString().slice(0, 10);
      const now = Date.UTC(2019 + next(8), next(12), 1 + next(28));
      const found = personOccasions(definition, { birthOn: born as CivilDate, zone }, now as Instant);
      const today = new Date(now).toISOString().slice(0, 10);
      for (const { occurrence, anchorOn } of found) expect(anchorOn).toBe(birthdayIn(born, Number(occurrence)));
      const ahead = [0, 1].map((more) => birthdayIn(born, Number(today.slice(0, 4)) + more)).find((on) => on >= today);
      expect(found.map(({ anchorOn }) => anchorOn as string)).toContain(ahead);
      expect(new Set(found.map(({ occurrence }) => occurrence)).size).toBe(found.length);
    }
  });

  test('a customer who comes by a policy is looked at for the next birthday; a former one is history', async () => {
    const world = createWorld({ now: '2018-12-01T00:00:00Z', programmes: [campaign(birthday)] });
    await world.person('ana', { birthOn: day('1990-01-20') });
    await world.load({ terms: [['2018-06-01', '2019-06-01']] });
    await world.advance('2019-02-01T00:00:00Z');
    expect(world.sends()).toEqual(['2019-01-20 email day']);
    expect(await world.history('ana')).not.toContain('message birthday day skipped too-late');
  });

  test('nothing of a birthday on the day of birth, nor without a date', () => {
    const definition = campaign(birthday);
    const at = instant('2018-06-15T00:00:00Z');
    const profile = { partyId: 'x', scope: 'head', zone: 'UTC' } as never as Parameters<typeof nextEntry>[1];
    expect(nextEntry([definition], profile, at, letterDueIn)).toBeUndefined();
    const born = { ...profile, birthOn: day('2018-06-15') };
    expect(new Date(nextEntry([definition], born, at, letterDueIn) as Instant).toISOString()).toBe(
      '2019-06-07T09:00:00.000Z',
    );
  });
});

describe('dates of policies and claims', () => {
  const subject = 'policy';

  test('welcome: from the first day of the contract, once; what began long ago is over', async () => {
    const welcome = campaign({
      id: 'welcome',
      subject,
      trigger: { date: 'policy.contractStartsOn' },
      steps: [mailAfter('one', 1), mailAfter('thirty', 30)],
    });
    const world = createWorld({ now: '2018-12-01T00:00:00Z', programmes: [welcome] });
    await world.person('ana');
    await world.load(
      {
        no: 'old',
        terms: [
          ['2017-12-01', '2018-12-01'],
          ['2018-12-01', '2019-12-01'],
        ],
      },
      { no: 'new', terms: [['2018-12-10', '2019-12-10']] },
    );
    await world.advance('2020-03-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-11 email one', '2019-01-09 email thirty']);
  });

  test('each term: from its first day, again with the next', async () => {
    const programmes = [
      campaign({ id: 'term', subject, trigger: { date: 'policy.startsOn' }, steps: [mailAfter('papers', 2)] }),
    ];
    const world = createWorld({ now: '2018-01-02T00:00:00Z', programmes });
    await world.person('ana');
    await world.load({
      terms: [
        ['2018-01-15', '2019-01-15'],
        ['2019-01-15', '2020-01-15'],
      ],
    });
    await world.advance('2019-06-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-01-17 email papers', '2019-01-17 email papers']);
  });

  test('each year: a contract of 29 February has its day in common years too', async () => {
    const programmes = [
      campaign({
        id: 'loyal',
        subject,
        trigger: { date: 'policy.contractStartsOn', yearly: true },
        exits: ['deceased', 'lapsed'],
        steps: [mailAfter('thanks', 0)],
      }),
    ];
    const world = createWorld({ now: '2016-02-01T00:00:00Z', programmes });
    await world.person('ana');
    await world.load({ terms: [['2016-02-29', '2017-02-28']] });
    await world.advance('2021-01-01T00:00:00Z');
    expect(world.sends().map((line) => line.slice(0, 10))).toEqual([
      '2016-02-29',
      '2017-02-28',
      '2018-02-28',
      '2019-02-28',
      '2020-02-29',
    ]);
  });

  test('a claim settled: once per claim, whatever is imported again; one of long ago raises nothing', async () => {
    const programmes = [
      campaign({ id: 'claim', subject, trigger: { date: 'claim.settledOn' }, steps: [mailAfter('ask', 3)] }),
    ];
    const world = createWorld({ now: '2018-06-01T00:00:00Z', programmes });
    await world.person('ana');
    const [policyId] = await world.load({ terms: [['2018-01-15', '2019-01-15']] });
    const claim = async (claimNo: string, settledOn: string | undefined) => {
      await world.facts.write([
        {
          policyId: policyId!,
          source: 'claims',
          recordedAt: world.now(),
          knownFrom: world.now(),
          origin: `import-${world.now()}`,
          kind: 'claim',
          claim: {
            claimNo,
            type: 'glass',
            status: settledOn ? 'settled' : 'open',
            ...(settledOn ? { settledOn: day(settledOn) } : {}),
          },
        },
      ]);
      await world.changes.send([{ kind: 'policies', policyIds: [policyId!], because: 'import' }]);
      await world.drain();
    };
    await claim('K1', undefined);
    await claim('K0', '2018-02-01');
    await world.advance('2018-06-05T08:00:00Z');
    await claim('K1', '2018-06-04');
    await claim('K2', '2018-06-05');
    await world.advance('2018-06-20T08:00:00Z');
    await claim('K1', '2018-06-04');
    await world.advance('2018-09-20T08:00:00Z');
    expect(world.sends()).toEqual(['2018-06-07 email ask', '2018-06-08 email ask']);
    expect(await journeysOf(world)).toEqual(['claim K1 finished', 'claim K2 finished']);
  });

  test('a journey by flow begins on the day itself, or as early as its wait for that day', async () => {
    const until = (days: number) => ({ wait: { until: { date: 'policy.renewsOn', days, time: '10:00' } } });
    const programmes = [
      campaign({
        id: 'early',
        subject,
        trigger: { date: 'policy.renewsOn' },
        steps: [
          { id: 'before', do: until(-20) },
          { id: 'mail', do: { send: 'email', template: 'welcome' } },
          { id: 'after', do: until(2) },
          { id: 'late', do: { send: 'email', template: 'welcome' } },
        ],
      }),
    ];
    const world = createWorld({ now: '2018-06-01T00:00:00Z', programmes });
    await world.person('ana');
    await world.load({ terms: [['2018-01-15', '2019-01-15']] });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-26 email mail', '2019-01-17 email late']);
  });

  test('only lines and contact rules that the campaign is for; through the intermediary only where it says so', async () => {
    const programmes = [
      campaign({
        id: 'motor',
        subject,
        trigger: { date: 'policy.contractStartsOn' },
        audience: { lines: ['motor'] },
        steps: [mailAfter('one', 1)],
      }),
    ];
    const world = createWorld({ now: '2018-12-01T00:00:00Z', programmes });
    await world.person('ana');
    const terms = [['2018-12-05', '2019-12-05']] as const;
    await world.load(
      { no: 'a', terms },
      { no: 'b', terms, line: 'home' },
      { no: 'c', terms, contractRule: 'intermediary', intermediary: 'B' },
      { no: 'd', terms, contractRule: 'copy-to-intermediary', intermediary: 'B' },
    );
    await world.advance('2019-01-01T00:00:00Z');
    expect(await journeysOf(world)).toHaveLength(2);
  });
});

describe('who is in the audience when the journey begins', () => {
  const trigger = { event: 'CallEnded' };
  const enter = async (
    audience: Record<string, unknown>,
    prepare?: (world: ReturnType<typeof createWorld>) => void,
  ) => {
    const world = createWorld({ now: '2018-12-03T08:00:00Z', programmes: [campaign({ trigger, audience })] });
    await world.person('ana', { birthOn: day('1990-02-10') });
    prepare?.(world);
    await hear(world, 'CallEnded', { customerRef: 'ref-ana' });
    return (await journeysOf(world)).length;
  };

  test.each<[string, Record<string, unknown>, number]>([
    ['no rule', {}, 1],
    ['a rule that holds', { rule: clause('customer.hasEmail', '=', true) }, 1],
    ['a rule that does not', { rule: clause('customer.hasPhone', '=', true) }, 0],
    ['a saved audience', { saved: 'reachable' }, 1],
    ['a saved audience of others', { saved: 'callable' }, 0],
    ['a saved audience that is gone', { saved: 'gone' }, 0],
    ['a list', { include: ['guests'] }, 1],
    ['another list', { include: ['press'] }, 0],
    ['excluded by a list', { exclude: ['guests'] }, 0],
    ['excluded others', { exclude: ['press'] }, 1],
    ['rule and list', { rule: clause('customer.hasEmail', '=', true), include: ['guests'], exclude: ['press'] }, 1],
  ])('%s', async (_name, audience, count) => {
    const prepare = (world: ReturnType<typeof createWorld>) => {
      world.lists.set('ana' as PartyId, ['guests']);
      world.savedAudiences.set('reachable', { rule: clause('customer.hasEmail', '=', true) });
      world.savedAudiences.set('callable', { rule: clause('customer.hasPhone', '=', true) });
    };
    expect(await enter(audience, prepare)).toBe(count);
  });

  test('who is on no list at all is excluded by none', async () => {
    expect(await enter({ exclude: ['press'] })).toBe(1);
  });

  test('F45: a rule about the policy is asked of what was just projected, though reads lag behind', async () => {
    const programmes = [
      campaign({
        id: 'motor',
        subject: 'policy',
        trigger: { date: 'policy.contractStartsOn' },
        audience: { rule: clause('policy.line', '=', 'motor') },
        steps: [mailAfter('one', 1)],
      }),
    ];
    const table = createMemoryTable();
    const lagging: Table = {
      ...table,
      getMany: async (keys, options) =>
        table.getMany(options?.consistent ? keys : keys.filter(({ sk }) => sk !== 'POLICY'), options),
    };
    const world = createWorld({ now: '2018-12-01T00:00:00Z', programmes, table: lagging });
    await world.person('ana');
    await world.load({ terms: [['2018-12-05', '2019-12-05']] });
    await world.advance('2018-12-05T08:00:00Z');
    expect(await journeysOf(world)).toHaveLength(1);
  });
});

describe('audiences, runs and the API', () => {
  const partyId = 'ana' as PartyId;

  test('entering an audience begins the campaigns of that audience and side, once a day', async () => {
    const programmes = [
      campaign({ id: 'in', trigger: { audience: 'gold', on: 'enter' } }),
      campaign({ id: 'out', trigger: { audience: 'gold', on: 'leave' } }),
      campaign({ id: 'other', trigger: { audience: 'silver', on: 'enter' } }),
      campaign({ id: 'each', subject: 'policy', trigger: { audience: 'gold', on: 'enter' } }),
    ];
    const world = createWorld({ now: '2018-12-03T08:00:00Z', programmes });
    await world.person('ana');
    await world.load(
      { no: 'a', terms: [['2018-06-01', '2019-06-01']] },
      { no: 'b', terms: [['2018-06-01', '2019-06-01']] },
    );
    const told = {
      kind: 'audience',
      partyId,
      audience: 'gold',
      on: 'enter',
      occurrence: '2018-12-03',
      because: 't',
    } as const;
    await world.changes.send([told, told, told]);
    await world.drain();
    expect((await journeysOf(world)).sort()).toEqual([
      'each 2018-12-03 active',
      'each 2018-12-03 active',
      'in 2018-12-03 active',
    ]);
    await world.changes.send([{ ...told, on: 'leave', occurrence: '2018-12-09' }]);
    await world.drain();
    expect(await journeysOf(world)).toContain('out 2018-12-09 active');
  });

  test('the API and runs enrol whom they name, once for each occurrence; nobody into a campaign that has ended', async () => {
    const programmes = [
      campaign({ id: 'api', trigger: { api: true } }),
      campaign({
        id: 'run',
        trigger: { every: { rrule: 'FREQ=MONTHLY', from: '2018-12-03T10:00', zone: 'Europe/Madrid' } },
        steps: [mailAfter('two', 2)],
      }),
      { ...campaign({ id: 'draft', trigger: { api: true } }), live: false },
    ];
    const world = createWorld({ now: '2018-12-03T23:30:00Z', programmes });
    await world.person('ana');
    await world.person('ben');
    const subjects = ['ana', 'ben', 'nobody'].map((id) => ({ partyId: id as PartyId }));
    for (const id of ['api', 'run', 'draft', 'run'])
      await world.changes.send([{ kind: 'enter', campaign: id, occurrence: '2018-12-03', subjects, because: 'test' }]);
    await world.drain();
    expect(await journeysOf(world)).toEqual(['api 2018-12-03 active', 'run 2018-12-03 active']);
    expect(await journeysOf(world, 'ben')).toHaveLength(2);
    const run = (await world.enrolments.ofParty(partyId)).find(({ campaign: id }) => id === 'run');
    // it is the fourth in Madrid by now: the run's day counts
    expect(run?.anchorOn).toBe('2018-12-03');
  });
});

describe('F39: what travels on the changes queue', () => {
  test('both kinds of messages are read; one that this build does not know goes to the DLQ with its code', async () => {
    const world = createWorld({ now: '2018-12-03T08:00:00Z', programmes: [campaign({ trigger: { api: true } })] });
    await world.person('ana');
    const codes: unknown[] = [];
    const log = {
      ...silentLog,
      error: (_name: string, fields: object) => codes.push((fields as { code: unknown }).code),
    };
    const follow = createFollow({ ports: { ...world.ports(), table: world.table } as never, log, clock: world.now });
    const bodies = [
      { kind: 'party', partyId: 'ana', because: 'test' },
      { kind: 'policies', policyIds: ['p'], because: 'test' },
      { kind: 'enter', campaign: 'test', occurrence: 'x', subjects: [{ partyId: 'ana' }], because: 'test' },
      { kind: 'household', id: 'h', because: 'a later build' },
      { kind: 'enter', campaign: 'test', occurrence: 'x', subjects: [], because: 'test' },
    ];
    const response = await follow(
      {
        Records: bodies.map((body, n) => ({
          messageId: `m${n}`,
          body: JSON.stringify(body),
          attributes: { ApproximateReceiveCount: '1' },
        })),
      } as never,
      {} as never,
    );
    expect(response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['m3', 'm4']);
    expect(codes).toEqual(['bad-input', 'bad-input']);
    expect(await journeysOf(world)).toEqual(['test x active']);
  });
});
