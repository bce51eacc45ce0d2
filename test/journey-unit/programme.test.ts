import { describe, expect, test } from 'vitest';
import { createWorld, day } from './world.ts';

const term = (startsOn: string, renewsOn: string) => [startsOn, renewsOn] as const;

describe('the renewal programme of one policy', () => {
  test('sends each step on its day and nothing else', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')], offerFor: '2019-01-15' });
    await world.advance('2019-03-01T00:00:00Z');
    // 14 days before: Tuesday 1 January is a holiday in Spain, the letter is handed over four working days earlier
    expect(world.sends()).toEqual([
      '2018-11-16 email m60',
      '2018-12-16 email m30',
      '2018-12-26 post m14',
      '2019-01-08 email m07',
      '2019-01-15 email d00',
    ]);
    expect(await world.openTasks()).toEqual(['2019-01-12 call no-reaction']);
    expect(world.seen.every(({ order }) => order.sendClass === 'service')).toBe(true);
    expect(world.seen.map(({ order }) => order.template)).toEqual([
      'renewal-m60',
      'renewal-m30',
      'renewal-m14',
      'renewal-m07',
      'renewal-d00',
    ]);
  });

  test('asks for the price where there is no offer thirty days before', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    await world.advance('2018-12-20T00:00:00Z');
    expect(await world.openTasks()).toEqual(['2018-12-16 offer-missing no-offer']);
  });

  test('stops when the policy is renewed, asks twenty days later how it was', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    await world.advance('2018-12-20T09:00:00Z');
    await world.event('PolicyRenewed', {
      policyNo: 'P1',
      termStartsOn: '2019-01-15',
      nextRenewalOn: '2020-01-15',
      premium: { minor: 21_000, currency: 'EUR' },
    });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-11-16 email m60', '2018-12-16 email m30', '2019-01-09 email ask']);
    expect(world.bus.events.map(({ detailType }) => detailType)).toEqual(['PolicyRenewed']);
    expect(await world.history('ana')).toContain('fact renewal renewed');
  });

  test('recognises a renewal by the later term of the export, on the day that row is known', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15'), term('2019-01-15', '2020-01-15')] });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([
      '2018-11-16 email m60',
      '2018-12-16 email m30',
      '2018-12-26 post m14',
      '2019-01-08 email m07',
      '2019-02-04 email ask',
    ]);
  });

  test('a row that lapses on its own first day is no renewal: the customer is won back', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person(
      'ana',
      {},
      {
        consent: { 'email/marketing': { given: true, wording: 'w1', at: 0 as never } },
      },
    );
    await world.load({
      terms: [term('2018-01-15', '2019-01-15'), term('2019-01-15', '2020-01-15')],
      lapsesOn: '2019-01-15',
    });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([
      '2018-11-16 email m60',
      '2018-12-16 email m30',
      '2018-12-26 post m14',
      '2019-01-08 email m07',
      '2019-01-30 email p15',
    ]);
    expect(world.seen.at(-1)?.order.sendClass).toBe('marketing');
    expect(world.bus.events.map(({ detailType }) => detailType)).toEqual(['PolicyLapsed']);
  });

  test('what happened before Perennial knew the policy is history and raises nothing', async () => {
    const world = createWorld({ now: '2019-01-20T00:00:00Z' });
    await world.person('ana');
    await world.person('ben');
    await world.load(
      { terms: [term('2018-01-15', '2019-01-15'), term('2019-01-15', '2020-01-15')] },
      { no: 'P2', holder: 'ben', terms: [term('2018-01-15', '2019-01-15')], lapsesOn: '2019-01-15' },
    );
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([]);
    expect(world.bus.events).toEqual([]);
  });

  test('a policy that enters late starts at the first step not past; the earlier ones are too late', async () => {
    const world = createWorld({ now: '2018-12-20T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    expect(await world.history('ana')).toEqual([
      'task renewal offer-missing skipped too-late',
      'message renewal m30 skipped too-late',
      'message renewal m60 skipped too-late',
    ]);
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-26 post m14', '2019-01-08 email m07', '2019-01-15 email d00']);
  });

  test('a reaction makes letter and call needless, not the mails', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    const [policyId] = await world.load({ terms: [term('2018-01-15', '2019-01-15')], offerFor: '2019-01-15' });
    await world.advance('2018-12-01T00:00:00Z');
    const ref = { partyId: 'ana' as never, campaign: 'renewal', policyId: policyId as never, occurrence: '2018-01-15' };
    const enrolment = await world.enrolments.get(ref);
    await world.enrolments.put(
      { ...enrolment!, reaction: { kind: 'renew-page', at: world.now() } },
      enrolment!.version,
    );
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([
      '2018-11-16 email m60',
      '2018-12-16 email m30',
      '2019-01-08 email m07',
      '2019-01-15 email d00',
    ]);
    expect(await world.openTasks()).toEqual([]);
    expect(await world.history('ana')).toContain('message renewal m14 skipped already-reacted');
  });

  test('the letter goes out after a reaction too where mail cannot reach', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana', {}, { suppressed: { email: 'hard-bounce' } });
    const [policyId] = await world.load({ terms: [term('2018-01-15', '2019-01-15')], offerFor: '2019-01-15' });
    await world.advance('2018-12-01T00:00:00Z');
    const ref = { partyId: 'ana' as never, campaign: 'renewal', policyId: policyId as never, occurrence: '2018-01-15' };
    const enrolment = await world.enrolments.get(ref);
    await world.enrolments.put({ ...enrolment!, reaction: { kind: 'call', at: world.now() } }, enrolment!.version);
    await world.advance('2019-01-01T00:00:00Z');
    expect(world.sends()).toContain('2018-12-26 post m14');
  });

  test('29 February: the steps are counted in days from the day the term renews', async () => {
    const world = createWorld({ now: '2019-11-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2019-02-28', '2020-02-29')] });
    await world.advance('2020-03-20T00:00:00Z');
    expect(world.sends()).toEqual([
      '2019-12-31 email m60',
      '2020-01-30 email m30',
      '2020-02-11 post m14',
      '2020-02-22 email m07',
      '2020-02-29 email d00',
    ]);
  });

  test('a moved date moves the schedule; no step is repeated, a step that was too late gets another chance', async () => {
    const world = createWorld({ now: '2018-12-20T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    await world.advance('2019-01-08T12:00:00Z');
    expect(world.sends()).toEqual(['2018-12-26 post m14', '2019-01-08 email m07']);
    await world.event('PolicyDateMoved', { policyNo: 'P1', from: '2019-01-15', to: '2019-03-20' });
    await world.advance('2019-05-01T00:00:00Z');
    expect(world.sends()).toEqual([
      '2018-12-26 post m14',
      '2019-01-08 email m07',
      '2019-01-19 email m60',
      '2019-02-18 email m30',
      '2019-03-20 email d00',
    ]);
    expect(await world.openTasks()).toEqual(['2019-02-18 offer-missing no-offer', '2019-03-17 call no-reaction']);
  });

  test('a date moved to an earlier day: what is past then is too late', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    await world.advance('2018-11-20T00:00:00Z');
    await world.event('PolicyDateMoved', { policyNo: 'P1', from: '2019-01-15', to: '2018-12-10' });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([
      '2018-11-16 email m60',
      '2018-11-20 post m14',
      '2018-12-03 email m07',
      '2018-12-10 email d00',
    ]);
    expect(await world.history('ana')).toContain('message renewal m30 skipped too-late');
  });

  test('death, cancellation and lapse end the journey', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    for (const name of ['ana', 'ben', 'cem']) await world.person(name);
    await world.load(
      { no: 'P1', holder: 'ana', terms: [term('2018-01-15', '2019-01-15')] },
      { no: 'P2', holder: 'ben', terms: [term('2018-01-15', '2019-01-15')] },
      { no: 'P3', holder: 'cem', terms: [term('2018-01-15', '2019-01-15')] },
    );
    await world.advance('2018-12-01T00:00:00Z');
    await world.event('CustomerDeceased', { customerRef: 'ref-ana', on: '2018-11-30' });
    await world.event('PolicyCancelled', { policyNo: 'P2', effectiveOn: '2019-01-15', reason: 'sold' });
    await world.event('PolicyLapsed', { policyNo: 'P3', effectiveOn: '2018-12-01', reason: 'unpaid' });
    await world.advance('2018-12-10T00:00:00Z');
    expect(world.sends()).toEqual(['2018-11-16 email m60', '2018-11-16 email m60', '2018-11-16 email m60']);
    expect(await world.history('ana')).toContain('fact renewal deceased');
    expect(await world.history('ben')).toContain('fact renewal cancelled');
    expect(await world.history('cem')).toContain('fact renewal lapsed');
    expect(await world.openTasks()).toEqual(['2018-12-01 holder-died told-by-policy-admin']);
    await world.advance('2019-04-01T00:00:00Z');
    expect(world.sends().slice(3)).toEqual(['2018-12-16 email p15']);
  });

  test('dates that contradict each other: nothing is sent, a person is asked, and it goes on once they are mended', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    const [policyId] = await world.load({ starts: '2018-01-16', terms: [term('2018-01-15', '2019-01-15')] });
    await world.advance('2018-12-01T00:00:00Z');
    expect(world.sends()).toEqual([]);
    expect(await world.openTasks()).toEqual(['2018-10-01 contradiction term-before-contract']);
    expect(await world.history('ana')).toEqual(['fact held contradiction']);
    const [contract] = world.factsOf({ starts: '2018-01-16', terms: [term('2018-01-15', '2019-01-15')] });
    await world.facts.write([
      {
        ...(contract as never as object),
        contractStartsOn: day('2018-01-15'),
        recordedAt: world.now(),
        knownFrom: world.now(),
      } as never,
    ]);
    await world.changes.send([{ kind: 'policies', policyIds: [policyId!], because: 'mended' }]);
    await world.drain();
    await world.advance('2018-12-20T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-16 email m30']);
  });

  test('broker business: no customer mail, every step on the broker’s weekly list', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({ terms: [term('2018-01-15', '2019-01-15')], contractRule: 'intermediary', intermediary: 'B7' });
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([]);
    // 16 November 2018 is a Friday: the list of Monday the 19th
    expect((await world.brokerLists.rowsOf(day('2018-11-19'), 'B7')).map(({ step }) => step)).toEqual(['m60']);
    expect(world.print.messages[0]).toEqual({ kind: 'broker-list', week: '2018-11-19', broker: 'B7' });
    // m60, m30, m14, m07 with m03 in one week, d00
    expect(world.print.messages).toHaveLength(5);
    expect(await world.history('ana')).toContain('message renewal m14 skipped through-intermediary');
    expect(await world.openTasks()).toEqual(['2018-12-16 offer-missing no-offer']);
  });

  test('a copy to the intermediary: the customer’s mail and the list', async () => {
    const world = createWorld({ now: '2018-10-01T00:00:00Z' });
    await world.person('ana');
    await world.load({
      terms: [term('2018-01-15', '2019-01-15')],
      contractRule: 'copy-to-intermediary',
      intermediary: 'B7',
    });
    await world.advance('2018-12-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-11-16 email m60']);
    expect(await world.brokerLists.rowsOf(day('2018-11-19'), 'B7')).toHaveLength(1);
  });

  test('one task per enrolment for a holder whom nothing reaches', async () => {
    const world = createWorld({ now: '2018-11-15T00:00:00Z' });
    await world.person('ana', { email: undefined, address: undefined });
    await world.person(
      'ben',
      {},
      {
        consent: {
          'email/service': { given: false, wording: 'w', at: 0 as never },
          'post/service': { given: false, wording: 'w', at: 0 as never },
        },
      },
    );
    await world.load(
      { no: 'P1', holder: 'ana', terms: [term('2018-01-15', '2019-01-15')], offerFor: '2019-01-15' },
      { no: 'P2', holder: 'ben', terms: [term('2018-01-15', '2019-01-15')], offerFor: '2019-01-15' },
    );
    await world.advance('2018-12-30T00:00:00Z');
    expect((await world.openTasks()).sort()).toEqual([
      '2018-11-15 holder-not-linked holder-not-linked',
      '2018-11-15 no-channel no-channel',
    ]);
  });

  test('consent taken back on the last channel in the middle: the task comes then', async () => {
    const world = createWorld({ now: '2018-11-15T00:00:00Z' });
    await world.person('ana', { address: undefined });
    await world.load({ terms: [term('2018-01-15', '2019-01-15')] });
    await world.advance('2018-11-20T00:00:00Z');
    expect(await world.openTasks()).toEqual([]);
    await world.event('ConsentChanged', {
      customerRef: 'ref-ana',
      channel: 'email',
      purpose: 'service',
      given: false,
      wording: 'v3',
    });
    expect(await world.openTasks()).toEqual(['2018-11-20 no-channel no-channel']);
    expect((await world.gates.getMany(['ana' as never])).get('ana' as never)?.consent['email/service']?.given).toBe(
      false,
    );
  });
});
