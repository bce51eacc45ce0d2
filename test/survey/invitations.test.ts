import { beforeEach, describe, expect, test } from 'vitest';
import type { Asking } from '../../shared/message/asking.ts';
import { askingRefusal } from '../../shared/message/asking.ts';
import type { SkipReason } from '../../shared/message/message.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import type { Table } from '../../shared/platform/table.ts';
import { DAY, HOUR, type Instant, parseInstant } from '../../shared/platform/time.ts';
import type { InvitationRow, SurveyAnswer } from '../../shared/survey/answer.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { type Asked, createAsked } from '../../shared/survey/asked-store.ts';
import { createInvitations, type Invitations } from '../../shared/survey/invitation-store.ts';
import { tableEngines } from '../support/tables.ts';

const AT = parseInstant('2027-03-31T23:30:00Z') as Instant;
const later = (milliseconds: number) => (AT + milliseconds) as Instant;
const ANA = 'ana' as PartyId;
const row = (id: string, more: Partial<InvitationRow> = {}): InvitationRow => ({
  invitationId: id,
  survey: 'renewal',
  version: 'v1',
  partyId: ANA,
  campaign: 'renewal-survey',
  occurrence: '2027-03-01',
  step: 'ask',
  invitedAt: AT,
  facets: { scope: 'house', channel: 'email', locale: 'en' },
  ...more,
});

for (const engine of tableEngines) {
  describe(`invitations on ${engine.name}`, () => {
    let table: Table;
    let invitations: Invitations;
    let asked: Asked;
    beforeEach(async () => {
      table = await engine.make();
      invitations = createInvitations(table);
      asked = createAsked(table);
    });

    test('the first row stands, and is found by its id and in its month', async () => {
      expect(await invitations.invite(row('a'))).toEqual({ kind: 'written' });
      expect(await invitations.invite(row('a', { invitedAt: later(DAY) }))).toEqual({ kind: 'refused' });
      await invitations.invite(row('b', { invitedAt: later(HOUR) }));
      await invitations.invite(row('c', { survey: 'claim' }));
      expect(await invitations.get('a')).toEqual(row('a'));
      expect(await invitations.get('nobody')).toBeUndefined();
      expect((await invitations.ofSurvey('renewal', '2027-03')).invitations).toEqual([row('a')]);
      expect((await invitations.ofSurvey('renewal', '2027-04')).invitations.map((one) => one.invitationId)).toEqual([
        'b',
      ]);
    });

    test('a month is read in pages', async () => {
      for (let n = 0; n < 5; n += 1) await invitations.invite(row(`i${n}`, { invitedAt: later(n) }));
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await invitations.ofSurvey('renewal', '2027-03', { limit: 2, ...(after ? { after } : {}) });
        found.push(...page.invitations.map((one) => one.invitationId));
        after = page.next;
      } while (after !== undefined);
      expect(found).toEqual(['i0', 'i1', 'i2', 'i3', 'i4']);
    });

    test('an invitation stands while one of its messages does', async () => {
      expect(await invitations.remind('a')).toEqual({ kind: 'refused' });
      await invitations.invite(row('a'));
      await invitations.remind('a');
      await invitations.unsend('a');
      expect((await invitations.statesOf(['a'])).get('a')).toEqual({ sent: true });
      await invitations.unsend('a');
      await invitations.unsend('a');
      expect(await invitations.statesOf(['a'])).toEqual(new Map());
    });

    test('a state says when the answer came', async () => {
      const { invitedAt: _, ...rest } = row('a');
      const answer: SurveyAnswer = { ...rest, id: 'x', at: later(1), given: 'page', values: { nps: 9 }, low: false };
      await createSurveyAnswers(table, createMemoryObjects()).add(answer);
      expect((await invitations.statesOf(['a', 'b'])).get('a')).toEqual({ sent: false, answeredAt: later(1) });
    });

    test('of two who ask at once by what they read, one is first; its repeat is no other', async () => {
      const a = { invitationId: 'a', invitedAt: AT };
      const b = { invitationId: 'b', invitedAt: AT };
      expect(await asked.noteInvited(ANA, 'renewal', a, undefined)).toBe('noted');
      expect(await asked.noteInvited(ANA, 'renewal', b, undefined)).toBe('changed');
      expect(await asked.noteInvited(ANA, 'renewal', a, undefined)).toBe('noted');
      expect(await asked.noteInvited(ANA, 'claim', b, undefined)).toBe('noted');
      expect(await asked.of([ANA, 'ben' as PartyId])).toEqual(new Map([[ANA, { renewal: a, claim: b }]]));
      const next = { invitationId: 'c', invitedAt: later(DAY) };
      expect(await asked.noteInvited(ANA, 'renewal', next, b)).toBe('changed');
      expect(await asked.noteInvited(ANA, 'renewal', next, a)).toBe('noted');
    });

    test('an answer is noted once, also where nobody asked, and never on a later asking', async () => {
      await asked.noteAnswered(ANA, 'renewal', { invitationId: 'phone', at: AT });
      await asked.noteAnswered(ANA, 'renewal', { invitationId: 'phone', at: later(1) });
      const first = { invitationId: 'phone', invitedAt: AT, answeredAt: AT };
      expect((await asked.of([ANA])).get(ANA)?.renewal).toEqual(first);
      // who read it before the answer was noted asks again by what stands now
      expect(
        await asked.noteInvited(
          ANA,
          'renewal',
          { invitationId: 'b', invitedAt: later(DAY) },
          { ...first, answeredAt: undefined as never },
        ),
      ).toBe('changed');
      await asked.noteInvited(ANA, 'renewal', { invitationId: 'b', invitedAt: later(DAY) }, first);
      await asked.noteAnswered(ANA, 'renewal', { invitationId: 'phone', at: AT });
      expect((await asked.of([ANA])).get(ANA)?.renewal).toEqual({ invitationId: 'b', invitedAt: later(DAY) });
      await asked.noteAnswered(ANA, 'renewal', { invitationId: 'b', at: later(2 * DAY) });
      expect((await asked.of([ANA])).get(ANA)?.renewal?.answeredAt).toBe(later(2 * DAY));
    });

    test('a survey may bear any name', async () => {
      for (const survey of ['entity', 'pk', 'constructor', '__proto__'])
        expect(await asked.noteInvited(ANA, survey, { invitationId: survey, invitedAt: AT }, undefined)).toBe('noted');
      expect(Object.keys((await asked.of([ANA])).get(ANA) ?? {})).toContain('entity');
    });
  });
}

