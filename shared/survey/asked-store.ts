import type { AskedSurvey } from '../message/asking.ts';
import type { PartyId } from '../platform/ids.ts';
import { type Condition, itemKey, type Key, type Path, type Table } from '../platform/table.ts';
import type { Instant } from '../platform/time.ts';

/** What a person was asked, by survey. */
export type AskedOf = Readonly<Record<string, AskedSurvey>>;

/** Who was asked what, by person: what keeps a survey from being asked again too soon (S3). Reads are strong. */
export interface Asked {
  /** Those that were ever asked anything. */
  of(partyIds: readonly PartyId[]): Promise<Map<PartyId, AskedOf>>;
  /**
   * Notes that a person is asked, unless somebody asked since `before` was read: of several who ask at once one is first.
   * @returns `changed` where it is not as it was read any more: read again
   */
  noteInvited(
    partyId: PartyId,
    survey: string,
    asking: Omit<AskedSurvey, 'answeredAt'>,
    before: AskedSurvey | undefined,
  ): Promise<'noted' | 'changed'>;
  /** Notes that a person answered; the first answer since the asking stands. Where nobody asked, answering counts as being
   *  asked: an answer by telephone is followed by no invitation. Safe to repeat. */
  noteAnswered(
    partyId: PartyId,
    survey: string,
    answer: { readonly invitationId: string; readonly at: Instant },
  ): Promise<void>;
}

/** Where it lies what a person was asked. */
export const askedKey = (partyId: PartyId): Key => ({ pk: `C#${partyId}`, sk: 'ASKED' });

/** Before each survey's name, so that a survey named `entity` is no attribute of ours. */
const MARK = 'survey.';
const markOf = (survey: string): string => `${MARK}${survey}`;

const stamp = [
  { path: ['entity'] as const, value: 'Asked' },
  { path: ['schemaVersion'] as const, value: 1 },
];

const stillAs = (mark: string, before: AskedSurvey | undefined): Condition =>
  before === undefined
    ? [{ path: [mark], absent: true }]
    : [
        { path: [mark, 'invitationId'], is: before.invitationId },
        { path: [mark, 'invitedAt'], is: before.invitedAt },
        before.answeredAt === undefined
          ? { path: [mark, 'answeredAt'], absent: true }
          : { path: [mark, 'answeredAt'], is: before.answeredAt },
      ];

/** Over the table: `C#<partyId>` / `ASKED`, one attribute a survey, so that two surveys never meet in one. */
export const createAsked = (table: Table): Asked => {
  const read = async (partyId: PartyId, survey: string): Promise<AskedSurvey | undefined> =>
    (await table.get(askedKey(partyId), { consistent: true }))?.[markOf(survey)] as AskedSurvey | undefined;
  return {
    async of(partyIds) {
      const items = await table.getMany(partyIds.map(askedKey), { consistent: true });
      const found = new Map<PartyId, AskedOf>();
      for (const id of partyIds) {
        const item = items.get(itemKey(askedKey(id)));
        if (!item) continue;
        const surveys = Object.entries(item).filter(([name]) => name.startsWith(MARK));
        found.set(id, Object.fromEntries(surveys.map(([name, asked]) => [name.slice(MARK.length), asked])) as AskedOf);
      }
      return found;
    },

    async noteInvited(partyId, survey, asking, before) {
      const mark = markOf(survey);
      const { invitationId, invitedAt } = asking;
      const outcome = await table.update(
        askedKey(partyId),
        { set: [...stamp, { path: [mark], value: { invitationId, invitedAt } }] },
        stillAs(mark, before),
      );
      if (outcome.kind === 'written') return 'noted';
      // a refusal may hide our own earlier success
      const now = await read(partyId, survey);
      return now?.invitationId === invitationId && now.invitedAt === invitedAt ? 'noted' : 'changed';
    },

    async noteAnswered(partyId, survey, { invitationId, at }) {
      const mark = markOf(survey);
      const known: Path = [mark, 'answeredAt'];
      const noted = await table.update(askedKey(partyId), { set: [{ path: known, value: at }] }, [
        // an answer that is noted late says nothing about a later asking
        { path: [mark, 'invitedAt'], below: at + 1 },
        { path: known, absent: true },
      ]);
      if (noted.kind === 'written') return;
      const asked: AskedSurvey = { invitationId, invitedAt: at, answeredAt: at };
      await table.update(askedKey(partyId), { set: [...stamp, { path: [mark], value: asked }] }, [
        { path: [mark], absent: true },
      ]);
    },
  };
};
