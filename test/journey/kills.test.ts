import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import { deadLettersOf, historyOf, principalOf, sentBy } from './support/observe.ts';
import { seeded } from './support/seeded.ts';
import { writeSmallBook } from './support/small-book.ts';
import { acceptedOf, startWaves, type Waves } from './support/waves.ts';

const KILLS = 10;
const SEED = 20_190_320;
const END = '2019-03-26T00:00:00Z';

/** Counted by hand on a calendar: nobody reacts, so every policy gets all five. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  '2019-03-20': ['m60 2019-01-19', 'm30 2019-02-18', 'm14 2019-02-28', 'm07 2019-03-13', 'd00 2019-03-20'],
  '2019-03-21': ['m60 2019-01-20', 'm30 2019-02-19', 'm14 2019-03-01', 'm07 2019-03-14', 'd00 2019-03-21'],
  '2019-03-22': ['m60 2019-01-21', 'm30 2019-02-20', 'm14 2019-03-04', 'm07 2019-03-15', 'd00 2019-03-22'],
  '2019-03-25': ['m60 2019-01-24', 'm30 2019-02-23', 'm14 2019-03-05', 'm07 2019-03-18', 'd00 2019-03-25'],
};

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** No message whose outcome nobody knows is left: every one was settled. */
const unsettled = async (system: LocalSystem): Promise<unknown[]> =>
  (await historyOf(system).get<{ items: unknown[] }>('/api/troubles/unknown')).items;

describe('kill -9 of everything', () => {
  test(`N1 N2 F01 F03 F35: killed at ${KILLS} moments of the run, import included, the same is sent as undisturbed`, async () => {
    const book = Object.keys(STEPS).flatMap((renewsOn) =>
      ['A', 'B'].map((letter) => ({ policyNo: `K${renewsOn.slice(-2)}${letter}`, renewsOn })),
    );
    const dir = writeSmallBook(book);
    stops.push(async () => rmSync(dir, { recursive: true, force: true }));
    let system = await startSystem({ book: dir, now: '2019-01-10' });
    stops.push(() => system.stop());
    const random = seeded(SEED);
    const moments: string[] = [];
    const hops = async (): Promise<number> =>
      ((await (await system.fetch('/local/trace?after=999999999')).json()) as { next: number }).next;
    while (moments.length < KILLS) {
      const target = (await hops()) + 3 + random(32);
      let arrived = false;
      const move = system.clock({ to: END }).then(
        () => {
          arrived = true;
        },
        () => {},
      );
      while (!arrived && (await hops()) < target);
      expect(arrived, `seed ${SEED}: the run ended after ${moments.length} kills`).toBe(false);
      await system.kill();
      await move;
      system = await system.restart();
      moments.push(`${(await system.status()).now} after ${target} hops`);
      // service mail goes once more and not twice (ADR 0004): the second try of one kill is not to meet the next
      await system.clock({ by: 'PT30M' });
    }
    await system.idle();
    await system.clock({ to: END });
    const expected = book.flatMap(({ policyNo, renewsOn }) =>
      (STEPS[renewsOn] ?? []).map((step) => `${policyNo} renewal ${step}`),
    );
    expect(await sentBy(system), `seed ${SEED}, killed at ${moments.join(', ')}`).toEqual(expected.sort());
    expect(await deadLettersOf(system)).toEqual([]);
    expect(await unsettled(system)).toEqual([]);
    for (const { policyNo } of book)
      expect(await historyOf(system).messages(policyNo)).toEqual([
        'renewal d00 delivered',
        'renewal m07 delivered',
        'renewal m14 handed-over',
        'renewal m30 delivered',
        'renewal m60 delivered',
      ]);
  }, 120_000);
});

describe('kill -9 of the functions at one call', () => {
  const killAt = (service: string, action: string, when: 'before' | 'after', more: object = {}) => ({
    service,
    action,
    mode: 'kill-host',
    when,
    times: 1,
    ...more,
  });

  /** A wave under kills: every mail once, one row each, nothing unknown and nothing dead. */
  const survives = async (waves: Waves, rules: readonly object[]): Promise<readonly string[]> => {
    const wave = await waves.next(rules);
    expect(
      wave.struck.every((struck) => struck > 0),
      JSON.stringify(rules),
    ).toBe(true);
    expect(acceptedOf(wave)).toEqual(wave.policies);
    expect(await unsettled(waves.system)).toEqual([]);
    expect(await deadLettersOf(waves.system)).toEqual([]);
    for (const policyNo of wave.policies)
      expect(await waves.history.messages(policyNo)).toEqual(['renewal m60 delivered']);
    return wave.policies;
  };
  const resent = async (waves: Waves, policies: readonly string[]): Promise<string[]> => {
    const flagged: string[] = [];
    for (const policyNo of policies)
      if ((await waves.history.timeline(policyNo)).some(({ details }) => details?.resent === true))
        flagged.push(policyNo);
    return flagged;
  };

  test('F01 F03 at the provider and at the table: each mail once, whoever died where', async () => {
    const waves = await startWaves(8, 4);
    stops.push(() => waves.stop());
    await survives(waves, []);
    const sendMail = { principal: await principalOf(waves.system, 'sendmail') };
    const runDue = { principal: await principalOf(waves.system, 'rundue') };
    const tick = { principal: await principalOf(waves.system, 'tick') };

    // accepted, then killed before the history knows: the Send event tells it
    await survives(waves, [killAt('ses', 'SendRawEmail', 'after', { skip: 1 })]);
    // reserved, and killed before the provider heard of it: no event comes, so it goes once more, flagged
    const marked = await survives(waves, [killAt('ses', 'SendRawEmail', 'before')]);
    expect((await resent(waves, marked)).length).toBeGreaterThan(0);
    // before the reservation of one, which therefore goes unflagged (others of its batch were reserved), and after it
    const early = await survives(waves, [killAt('dynamodb', 'UpdateItem', 'before', sendMail)]);
    expect((await resent(waves, early)).length).toBeLessThan(early.length);
    await survives(waves, [killAt('dynamodb', 'UpdateItem', 'after', sendMail)]);
    // at the row after the provider's answer
    await survives(waves, [killAt('dynamodb', 'PutItem', 'before', sendMail)]);
    // in the journey: the step ordered and not noted; the hour told and not noted
    await survives(waves, [killAt('sqs', 'SendMessage', 'after', runDue)]);
    await survives(waves, [
      killAt('sqs', 'SendMessage', 'before', tick),
      killAt('dynamodb', 'PutItem', 'before', runDue),
    ]);
  }, 120_000);
});