describe('S3: whether somebody may be asked', () => {
  const own = { invitationId: 'mine', repeatAfterDays: 30 };
  const mine = { invitationId: 'mine', invitedAt: AT };
  const other = { invitationId: 'other', invitedAt: AT };
  test.each<[string, Asking, number, SkipReason | undefined]>([
    ['who was never asked', own, 0, undefined],
    ['a reminder of the same invitation', { ...own, asked: mine }, 7, undefined],
    ['a reminder after its answer', { ...own, asked: mine, answeredAt: AT }, 7, 'already-answered'],
    [
      'an answer that is noted with the person only',
      { ...own, asked: { ...mine, answeredAt: AT } },
      7,
      'already-answered',
    ],
    ['an answer before anybody asked', { ...own, answeredAt: AT }, 0, 'already-answered'],
    ['another invitation a moment before its time', { ...own, asked: other }, 30 - 1e-6, 'asked-recently'],
    ['another invitation when its time is over', { ...own, asked: other }, 30, undefined],
    ['another invitation that was answered long ago', { ...own, asked: { ...other, answeredAt: AT } }, 31, undefined],
    ['another worker at work', { ...own, asked: other, unsent: true }, 0.04, 'asked-recently'],
    ['a note without a message, an hour later', { ...own, asked: other, unsent: true }, 0.05, undefined],
    ['an answer without a message', { ...own, asked: { ...other, answeredAt: AT }, unsent: true }, 5, 'asked-recently'],
  ])('%s', (_, asking, days, reason) => {
    expect(askingRefusal(asking, later(days * DAY))).toBe(reason);
  });
  test('who asks nothing is not asked', () => expect(askingRefusal(undefined, AT)).toBeUndefined());
});
