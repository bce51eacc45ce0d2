import { useEffect, useRef, useState } from 'preact/hooks';
import type { TaskToDo } from '../../../shared/history/contract.ts';
import { useApi, useData } from '../api.ts';
import { showTime } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { CustomerLink, Person, PhoneLink, personText } from '../parts/person.tsx';
import { Due, showSlot, TaskTags } from '../parts/task-state.tsx';
import { taskReason, useLanguage, wordFor } from '../text.ts';
import { TaskActions, type TaskNote } from './task-actions.tsx';

/** The best score of each measure. */
const MOST: Readonly<Record<string, number>> = { nps: 10, csat: 5, ces: 7 };

const Facts = ({ task }: { task: TaskToDo }) => {
  const { text, locale } = useLanguage();
  const words = text.tasks;
  const speaks = task.locale && new Intl.DisplayNames(locale, { type: 'language' }).of(task.locale);
  const facts: [string, preact.ComponentChildren][] = [
    [
      text.columns.customer,
      task.customerId && (
        <>
          <CustomerLink id={task.customerId} name={task.customerName} />
          {speaks && (
            <small class="line">
              {words.speaks} {speaks}
            </small>
          )}
        </>
      ),
    ],
    [text.customer.phone, task.phone && <PhoneLink phone={task.phone} />],
    [text.columns.policy, task.policyNo && <span class="code">{task.policyNo}</span>],
    [words.reason, taskReason(text, task.reason)],
    [words.wanted, task.slot && showSlot(task.slot)],
    [task.deadline ? words.deadline : words.due, <Due task={task} key="due" />],
    [words.created, showTime(task.createdAt, locale)],
    [words.owner, task.assignee ? <Person id={task.assignee} /> : words.nobody],
  ];
  return (
    <section class="card">
      <dl>
        {facts.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {task.state === 'open' && task.escalatedAt && (
        <p class="bad under-list">{words.escalatedAt(showTime(task.escalatedAt, locale))}</p>
      )}
    </section>
  );
};

/** What a dissatisfied customer wrote: text and nothing else, whatever it looks like. */
const Said = ({ answer }: { answer: NonNullable<TaskToDo['answer']> }) => {
  const { text, locale } = useLanguage();
  const words = text.tasks;
  const { score, metric = '', at, texts } = answer;
  return (
    <section class="card said">
      <h2>{words.said}</h2>
      <p class="parts quiet">
        {score !== undefined && <span class="tag bad">{words.score(String(score), String(MOST[metric] ?? '?'))}</span>}
        <time dateTime={at}>{showTime(at, locale)}</time>
      </p>
      {texts.length === 0 && <p class="quiet">{words.notSaid}</p>}
      {texts.map(({ question, text: said }) => (
        <blockquote dir="auto" key={question}>
          {said}
        </blockquote>
      ))}
    </section>
  );
};

const History = ({ attempts }: Pick<TaskToDo, 'attempts'>) => {
  const { text, locale } = useLanguage();
  const words = text.tasks;
  return (
    <section class="card">
      <h2>{words.history}</h2>
      {attempts.length === 0 && <p class="quiet">{words.noHistory}</p>}
      {attempts.length > 0 && (
        <ol class="attempts">
          {attempts.map(({ at, channel, outcome, by, note }) => (
            <li key={at + channel}>
              <p class="parts">
                <b>
                  {wordFor(text.channels, channel)}: {text.outcomes[outcome]}
                </b>
                <span class="quiet">
                  <time dateTime={at}>{showTime(at, locale)}</time>, <Person id={by} />
                </span>
              </p>
              {note && <blockquote dir="auto">{note}</blockquote>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
};

/** One task with all that it takes to do it, and what can be done with it. */
export const Task = ({ id }: { id: string }) => {
  const { text, locale } = useLanguage();
  const words = text.tasks;
  const api = useApi();
  const path = `/api/tasks/${encodeURIComponent(id)}`;
  const loaded = useData<TaskToDo>(path);
  const [note, setNote] = useState<TaskNote>();
  const said = useRef<HTMLParagraphElement>(null);
  // the form that was sent is gone: whoever works by keyboard goes on from what became of it
  useEffect(() => said.current?.focus(), [note]);

  const act = async (action: string, body: object, did: keyof typeof words.did): Promise<boolean> => {
    const answer = await api.post(`${path}/${action}`, body);
    if (answer.kind === 'ok') setNote({ kind: 'did', what: did });
    else
      setNote({ kind: 'not', why: answer.status === 409 ? 'changed' : answer.status === 403 ? 'forbidden' : 'failed' });
    if (answer.kind === 'ok' || answer.status === 409) loaded.reload();
    return answer.kind === 'ok';
  };
  const task = loaded.answer?.kind === 'ok' ? loaded.answer.body : undefined;
  return (
    <>
      <p class="crumb">
        <a href="#/tasks/mine">{words.seeMine}</a> · <a href="#/tasks/queue">{words.seeQueue}</a>
      </p>
      <h1>
        {task ? text.taskKinds[task.kind] : words.title} {task && <TaskTags task={task} />}
      </h1>
      {note && (
        <p
          class={`card ${note.kind === 'did' ? 'note-good' : 'note-bad'}`}
          role={note.kind === 'did' ? 'status' : 'alert'}
          tabIndex={-1}
          ref={said}
        >
          {note.kind === 'did' ? words.did[note.what] : words.not[note.why]}
        </p>
      )}
      <Show loaded={loaded}>
        {(shown) => (
          <div class="two task">
            <div>
              {shown.state === 'done' && shown.outcome && (
                <p class="card">
                  {words.closedAs(
                    text.outcomes[shown.outcome],
                    personText(shown.closedBy ?? '—', text),
                    showTime(shown.closedAt ?? shown.createdAt, locale),
                  )}
                </p>
              )}
              <Facts task={shown} />
              {shown.answer && <Said answer={shown.answer} />}
              <section class="card">
                <h2>{words.script}</h2>
                <p class="last">{text.scripts[shown.script]}</p>
              </section>
            </div>
            <div>
              <TaskActions task={shown} act={act} key={`${shown.attempts.length} ${shown.state} ${shown.assignee}`} />
              <History attempts={shown.attempts} />
            </div>
          </div>
        )}
      </Show>
    </>
  );
};
