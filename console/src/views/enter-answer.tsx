import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Customer } from '../../../shared/history/contract.ts';
import type { CallList, CallListed, EnteredAnswer, Preview } from '../../../shared/survey/manage-contract.ts';
import { type Answer, useApi, useData } from '../api.ts';
import { Show } from '../parts/loading.tsx';
import { CustomerLink, PhoneLink } from '../parts/person.tsx';
import { type Answers, SurveyForm } from '../parts/survey-form.tsx';
import { useLanguage, wordFor } from '../text.ts';

type Outcome =
  | { readonly kind: 'saved'; readonly low: boolean }
  | { readonly kind: 'before' | 'missing' | 'refused' | 'failed' };

/** The form of a survey as it stands with some answers, in the customer's language. */
const usePreview = (path: string, version: string | undefined, locale: string) => {
  const api = useApi();
  const [preview, setPreview] = useState<Answer<Preview>>();
  const round = useRef(0);
  const ask = async (data: Answers): Promise<Answer<Preview>> => {
    round.current += 1;
    const mine = round.current;
    const body = { locale, data, ...(version === undefined ? {} : { version }) };
    const answer = await api.post<Preview>(`${path}/preview`, body);
    // answers come in any order; only the latest question's counts
    if (mine === round.current) setPreview(answer);
    return answer;
  };
  useEffect(() => void ask({}), [path, version, locale]);
  return { preview, ask };
};

const Entry = ({ survey, customer, call }: { survey: string; customer: Customer; call: CallListed | undefined }) => {
  const { text } = useLanguage();
  const words = text.calls;
  const api = useApi();
  const id = useId();
  const path = `/api/surveys/${encodeURIComponent(survey)}`;
  const locale = customer.locale.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
  const { preview, ask } = usePreview(path, call?.version, locale);
  const [answers, setAnswers] = useState<Answers>({});
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState(false);
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => told.current?.focus(), [outcome]);

  const onAnswer = (name: string, value: Answers[string] | undefined, settled: boolean): void => {
    const { [name]: _former, ...rest } = answers;
    const after = value === undefined ? rest : { ...rest, [name]: value };
    setAnswers(after);
    if (settled) void ask(after);
  };

  const save = async (form: HTMLFormElement): Promise<Outcome> => {
    const checked = await ask(answers);
    if (checked.kind === 'failed') return { kind: 'failed' };
    if (!checked.body.complete) return { kind: 'missing' };
    const { given, at, policyId } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    const about = call ?? (policyId ? { policyId } : {});
    const { campaign, occurrence, version, taskId } = call ?? {};
    const answer = await api.post<EnteredAnswer>(`${path}/answers`, {
      customerId: customer.customerId,
      given,
      values: answers,
      ...(at ? { at: new Date(at).toISOString() } : {}),
      ...(about.policyId === undefined ? {} : { policyId: about.policyId }),
      ...(campaign === undefined ? {} : { campaign }),
      ...(occurrence === undefined ? {} : { occurrence }),
      ...(version === undefined ? {} : { version }),
      ...(taskId === undefined ? {} : { taskId }),
    });
    if (answer.kind === 'ok') return { kind: 'saved', low: answer.body.low };
    return { kind: answer.status === 409 ? 'before' : answer.status === 400 ? 'refused' : 'failed' };
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setOutcome(await save(event.currentTarget as HTMLFormElement));
    setBusy(false);
  };

  const list = `#/surveys/${encodeURIComponent(survey)}/calls`;
  const over = outcome?.kind === 'saved' || outcome?.kind === 'before';
  const notice = outcome && (
    <div
      class={`card ${outcome.kind === 'saved' ? 'note-good' : 'note-bad'}`}
      role={outcome.kind === 'saved' ? 'status' : 'alert'}
      tabIndex={-1}
      ref={told}
    >
      <p>
        {words[outcome.kind]} {outcome.kind === 'saved' && outcome.low && words.low}
      </p>
      {over && (
        <p class="parts">
          <a href={list}>{words.back}</a>
          <a href={`#/customers/${encodeURIComponent(customer.customerId)}`}>{words.customer}</a>
        </p>
      )}
    </div>
  );
  const errors = outcome?.kind === 'missing' && preview?.kind === 'ok' ? preview.body.errors : [];
  return (
    <>
      <p class="crumb">
        <a href={list}>{words.back}</a>
      </p>
      <h1>
        <bdi>{words.enterFor(customer.name)}</bdi>
      </h1>
      <p class="parts under">
        <CustomerLink id={customer.customerId} name={customer.name} />
        {call?.phone && <PhoneLink phone={call.phone} />}
      </p>
      {notice}
      {!over && (
        <Show loaded={{ answer: preview, reload: () => void ask(answers) }}>
          {({ form }) => (
            <form class="entry" noValidate onSubmit={(event) => void submit(event)}>
              <section class="card fields">
                <fieldset>
                  <legend>{words.how}</legend>
                  <div class="choices">
                    {(['phone', 'reply-slip'] as const).map((given) => (
                      <label key={given}>
                        <input
                          type="radio"
                          name="given"
                          value={given}
                          defaultChecked={(call ? 'phone' : 'reply-slip') === given}
                        />
                        {words.given[given]}
                      </label>
                    ))}
                  </div>
                </fieldset>
                <div>
                  <label for={`${id}-at`}>{words.when}</label>
                  <input id={`${id}-at`} name="at" type="datetime-local" />
                </div>
                {!call && customer.policies.length > 0 && (
                  <div>
                    <label for={`${id}-policy`}>{words.policy}</label>
                    <select id={`${id}-policy`} name="policyId">
                      <option value="">{words.anyPolicy}</option>
                      {customer.policies.map(({ policyId, policyNo, line }) => (
                        <option value={policyId} key={policyId}>
                          {wordFor(text.lines, line)} {policyNo}
                        </option>
                      ))}
                    </select>
                  </div>
                )}
              </section>
              <div lang={locale}>
                <SurveyForm
                  form={form}
                  answers={answers}
                  errors={new Map(errors.map(({ question, message }) => [question, message]))}
                  onAnswer={onAnswer}
                />
              </div>
              <p class="quiet">{words.noted}</p>
              <button type="submit" class="main" disabled={busy}>
                {words.save}
              </button>
            </form>
          )}
        </Show>
      )}
    </>
  );
};

/** Entering what a customer said to a survey by telephone or wrote on a slip; with `task`, for a call of the list. */
export const EnterAnswer = ({
  survey,
  customer,
  task,
}: {
  survey: string;
  customer: string;
  task: string | undefined;
}) => {
  const loaded = useData<Customer>(`/api/customers/${encodeURIComponent(customer)}`);
  const calls = useData<CallList>(`/api/surveys/${encodeURIComponent(survey)}/call-list?limit=500`);
  // shown as first found: once the answers are saved, the call is off the list
  const [call, setCall] = useState<{ readonly found: CallListed | undefined }>();
  useEffect(() => {
    if (calls.answer?.kind === 'ok' && call === undefined)
      setCall({ found: calls.answer.body.items.find(({ taskId }) => taskId === task) });
  }, [calls.answer, call, task]);
  return (
    <Show loaded={loaded}>
      {(person) =>
        call === undefined ? (
          <Show loaded={calls}>{() => null}</Show>
        ) : (
          <Entry survey={survey} customer={person} call={call.found} />
        )
      }
    </Show>
  );
};
