import type { CampaignDefinition, CampaignStep } from './definition.ts';
import { type Problem, suggest } from './problem.ts';
import { type SurveyIndex, surveyUses } from './survey-index.ts';

/** Whether a step asks a survey: an invite and a call for a survey always, a letter if it names one, nothing else. */
const mayAsk = ({ do: act }: CampaignStep): 'always' | 'maybe' | 'never' => {
  if ('send' in act) return { invite: 'always', letter: 'maybe', email: 'never' }[act.send] as 'always';
  return 'task' in act && act.task === 'survey-call' ? 'always' : 'never';
};

const checkForm = (step: CampaignStep, n: number): readonly Problem[] => {
  const { do: act } = step;
  const named = ('send' in act || 'task' in act) && act.survey !== undefined;
  const may = mayAsk(step);
  const path = `steps.${n}.do.survey`;
  if (may === 'always' && !named)
    return [{ path, message: 'an "invite" and a "survey-call" name what they ask: write "survey"' }];
  return may === 'never' && named
    ? [{ path, message: 'only an "invite", a "letter" or a "survey-call" asks a survey: take "survey" out' }]
    : [];
};

/** Steps that ask a survey name one that there is, and ask one person at a time for one policy. */
export const checkSurveys = (definition: CampaignDefinition, surveys: SurveyIndex | undefined): readonly Problem[] => {
  const uses = surveyUses(definition);
  return [
    ...definition.steps.flatMap(checkForm),
    ...(surveys === undefined
      ? []
      : uses.flatMap(({ path, survey }) =>
          Object.hasOwn(surveys, survey)
            ? []
            : [{ path, message: `there is no survey "${survey}": ${suggest(survey, Object.keys(surveys))}` }],
        )),
    ...(definition.merge && uses.length > 0
      ? [
          {
            path: 'merge',
            message: 'a survey asks about one policy: take "merge" out, or ask in a campaign of its own',
          },
        ]
      : []),
  ];
};
