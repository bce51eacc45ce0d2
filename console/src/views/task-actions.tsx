import { useId, useState } from 'preact/hooks';
import type { TasksAnswer, TaskToDo } from '../../../shared/history/contract.ts';
import type { AttemptOutcome } from '../../../shared/task/task.ts';
import { useData } from '../api.ts';
import type { ConsoleText } from '../text/en.ts';
import { useLanguage } from '../text.ts';

/** What became of something that was done with a task. */
export type TaskNote =
  | { readonly kind: 'did'; readonly what: keyof ConsoleText['tasks']['did'] }
  | { readonly kind: 'not'; readonly why: keyof ConsoleText['tasks']['not'] };

/** How a call or a visit can have gone. */
const WENT: readonly AttemptOutcome[] = ['reached', 'not-reached'];

type Act = (action: string, body: object, did: keyof ConsoleText['tasks']['did']) => Promise<boolean>;

/** What was filled in: texts as they are, what was left empty absent, local times as instants. */
type Sent = Readonly<Record<string, string>>;
const readForm = (form: HTMLFormElement): Sent =>
  Object.fromEntries(
    [...new FormData(form)].flatMap(([name, value]) => {
      const text = String(value).trim();
      if (text === '') return [];
      return [[name, name === 'at' ? new Date(text).toISOString() : text]];
    }),
  );

/** A form of one action: sent once, not twice at a double click. */
const ActionForm = ({
  onSend,
  children,
}: {
  onSend: (body: Sent) => Promise<void>;
  children: preact.ComponentChildren;
}) => {
  const [busy, setBusy] = useState(false);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    await onSend(readForm(event.currentTarget as HTMLFormElement));
    setBusy(false);
  };
  return (
    <form class="fields" aria-busy={busy} onSubmit={(event) => void send(event)}>
      {children}
    </form>
  );
};

const Log = ({ task, act }: { task: TaskToDo; act: Act }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  const id = useId();
  return (
    <section class="card">
      <h2>{words.log}</h2>
      <p class="quiet">{words.logLead}</p>
      <ActionForm onSend={async (body) => void (await act('attempt', body, 'logged'))}>
        <label for={`${id}-channel`}>{words.channel}</label>
        <select id={`${id}-channel`} name="channel">
          <option value="phone">{text.channels.phone}</option>
          <option value="visit" selected={task.kind === 'visit'}>
            {text.channels.visit}
          </option>
        </select>
        <label for={`${id}-outcome`}>{words.outcome}</label>
        <select id={`${id}-outcome`} name="outcome" required>
          <option value="">{words.choose}</option>
          {WENT.map((outcome) => (
            <option value={outcome} key={outcome}>
              {text.outcomes[outcome]}
            </option>
          ))}
        </select>
        <label for={`${id}-at`}>{words.when}</label>
        <input id={`${id}-at`} name="at" type="datetime-local" />
        <label for={`${id}-note`}>{words.note}</label>
        <textarea id={`${id}-note`} name="note" maxLength={500} rows={2} dir="auto" />
        <button type="submit">{words.save}</button>
      </ActionForm>
    </section>
  );
};

const Close = ({ task, act }: { task: TaskToDo; act: Act }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  const id = useId();
  return (
    <section class="card">
      <h2>{words.close}</h2>
      <p class="quiet">{words.closeLead}</p>
      <ActionForm
        onSend={async ({ contact, ...body }) => {
          // the same words serve both: nobody types them twice
          const outcome: AttemptOutcome = body.outcome === 'not-reached' ? 'not-reached' : 'reached';
          const logged = !contact || (await act('attempt', { ...body, channel: contact, outcome }, 'logged'));
          if (logged) await act('close', body, 'closed');
        }}
      >
        <label for={`${id}-outcome`}>{words.outcome}</label>
        <select id={`${id}-outcome`} name="outcome" required>
          <option value="">{words.choose}</option>
          {task.outcomes.map((outcome) => (
            <option value={outcome} key={outcome}>
              {text.outcomes[outcome]}
            </option>
          ))}
        </select>
        <label for={`${id}-contact`}>{words.contact}</label>
        <select id={`${id}-contact`} name="contact">
          <option value="">{words.contacts.none}</option>
          <option value="phone">{words.contacts.phone}</option>
          <option value="visit">{words.contacts.visit}</option>
        </select>
        <label for={`${id}-note`}>{words.closeNote}</label>
        <textarea id={`${id}-note`} name="note" maxLength={500} rows={3} required dir="auto" />
        <button type="submit" class="main">
          {words.closeButton}
        </button>
      </ActionForm>
    </section>
  );
};

/** To a colleague by user id; those who have open tasks are proposed. */
const Give = ({ task, act }: { task: TaskToDo; act: Act }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  const id = useId();
  const { answer } = useData<TasksAnswer>('/api/tasks?limit=100');
  const items = answer?.kind === 'ok' ? answer.body.items : [];
  const others = new Set(items.flatMap(({ assignee }) => (assignee && assignee !== task.assignee ? [assignee] : [])));
  return (
    <details class="card">
      <summary>{words.give}</summary>
      <ActionForm onSend={async (body) => void (await act('assign', body, 'given'))}>
        <label for={`${id}-to`}>{words.colleague}</label>
        <input id={`${id}-to`} name="assignee" list={`${id}-known`} required autocomplete="off" spellcheck={false} />
        <datalist id={`${id}-known`}>
          {[...others].map((one) => (
            <option value={one} key={one} />
          ))}
        </datalist>
        <button type="submit">{words.giveButton}</button>
      </ActionForm>
      <button type="button" onClick={() => void act('assign', {}, 'given')}>
        {words.back}
      </button>
    </details>
  );
};

/** What can be done with a task as it stands: take it, or log, close and give away what is open. */
export const TaskActions = ({ task, act }: { task: TaskToDo; act: Act }) => {
  const { text } = useLanguage();
  const words = text.tasks;
  if (task.state === 'done') return null;
  if (task.assignee === undefined)
    return (
      <section class="card">
        <button type="button" class="main" onClick={() => void act('take', {}, 'taken')}>
          {words.take}
        </button>
      </section>
    );
  const { survey } = task.details;
  const asks = task.kind === 'survey-call' && typeof survey === 'string' && task.customerId !== undefined;
  return (
    <>
      {asks && (
        <p class="card">
          <a
            class="button main"
            href={`#/surveys/${encodeURIComponent(survey)}/enter/${encodeURIComponent(task.customerId ?? '')}/${encodeURIComponent(task.taskId)}`}
          >
            {words.enter}
          </a>
        </p>
      )}
      <Log task={task} act={act} />
      <Close task={task} act={act} />
      <Give task={task} act={act} />
    </>
  );
};
