import { useState } from 'preact/hooks';
import type { TaskToDo, TaskView } from '../../../shared/history/contract.ts';
import { useApi, useList } from '../api.ts';
import { Show } from '../parts/loading.tsx';
import { CustomerLink, Person, PhoneLink } from '../parts/person.tsx';
import { Due, showSlot, TaskTags } from '../parts/task-state.tsx';
import { taskReason, useLanguage } from '../text.ts';

export const taskLists = ['mine', 'queue', 'all', 'done'] as const;
export type TaskList = (typeof taskLists)[number];

const PATHS: Readonly<Record<TaskList, string>> = {
  mine: '/api/tasks/mine?limit=50',
  queue: '/api/tasks/mine?queue=true&limit=50',
  all: '/api/tasks?limit=50',
  done: '/api/tasks/mine?state=done&limit=50',
};

/** A task of the list; what only its doers see is missing in the list of all. */
type Listed = TaskView & Partial<Pick<TaskToDo, 'overdue' | 'phone' | 'answer' | 'attempts'>>;

const Row = ({ task, which, onTake }: { task: Listed; which: TaskList; onTake: () => void }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  const said = task.answer?.texts[0]?.text;
  return (
    <li class="card">
      <div>
        <h2>
          <a href={`#/task/${encodeURIComponent(task.taskId)}`}>{text.taskKinds[task.kind]}</a> <TaskTags task={task} />
        </h2>
        <p class="parts">
          {task.customerId && <CustomerLink id={task.customerId} name={task.customerName} />}
          {task.policyNo && <span class="code">{task.policyNo}</span>}
          <span class="quiet">{taskReason(text, task.reason)}</span>
        </p>
        {said && (
          <blockquote class="short" dir="auto">
            {said}
          </blockquote>
        )}
      </div>
      <div class="due">
        <p>
          <span class="quiet">{task.deadline ? words.deadline : words.due}</span>{' '}
          <b>
            <Due task={task} />
            {task.slot && <> {showSlot(task.slot)}</>}
          </b>
        </p>
        {task.phone && task.state === 'open' && (
          <p>
            <PhoneLink phone={task.phone} />
          </p>
        )}
        {which === 'all' && task.assignee && (
          <p>
            <span class="quiet">{words.owner}</span> <Person id={task.assignee} />
          </p>
        )}
      </div>
      {which === 'queue' && (
        <button type="button" onClick={onTake}>
          {words.take}
        </button>
      )}
    </li>
  );
};

/** What people have to do: mine, what I may take, everything that is open, what I have done; the most urgent first. */
export const Tasks = ({ list: which }: { list: TaskList }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  const api = useApi();
  const list = useList<Listed>(PATHS[which]);
  const [failed, setFailed] = useState<'changed' | 'failed'>();

  const take = async (taskId: string): Promise<void> => {
    const answer = await api.post(`/api/tasks/${encodeURIComponent(taskId)}/take`, {});
    if (answer.kind === 'ok') location.hash = `#/task/${encodeURIComponent(taskId)}`;
    else {
      setFailed(answer.status === 409 ? 'changed' : 'failed');
      list.reload();
    }
  };
  return (
    <>
      <h1>{words.title}</h1>
      <p class="quiet">{words.lead[which]}</p>
      <nav class="tabs" aria-label={words.title}>
        {taskLists.map((one) => (
          <a href={`#/tasks/${one}`} key={one} {...(one === which ? { 'aria-current': 'page' as const } : {})}>
            {words.tabs[one]}
          </a>
        ))}
      </nav>
      {failed && (
        <p class="card note-bad" role="alert">
          {words.not[failed]}
        </p>
      )}
      <Show loaded={list}>
        {() =>
          list.items?.length === 0 ? (
            <p class="card quiet">
              {words.empty[which]} {which === 'mine' && <a href="#/tasks/queue">{words.seeQueue}</a>}
              {(which === 'queue' || which === 'done') && <a href="#/tasks/mine">{words.seeMine}</a>}
            </p>
          ) : (
            <ul class="tasks">
              {list.items?.map((task) => (
                <Row task={task} which={which} onTake={() => void take(task.taskId)} key={task.taskId} />
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
