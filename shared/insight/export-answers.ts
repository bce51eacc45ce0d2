import { BYTE_ORDER_MARK, csvLine } from '../platform/csv.ts';
import { civilDateAt, formatInstant, type Instant } from '../platform/time.ts';
import type { SurveyAnswer } from '../survey/answer.ts';
import { otherFieldOf, type QuestionView } from '../survey/form-view.ts';
import type { Frame } from './period.ts';
import { answersOf, comparedTo, createTextReader, type Mark, monthsOf, type SurveyRowsPorts } from './survey-rows.ts';
import { createTopicFinder, type Topic } from './topics.ts';

/** Which answers are wanted. */
export interface ExportQuestion {
  readonly survey: string;
  readonly frame: Frame;
  /** The version that is asked now: a column for each of its questions. */
  readonly version: string;
  /** The last answer of the page before. */
  readonly after?: Mark | undefined;
  readonly maySee: (scope: string) => boolean;
}

/** What the answers to a version mean. */
export interface ExportPorts extends SurveyRowsPorts {
  readonly topics: readonly Topic[];
  /** The questions of a version, in their order; none where it is gone. */
  readonly questionsOf: (survey: string, version: string) => Promise<readonly QuestionView[]>;
}

/** A page of the file; `end` is the answer it ends with, absent on the last page. */
export interface ExportPage {
  readonly text: string;
  readonly end?: Mark;
}

/** A function may answer 6 MB, of which a file travels as base64; the rest is room for one long answer. */
const MOST_BYTES = 2_500_000;
const MOST_ROWS = 10_000;

const FIXED = [
  'answerId',
  'invitationId',
  'survey',
  'version',
  'customerId',
  'policyId',
  'campaign',
  'occurrence',
  'step',
  'invitedAt',
  'answeredAt',
  'answeredOn',
  'given',
  'enteredBy',
  'scope',
  'line',
  'region',
  'tier',
  'manager',
  'channel',
  'locale',
  'metric',
  'score',
  'low',
  'topics',
] as const;
/** Values of questions that the version of today does not ask, as JSON. */
const REST = 'otherValues';

const fixedOf = (answer: SurveyAnswer, frame: Frame): Record<(typeof FIXED)[number], string> => {
  const { facets } = answer;
  return {
    answerId: answer.id,
    invitationId: answer.invitationId,
    survey: answer.survey,
    version: answer.version,
    customerId: answer.partyId,
    policyId: answer.policyId ?? '',
    campaign: answer.campaign ?? '',
    occurrence: answer.occurrence ?? '',
    step: answer.step ?? '',
    invitedAt: answer.invitedAt === undefined ? '' : formatInstant(answer.invitedAt),
    answeredAt: formatInstant(answer.at),
    answeredOn: civilDateAt(answer.at, frame.zone),
    given: answer.given,
    enteredBy: answer.enteredBy ?? '',
    scope: facets.scope,
    line: facets.line ?? '',
    region: facets.region ?? '',
    tier: facets.tier ?? '',
    manager: facets.manager ?? '',
    channel: facets.channel,
    locale: facets.locale,
    metric: answer.metric ?? '',
    score: answer.score === undefined ? '' : String(answer.score),
    low: String(answer.low),
    topics: '',
  };
};

/** A value as one cell: texts and numbers as they are, several choices and matrices as JSON. */
const cellOf = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Where a version keeps the values of a question that may leave: what was written into one for an address stays. */
const fieldsOf = ({ name, kind, inputType }: QuestionView): readonly string[] => {
  if (inputType === 'email' || inputType === 'tel') return [];
  return kind === 'text' || kind === 'long-text' ? [name] : [name, otherFieldOf(name)];
};

/**
 * Answers as CSV, oldest first, one line each: ids, dates, what results are broken down by, score, and the value of every
 * question under `q.<name>`; no name and no address. Pages are cut where they grow long; only the first has the header
 * and the byte order mark, so that the pages one after the other are the file.
 */
export const exportAnswers = async (ports: ExportPorts, question: ExportQuestion): Promise<ExportPage> => {
  const { survey, frame, after, maySee } = question;
  const last = (frame.end - 1) as Instant;
  const from = after?.at ?? (frame.starts[0] as Instant);
  const versions = new Map<string, Promise<readonly string[]>>();
  const fieldsIn = (version: string): Promise<readonly string[]> => {
    const known =
      versions.get(version) ?? ports.questionsOf(survey, version).then((questions) => questions.flatMap(fieldsOf));
    versions.set(version, known);
    return known;
  };
  const columns = await fieldsIn(question.version);
  const textsOf = createTextReader(ports);
  const findTopics = createTopicFinder(ports.topics);

  const lineOf = async (answer: SurveyAnswer): Promise<string> => {
    const texts = await textsOf(answer);
    const found = findTopics(texts.map(({ text }) => text).join('\n')).map(({ topic }) => topic);
    const fixed = { ...fixedOf(answer, frame), topics: found.join(' ') };
    const rest = (await fieldsIn(answer.version)).filter((name) => !columns.includes(name) && name in answer.values);
    return csvLine([
      ...FIXED.map((name) => fixed[name]),
      ...columns.map((name) => cellOf(answer.values[name])),
      rest.length === 0 ? '' : JSON.stringify(Object.fromEntries(rest.map((name) => [name, answer.values[name]]))),
    ]);
  };

  const lines =
    after === undefined ? [BYTE_ORDER_MARK + csvLine([...FIXED, ...columns.map((name) => `q.${name}`), REST])] : [];
  let bytes = 0;
  for (const month of last < from ? [] : monthsOf(from, last))
    for await (const rows of answersOf(ports, survey, month, { from, upTo: last }))
      for (const answer of rows) {
        if (after !== undefined && comparedTo(answer, after) <= 0) continue;
        if (!maySee(answer.facets.scope)) continue;
        const line = await lineOf(answer);
        lines.push(line);
        bytes += Buffer.byteLength(line);
        if (bytes >= MOST_BYTES || lines.length >= MOST_ROWS)
          return { text: lines.join(''), end: { at: answer.at, invitationId: answer.invitationId } };
      }
  return { text: lines.join('') };
};
