import { useId, useState } from 'preact/hooks';
import type { TaskView } from '../../../shared/history/contract.ts';
import { useApi, useList } from '../api.ts';
import { showDay } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { useLanguage, wordFor } from '../text.ts';

const CloseTask = ({ task, onClosed }: { task: TaskView; onClosed: () => void }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  const api = useApi();
  const id = useId();
  const [state, setState] = useState<'idle' | 'saving' | 'failed'>('idle');
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { outcome, note } = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<
      string,
      string
    >;
    setState('saving');
    const body = { outcome, ...(note?.trim() ? { note: note.trim() } : {}) };
    const answer = await api.post(`/api/tasks/${task.taskId}/close`, body);
    setState(answer.kind === 'ok' ? 'idle' : 'failed');
    if (answer.kind === 'ok') onClosed();
  };
  return (
    <details class="close">
      <summary>{words.close}</summary>
      <form onSubmit={(event) => void submit(event)}>
        <label for={`${id}-outcome`}>{words.outcome}</label>
        <select id={`${id}-outcome`} name="outcome">
          {task.outcomes.map((outcome) => (
            <option value={outcome} key={outcome}>
              {text.outcomes[outcome]}
            </option>
          ))}
        </select>
        <label for={`${id}-note`}>{words.note}</label>
        <input id={`${id}-note`} name="note" maxLength={500} />
        <button type="submit" class="main" disabled={state === 'saving'}>
          {words.save}
        </button>
        {state === 'failed' && (
          <p class="bad" role="alert">
            {words.notSaved}
          </p>
        )}
      </form>
    </details>
  );
};

/** What people have to do, the most urgent first. */
export const Tasks = () => {
  const { text, locale } = useLanguage();
  const words = text.tasks;
  const [state, setState] = useState<'open' | 'done'>('open');
  const [closed, setClosed] = useState(false);
  const list = useList<TaskView>(`/api/tasks?state=${state}&limit=50`);
  return (
    <>
      <h1>{words.title}</h1>
      <div class="tabs">
        {(['open', 'done'] as const).map((one) => (
          <button type="button" key={one} aria-pressed={state === one} onClick={() => setState(one)}>
            {words[one]}
          </button>
        ))}
      </div>
      <p class="hidden" role="status">
        {closed && words.closed}
      </p>
      <Show loaded={list}>
        {() =>
          list.items?.length === 0 ? (
            <p class="card quiet">{state === 'open' ? words.noneOpen : words.noneDone}</p>
          ) : (
            <ul class="tasks">
              {list.items?.map((task) => (
                <li class="card" key={task.taskId}>
                  <div>
                    <h2>{text.taskKinds[task.kind]}</h2>
                    <p>
                      {task.customerId && <a href={`#/customers/${task.customerId}`}>{task.customerName ?? '—'}</a>}{' '}
                      {task.policyNo && <span class="code">{task.policyNo}</span>}
                    </p>
                    <p class="quiet">{wordFor(text.reasons, task.reason)}</p>
                    <details>
                      <summary>{words.script}</summary>
                      <p>{text.scripts[task.kind]}</p>
                    </details>
                  </div>
                  <p class="due">
                    <span class="quiet">{text.columns.due}</span> <b>{showDay(task.dueOn, locale)}</b>
                    {task.slot && <> {task.slot.replace('-', ':00 – ')}:00</>}
                  </p>
                  {task.state === 'open' && (
                    <CloseTask
                      task={task}
                      onClosed={() => {
                        setClosed(true);
                        list.reload();
                      }}
                    />
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Show>
      {list.hasMore && (
        <button type="button" onClick={() => void list.loadMore()}>
          {text.more}
        </button>
      )}
    </>
  );
};
