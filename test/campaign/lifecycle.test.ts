import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import { type CampaignAct, reviewOf, transition } from '../../shared/campaign/lifecycle.ts';
import { makersOfPins } from '../../shared/campaign/pin-makers.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { type Instant, MINUTE } from '../../shared/platform/time.ts';

const { definition } = programmes[0]!;
const at = (minute: number) => (minute * MINUTE) as Instant;
const A = 'a'.repeat(26);
const B = 'b'.repeat(26);
const save = (hash: string): CampaignAct => ({ kind: 'save', hash, definition });
const submit = (hash: string, ...makers: string[]): CampaignAct => ({ kind: 'submit', hash, makers });
const approve = (hash: string): CampaignAct => ({ kind: 'approve', hash });
const launch: CampaignAct = { kind: 'launch', definition };
const pause: CampaignAct = { kind: 'pause', because: 'person' };

const draft: CampaignRecord = {
  id: 'birthday',
  state: 'draft',
  draft: A,
  makers: ['maker'],
  title: { 'zh-CN': '生日', en: 'Birthday' },
  sendClass: 'marketing',
  priority: 20,
  updatedAt: at(0),
  version: 1,
};

/** Does acts one after the other; stops at the first that is refused. */
const play = (
  record: CampaignRecord,
  acts: readonly (readonly [by: string, act: CampaignAct])[],
): CampaignRecord | string => {
  let now = record;
  for (const [n, [by, act]] of acts.entries()) {
    const outcome = transition(now, act, by, at(n + 1));
    if (outcome.kind === 'refused') return outcome.reason;
    if (outcome.kind === 'done') now = outcome.record;
  }
  return now;
};
const approved: readonly (readonly [string, CampaignAct])[] = [
  ['maker', submit(A)],
  ['approver', approve(A)],
];
const live: typeof approved = [...approved, ['maker', launch]];
const handedIn: typeof approved = approved.slice(0, 1);

