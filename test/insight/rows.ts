import fc from 'fast-check';
import type { PartyId } from '../../shared/platform/ids.ts';
import { DAY, type Instant, parseInstant } from '../../shared/platform/time.ts';
import type { InvitationRow, SurveyAnswer } from '../../shared/survey/answer.ts';
import { type Metric, SCALES, type Survey, type SurveyFile } from '../../shared/survey/survey.ts';

export const START = parseInstant('2027-03-01T00:00:00Z') as Instant;

/** A survey with a score and two questions for words. */
export const surveyOf = (metric: Metric | undefined = 'nps', version = 'v2'): Survey => ({
  id: 'renewal',
  version,
  savedAt: START,
  savedBy: 'perennial',
  file: {
    formatVersion: 1,
    id: 'renewal',
    title: { 'zh-CN': '续保回访', en: 'Renewal' },
    ...(metric === undefined ? {} : { score: { metric, question: 'score' } }),
    repeatAfterDays: 90,
    facts: [],
    form: {
      pages: [
        {
          name: 'one',
          elements: [
            { type: 'rating', name: 'score', title: 'Score' },
            { type: 'comment', name: 'why', title: 'Why' },
            { type: 'checkbox', name: 'liked', title: 'Liked', choices: ['price', 'staff'], showOtherItem: true },
            { type: 'text', name: 'mail', title: 'Mail', inputType: 'email' },
          ],
        },
      ],
    },
  } satisfies SurveyFile,
});

const facets: fc.Arbitrary<InvitationRow['facets']> = fc.record(
  {
    scope: fc.constantFrom('house', 'house/east', 'house/west'),
    channel: fc.constantFrom('email' as const, 'post' as const, 'phone' as const),
    locale: fc.constantFrom('zh-CN', 'en'),
    tier: fc.constantFrom('A', 'B', 'C'),
    line: fc.constantFrom('motor', 'home'),
    region: fc.constantFrom('上海', 'Madrid'),
    manager: fc.constantFrom('m1', 'm2', 'm3'),
  },
  { requiredKeys: ['scope', 'channel', 'locale'] },
);

const texts = [
  '保费太贵了',
  '理赔很慢，电话打不通',
  'Friendly staff, quick reply',
  'too expensive',
  'fine',
  '还行',
  '=cmd|"/c calc"!A1',
];

/** An invitation and, perhaps, its answer; some answers come late, some were never asked for, some by other measures. */
export const pair = (metric: Metric): fc.Arbitrary<{ invitation?: InvitationRow; answer?: SurveyAnswer }> =>
  fc
    .record({
      id: fc.uuid(),
      facets,
      version: fc.constantFrom('v1', 'v2'),
      // in minutes, so that ends of days and weeks are met
      invited: fc.integer({ min: -20 * 1_440, max: 100 * 1_440 }),
      waits: fc.oneof(fc.integer({ min: 0, max: 20 * 1_440 }), fc.integer({ min: 88 * 1_440, max: 92 * 1_440 })),
      score: fc.integer({ min: SCALES[metric][0], max: SCALES[metric][1] }),
      kind: fc.constantFrom('silent', 'answered', 'answered', 'unasked', 'other-measure', 'unscored'),
      text: fc.option(fc.constantFrom(...texts), { nil: undefined }),
    })
    .map(({ id, facets: of, version, invited, waits, score, kind, text }) => {
      const invitedAt = (START + invited * 60_000) as Instant;
      const base = { invitationId: id, survey: 'renewal', version, partyId: `p-${id}` as PartyId, facets: of };
      const invitation = kind === 'unasked' ? {} : { invitation: { ...base, invitedAt } };
      if (kind === 'silent') return invitation;
      const answer: SurveyAnswer = {
        ...base,
        id: `a-${id}`,
        at: (invitedAt + waits * 60_000) as Instant,
        ...(kind === 'unasked' ? {} : { invitedAt }),
        given: kind === 'unasked' ? 'reply-slip' : 'page',
        values: { score, ...(text === undefined ? {} : { why: text }) },
        ...(kind === 'unscored' ? {} : { score, metric: kind === 'other-measure' ? other(metric) : metric }),
        low: kind === 'answered' && score <= 3,
      };
      return { ...invitation, answer };
    });

const other = (metric: Metric): Metric => (metric === 'csat' ? 'ces' : 'csat');

/** An answer of a customer, plain but for what is given. */
export const answerOf = (given: Partial<SurveyAnswer> & { readonly n: number }): SurveyAnswer => {
  const { n, ...rest } = given;
  return {
    id: `a${n}`,
    invitationId: `i${String(n).padStart(4, '0')}`,
    survey: 'renewal',
    version: 'v2',
    partyId: `party-${n}` as PartyId,
    facets: { scope: 'house/east', channel: 'email', locale: 'en' },
    at: (START + (n % 20) * DAY) as Instant,
    invitedAt: START,
    given: 'page',
    values: {},
    metric: 'nps',
    score: n % 11,
    low: n % 11 <= 6,
    ...rest,
  };
};

/** The invitation that an answer answers. */
export const invitationOf = ({
  invitationId,
  survey,
  version,
  partyId,
  facets: asked,
  invitedAt = START,
}: SurveyAnswer): InvitationRow => ({ invitationId, survey, version, partyId, facets: asked, invitedAt });
