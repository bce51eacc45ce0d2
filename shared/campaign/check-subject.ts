import type { CampaignDefinition, DateField, Trigger } from './definition.ts';
import type { Problem } from './problem.ts';

/** Ends of a policy, which say nothing about a customer. */
const OF_POLICY = ['renewed', 'lapsed', 'cancelled', 'not-renewing', 'contradiction'] as const;

const belongsTo = (field: DateField): string => field.split('.')[0] ?? '';

/** True where the journey knows which claim it is about. */
const knowsClaim = (trigger: Trigger): boolean =>
  ('date' in trigger && belongsTo(trigger.date) === 'claim') ||
  ('event' in trigger && trigger.event.startsWith('Claim'));

/** What begins the journey, whom it is about, and what of both the rest of the definition asks for, fit together. */
export const checkSubject = (definition: CampaignDefinition): readonly Problem[] => {
  const { subject, trigger, audience, exits, merge, steps, byLine } = definition;
  const problems: Problem[] = [];
  const add = (path: string, message: string) => problems.push({ path, message });
  if ('date' in trigger) {
    const of = belongsTo(trigger.date);
    if ((of === 'policy' && subject === 'customer') || (of === 'customer' && subject === 'policy'))
      add('trigger.date', `"${trigger.date}" is a date of the ${of}: write "subject": "${of}", or another date`);
    if (trigger.date === 'customer.birthOn' && trigger.yearly !== true)
      add('trigger.yearly', 'a birthday comes each year: write "yearly": true');
    if (trigger.date === 'policy.renewsOn' && trigger.yearly === true)
      add('trigger.yearly', 'the renewal date moves on with each term by itself: take "yearly" out');
  }
  if (('once' in trigger || 'every' in trigger) && Object.keys(audience).length === 0)
    add('audience', 'everyone would be written to: say who, or write "rule": { "combinator": "and", "rules": [] }');
  if (subject === 'customer') {
    for (const name of ['contactRules', 'lines'] as const)
      if (audience[name])
        add(`audience.${name}`, `"${name}" are of policies: write "subject": "policy", or ask "policies" in "rule"`);
    if (merge) add('merge', 'only messages about policies are merged: take "merge" out, or write "subject": "policy"');
    if (Object.keys(byLine).length > 0)
      add('byLine', 'only policies have a line: take "byLine" out, or write "subject": "policy"');
    for (const [n, exit] of exits.entries())
      if (OF_POLICY.some((reason) => reason === exit))
        add(`exits.${n}`, `"${String(exit)}" is an end of a policy, and the journey is about a customer: take it out`);
  }
  for (const [n, { do: act }] of steps.entries()) {
    if (!('wait' in act) || !('until' in act.wait) || !('date' in act.wait.until)) continue;
    const { date } = act.wait.until;
    const path = `steps.${n}.do.wait.until.date`;
    if (belongsTo(date) === 'policy' && subject === 'customer')
      add(path, `"${date}": the journey is about no policy: write "subject": "policy", or another date`);
    if (belongsTo(date) === 'claim' && !knowsClaim(trigger))
      add(path, `"${date}": the journey is about no claim: begin it with a date or event of a claim`);
  }
  return problems;
};
