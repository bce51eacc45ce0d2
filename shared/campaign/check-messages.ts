import type { CampaignDefinition, CampaignStep } from './definition.ts';
import { type Problem, suggest } from './problem.ts';
import { type TemplateIndex, type TemplateUse, templateUses } from './template-index.ts';

/** Languages that the house writes in: a template must speak each of them. */
export const LOCALES: readonly string[] = ['zh-CN', 'en'];

const isMessage = ({ do: act }: CampaignStep): boolean => 'send' in act || 'relay' in act;

const checkForm = (
  step: CampaignStep,
  path: string,
  { class: sendClass, trigger }: CampaignDefinition,
): readonly Problem[] => {
  const { do: act, at, late, otherwise } = step;
  const problems: Problem[] = [];
  const add = (where: string, message: string) => problems.push({ path: `${path}.${where}`, message });
  const isLetter = 'send' in act && act.send === 'letter';
  if (at !== undefined && isLetter !== 'letterbox' in at)
    add(
      'at',
      isLetter
        ? 'a letter needs its day in the letterbox: write "letterbox": { "workingDays": 4 } instead of "time"'
        : 'only a letter has a day in the letterbox: write "time": "10:00" instead of "letterbox"',
    );
  if ((late === 'next-channel') !== (otherwise !== undefined))
    add('otherwise', '"otherwise" and "late": "next-channel" go together: add the one or take out the other');
  if (otherwise !== undefined && !isMessage(step))
    add('otherwise', 'only a message can go by another channel: take "otherwise" out');
  if (late === 'drop' && sendClass === 'statutory')
    add('late', 'a statutory message is never dropped: use "next-open-minute" or "next-channel"');
  if ('emit' in act && 'event' in trigger && act.emit.event === trigger.event)
    add('do.emit.event', `${act.emit.event} begins this journey: it would begin itself again: emit another event`);
  return problems;
};

const checkTemplate = (
  { path, template, kind, asks }: TemplateUse,
  { class: sendClass }: CampaignDefinition,
  index: TemplateIndex,
): readonly Problem[] => {
  const found = Object.hasOwn(index, template) ? index[template] : undefined;
  if (found === undefined) {
    const names = Object.keys(index).filter((name) => index[name]?.kind === kind);
    return [{ path, message: `there is no template "${template}": ${suggest(template, names)}` }];
  }
  const missing = LOCALES.filter((locale) => !found.locales.includes(locale));
  const wrong = [
    found.kind !== kind && `"${template}" is a ${found.kind}, not a ${kind}: name a template of the step’s channel`,
    !found.classes.includes(sendClass) &&
      `"${template}" may be sent as ${found.classes.join(' or ')}, not as ${sendClass}: add the class to its "classes", or name another`,
    !asks &&
      found.needs?.includes('links.survey') &&
      `"${template}" leads to a survey and the step names none: write "send": "invite" with "survey", or name a template that asks nothing`,
    missing.length > 0 && `"${template}" has no ${missing.join(' and ')}: write it in every language of the house`,
    found.offer === true &&
      sendClass !== 'marketing' &&
      `"${template}" holds an offer, which makes a message marketing: take the offer block out, or make the campaign marketing`,
  ];
  return wrong.flatMap((message) => (message ? [{ path, message }] : []));
};

/** Messages: by letter or by clock, with a survey where they ask, and by templates that are there, of the right kind and
 *  class, in every language, and without an offer where none may be made. */
export const checkMessages = (
  definition: CampaignDefinition,
  templates: TemplateIndex | undefined,
): readonly Problem[] => [
  ...definition.steps.flatMap((step, n) => checkForm(step, `steps.${n}`, definition)),
  ...(templates === undefined
    ? []
    : templateUses(definition).flatMap((use) => checkTemplate(use, definition, templates))),
];
