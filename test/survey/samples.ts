import type { Instant } from '../../shared/platform/time.ts';
import type { Form } from '../../shared/survey/form-schema.ts';
import { type Survey, surveyFileSchema, surveyVersionOf } from '../../shared/survey/survey.ts';

/** A text in both languages. */
export const both = (en: string, zh = `中${en}`) => ({ default: en, 'zh-cn': zh });

/** A question of each kind, with branches: what a customer is asked depends on the score. */
export const everyKind = {
  formatVersion: 1,
  id: 'every-kind',
  title: { 'zh-CN': '每一种', en: 'Every kind' },
  score: { metric: 'nps', question: 'nps' },
  low: { atMost: 6, withinHours: 48, followUpAfterDays: 14 },
  repeatAfterDays: 180,
  facts: [{ question: 'contact', fact: 'preferred-contact', askAgainAfterMonths: 12 }],
  form: {
    pages: [
      {
        name: 'first',
        elements: [
          {
            type: 'rating',
            name: 'nps',
            title: both('How likely?'),
            isRequired: true,
            rateMin: 0,
            rateMax: 10,
            minRateDescription: both('Never'),
            maxRateDescription: both('Surely'),
          },
        ],
      },
      {
        name: 'low',
        title: both('What went wrong'),
        visibleIf: '{nps} <= 6',
        elements: [
          {
            type: 'radiogroup',
            name: 'why',
            title: both('Why?'),
            isRequired: true,
            showOtherItem: true,
            choices: [
              { value: 'price', text: both('Price') },
              { value: 'service', text: both('Service') },
              { value: 'furious', text: both('Everything'), visibleIf: '{nps} <= 2' },
            ],
          },
          {
            type: 'comment',
            name: 'detail',
            title: both('What happened?'),
            visibleIf: "{why} = 'service'",
            requiredIf: '{nps} = 0',
          },
        ],
      },
      {
        name: 'rest',
        elements: [
          {
            type: 'checkbox',
            name: 'liked',
            title: both('What did you like?'),
            maxSelectedChoices: 2,
            choices: [
              { value: 'a', text: both('A') },
              { value: 'b', text: both('B') },
              { value: 7, text: both('Seven') },
            ],
          },
          {
            type: 'matrix',
            name: 'steps',
            title: both('How did it go?'),
            visibleIf: '{nps} >= 9',
            eachRowRequired: true,
            columns: [
              { value: 'good', text: both('Good') },
              { value: 'bad', text: both('Bad') },
            ],
            rows: [
              { value: 'report', text: both('Report') },
              { value: 'pay', text: both('Payment') },
            ],
          },
          { type: 'boolean', name: 'settled', title: both('Settled?') },
          {
            type: 'dropdown',
            name: 'contact',
            title: both('How to reach you?'),
            isRequired: true,
            choices: [
              { value: 'phone', text: both('Phone') },
              { value: 'mail', text: both('Mail') },
            ],
          },
          { type: 'text', name: 'mail', title: both('Address'), inputType: 'email', visibleIf: "{contact} = 'mail'" },
          { type: 'text', name: 'cars', title: both('Cars'), inputType: 'number', min: 0, max: 9 },
          { type: 'text', name: 'since', title: both('Since'), inputType: 'date' },
          { type: 'text', name: 'word', title: both('One word'), maxLength: 5 },
          { type: 'text', name: 'locked', title: both('Locked'), enableIf: '{settled} = true', isRequired: true },
        ],
      },
    ],
  },
} as const;

/** A survey of a file. */
export const surveyOf = (file: unknown): Survey => {
  const parsed = surveyFileSchema.parse(file);
  return { id: parsed.id, version: surveyVersionOf(parsed), file: parsed, savedAt: 0 as Instant, savedBy: 'u1' };
};

/** A file whose form has these questions on one page, and whatever else is said. */
export const withQuestions = (elements: readonly unknown[], more: Readonly<Record<string, unknown>> = {}) => ({
  formatVersion: 1,
  id: 'sample',
  title: { 'zh-CN': '样例', en: 'Sample' },
  repeatAfterDays: 30,
  form: { pages: [{ name: 'only', elements }] } as unknown as Form,
  ...more,
});
