import { describe, expect, test } from 'vitest';
import { type PartyId, policyIdOf } from '../../shared/platform/ids.ts';
import {
  type CivilDate,
  type Instant,
  instantAt,
  parseInstant,
  type WallTime,
  type ZoneId,
} from '../../shared/platform/time.ts';
import type { PolicyFact } from '../../shared/policy/facts.ts';
import { isInForce, type Policy } from '../../shared/policy/policy.ts';
import { nextKnownFrom, projectPolicy } from '../../shared/policy/project-policy.ts';

const zone = 'Europe/Madrid' as ZoneId;
const day = (text: string) => text as CivilDate;
const at = (text: string) => parseInstant(text) as Instant;
const known = (text: string) => instantAt(day(text), '00:00' as WallTime, zone);
const policyId = policyIdOf('u', 'P1', '2016-04-05');
const IMPORT = at('2018-01-10T00:00:00Z');
const base = { policyId, source: 'u', recordedAt: IMPORT, origin: 'import-1' };

const contract = (from: string, more: object = {}): PolicyFact => ({
  ...base,
  kind: 'contract',
  knownFrom: known(from),
  policyNo: 'P1',
  scope: 'head',
  line: 'motor',
  contractStartsOn: day('2016-04-05'),
  zone,
  contactRule: 'direct',
  holder: 'ana' as PartyId,
  ...more,
});
const term = (startsOn: string, renewsOn: string, more: object = {}): PolicyFact => ({
  ...base,
  kind: 'term',
  knownFrom: known(startsOn),
  term: { startsOn: day(startsOn), renewsOn: day(renewsOn), premium: { minor: 100, currency: 'EUR' } },
  ...more,
});
const lapse = (on: string, more: object = {}): PolicyFact => ({
  ...base,
  kind: 'ending',
  knownFrom: known(on),
  ending: { kind: 'lapsed', on: day(on) },
  ...more,
});
const eventBase = (when: string) => ({
  ...base,
  source: 'policy.admin',
  knownFrom: at(when),
  recordedAt: at(when),
  origin: `event:${when}`,
});
const moved = (from: string, to: string, when: string): PolicyFact => ({
  ...eventBase(when),
  kind: 'date-moved',
  from: day(from),
  to: day(to),
});
const renewed = (
  startsOn: string,
  renewsOn: string | undefined,
  when: string,
  by: 'event' | 'status' = 'event',
): PolicyFact => ({
  ...eventBase(when),
  kind: 'renewed',
  by,
  termStartsOn: day(startsOn),
  ...(renewsOn === undefined ? {} : { renewsOn: day(renewsOn) }),
});

const project = (facts: readonly PolicyFact[], now: string, previous?: Policy): Policy | undefined =>
  projectPolicy(facts, at(now), previous)?.policy;

const years = [
  contract('2016-04-05'),
  term('2016-04-05', '2017-04-05'),
  term('2017-04-05', '2018-04-05'),
  term('2018-04-05', '2019-04-05'),
];

