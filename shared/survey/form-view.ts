/** The six kinds of question that a customer meets, whatever SurveyJS calls them. */
export const questionKinds = ['scale', 'single', 'multiple', 'text', 'long-text', 'matrix'] as const;
export type QuestionKind = (typeof questionKinds)[number];

/** The languages that every survey is written in. */
export type SurveyLocale = 'zh-CN' | 'en';

/** One thing to choose. Values are texts as a form sends them: 9 is `'9'`, yes of a yes-or-no question is `'true'`. */
export interface ChoiceView {
  readonly value: string;
  readonly text: string;
  /** Present where the customer says it in own words; they go under `otherFieldOf(question)`. */
  readonly other?: true;
}

/** What was answered: a text, several texts (`multiple`), or column by row (`matrix`). */
export type AnswerView = string | readonly string[] | Readonly<Record<string, string>>;

/** One question as it is shown now. All texts are plain: whoever shows them escapes them. */
export interface QuestionView {
  readonly name: string;
  readonly kind: QuestionKind;
  readonly title: string;
  readonly description?: string;
  readonly required: boolean;
  /** False where an earlier answer makes this question not answerable now. */
  readonly enabled: boolean;
  /** Undefined where nothing is answered. */
  readonly value?: AnswerView;
  /** Of `scale`, `single` and `multiple`; those that can be chosen now. */
  readonly choices?: readonly ChoiceView[];
  /** Of `matrix`. */
  readonly rows?: readonly { readonly name: string; readonly text: string }[];
  readonly columns?: readonly ChoiceView[];
  /** Of `scale`: what the two ends mean. */
  readonly lowest?: string;
  readonly highest?: string;
  /** What was written as the other choice. */
  readonly otherText?: string;
  /** Of `text`: what a browser's keyboard and check are told. */
  readonly inputType?: 'text' | 'number' | 'email' | 'tel' | 'date';
  readonly placeholder?: string;
  /** Longest text, in UTF-16 units; absent where there is no limit. */
  readonly maxLength?: number;
}

export interface PageView {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly questions: readonly QuestionView[];
}

/** A form as it stands with some answers: the pages and questions that can be seen. Plain data. */
export interface FormView {
  readonly title: string;
  readonly description?: string;
  readonly pages: readonly PageView[];
  /** What the survey itself says when it is answered; absent where it says nothing. */
  readonly thanks?: string;
}

/** Name under which the words of the other choice are kept, as SurveyJS has it. */
export const otherFieldOf = (question: string): string => `${question}-Comment`;
