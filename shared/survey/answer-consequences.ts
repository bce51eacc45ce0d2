import type { DueWork } from '../journey/due-work.ts';
import type { Instant } from '../platform/time.ts';
import { type LowScorePorts, openLowScoreTask } from '../task/open-low-score-task.ts';
import { lookAtAnswer } from './answer-due.ts';
import type { AnswerSurveyPorts } from './answer-survey.ts';
import { type LearnPorts, learnFromAnswer } from './learn-from-answer.ts';

/**
 * What follows from an answer for the customer: facts, and a task where it is a low one. Wherever answers come in, on the
 * page or entered by staff, `answerSurvey` is given these.
 */
export const answerConsequences = (
  ports: LearnPorts & LowScorePorts & { readonly dueWork: Pick<DueWork, 'place'>; readonly clock: () => Instant },
): Pick<AnswerSurveyPorts, 'learn' | 'lowScore' | 'expect'> => ({
  async expect(answer) {
    const now = ports.clock();
    await ports.dueWork.place([lookAtAnswer(answer, now)], now);
  },

  learn: (answer, survey) => learnFromAnswer(ports, answer, survey, ports.clock()),

  async lowScore(answer, { file: { low } }) {
    if (low !== undefined) await openLowScoreTask(ports, answer, low.withinHours, ports.clock());
  },
});
