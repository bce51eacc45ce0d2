import type { PageSite } from '../../shared/page/answer.ts';
import type { SurveyAnswers } from '../../shared/survey/answer-store.ts';
import type { AnswerSurveyPorts } from '../../shared/survey/answer-survey.ts';
import type { AskedAbout } from '../../shared/survey/asked-about.ts';
import type { EvidenceStore } from '../../shared/survey/evidence-store.ts';
import type { Surveys } from '../../shared/survey/survey.ts';
import type { SurveyModels } from '../../shared/survey/survey-model.ts';

/** What the pages of surveys are made from. */
export interface SurveySite extends PageSite {
  readonly surveys: Pick<Surveys, 'load'>;
  readonly models: SurveyModels;
  readonly answers: Pick<SurveyAnswers, 'stateOf' | 'savePartial'>;
  readonly evidence: Pick<EvidenceStore, 'ofParty'>;
  /** When and with what particulars the customer was asked. */
  readonly askedAbout: AskedAbout;
  readonly answering: AnswerSurveyPorts;
}
