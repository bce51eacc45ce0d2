import { h } from 'preact';
import { useId } from 'preact/hooks';
import type { FormShown, QuestionShown } from '../../../shared/survey/manage-contract.ts';
import { useLanguage } from '../text.ts';

/** Answers as they are sent: question → text, texts, or text by row. */
export type Answers = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;

/** Where SurveyJS keeps what is said in own words beside the choices. */
const otherFieldOf = (question: string): string => `${question}-Comment`;

interface FieldProps {
  readonly question: QuestionShown;
  readonly answers: Answers;
  /** @param settled true where the form may look different now; false while somebody types */
  readonly onAnswer: (name: string, value: Answers[string] | undefined, settled: boolean) => void;
}

const textOf = (value: Answers[string] | undefined): string => (typeof value === 'string' ? value : '');
const listOf = (value: Answers[string] | undefined): readonly string[] => (Array.isArray(value) ? value : []);

const isChosen = ({ kind, name }: QuestionShown, answers: Answers, value: string): boolean =>
  kind === 'multiple' ? listOf(answers[name]).includes(value) : answers[name] === value;

const Choices = ({ question, answers, onAnswer }: FieldProps) => {
  const { text } = useLanguage();
  const { name, kind, choices = [], enabled, lowest, highest } = question;
  const id = useId();
  const choose = ({ value }: NonNullable<QuestionShown['choices']>[number], on: boolean): void => {
    if (kind !== 'multiple') return onAnswer(name, value, true);
    const others = listOf(answers[name]).filter((one) => one !== value);
    const chosen = on ? [...others, value] : others;
    return onAnswer(name, chosen.length === 0 ? undefined : chosen, true);
  };
  const other = choices.find((choice) => choice.other && isChosen(question, answers, choice.value));
  return (
    <>
      <div class={kind === 'scale' ? 'scale' : 'choices'}>
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type={kind === 'multiple' ? 'checkbox' : 'radio'}
              name={id + name}
              disabled={!enabled}
              checked={isChosen(question, answers, choice.value)}
              onChange={({ currentTarget }) => choose(choice, currentTarget.checked)}
            />
            {choice.text}
          </label>
        ))}
      </div>
      {lowest && highest && (
        <p class="quiet">
          {choices[0]?.value} = {lowest}, {choices.at(-1)?.value} = {highest}
        </p>
      )}
      {other && (
        <input
          aria-label={question.otherText || text.calls.inOwnWords}
          dir="auto"
          value={textOf(answers[otherFieldOf(name)])}
          onInput={({ currentTarget }) => onAnswer(otherFieldOf(name), currentTarget.value || undefined, false)}
        />
      )}
    </>
  );
};

const Matrix = ({ question, answers, onAnswer }: FieldProps) => {
  const { text } = useLanguage();
  const { name, rows = [], columns = [], enabled } = question;
  const given = answers[name];
  const before = typeof given === 'object' && !Array.isArray(given) ? (given as Readonly<Record<string, string>>) : {};
  return (
    <div class="rows">
      {rows.map((row) => (
        <label key={row.name}>
          {row.text}
          <select
            disabled={!enabled}
            value={before[row.name] ?? ''}
            onChange={({ currentTarget: { value } }) => {
              const { [row.name]: _former, ...rest } = before;
              const after = value === '' ? rest : { ...rest, [row.name]: value };
              onAnswer(name, Object.keys(after).length === 0 ? undefined : after, true);
            }}
          >
            <option value="">{text.calls.choose}</option>
            {columns.map((column) => (
              <option value={column.value} key={column.value}>
                {column.text}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
};

const Question = (props: FieldProps & { error: string | undefined }) => {
  const { question, answers, onAnswer, error } = props;
  const { text, locale } = useLanguage();
  const { name, kind, title, description, required, enabled } = question;
  const id = useId();
  const hints = [description && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const described = hints === '' ? {} : { 'aria-describedby': hints };
  const notes = (
    <>
      {description && (
        <p class="quiet" id={`${id}-hint`}>
          {description}
        </p>
      )}
      {error && (
        <p class="bad" id={`${id}-error`}>
          {error}
        </p>
      )}
    </>
  );
  const heading = (
    <>
      {title}{' '}
      {required && (
        <small class="quiet" lang={locale}>
          ({text.calls.required})
        </small>
      )}
    </>
  );
  if (kind !== 'text' && kind !== 'long-text')
    return (
      <fieldset {...described}>
        <legend>{heading}</legend>
        {notes}
        {kind === 'matrix' ? <Matrix {...props} /> : <Choices {...props} />}
      </fieldset>
    );
  const take = (settled: boolean) => (event: Event) =>
    onAnswer(name, (event.currentTarget as HTMLInputElement).value || undefined, settled);
  const field = {
    id,
    ...described,
    disabled: !enabled,
    dir: 'auto' as const,
    value: textOf(answers[name]),
    ...(question.maxLength === undefined ? {} : { maxLength: question.maxLength }),
    ...(error ? { 'aria-invalid': true as const } : {}),
    onInput: take(false),
    onChange: take(true),
  };
  return (
    <div class="question">
      <label for={id}>{heading}</label>
      {notes}
      {kind === 'long-text'
        ? h('textarea', { rows: 3, ...field })
        : h('input', { type: question.inputType ?? 'text', ...field })}
    </div>
  );
};

/** A survey's questions as they stand with the answers so far. All texts are shown as texts. */
export const SurveyForm = ({
  form,
  answers,
  errors,
  onAnswer,
}: Omit<FieldProps, 'question'> & { form: FormShown; errors: ReadonlyMap<string, string> }) => (
  <>
    {form.pages.map((page) => (
      <section class="card survey-page" key={page.name}>
        {page.title && <h2>{page.title}</h2>}
        {page.description && <p class="quiet">{page.description}</p>}
        {page.questions.map((question) => (
          <Question
            question={question}
            answers={answers}
            error={errors.get(question.name)}
            onAnswer={onAnswer}
            key={question.name}
          />
        ))}
      </section>
    ))}
  </>
);
