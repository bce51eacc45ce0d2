import type { Overview as OverviewData } from '../../../shared/history/contract.ts';
import { useData } from '../api.ts';
import { showDay, showMoney, showNumber, showShortDay, showTime } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { useLanguage, wordFor } from '../text.ts';

const Figure = ({
  label,
  value,
  note,
  href,
  tone,
}: {
  label: string;
  value: string;
  note?: string;
  href?: string;
  tone?: string;
}) => {
  const content = (
    <>
      <span>{label}</span>
      <b>{value}</b>
      {note && <small>{note}</small>}
    </>
  );
  const look = `figure ${tone ?? ''}`;
  return href === undefined ? (
    <div class={look}>{content}</div>
  ) : (
    <a class={look} href={href}>
      {content}
    </a>
  );
};

/** Heights in fifths of a percent would be inline styles; twenty steps in classes are enough for the eye. */
const barClass = (value: number, most: number): string =>
  `h${value === 0 || most === 0 ? 0 : Math.max(1, Math.round((value / most) * 20))}`;

const Weeks = ({ due }: { due: OverviewData['due'] }) => {
  const { text, locale } = useLanguage();
  const most = Math.max(...due.weeks.map(({ count }) => count));
  return (
    <section class="card">
      <h2>{text.overview.weeks}</h2>
      <ol class="bars">
        {due.weeks.map(({ from, count }) => (
          <li key={from}>
            <span class="hidden">{text.overview.week(showDay(from, locale), showNumber(count, locale))}</span>
            <b aria-hidden="true">{showNumber(count, locale)}</b>
            <i class={barClass(count, most)} aria-hidden="true" />
            <small aria-hidden="true">{showShortDay(from, locale)}</small>
          </li>
        ))}
      </ol>
    </section>
  );
};

const OUTCOMES = ['sent', 'held', 'skipped', 'failed'] as const;

const Days = ({ outcomes }: { outcomes: OverviewData['outcomes'] }) => {
  const { text, locale } = useLanguage();
  return (
    <section class="card scroll" aria-label={text.overview.days} tabIndex={0}>
      <h2>{text.overview.days}</h2>
      <table class="days">
        <thead>
          <tr>
            <th scope="col">{text.overview.day}</th>
            {OUTCOMES.map((outcome) => (
              <th scope="col" class="number" key={outcome}>
                {text.overview[outcome]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...outcomes.days].reverse().map((row) => (
            <tr key={row.day}>
              <th scope="row">{showShortDay(row.day, locale)}</th>
              {OUTCOMES.map((outcome) => (
                <td key={outcome} class={`number ${row[outcome] === 0 ? 'zero' : outcome}`}>
                  {showNumber(row[outcome], locale)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

const Reasons = ({ outcomes }: { outcomes: OverviewData['outcomes'] }) => {
  const { text, locale } = useLanguage();
  return (
    <section class="card">
      <h2>{text.overview.reasons}</h2>
      {outcomes.reasons.length === 0 ? (
        <p class="quiet">{text.overview.noReasons}</p>
      ) : (
        <ul class="reasons">
          {outcomes.reasons.map(({ outcome, reason, count }) => (
            <li key={`${outcome}-${reason}`}>
              <a href={`#/not-sent/${outcome}`}>
                <span class={`tag ${outcome}`}>{text.overview[outcome]}</span>
                <span>{wordFor(text.reasons, reason)}</span>
                <b>{showNumber(count, locale)}</b>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
};

const NextDue = ({ due }: { due: OverviewData['due'] }) => {
  const { text, locale } = useLanguage();
  const { columns } = text;
  return (
    <section class="card scroll" id="due" aria-label={text.overview.next} tabIndex={0}>
      <h2>{text.overview.next}</h2>
      {due.next.length === 0 ? (
        <p class="quiet">{text.overview.noDue}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{columns.renewsOn}</th>
              <th scope="col">{columns.customer}</th>
              <th scope="col">{columns.policy}</th>
              <th scope="col">{columns.line}</th>
              <th scope="col" class="number">
                {columns.premium}
              </th>
              <th scope="col" class="number">
                {columns.newPremium}
              </th>
            </tr>
          </thead>
          <tbody>
            {due.next.map((policy) => (
              <tr key={policy.policyId}>
                <td class="nowrap">{showDay(policy.renewsOn, locale)}</td>
                <td>
                  {policy.customerId ? (
                    <a href={`#/customers/${policy.customerId}`}>{policy.customerName ?? '—'}</a>
                  ) : (
                    (policy.customerName ?? '—')
                  )}
                </td>
                <td class="code">{policy.policyNo}</td>
                <td>{wordFor(text.lines, policy.line)}</td>
                <td class="number">{policy.premium ? showMoney(policy.premium, locale) : '—'}</td>
                <td class="number">
                  {policy.newPremium ? (
                    <b>{showMoney(policy.newPremium, locale)}</b>
                  ) : (
                    <span class="quiet">{text.priceFollows}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
};

/** The first view: figures, what comes, what went, what did not and why. */
export const Overview = () => {
  const { text, locale } = useLanguage();
  const words = text.overview;
  const loaded = useData<OverviewData>('/api/overview');
  return (
    <>
      <h1>{words.title}</h1>
      <Show loaded={loaded}>
        {({ now, due, outcomes, openTasks }) => (
          <>
            <p class="quiet under">{words.asOf(showTime(now, locale))}</p>
            <div class="figures">
              <Figure
                label={words.due}
                value={showNumber(due.total, locale)}
                {...(due.capped ? { note: words.atLeast } : {})}
                tone="main"
              />
              <Figure label={words.sent} value={showNumber(outcomes.sent, locale)} note={words.lastDays} />
              <Figure
                label={words.held}
                value={showNumber(outcomes.held, locale)}
                note={words.lastDays}
                href="#/not-sent/held"
                tone="held"
              />
              <Figure
                label={words.skipped}
                value={showNumber(outcomes.skipped, locale)}
                note={words.lastDays}
                href="#/not-sent/skipped"
                tone="skipped"
              />
              <Figure
                label={words.failed}
                value={showNumber(outcomes.failed, locale)}
                note={words.lastDays}
                href="#/not-sent/failed"
                tone="failed"
              />
              <Figure label={words.tasks} value={showNumber(openTasks, locale)} href="#/tasks/all" />
            </div>
            <div class="two even">
              <Weeks due={due} />
              <Reasons outcomes={outcomes} />
            </div>
            <div class="two wide-left">
              <NextDue due={due} />
              <Days outcomes={outcomes} />
            </div>
          </>
        )}
      </Show>
    </>
  );
};
