import type { CallList, CallListed, SurveyListed } from '../../../shared/survey/manage-contract.ts';
import { useData } from '../api.ts';
import { showDay } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { CustomerLink, Person, PhoneLink } from '../parts/person.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { taskReason, useLanguage } from '../text.ts';

/** Where answers of a customer are entered. @param taskId of the call that is done with them */
const entryOf = (survey: string, customerId: string, taskId?: string): string =>
  `#/surveys/${[survey, 'enter', customerId, ...(taskId === undefined ? [] : [taskId])].map(encodeURIComponent).join('/')}`;

const Call = ({ call, survey }: { call: CallListed; survey: string }) => {
  const { text, locale } = useLanguage();
  const words = text.calls;
  return (
    <li class="card">
      <div>
        <h2>
          {call.customerId ? (
            <CustomerLink id={call.customerId} name={call.customerName} />
          ) : (
            (call.customerName ?? '—')
          )}
        </h2>
        <p class="parts quiet">
          <span>{taskReason(text, call.reason)}</span>
          <span>{words.due(showDay(call.dueOn, locale))}</span>
          {call.assignee && <Person id={call.assignee} />}
        </p>
        {call.answeredAt && (
          <p>
            <span class="tag good">{words.answered(showDay(call.answeredAt.slice(0, 10), locale))}</span>
          </p>
        )}
      </div>
      <div class="due">{call.phone && !call.answeredAt && <PhoneLink phone={call.phone} />}</div>
      <div class="doing">
        {call.customerId && !call.answeredAt && (
          <a class="button" href={entryOf(survey, call.customerId, call.taskId)}>
            {words.enter}
          </a>
        )}
        <a href={`#/task/${encodeURIComponent(call.taskId)}`}>{call.answeredAt ? words.takeOff : words.notReached}</a>
      </div>
    </li>
  );
};

/** Whom to ask one survey by telephone, and where slips of paper are entered. */
export const Calls = ({ survey }: { survey: string }) => {
  const { text, locale } = useLanguage();
  const words = text.calls;
  const path = `/api/surveys/${encodeURIComponent(survey)}`;
  const loaded = useData<CallList>(`${path}/call-list`);
  const about = useData<SurveyListed>(path);
  const title = about.answer?.kind === 'ok' ? about.answer.body.title : undefined;
  return (
    <>
      <p class="crumb">
        <a href="#/surveys">{text.results.title}</a> ·{' '}
        <a href={`#/surveys/${encodeURIComponent(survey)}`}>{words.results}</a>
      </p>
      <h1>
        {words.title}: {title?.[locale as 'en'] ?? title?.en ?? survey}
      </h1>
      <p class="quiet under">{words.lead}</p>
      <Show loaded={loaded}>
        {({ items, more }) => (
          <>
            {items.length === 0 && <p class="card quiet">{words.empty}</p>}
            <ul class="tasks">
              {items.map((call) => (
                <Call call={call} survey={survey} key={call.taskId} />
              ))}
            </ul>
            {more && <p class="quiet">{words.more}</p>}
            <section class="card slip">
              <h2>{words.slip}</h2>
              <p class="quiet">{words.slipLead}</p>
              <SearchBox label={words.find} hrefOf={(customerId) => entryOf(survey, customerId)} />
            </section>
          </>
        )}
      </Show>
    </>
  );
};
