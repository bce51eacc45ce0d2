import { derivedId } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import { type Item, itemKey, type Key, type Table, type WriteOutcome } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { SurveyAnswer } from './answer.ts';

/** SurveyJS data: question name → value, as it was given. */
export type AnswerValues = Readonly<Record<string, unknown>>;

/** What a customer has filled in so far and not sent yet. */
export interface Draft {
  readonly values: AnswerValues;
  /** Name of the page that the customer had come to. */
  readonly page?: string;
  /** The score of the mail's one click that the values took account of: opened again with it, the values count. */
  readonly preselected?: string;
}

export interface PartialAnswer extends Draft {
  /** Counts the savings; 0 where nothing was saved. */
  readonly version: number;
}

export interface AnswerPage {
  readonly answers: readonly SurveyAnswer[];
  /** Opaque mark of the next page; absent on the last one. */
  readonly next?: string;
}

/** Answers to surveys, by invitation. Reads of one are strong: a page shows what was just said. */
export interface SurveyAnswers {
  get(invitationId: string): Promise<SurveyAnswer | undefined>;
  /** Refused where the invitation has its answer (F30). Whoever adds, nothing partial is kept afterwards. */
  add(answer: SurveyAnswer): Promise<WriteOutcome>;
  /** The answer of which nobody has noted yet that all that follows is done; undefined where there is none such. */
  unfollowed(invitationId: string): Promise<SurveyAnswer | undefined>;
  /** Notes that all that follows from the answer is done. */
  noteFollowed(invitationId: string): Promise<void>;
  partial(invitationId: string): Promise<PartialAnswer>;
  /** Both in one read: what a page is made from. */
  stateOf(invitationId: string): Promise<{ readonly answer?: SurveyAnswer; readonly partial: PartialAnswer }>;
  /** Saves over the state that was read as `version`; refused where a newer one or the whole answer came in between. */
  savePartial(invitationId: string, version: number, draft: Draft, now: Instant): Promise<WriteOutcome>;
  /** Answers to one survey in one month (`yyyy-mm`, UTC), oldest first, at most 500 a page. Possibly a moment old. */
  ofSurvey(
    survey: string,
    month: string,
    page?: {
      readonly after?: string;
      /** Answers given from then on. */
      readonly from?: Instant;
      /** Answers given until then, that instant included. */
      readonly upTo?: Instant;
      readonly newestFirst?: boolean;
    },
  ): Promise<AnswerPage>;
}

/** Above this many bytes the values lie in an object: an item of the table holds 400 KB, and a list of items is read whole. */
const IN_ITEM = 100_000;
/** Version of a partial answer that is closed: no saving ever expects it. */
const CLOSED = -1;
const PAGE = 500;
const FIRST = 0 as Instant;
const LAST = Date.UTC(9999, 11) as Instant;

/** Where the answer to an invitation lies. */
export const answerKey = (invitationId: string): Key => ({ pk: `I#${invitationId}`, sk: 'ANS' });
const partialKey = (invitationId: string): Key => ({ pk: `I#${invitationId}`, sk: 'PART' });

/** What an item says of the values: themselves, or the object where they lie. */
type Kept = { readonly values: AnswerValues } | { readonly valuesIn: string };

/** The answers in the table; what is too long for it in `objects`, named by its content and below its invitation. */
export const createSurveyAnswers = (table: Table, objects: Pick<Objects, 'get' | 'put'>): SurveyAnswers => {
  const keep = async (invitationId: string, values: AnswerValues): Promise<Kept> => {
    const text = JSON.stringify(values);
    if (Buffer.byteLength(text) <= IN_ITEM) return { values };
    const valuesIn = `answers/${invitationId}/${derivedId('answer-values', text)}.json`;
    await objects.put(valuesIn, text, { contentType: 'application/json' });
    return { valuesIn };
  };

  const join = async (kept: Item): Promise<AnswerValues> => {
    if (typeof kept.valuesIn !== 'string') return (kept.values ?? {}) as AnswerValues;
    const object = await objects.get(kept.valuesIn);
    return object === undefined ? {} : (JSON.parse(Buffer.from(object.body).toString('utf8')) as AnswerValues);
  };

  const read = async (item: Item): Promise<SurveyAnswer> => ({
    ...(item.answer as Omit<SurveyAnswer, 'values'>),
    values: await join(item),
  });

  const readPartial = async (item: Item | undefined): Promise<PartialAnswer> => {
    if (item === undefined || item.version === CLOSED) return { values: {}, version: 0 };
    const { page, preselected } = item as { page?: string; preselected?: string };
    return {
      values: await join(item),
      version: item.version as number,
      ...(page === undefined ? {} : { page }),
      ...(preselected === undefined ? {} : { preselected }),
    };
  };

  return {
    async get(invitationId) {
      const item = await table.get(answerKey(invitationId), { consistent: true });
      return item === undefined ? undefined : read(item);
    },

    async add({ values, ...answer }) {
      const { invitationId, survey } = answer;
      const at = formatInstant(answer.at);
      const outcome = await table.put(
        {
          ...answerKey(invitationId),
          entity: 'SurveyAnswer',
          schemaVersion: 1,
          answer,
          ...(await keep(invitationId, values)),
          bySurveyPk: `${survey}#${at.slice(0, 7)}#ANS`,
          bySurveySk: `${at}#${invitationId}`,
        },
        [{ path: ['pk'], absent: true }],
      );
      await table.put({ ...partialKey(invitationId), entity: 'PartialAnswer', schemaVersion: 1, version: CLOSED });
      return outcome;
    },

    async unfollowed(invitationId) {
      const item = await table.get(answerKey(invitationId), { consistent: true });
      return item === undefined || item.followed === true ? undefined : read(item);
    },

    async noteFollowed(invitationId) {
      await table.update(answerKey(invitationId), { set: [{ path: ['followed'], value: true }] });
    },

    async partial(invitationId) {
      return readPartial(await table.get(partialKey(invitationId), { consistent: true }));
    },

    async stateOf(invitationId) {
      const keys = [answerKey(invitationId), partialKey(invitationId)] as const;
      const found = await table.getMany(keys, { consistent: true });
      const [answer, partial] = keys.map((key) => found.get(itemKey(key)));
      return {
        ...(answer === undefined ? {} : { answer: await read(answer) }),
        partial: await readPartial(partial),
      };
    },

    async savePartial(invitationId, version, { values, page, preselected }, now) {
      return table.put(
        {
          ...partialKey(invitationId),
          entity: 'PartialAnswer',
          schemaVersion: 1,
          at: now,
          version: version + 1,
          ...(page === undefined ? {} : { page }),
          ...(preselected === undefined ? {} : { preselected }),
          ...(await keep(invitationId, values)),
        },
        [version === 0 ? { path: ['pk'], absent: true } : { path: ['version'], is: version }],
      );
    },

    async ofSurvey(survey, month, page = {}) {
      const found = await table.query({
        index: 'bySurvey',
        pk: `${survey}#${month}#ANS`,
        limit: PAGE,
        // sort keys are `<instant>#<invitation>`, and `$` comes next to `#`
        from: formatInstant(page.from ?? FIRST),
        to: `${formatInstant(page.upTo ?? LAST)}$`,
        descending: page.newestFirst ?? false,
        ...(page.after === undefined ? {} : { after: page.after }),
      });
      const answers = await Promise.all(found.items.map(read));
      return { answers, ...(found.next === undefined ? {} : { next: found.next }) };
    },
  };
};
