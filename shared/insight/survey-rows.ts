import { EngagementError } from '../platform/errors.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import type { InvitationRow, SurveyAnswer } from '../survey/answer.ts';
import type { SurveyAnswers } from '../survey/answer-store.ts';
import { type FreeText, freeTextsOf } from '../survey/free-text.ts';
import type { Invitations } from '../survey/invitation-store.ts';
import type { Survey, Surveys } from '../survey/survey.ts';

/** Where invitations and answers of surveys are read. */
export interface SurveyRowsPorts {
  readonly surveys: Pick<Surveys, 'current' | 'load'>;
  readonly invitations: Pick<Invitations, 'ofSurvey'>;
  readonly answers: Pick<SurveyAnswers, 'ofSurvey'>;
}

const UTC = 'UTC' as ZoneId;

/** Months (`yyyy-mm`, UTC, as rows are filed) that hold the instants from `from` up to `upTo`, oldest first. */
export const monthsOf = (from: Instant, upTo: Instant): readonly string[] => {
  const months: string[] = [];
  const last = civilDateAt(upTo, UTC).slice(0, 7);
  for (let month = civilDateAt(from, UTC).slice(0, 7); month <= last; ) {
    months.push(month);
    const [year = 0, number = 0] = month.split('-').map(Number);
    month = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  }
  return months;
};

/** Invitations of a month, page after page. */
export async function* invitationsOf(
  { invitations }: SurveyRowsPorts,
  survey: string,
  month: string,
): AsyncGenerator<readonly InvitationRow[]> {
  let after: string | undefined;
  do {
    const page = await invitations.ofSurvey(survey, month, { limit: 500, ...(after === undefined ? {} : { after }) });
    yield page.invitations;
    after = page.next;
  } while (after !== undefined);
}

/** Answers of a month between two instants, both included, page after page. */
export async function* answersOf(
  { answers }: SurveyRowsPorts,
  survey: string,
  month: string,
  range: { readonly from: Instant; readonly upTo: Instant; readonly newestFirst?: boolean },
): AsyncGenerator<readonly SurveyAnswer[]> {
  let after: string | undefined;
  do {
    const page = await answers.ofSurvey(survey, month, { ...range, ...(after === undefined ? {} : { after }) });
    yield page.answers;
    after = page.next;
  } while (after !== undefined);
}

/** A place in the order of answers: by instant, then by invitation. Holds nothing of a person. */
export interface Mark {
  readonly at: Instant;
  readonly invitationId: string;
}

/** A mark as text for the one who asks on. */
export const writeMark = ({ at, invitationId }: Mark): string => `${at}.${invitationId}`;

/** @throws EngagementError `bad-input` for what `writeMark` did not write */
export const readMark = (text: string): Mark => {
  const [, at, invitationId] = /^(\d{1,14})\.([\w-]{1,100})$/.exec(text) ?? [];
  if (at === undefined || invitationId === undefined)
    throw new EngagementError('bad-input', 'query.after is not a mark of ours: start without it');
  return { at: Number(at) as Instant, invitationId };
};

/** Where `answer` lies from `mark`: below 0 before it, 0 at it, above 0 behind it. */
export const comparedTo = (answer: SurveyAnswer, mark: Mark): number =>
  answer.at - mark.at ||
  (answer.invitationId === mark.invitationId ? 0 : answer.invitationId < mark.invitationId ? -1 : 1);

/** What was written in an answer, by the form of the version it was given to; that version is read once. */
export const createTextReader = ({
  surveys,
}: Pick<SurveyRowsPorts, 'surveys'>): ((answer: SurveyAnswer) => Promise<readonly FreeText[]>) => {
  const versions = new Map<string, Promise<Survey | undefined>>();
  return async ({ survey, version, values }) => {
    const key = `${survey}#${version}`;
    const known = versions.get(key) ?? surveys.load(survey, version);
    versions.set(key, known);
    const found = await known;
    // what a form that is gone asked, nobody can say: no text rather than a wrong one
    return found === undefined ? [] : freeTextsOf(found.file, values);
  };
};
