import type { Table, WriteOutcome } from '../platform/table.ts';
import type { RenewalAnswer } from './renewal-answer.ts';

/** Everything a customer said on one renewal page, oldest first: minds change, and what was said before is kept. */
export interface RenewalAnswerList {
  readonly answers: readonly RenewalAnswer[];
  /** 0 where nothing is stored yet. */
  readonly version: number;
}

/** Answers of renewal pages, by invitation. Reads are strong: a page shows what was just said. */
export interface RenewalAnswers {
  get(invitationId: string): Promise<RenewalAnswerList>;
  /** Adds to the answers that were read as `before`; refused where another answer came in between. */
  add(invitationId: string, before: RenewalAnswerList, answer: RenewalAnswer): Promise<WriteOutcome>;
}

const keyOf = (invitationId: string) => ({ pk: `I#${invitationId}`, sk: 'ANS' });

/** The answers in the table: one item an invitation, one conditional write an answer. */
export const createRenewalAnswers = (table: Table): RenewalAnswers => ({
  async get(invitationId) {
    const item = await table.get(keyOf(invitationId), { consistent: true });
    if (item === undefined) return { answers: [], version: 0 };
    return { answers: item.answers as RenewalAnswer[], version: item.version as number };
  },

  async add(invitationId, before, answer) {
    return table.put(
      {
        ...keyOf(invitationId),
        entity: 'RenewalAnswers',
        schemaVersion: 1,
        answers: [...before.answers, answer],
        version: before.version + 1,
      },
      [before.version === 0 ? { path: ['pk'], absent: true } : { path: ['version'], is: before.version }],
    );
  },
});
