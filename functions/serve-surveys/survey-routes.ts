import type { Context, Hono } from 'hono';
import { answer, refusedPage } from '../../shared/page/answer.ts';
import { languageLink } from '../../shared/page/layout.ts';
import { isForeign, readEntries } from '../../shared/page/requests.ts';
import { chooseLocale } from '../../shared/page/texts.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import { civilDateAt, DAY, type Instant } from '../../shared/platform/time.ts';
import type { SurveyAnswer } from '../../shared/survey/answer.ts';
import type { AnswerValues, Draft, PartialAnswer } from '../../shared/survey/answer-store.ts';
import { answerSurvey, followAnswer } from '../../shared/survey/answer-survey.ts';
import type { FormView, QuestionView } from '../../shared/survey/form-view.ts';
import { SCALES, type SurveyFile } from '../../shared/survey/survey.ts';
import type { QuestionError } from '../../shared/survey/survey-model.ts';
import { type Entries, type PageState, readPageState, withEntries } from './fields.ts';
import { mayGoOn } from './may-go-on.ts';
import { type OpenSurvey, openSurvey } from './open-survey.ts';
import { answeredPage, nothingPage, thanksPage } from './pages/ending-pages.ts';
import { idOf } from './pages/questions.ts';
import { nameOfForm, pageOf, type SurveyPage, surveyForm, surveyPage } from './pages/survey-page.ts';
import type { SurveySite } from './site.ts';

/** A comment of 1 MB and what is around it. */
const MAX_BODY = 2_000_000;
/** How long the way from the page of thanks to the preferences stays open. */
const PREFERENCES_DAYS = 30;
const ATTEMPTS = 8;
/** Its own script and what that fetches, beside styles and forms. */
const ALLOWED = { 'script-src': ["'self'"], 'connect-src': ["'self'"] };

/** The score that a mail's link preselects (`?score=9`); undefined where it is none of the survey's scale. */
const preselectedBy = (text: string | undefined, { score }: SurveyFile): string | undefined => {
  if (text === undefined || score === undefined || !/^(?:\d|10)$/.test(text)) return undefined;
  const [lowest, highest] = SCALES[score.metric];
  return Number(text) >= lowest && Number(text) <= highest ? text : undefined;
};

const indexOfQuestion = (view: FormView, question: string | undefined): number =>
  view.pages.findIndex(({ questions }) => questions.some(({ name }) => name === question));

const indexOfPage = (view: FormView, page: string | undefined): number =>
  Math.max(
    0,
    view.pages.findIndex(({ name }) => name === page),
  );

/** The address of a page of the survey in the page's language. Names of pages are the survey's, nobody's data. */
const linkTo = ({ context }: OpenSurvey, page: string, more = ''): string =>
  languageLink(context.locale, `&page=${encodeURIComponent(page)}${more}`);