describe('the lifecycle of a campaign', () => {
  test('C1: draft → in review → approved → live → paused → live → ended → archived', () => {
    const states: string[] = [];
    let record = draft;
    const acts: typeof approved = [
      ...live,
      ['m', pause],
      ['m', { kind: 'resume' }],
      ['m', { kind: 'end' }],
      ['m', { kind: 'archive' }],
    ];
    for (const [n, [by, act]] of acts.entries()) {
      const outcome = transition(record, act, by, at(n + 1));
      if (outcome.kind !== 'done') throw new Error(`${act.kind} is ${outcome.kind}`);
      record = outcome.record;
      states.push(record.state);
      expect(record).toMatchObject({ version: n + 2, updatedAt: at(n + 1) });
    }
    expect(states).toEqual(['in-review', 'approved', 'live', 'paused', 'live', 'ended', 'archived']);
  });

  test.each(['maker', 'second maker', 'who handed it in'])('S12: %s cannot approve', (who) => {
    const acts = [
      ['second maker', save(B)],
      ['who handed it in', submit(B)],
    ] as const;
    expect(play(draft, [...acts, [who, approve(B)]])).toBe('maker');
    expect(play(draft, [...acts, ['somebody else', approve(B)]])).toMatchObject({
      approved: { by: 'somebody else', hash: B },
    });
  });

  test('G2: whoever made its templates cannot approve it, and is out of it again with the approval', () => {
    const acts = [['maker', submit(A, 'author', 'maker', 'author')]] as const;
    expect(play(draft, acts)).toMatchObject({ makers: ['maker', 'author'] });
    expect(play(draft, [...acts, ['author', approve(A)]])).toBe('maker');
    expect(play(draft, [...acts, ['approver', approve(A)]])).toMatchObject({ state: 'approved', makers: [] });
  });

  test('S14: nothing is launched before it is approved, nor after it was changed', () => {
    expect(play(draft, [['maker', launch]])).toBe('not-approved');
    expect(play(draft, [...handedIn, ['maker', launch]])).toBe('not-approved');
    expect(play(draft, [...approved, ['maker', save(B)], ['maker', launch]])).toBe('not-approved');
    // also back to the very content that was approved: the edit voided it
    expect(play(draft, [...approved, ['maker', save(B)], ['maker', save(A)], ['maker', launch]])).toBe('not-approved');
    expect(play(draft, [...approved, ['maker', save(A)], ['maker', launch]])).toMatchObject({ state: 'live', live: A });
  });

  test('S14: an approval is of the content that the approver looked at', () => {
    expect(play(draft, [...handedIn, ['approver', approve(B)]])).toBe('changed');
    expect(play(draft, [...handedIn, ['maker', save(B)], ['approver', approve(A)]])).toBe('wrong-state');
  });

  test('changes are asked for, and what was changed is reviewed again', () => {
    const back = play(draft, [...handedIn, ['approver', { kind: 'request-changes', note: 'the second line' }]]);
    expect(back).toMatchObject({ state: 'draft', changesWanted: { by: 'approver', note: 'the second line' } });
    const again = play(back as CampaignRecord, [
      ['maker', save(B)],
      ['maker', submit(B)],
    ]);
    expect(again).toMatchObject({ state: 'in-review', submitted: { hash: B } });
    expect(again).not.toHaveProperty('changesWanted');
  });

  test('F34: a template saved after the approval is handed in again, and the approval is void', () => {
    for (const before of [approved, live]) {
      const again = play(draft, [...before, ['maker', submit(B)]]) as CampaignRecord;
      expect(again).toMatchObject({ draft: B, submitted: { hash: B } });
      expect(again).not.toHaveProperty('approved');
      expect(play(again, [['maker', launch]])).toBe('not-approved');
      expect(play(draft, [...before, ['maker', submit(A)]])).toBe('wrong-state');
    }
  });

  test('C8: the first send of a launch waits ten minutes; a later version does not', () => {
    expect(play(draft, live)).toMatchObject({ notBefore: at(3 + 10) });
    const second = play(draft, [
      ...live,
      ['maker', save(B)],
      ['maker', submit(B)],
      ['approver', approve(B)],
      ['maker', launch],
    ]);
    expect(second).toMatchObject({ state: 'live', live: B, notBefore: at(3 + 10) });
  });

  test('a live campaign goes on with its version while the next one is written and reviewed', () => {
    const edited = play(draft, [...live, ['maker', save(B)], ['maker', submit(B)]]) as CampaignRecord;
    expect(edited).toMatchObject({ state: 'live', live: A, draft: B });
    expect(reviewOf(edited)).toBe('in-review');
    expect(reviewOf(play(draft, live) as CampaignRecord)).toBe('launched');
    expect(play(edited, [['maker', launch]])).toBe('not-approved');
  });

  test('a pause stays when another version is launched, and knows who and why', () => {
    const paused = play(draft, [...live, ['watch', { kind: 'pause', because: 'complaint-rate' }]]) as CampaignRecord;
    expect(paused.paused).toEqual({ by: 'watch', at: at(4), because: 'complaint-rate' });
    const launched = play(paused, [
      ['maker', save(B)],
      ['maker', submit(B)],
      ['approver', approve(B)],
      ['maker', launch],
    ]);
    expect(launched).toMatchObject({ state: 'paused', live: B });
    expect(play(launched as CampaignRecord, [['maker', { kind: 'resume' }]])).not.toHaveProperty('paused');
  });

  test.each<[string, CampaignAct, string]>([
    ['what is not live', pause, 'wrong-state'],
    ['what is not paused', { kind: 'resume' }, 'wrong-state'],
    ['what never went out', { kind: 'cancel' }, 'wrong-state'],
    ['what never went out', { kind: 'end' }, 'wrong-state'],
    ['what is not in review', approve(A), 'wrong-state'],
    ['what is not in review', { kind: 'request-changes', note: 'x' }, 'wrong-state'],
  ])('of a draft, %s: %j is refused', (_, act, reason) => {
    expect(play(draft, [['somebody', act]])).toBe(reason);
  });

  test('what is over stays over, and can be cancelled even then', () => {
    const ended = play(draft, [...live, ['m', { kind: 'end' }]]) as CampaignRecord;
    for (const act of [save(B), launch, pause, { kind: 'resume' }] as const)
      expect(play(ended, [['m', act]])).toBe('wrong-state');
    expect(play(ended, [['m', { kind: 'cancel' }]])).toMatchObject({ state: 'ended', cancelled: { by: 'm' } });
    const archived = play(ended, [['m', { kind: 'archive' }]]) as CampaignRecord;
    expect(play(archived, [['m', save(B)]])).toBe('wrong-state');
    expect(play(play(draft, live) as CampaignRecord, [['m', { kind: 'archive' }]])).toBe('wrong-state');
  });

  const people = fc.constantFrom('ann', 'ben', 'cy');
  const hashes = fc.constantFrom(A, B, 'c'.repeat(26));
  const anyAct: fc.Arbitrary<CampaignAct> = fc.oneof(
    hashes.map(save),
    fc.tuple(hashes, fc.array(people, { maxLength: 2 })).map(([hash, makers]) => submit(hash, ...makers)),
    hashes.map(approve),
    fc.constantFrom<CampaignAct>(
      launch,
      pause,
      { kind: 'resume' },
      { kind: 'cancel' },
      { kind: 'end' },
      { kind: 'archive' },
      { kind: 'request-changes', note: 'x' },
    ),
  );

  test('S12, S14: whatever people do in whatever order, what goes live was approved by somebody who had no hand in it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(people, anyAct), { maxLength: 40 }), (acts) => {
        let record: CampaignRecord = { ...draft, makers: ['ann'] };
        /* who had a hand in the draft since it was last approved, kept by itself */
        let hands = new Set(['ann']);
        let okFor: string | undefined;
        for (const [n, [by, act]] of acts.entries()) {
          const outcome = transition(record, act, by, at(n));
          if (outcome.kind !== 'done') continue;
          if (act.kind === 'save' && act.hash !== record.draft) {
            hands.add(by);
            okFor = undefined;
          }
          // handing in pins the templates anew: another content, by whoever did
          if (act.kind === 'submit') {
            for (const hand of [by, ...act.makers]) hands.add(hand);
            okFor = undefined;
          }
          if (act.kind === 'approve') {
            expect(hands.has(by)).toBe(false);
            okFor = act.hash;
            hands = new Set();
          }
          if (act.kind === 'launch') expect(okFor).toBe(outcome.record.live);
          expect(outcome.record.version).toBe(record.version + 1);
          record = outcome.record;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('who made what a definition is pinned with (G2)', () => {
  const saves = (...list: readonly string[]) =>
    list.map((one) => ({ version: one.split(' ')[0] as string, by: one.split(' ')[1] as string }));
  const index = {
    templates: {
      letter: { version: 'v3', saves: saves('v1 ann', 'v2 ben', 'v3 cy'), locales: [], classes: [], kind: 'mail' },
      shipped: { version: 's1', locales: [], classes: [], kind: 'mail' },
      elsewhere: { version: 'e1', saves: saves('e1 eve'), locales: [], classes: [], kind: 'mail' },
    },
    surveys: { nps: { version: 'n2', saves: saves('n1 dan', 'n2 cy') }, csat: { version: 'c1' } },
  } as const;
  const pinned = { templates: { letter: 'v3', shipped: 's1' }, surveys: { nps: 'n2', csat: 'c1' } };
  const approvedWith = (letter: string, nps: string) => ({ templates: { letter, shipped: 's0' }, surveys: { nps } });

  test.each<[string, Parameters<typeof makersOfPins>[1], readonly string[]]>([
    ['never approved: everyone who saved it', undefined, ['ann', 'ben', 'cy', 'dan']],
    ['approved with what stands: nobody', approvedWith('v3', 'n2'), []],
    ['approved with an older one: whoever came after', approvedWith('v1', 'n2'), ['ben', 'cy']],
    ['the survey too', approvedWith('v3', 'n1'), ['cy']],
    [
      'approved as it shipped, or too long ago to be among the saves: everyone',
      approvedWith('v0', 'n2'),
      ['ann', 'ben', 'cy'],
    ],
    ['named for the first time: everyone', { templates: {}, surveys: { nps: 'n2' } }, ['ann', 'ben', 'cy']],
  ])('%s', (_, base, makers) => {
    expect(makersOfPins(pinned, base, index)).toEqual(makers);
  });

  test('back to what was approved, by whatever way, is nobody’s work', () => {
    const there = { ...index.templates.letter, version: 'v1', saves: saves('v1 ann', 'v2 ben', 'v1 cy') };
    const templates = { ...index.templates, letter: there };
    expect(makersOfPins(pinned, approvedWith('v1', 'n2'), { ...index, templates })).toEqual([]);
    const onward = { ...there, version: 'v4', saves: [...there.saves, { version: 'v4', by: 'dan' }] };
    expect(
      makersOfPins(pinned, approvedWith('v1', 'n2'), { ...index, templates: { ...templates, letter: onward } }),
    ).toEqual(['dan']);
  });
});
