import type { Context } from 'hono';
import type { Profile } from '../../shared/customer/customer.ts';
import type { LinkClaims } from '../../shared/message/links.ts';
import { answer, contextOf, notFoundPage, readLink } from '../../shared/page/answer.ts';
import { notice, type PageContext } from '../../shared/page/layout.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { SurveyAnswer } from '../../shared/survey/answer.ts';
import type { AnswerValues, PartialAnswer } from '../../shared/survey/answer-store.ts';
import { knownFacts } from '../../shared/survey/evidence.ts';
import type { FormView } from '../../shared/survey/form-view.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import type { Survey } from '../../shared/survey/survey.ts';
import type { SurveyCheck, SurveyModel } from '../../shared/survey/survey-model.ts';
import type { SurveySite } from './site.ts';

/** A survey whose link was opened, as it stands now. */
export interface OpenSurvey {
  readonly context: PageContext;
  readonly claims: LinkClaims;
  readonly profile: Profile;
  readonly invitationId: string;
  readonly survey: Survey;
  readonly model: SurveyModel;
  readonly answer?: SurveyAnswer;
  readonly partial: PartialAnswer;
  readonly now: Instant;
  /** The form as it stands with these answers; what is known already is not asked. */
  view(values: AnswerValues): FormView;
  check(values: AnswerValues): SurveyCheck;
}

/**
 * Opens the link of the request. A link that does not open, or whose survey is gone, has its page already. Three reads, at
 * once; the survey's version is read by a process only once.
 */
export const openSurvey = async (c: Context, site: SurveySite): Promise<OpenSurvey | Response> => {
  const claims = await readLink(c, site, 'survey');
  if (claims instanceof Response) return claims;
  const now = site.now();
  const { partyId, survey: name = '', surveyVersion = '' } = claims;
  const invitationId = invitationIdOf(claims);
  const survey = await site.surveys.load(name, surveyVersion);
  const [profile, state, evidence] = await Promise.all([
    site.profiles.get(partyId),
    site.answers.stateOf(invitationId),
    survey !== undefined && survey.file.facts.length > 0 ? site.evidence.ofParty(partyId) : [],
  ]);
  if (profile === undefined) return notFoundPage(c);
  const context = contextOf(c, profile);
  if (survey === undefined) {
    site.log.warn('survey.missing', { survey: name, version: surveyVersion });
    const words = context.text.survey;
    return answer(c, 404, notice(context, words.gone, [words.goneLead], { personal: true }));
  }
  const model = site.models.of(survey);
  const known = knownFacts(evidence, survey, now, profile.zone);
  // learnt elsewhere while the page was open: what was answered by then is still an answer
  const unasked = (values: AnswerValues): readonly string[] =>
    known.filter((fact) => !survey.file.facts.some((one) => one.fact === fact && one.question in values));
  const { locale } = context;
  return {
    context,
    claims,
    profile,
    invitationId,
    survey,
    model,
    ...state,
    now,
    view: (values) => model.view({ data: values, locale, knownFacts: unasked(values) }),
    check: (values) => model.check(values, locale, unasked(values)),
  };
};
