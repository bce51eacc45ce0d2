import type { SurveyLocale } from './form-view.ts';

/**
 * What a form says by itself, under the names that survey-core knows the same sentences by. Its own translations stay
 * unused: these are addressed to a customer, and both languages say the same.
 */
export const surveyWords = {
  'zh-CN': {
    requiredError: '请回答这个问题。',
    requiredInAllRowsError: '请为每一行各选一项。',
    otherRequiredError: '请填写“其他”的具体内容。',
    otherItemText: '其他（请说明）',
    booleanCheckedLabel: '是',
    booleanUncheckedLabel: '否',
    invalidEmail: '请填写正确的电子邮箱，例如 name@example.com。',
    numericError: '请填写数字。',
    invalidInputError: '请填写正确的内容。',
    dateError: '请填写正确的日期，例如 2026-05-01。',
    minError: '请填写不小于 {0} 的数字。',
    maxError: '请填写不大于 {0} 的数字。',
    numericMin: '请填写不小于 {1} 的数字。',
    numericMax: '请填写不大于 {1} 的数字。',
    numericMinMax: '请填写 {1} 到 {2} 之间的数字。',
    textMinLength: '请至少填写 {0} 个字。',
    textMaxLength: '请不要超过 {0} 个字。',
    textMinMaxLength: '请填写 {0} 到 {1} 个字。',
    textNoDigitsAllow: '这里不能填写数字。',
    minSelectError: '请至少选择 {0} 项。',
    maxSelectError: '最多只能选择 {0} 项。',
    invalidExpression: '请检查这个问题的答案。',
  },
  en: {
    requiredError: 'Please answer this question.',
    requiredInAllRowsError: 'Please choose one answer in every row.',
    otherRequiredError: 'Please tell us what “other” means.',
    otherItemText: 'Other (please tell us)',
    booleanCheckedLabel: 'Yes',
    booleanUncheckedLabel: 'No',
    invalidEmail: 'Please enter an e-mail address such as name@example.com.',
    numericError: 'Please enter a number.',
    invalidInputError: 'Please check this answer.',
    dateError: 'Please enter a date such as 2026-05-01.',
    minError: 'Please enter a number of at least {0}.',
    maxError: 'Please enter a number of at most {0}.',
    numericMin: 'Please enter a number of at least {1}.',
    numericMax: 'Please enter a number of at most {1}.',
    numericMinMax: 'Please enter a number from {1} to {2}.',
    textMinLength: 'Please write at least {0} characters.',
    textMaxLength: 'Please write no more than {0} characters.',
    textMinMaxLength: 'Please write {0} to {1} characters.',
    textNoDigitsAllow: 'Please leave out digits.',
    minSelectError: 'Please choose at least {0}.',
    maxSelectError: 'Please choose no more than {0}.',
    invalidExpression: 'Please check this answer.',
  },
} as const satisfies Record<SurveyLocale, Record<string, string>>;

/** A sentence with its figure put in. */
export const say = (locale: SurveyLocale, name: keyof (typeof surveyWords)['en'], figure?: number): string =>
  surveyWords[locale][name].replace('{0}', String(figure));
