import { describe, expect, test } from 'vitest';
import { programmes } from '../../shared/campaign/programmes.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { hear, journeysOf } from './campaigns.ts';
import { createWorld, type World } from './world.ts';

const ANA = 'ana' as PartyId;
const NOW = '2018-12-03T08:00:00Z';

/** A world with one shipped programme, live. */
const worldOf = async (id: string, profile: Partial<Profile> = {}): Promise<World> => {
  const programme = programmes.find(({ definition }) => definition.id === id)!;
  const world = createWorld({ now: NOW, programmes: [{ ...programme, live: true }] });
  await world.person(ANA, profile);
  return world;
};

/** Writes down, as whoever sends it does, that the mail of a step was accepted. */
const accept = async (world: World, step: string): Promise<void> => {
  const sent = world.seen.find(({ order }) => order.step === step)!;
  const { campaign, sendId } = sent.order;
  const row = { partyId: ANA, at: sent.at, kind: 'message', id: sendId, policyIds: [], state: 'accepted' } as const;
  await world.timeline.record({ ...row, campaign, step, channel: 'email' });
};

const answer = (survey: string, more: object = {}) => ({
  partyId: ANA,
  invitationId: 'i',
  survey,
  surveyVersion: 'v1',
  score: 2,
  low: true,
  given: 'page',
  hasComment: false,
  ...more,
});
const closed = (survey: string) => ({
  partyId: ANA,
  key: `task-${survey}`,
  properties: { kind: 'low-score', outcome: 'resolved', reason: 'low-score', survey },
});

describe('S3 S4: asking again after a low score was seen to', () => {
  test.each([
    ['renewal', '2018-12-17'],
    ['service-call', '2018-12-10'],
    ['cancellation', '2019-01-02'],
    ['resolution', '2019-01-02'],
  ])('of %s on %s, at ten on a working day; reminded once a week later; no more', async (survey, on) => {
    const world = await worldOf('closed-loop');
    await hear(world, 'TaskClosed', closed(survey), 'perennial.journeys');
    await world.advance(`${on}T12:00:00Z`);
    expect(world.sends()).toEqual([`${on} email ask`]);
    expect(world.seen[0]?.order).toMatchObject({ survey: 'resolution', topic: 'surveys', sendClass: 'service' });
    await accept(world, 'ask');
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends().map((line) => line.slice(11))).toEqual(['email ask', 'email remind']);
    expect(await journeysOf(world)).toEqual([`closed-loop task-${survey} finished finished`]);
    expect(await world.openTasks()).toEqual([]);
  });

  test('a mail that never went is not reminded of', async () => {
    const world = await worldOf('closed-loop');
    await hear(world, 'TaskClosed', closed('claim'), 'perennial.journeys');
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-17 email ask']);
  });

  test('another kind of task asks nothing', async () => {
    const world = await worldOf('closed-loop');
    const { properties } = closed('claim');
    await hear(
      world,
      'TaskClosed',
      { ...closed('claim'), properties: { ...properties, kind: 'call' } },
      'perennial.journeys',
    );
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual([]);
  });

  test.each<[string, Partial<Profile>, readonly string[], readonly string[]]>([
    ['by letter where there is no mail', { email: undefined as never }, ['2018-12-17 post letter'], []],
    [
      'by telephone where there is neither',
      { email: undefined as never, address: undefined as never, phone: '+34600000000' },
      [],
      ['2018-12-03 no-channel no-channel', '2018-12-22 survey-call closed-loop'],
    ],
  ])('%s', async (_, profile, sends, tasks) => {
    const world = await worldOf('closed-loop', profile);
    await hear(world, 'TaskClosed', closed('claim'), 'perennial.journeys');
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual(sends);
    expect(await world.openTasks()).toEqual(tasks);
  });

  test('a mail that failed for good goes by letter', async () => {
    const world = await worldOf('closed-loop');
    await hear(world, 'TaskClosed', closed('claim'), 'perennial.journeys');
    await world.advance('2018-12-17T12:00:00Z');
    const [ref] = world.seen[0]!.order.enrolments;
    await world.changes.send([{ kind: 'step-failed', ref: ref!, step: 'ask', because: 'rejected' }]);
    await world.drain();
    await world.advance('2018-12-18T12:00:00Z');
    expect(world.sends()).toEqual(['2018-12-17 email ask', '2018-12-17 post letter']);
  });
});

describe('S3: an answer ends the asking', () => {
  test.each([
    ['before the mail', '2018-12-10T08:00:00Z', []],
    ['after it: no reminder', '2018-12-18T08:00:00Z', ['2018-12-17 email ask']],
  ])('%s', async (_, when, sends) => {
    const world = await worldOf('closed-loop');
    await hear(world, 'TaskClosed', closed('claim'), 'perennial.journeys');
    await world.advance(when);
    if (world.seen.length > 0) await accept(world, 'ask');
    await hear(world, 'SurveyAnswered', answer('resolution'), 'perennial.pages');
    await world.advance('2019-03-01T00:00:00Z');
    expect(world.sends()).toEqual(sends);
    // no task of its own: every low score gets one where answers are followed
    expect(await world.openTasks()).toEqual([]);
  });

  test('an answer to another survey, or to another invitation, ends nothing', async () => {
    const world = await worldOf('closed-loop');
    await hear(world, 'TaskClosed', closed('claim'), 'perennial.journeys');
    await world.advance('2018-12-10T08:00:00Z');
    await hear(
      world,
      'SurveyAnswered',
      [answer('claim'), answer('resolution', { campaign: 'closed-loop', occurrence: 'another', invitationId: 'j' })],
      'perennial.pages',
    );
    await world.advance('2018-12-20T00:00:00Z');
    expect(world.sends()).toEqual(['2018-12-17 email ask']);
  });

  test.each([
    ['complaint-closed', 'ComplaintClosed', 'complaint', '2018-12-05 email ask'],
    ['service-call', 'ServiceCallEnded', 'service-call', '2018-12-04 email ask'],
  ])('%s asks after %s and ends with the answer', async (id, event, survey, sent) => {
    const world = await worldOf(id);
    await hear(world, event, { customerRef: 'ref-ana', key: 'k' });
    await world.advance('2018-12-08T00:00:00Z');
    expect(world.sends()).toEqual([sent]);
    expect(world.seen[0]?.order.survey).toBe(survey);
    await accept(world, 'ask');
    await hear(world, 'SurveyAnswered', answer(survey, { campaign: id, occurrence: 'k' }), 'perennial.pages');
    await world.advance('2019-02-01T00:00:00Z');
    expect(world.sends()).toEqual([sent]);
  });
});
