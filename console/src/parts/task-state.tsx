import type { TaskToDo, TaskView } from '../../../shared/history/contract.ts';
import { showDay, showTime } from '../format.ts';
import { useLanguage } from '../text.ts';

type Stood = TaskView & Partial<Pick<TaskToDo, 'overdue'>>;

/** How a task stands, in words. */
export const TaskTags = ({ task }: { task: Stood }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  return (
    <>
      {task.state === 'done' && <span class="tag good">{task.outcome ? text.outcomes[task.outcome] : words.done}</span>}
      {task.overdue && <span class="tag bad">{words.overdue}</span>}
      {task.state === 'open' && task.escalatedAt && <span class="tag bad">{words.escalated}</span>}
    </>
  );
};

/** By when, as exactly as it is known. */
export const Due = ({ task }: { task: Stood }) => {
  const { locale } = useLanguage();
  return task.deadline ? (
    <time dateTime={task.deadline}>{showTime(task.deadline, locale)}</time>
  ) : (
    <time dateTime={task.dueOn}>{showDay(task.dueOn, locale)}</time>
  );
};

/** The hours for which a customer asked to be called. */
export const showSlot = (slot: string): string => `${slot.replace('-', ':00 – ')}:00`;
