import { describe, expect, test } from 'vitest';
import { fillSurvey } from '../../infra/local/sample/fill-survey.ts';
import { library } from '../../shared/survey/library.ts';
import { SCALES } from '../../shared/survey/survey.ts';
import { createSurveyRig } from '../support/survey-pages.ts';

describe('the surveys that ship, answered by a person without script', () => {
  const scored = library.flatMap((survey) => {
    const { score } = survey.file;
    if (score === undefined) return [];
    const [lowest, highest] = SCALES[score.metric];
    return [lowest, highest - 1, highest].map((given) => ({ id: survey.id, survey, given }));
  });

  test.each(scored)(
    'S1, S2: $id with $given comes to thanks, with the score, and with the words where the way leads past a field for them',
    async ({ survey, given }) => {
      const rig = await createSurveyRig({ survey });
      const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
        rig.app.request(String(input), init);
      const page = await fillSurvey(
        `https://pages.example${rig.pathOf()}`,
        { score: String(given), comment: '很好 & fine' },
        send,
      );
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('感谢您');
      const answer = await rig.answers.get(rig.invitationId);
      expect(answer?.score).toBe(given);
      if (survey.id === 'renewal') expect(Object.values(answer?.values ?? {})).toContain('很好 & fine');
    },
  );
});
