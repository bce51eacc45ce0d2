import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Table, WriteOutcome } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { RenewalAnswer } from './renewal-answer.ts';

/** Everything a customer said on one renewal page, oldest first: minds change, and what was said before is kept. */
export interface RenewalAnswers {
  readonly answers: readonly RenewalAnswer[];
  /** 0 where nothing is stored yet. */
  readonly version: number;
}

/** The one answer to a satisfaction page. */
export interface SurveyAnswer {
  readonly id: string;
  readonly at: Instant;
  readonly score: number;
  readonly comment?: string;
}

/** Answers of the customer's pages, by invitation. Reads are strong: a page shows what was just said. */
export interface Answers {
  renewal(invitationId: string): Promise<RenewalAnswers>;
  /** Adds to the answers that were read as `before`; refused where another answer came in between. */
  addRenewal(invitationId: string, before: RenewalAnswers, answer: RenewalAnswer): Promise<WriteOutcome>;
  survey(invitationId: string): Promise<SurveyAnswer | undefined>;
  /** Refused where the invitation has its answer (F30). */
  addSurvey(invitationId: string, about: SurveySubject, answer: SurveyAnswer): Promise<WriteOutcome>;
}

/** What a survey answer is about, for results by survey. */
export interface SurveySubject {
  readonly survey: string;
  readonly partyId: PartyId;
  readonly policyId?: PolicyId;
}

const keyOf = (invitationId: string) => ({ pk: `I#${invitationId}`, sk: 'ANS' });

/** The answers in the table: one item an invitation, one conditional write an answer. */
export const createAnswers = (table: Table): Answers => ({
  async renewal(invitationId) {
    const item = await table.get(keyOf(invitationId), { consistent: true });
    if (item === undefined) return { answers: [], version: 0 };
    return { answers: item.answers as RenewalAnswer[], version: item.version as number };
  },

  async addRenewal(invitationId, before, answer) {
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

  async survey(invitationId) {
    const item = await table.get(keyOf(invitationId), { consistent: true });
    return item?.answer as SurveyAnswer | undefined;
  },

  async addSurvey(invitationId, about, answer) {
    const at = formatInstant(answer.at);
    return table.put(
      {
        ...keyOf(invitationId),
        entity: 'SurveyAnswer',
        schemaVersion: 1,
        ...about,
        answer,
        bySurveyPk: `${about.survey}#${at.slice(0, 7)}`,
        bySurveySk: `${at}#${invitationId}`,
      },
      [{ path: ['pk'], absent: true }],
    );
  },
});