/** The pages of surveys (`/s/{token}`). A GET stores nothing, whatever it is asked with (S24). */
export const surveyRoutes = (app: Hono, site: SurveySite): void => {
  const show = (c: Context, { context }: OpenSurvey, shown: SurveyPage): Promise<Response> =>
    answer(c, (shown.errors ?? []).length > 0 ? 422 : 200, surveyPage(context, shown), ALLOWED);

  const showAnswered = (c: Context, { context, profile }: OpenSurvey, { at }: SurveyAnswer): Promise<Response> =>
    answer(c, 200, answeredPage(context, civilDateAt(at, profile.zone)));

  const showThanks = (
    c: Context,
    opened: OpenSurvey,
    given: SurveyAnswer,
    preferencesUrl: string,
  ): Promise<Response> => {
    const view = opened.view(given.values);
    return answer(c, 200, thanksPage(opened.context, { view, low: given.low, preferencesUrl }));
  };

  /** The customer's own page of preferences, by a link made for it: this one opens surveys only. */
  const preferencesOf = async ({ claims, now }: OpenSurvey): Promise<string> => {
    const { survey: _survey, surveyVersion: _version, ...rest } = claims;
    const expiresAt = (now + PREFERENCES_DAYS * DAY) as Instant;
    return new URL((await site.links()).url({ ...rest, purpose: 'preferences', expiresAt })).pathname;
  };

  /**
   * Saves what was posted over the latest draft, whoever saved it. @param step the page that the customer comes to
   * @returns the answer where the survey was answered meanwhile
   */
  const saveDraft = async (
    opened: OpenSurvey,
    draftOf: (before: PartialAnswer) => Draft,
  ): Promise<SurveyAnswer | undefined> => {
    let before = opened.partial;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const draft = draftOf(before);
      const saved = await site.answers.savePartial(opened.invitationId, before.version, draft, opened.now);
      if (saved.kind === 'written') return undefined;
      const state = await site.answers.stateOf(opened.invitationId);
      if (state.answer !== undefined) return state.answer;
      before = state.partial;
    }
    throw new EngagementError('conflict', 'draft of one invitation kept changing: send it again', { retryable: true });
  };

  const send = async (
    c: Context,
    opened: OpenSurvey,
    check: Extract<ReturnType<OpenSurvey['check']>, { kind: 'complete' }>,
  ) => {
    const { claims, profile, survey, now } = opened;
    const asked = await site.askedAbout(claims, profile);
    const { values, score, low } = check;
    const outcome = await answerSurvey(site.answering, {
      ...asked,
      invitation: claims,
      survey,
      values,
      score,
      low,
      given: 'page',
      now,
    });
    if (outcome.kind === 'answered') return showAnswered(c, opened, outcome.answer);
    site.log.info('page.answered', { page: 'survey', choice: 'complete' });
    return showThanks(c, opened, outcome.answer, await preferencesOf(opened));
  };

  app.get('/s/:token', async (c) => {
    const opened = await openSurvey(c, site);
    if (opened instanceof Response) return opened;
    if (opened.answer !== undefined) return showAnswered(c, opened, opened.answer);
    const { survey, partial } = opened;
    const preselected = preselectedBy(c.req.query('score'), survey.file);
    // the click of the mail counts until the customer has said otherwise on the page
    const clicked = preselected !== undefined && preselected !== partial.preselected;
    const question = survey.file.score?.question;
    const values = clicked && question !== undefined ? { ...partial.values, [question]: preselected } : partial.values;
    const view = opened.view(values);
    if (view.pages.length === 0) return answer(c, 200, nothingPage(opened.context));
    const wanted = c.req.query('page');
    const index = clicked ? Math.max(0, indexOfQuestion(view, question)) : indexOfPage(view, wanted ?? partial.page);
    const remark =
      c.req.query('more') === '1'
        ? 'more'
        : clicked
          ? 'confirm'
          : wanted === undefined && partial.version > 0
            ? 'resumed'
            : undefined;
    const goesOn = mayGoOn(survey.file, view, index);
    return show(c, opened, { view, index, goesOn, version: partial.version, preselected, remark });
  });

  /** A script's saving: the draft as it was when the page was made, or not at all. */
  const saveByScript = async (c: Context, opened: OpenSurvey, state: PageState, values: AnswerValues) => {
    const { version, preselected } = state;
    const view = opened.view(values);
    const index = indexOfPage(view, state.page);
    const page = view.pages[index]?.name;
    const draft = {
      values,
      ...(page === undefined ? {} : { page }),
      ...(preselected === undefined ? {} : { preselected }),
    };
    const saved = await site.answers.savePartial(opened.invitationId, version, draft, opened.now);
    if (saved.kind === 'refused') return c.body(null, 409);
    c.header('X-Version', String(version + 1));
    const goesOn = mayGoOn(opened.survey.file, view, index);
    const shown = { view, index, goesOn, version: version + 1, preselected };
    if (page === undefined || nameOfForm(shown, opened.context.locale) === state.form) return c.body(null, 204);
    return answer(c, 200, surveyForm(opened.context, shown));
  };

  /** A page that was posted by its buttons. */
  const turn = async (c: Context, opened: OpenSurvey, state: PageState, entries: Entries): Promise<Response> => {
    const { act, preselected } = state;
    const asked = opened.model.outline(opened.context.locale);
    const valuesOver = (before: AnswerValues) => withEntries(before, asked, state.asked, entries);
    const values = valuesOver(opened.partial.values);
    const view = opened.view(values);
    if (view.pages.length === 0) return answer(c, 200, nothingPage(opened.context));
    const index = indexOfPage(view, state.page);

    const goTo = async (next: number, address: (page: string) => string): Promise<Response> => {
      const page = view.pages[next]?.name ?? pageOf({ view, index }).name;
      const answered = await saveDraft(opened, (before) => ({
        values: valuesOver(before.values),
        page,
        ...(preselected === undefined ? {} : { preselected }),
      }));
      if (answered !== undefined) return showAnswered(c, opened, answered);
      // back to the page by GET: reload and the browser's back button show it instead of sending it again
      return c.redirect(address(page), 303);
    };
    /** Shows a page again with what is wrong on it. */
    const stay = (at: number, errors: readonly QuestionError[]): Promise<Response> => {
      const goesOn = mayGoOn(opened.survey.file, view, at);
      return show(c, opened, { view, index: at, goesOn, version: opened.partial.version, preselected, errors });
    };

    if (act === 'back') return goTo(Math.max(0, index - 1), (page) => linkTo(opened, page));
    if (act === 'language')
      return goTo(index, (page) => languageLink(chooseLocale(state.language), `&page=${encodeURIComponent(page)}`));

    const check = opened.check(values);
    const errors = check.kind === 'wrong' ? check.errors : [];
    const errorsOf = (questions: readonly QuestionView[]) =>
      errors.filter(({ question }) => questions.some(({ name }) => name === question));
    // nobody is told off for a question that was not on the page
    const wasAsked = ({ name }: QuestionView): boolean => state.asked?.has(name) ?? true;
    const here = pageOf({ view, index }).questions;
    const wrong = errorsOf(here.filter(wasAsked));
    if (wrong.length > 0) return stay(index, wrong);
    const appeared = here.find((question) => question.enabled && !wasAsked(question));
    if (appeared !== undefined) return goTo(index, (page) => linkTo(opened, page, `&more=1#${idOf(appeared.name)}`));
    if (index < view.pages.length - 1) return goTo(index + 1, (page) => linkTo(opened, page));
    if (check.kind === 'complete') return send(c, opened, check);
    const at = Math.max(0, indexOfQuestion(view, errors[0]?.question));
    return stay(at, errorsOf(pageOf({ view, index: at }).questions));
  };

  app.post('/s/:token', async (c) => {
    if (isForeign(c)) return refusedPage(c, 403);
    const opened = await openSurvey(c, site);
    if (opened instanceof Response) return opened;
    const body = await readEntries(c, MAX_BODY);
    if (body.kind === 'refused') return refusedPage(c, body.status);
    const state = readPageState(body.entries);
    if (opened.answer !== undefined) {
      if (state.act === 'save') return c.body(null, 409);
      // what follows from the answer may have been cut off: whoever comes second does it again
      await followAnswer(site.answering, opened.answer);
      return showAnswered(c, opened, opened.answer);
    }
    if (state.act !== 'save') return turn(c, opened, state, body.entries);
    const questions = opened.model.outline(opened.context.locale);
    return saveByScript(c, opened, state, withEntries(opened.partial.values, questions, state.asked, body.entries));
  });
};