describe('projectPolicy', () => {
  test('uses only what is known; the latest known term is the current one', () => {
    expect(project(years, '2016-01-01T00:00:00Z')).toBeUndefined();
    expect(project(years, '2018-04-04T00:00:00Z')?.term.renewsOn).toBe('2018-04-05');
    // midnight in Madrid
    expect(project(years, '2018-04-04T22:00:00Z')?.term.renewsOn).toBe('2019-04-05');
    expect(nextKnownFrom(years, at('2018-01-10T00:00:00Z'))).toBe(at('2018-04-04T22:00:00Z'));
    expect(nextKnownFrom(years, at('2019-01-10T00:00:00Z'))).toBeUndefined();
  });

  test('a renewal is recognised once per term, by whichever tells it first, and only as news', () => {
    expect(project(years, '2018-04-04T00:00:00Z')?.renewal).toBeUndefined();
    expect(project(years, '2018-05-01T00:00:00Z')?.renewal).toEqual({
      termStartsOn: '2018-04-05',
      recognisedAt: at('2018-04-04T22:00:00Z'),
      by: 'later-term',
    });
    const early = renewed('2018-04-05', '2019-04-05', '2018-03-20T09:00:00Z');
    const both = project([...years, early, early], '2018-05-01T00:00:00Z');
    expect(both?.renewal).toEqual({
      termStartsOn: '2018-04-05',
      recognisedAt: at('2018-03-20T09:00:00Z'),
      by: 'event',
    });
    expect(both?.term.premium).toEqual({ minor: 100, currency: 'EUR' });
    const status = renewed('2018-04-05', undefined, '2018-03-20T09:00:00Z', 'status');
    expect(project([...years.slice(0, 3), status], '2018-05-01T00:00:00Z')).toMatchObject({
      term: { startsOn: '2018-04-05', renewsOn: '2019-04-05' },
      renewal: { by: 'status' },
    });
  });

  test('files of former years loaded one by one are history', () => {
    const later = { recordedAt: at('2018-01-10T05:00:00Z'), origin: 'import-2' };
    const facts = [contract('2016-04-05'), term('2016-04-05', '2017-04-05'), term('2017-04-05', '2018-04-05', later)];
    expect(project(facts, '2018-01-11T00:00:00Z')?.renewal).toBeUndefined();
  });

  test('an export learnt three weeks after the renewal still tells it', () => {
    const later = { recordedAt: at('2018-04-25T05:00:00Z'), origin: 'import-2' };
    const facts = [...years.slice(0, 3), term('2018-04-05', '2019-04-05', later)];
    expect(project(facts, '2018-04-26T00:00:00Z')?.renewal?.recognisedAt).toBe(at('2018-04-25T05:00:00Z'));
  });

  test('a row that lapses on its own first day is not renewed; the lapse is news', () => {
    const policy = project([...years, lapse('2018-04-05')], '2018-04-05T12:00:00Z') as Policy;
    expect(policy.term.startsOn).toBe('2017-04-05');
    expect(policy.renewal).toBeUndefined();
    expect(policy.ending).toEqual({ kind: 'lapsed', on: '2018-04-05' });
    expect(policy.endingLearntAt).toBe(at('2018-04-04T22:00:00Z'));
    expect(policy.contradiction).toBeUndefined();
    expect(isInForce(policy, day('2018-04-04'))).toBe(true);
    expect(isInForce(policy, day('2018-04-05'))).toBe(false);
  });

  test('in force: a lapse after now is not known yet', () => {
    const facts = [...years, lapse('2018-06-01')];
    expect(project(facts, '2018-05-31T00:00:00Z')?.ending).toBeUndefined();
    expect(project(facts, '2018-06-01T00:00:00Z')?.ending?.on).toBe('2018-06-01');
  });

  test('an ending that was there at the first import is history', () => {
    const facts = [...years.slice(0, 3), lapse('2017-12-20')];
    const policy = project(facts, '2018-01-10T00:00:00Z');
    expect(policy?.ending?.on).toBe('2017-12-20');
    expect(policy?.endingLearntAt).toBeUndefined();
  });

  test('renewed after the lapse: reinstated', () => {
    const facts = [
      ...years.slice(0, 3),
      lapse('2018-04-05'),
      renewed('2018-04-05', '2019-04-05', '2018-04-20T09:00:00Z'),
    ];
    expect(project(facts, '2018-04-10T00:00:00Z')?.ending?.kind).toBe('lapsed');
    expect(project(facts, '2018-04-21T00:00:00Z')).toMatchObject({
      term: { startsOn: '2018-04-05' },
      renewal: { by: 'event' },
    });
    expect(project(facts, '2018-04-21T00:00:00Z')?.ending).toBeUndefined();
  });

  test('a moved date moves the running term; said twice, or back again, it stands as last said', () => {
    const facts = [...years.slice(0, 3), moved('2018-04-05', '2018-05-01', '2018-02-01T00:00:00Z')];
    expect(project(facts, '2018-02-02T00:00:00Z')?.term.renewsOn).toBe('2018-05-01');
    const again = [...facts, moved('2018-04-05', '2018-05-01', '2018-02-03T00:00:00Z')];
    expect(project(again, '2018-02-04T00:00:00Z')).toMatchObject({ term: { renewsOn: '2018-05-01' } });
    expect(project(again, '2018-02-04T00:00:00Z')?.contradiction).toBeUndefined();
    const back = [...facts, moved('2018-05-01', '2018-04-05', '2018-02-05T00:00:00Z')];
    expect(project(back.toReversed(), '2018-02-06T00:00:00Z')?.term.renewsOn).toBe('2018-04-05');
    // the term after it starts on the moved date
    const next = [...facts, term('2018-05-01', '2019-05-01')];
    expect(project(next, '2018-05-02T00:00:00Z')?.contradiction).toBeUndefined();
  });

  test('what a later import says of the same term stands', () => {
    const later = { recordedAt: at('2018-02-10T05:00:00Z'), origin: 'import-2' };
    const facts = [...years.slice(0, 3), term('2017-04-05', '2018-04-20', later)];
    expect(project(facts, '2018-02-11T00:00:00Z')?.term.renewsOn).toBe('2018-04-20');
    expect(project(facts.toReversed(), '2018-02-11T00:00:00Z')?.term.renewsOn).toBe('2018-04-20');
  });

  test('the offer is for the term after the current one', () => {
    const offer = (startsOn: string, minor: number, from: string): PolicyFact => ({
      ...base,
      kind: 'offer',
      knownFrom: known(from),
      offer: { termStartsOn: day(startsOn), premium: { minor, currency: 'EUR' } },
    });
    const facts = [...years, offer('2018-04-05', 110, '2018-02-01'), offer('2018-04-05', 105, '2018-03-01')];
    expect(project(facts, '2018-01-15T00:00:00Z')?.offer).toBeUndefined();
    expect(project(facts, '2018-02-15T00:00:00Z')?.offer?.premium.minor).toBe(110);
    expect(project(facts, '2018-03-15T00:00:00Z')?.offer?.premium.minor).toBe(105);
    // last year's price is never shown as the new one
    expect(project(facts, '2018-04-15T00:00:00Z')?.offer).toBeUndefined();
  });

  test('keeps when it was first known, whatever comes later', () => {
    const first = project(years, '2018-01-10T00:00:00Z') as Policy;
    expect(first.firstKnownAt).toBe(IMPORT);
    const again = contract('2016-04-05', { recordedAt: at('2018-06-01T00:00:00Z'), origin: 'import-9' });
    const later = project([...years.slice(1), again], '2018-06-02T00:00:00Z', first) as Policy;
    expect(later.firstKnownAt).toBe(IMPORT);
    expect(later.version).toBe(first.version + 1);
  });

  const contradictions: readonly [string, readonly PolicyFact[]][] = [
    ['renews-on-or-before-start', [contract('2016-04-05'), term('2017-04-05', '2017-04-05')]],
    ['term-before-contract', [contract('2016-04-04'), term('2016-04-04', '2017-04-04')]],
    ['ending-before-contract', [contract('2016-04-05'), term('2017-04-05', '2018-04-05'), lapse('2016-04-01')]],
    ['term-after-ending', [...years.slice(0, 3), lapse('2017-03-28')]],
    ['overlapping-terms', [...years.slice(0, 3), term('2018-01-05', '2019-01-05')]],
    ['moved-date-unknown', [...years.slice(0, 3), moved('2018-06-01', '2018-07-01', '2018-01-12T00:00:00Z')]],
  ];
  test.each(contradictions)('%s: held with its reason', (reason, facts) => {
    const policy = project(facts, '2018-01-15T00:00:00Z');
    expect(policy?.contradiction).toBe(reason);
    expect(policy?.renewal).toBeUndefined();
  });

  test('an odd term of years ago and a gap between terms contradict nothing', () => {
    const odd = [contract('2016-04-05'), term('2016-04-05', '2017-06-30'), ...years.slice(2)];
    expect(project(odd, '2018-04-10T00:00:00Z')?.contradiction).toBeUndefined();
    const gap = [...years.slice(0, 2), term('2017-05-01', '2018-05-01')];
    expect(project(gap, '2018-01-15T00:00:00Z')?.contradiction).toBeUndefined();
  });
});
