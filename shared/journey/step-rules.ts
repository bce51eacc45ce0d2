import type { RuleGroup } from '../audience/rule.ts';
import { compiledOnce } from '../audience/rule-memo.ts';
import type { RuleSubject, SubjectPart } from '../audience/rule-subject.ts';
import type { CampaignDefinition, CampaignStep } from '../campaign/definition.ts';
import { exitRuleParts } from './exit-rules.ts';
import { partsOfWait } from './waits.ts';

/** Whether a rule of a definition holds; what cannot be decided does not. */
export const holds = (rule: RuleGroup, subject: RuleSubject): boolean => compiledOnce(rule).test(subject) === true;

const partsOf = (rules: readonly RuleGroup[]): SubjectPart[] => rules.flatMap((rule) => [...compiledOnce(rule).parts]);

/** What must be known about a subject before it takes `step`: for the rules of the step, its wait, and the exits. */
export const partsOfStep = (definition: CampaignDefinition, step: CampaignStep): ReadonlySet<SubjectPart> => {
  const act = step.do;
  return new Set([
    ...exitRuleParts({ definition }),
    ...(step.when ? partsOf([step.when]) : []),
    ...('branch' in act ? partsOf(act.branch.paths.map(({ when }) => when)) : []),
    ...('wait' in act ? partsOfWait(act.wait) : []),
  ]);
};
