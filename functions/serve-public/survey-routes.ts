import type { Hono } from 'hono';
import { showDate } from '../../shared/content/formats.ts';
import { answer, contextOf, type Opened, open, refusedPage } from '../../shared/page/answer.ts';
import { notice } from '../../shared/page/layout.ts';
import { isForeign, readForm } from '../../shared/page/requests.ts';
import { civilDateAt } from '../../shared/platform/time.ts';
import { answerSurvey, preselectedScore, readSurveyForm } from '../../shared/survey/answer-survey.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { surveyPage } from './pages/survey-page.ts';
import type { Site } from './site.ts';

/** The satisfaction page (`/s/{token}`). `?score=9`, the one click in the mail, only preselects (S24). */
export const surveyRoutes = (app: Hono, site: Site): void => {
  const { answers, timeline, bus } = site.renewal;

  const alreadyPage = (
    { profile }: Opened,
    context: ReturnType<typeof contextOf>,
    at: Parameters<typeof civilDateAt>[0],
  ) => {
    const words = context.text.survey;
    const on = showDate(civilDateAt(at, profile.zone), context.locale);
    return notice(context, words.already, [words.alreadyLead(on)], { personal: true, done: true });
  };

  app.get('/s/:token', async (c) => {
    const opened = await open(c, site, 'survey');
    if (opened instanceof Response) return opened;
    const context = contextOf(c, opened.profile);
    const given = await answers.survey(invitationIdOf(opened.claims));
    if (given !== undefined) return answer(c, 200, alreadyPage(opened, context, given.at));
    const score = preselectedScore(c.req.query('score'));
    return answer(c, 200, surveyPage(context, score === undefined ? {} : { score }));
  });

  app.post('/s/:token', async (c) => {
    if (isForeign(c)) return refusedPage(c, 403);
    const opened = await open(c, site, 'survey');
    if (opened instanceof Response) return opened;
    const body = await readForm(c);
    if (body.kind === 'refused') return refusedPage(c, body.status);
    const context = contextOf(c, opened.profile);
    const reading = readSurveyForm(body.form);
    if (reading.kind === 'wrong') {
      const score = preselectedScore(body.form.score);
      const comment = (body.form.comment ?? '').slice(0, 1_000);
      const again = surveyPage(context, { ...(score === undefined ? {} : { score }), comment, wrong: reading.field });
      return answer(c, 422, again);
    }
    const { kind: _read, ...given } = reading;
    const outcome = await answerSurvey({ answers, timeline, bus }, opened.claims, given, site.now());
    if (outcome.kind === 'answered') return answer(c, 200, alreadyPage(opened, context, outcome.answer.at));
    site.log.info('page.answered', { page: 'survey', choice: 'scored' });
    const words = context.text.survey;
    return answer(c, 200, notice(context, words.thanks, [words.thanksLead], { personal: true, done: true }));
  });
};
