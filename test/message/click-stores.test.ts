import { describe, expect, test } from 'vitest';
import type { Click } from '../../shared/message/click.ts';
import { createClicks, type MessageKey } from '../../shared/message/click-store.ts';
import { clickTargetId, createClickTargets } from '../../shared/message/click-targets.ts';
import type { TimelineEntry } from '../../shared/message/message.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { type Instant, MINUTE, parseInstant, SECOND } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';

const NOW = parseInstant('2019-01-31T10:00:00Z') as Instant;
const message: MessageKey = { partyId: 'ann' as PartyId, at: NOW, id: 'send1' };
const click = (target: string, after: number, agent: Click['agent'] = 'browser'): Click => ({
  target,
  at: (NOW + after) as Instant,
  agent,
});

describe.each(tableEngines)('clicks on $name', (engine) => {
  test('the same link by the same kind of program within a minute is one; all else is another', async () => {
    const clicks = createClicks(await engine.make());
    expect(await clicks.of(message)).toEqual([]);
    for (const one of [
      click('a', 0),
      click('a', 59 * SECOND),
      click('a', -59 * SECOND),
      click('a', 0, 'scanner'),
      click('b', 0),
      click('a', MINUTE),
    ])
      expect(await clicks.note(message, one)).toBe(true);
    expect(await clicks.of(message)).toEqual([
      click('a', 0),
      click('a', 0, 'scanner'),
      click('b', 0),
      click('a', MINUTE),
    ]);
    expect(await clicks.of({ ...message, id: 'send2' })).toEqual([]);
  });

  test('a burst at once: none of five is lost, and forgotten they are gone', async () => {
    const clicks = createClicks(await engine.make());
    const burst = ['a', 'b', 'c', 'd', 'e'].map((target) => click(target, 0));
    await Promise.all(burst.flatMap((one) => [clicks.note(message, one), clicks.note(message, one)]));
    expect((await clicks.of(message)).map(({ target }) => target).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    await clicks.forget(message);
    expect(await clicks.of(message)).toEqual([]);
  });

  test('a hundred are noted, no more', async () => {
    const clicks = createClicks(await engine.make());
    const noted = [];
    for (let n = 0; n < 102; n += 1) noted.push(await clicks.note(message, click('a', n * MINUTE)));
    expect(noted.filter(Boolean)).toHaveLength(100);
    expect(await clicks.of(message)).toHaveLength(100);
  });
});

describe.each(tableEngines)('click targets on $name', (engine) => {
  test('an address is kept once, found by its id, and never changes', async () => {
    const table = await engine.make();
    const url = 'https://www.evermere.example/tips?a=1&b=2';
    await Promise.all([createClickTargets(table).keep([url, url]), createClickTargets(table).keep([url])]);
    const targets = createClickTargets(table);
    expect(await targets.find(clickTargetId(url))).toBe(url);
    expect(await targets.find(clickTargetId(`${url}x`))).toBeUndefined();
    expect(await targets.find('')).toBeUndefined();
  });
});

describe.each(tableEngines)('a detail that is noted once on $name', (engine) => {
  test('of any number at once one adds it; where no row is none does, and none is made', async () => {
    const timeline = createTimeline(await engine.make());
    const row: TimelineEntry = { ...message, kind: 'message', policyIds: [], channel: 'email', state: 'complained' };
    const note = (at: number) => timeline.noteOnce(row, 'bouncedAt', { bouncedAt: at, bounce: 'Permanent/General' });
    expect(await note(1)).toBe(false);
    expect(await timeline.get(row)).toBeUndefined();
    await timeline.record(row);
    const did = await Promise.all(Array.from({ length: 20 }, (_, n) => note(n)));
    expect(did.filter(Boolean)).toHaveLength(1);
    expect((await timeline.get(row))?.details).toEqual({ bouncedAt: did.indexOf(true), bounce: 'Permanent/General' });
  });
});
