import { useEffect, useRef } from 'preact/hooks';
import type { RenewalListed, RenewalState, RenewalsAnswer } from '../../../shared/history/contract.ts';
import { useList } from '../api.ts';
import { showDay, showMoney, showMonth, showTime } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { CustomerLink, Person } from '../parts/person.tsx';
import { stepName, useLanguage, wordFor } from '../text.ts';

const STATES: readonly RenewalState[] = ['due', 'lost', 'renewed'];
const WHOSE = ['all', 'mine'] as const;

interface Choice {
  readonly state: RenewalState;
  readonly whose: (typeof WHOSE)[number];
  /** `yyyy-mm`; the API says which month it is where none is chosen. */
  readonly month?: string;
}

/** What an address asks for: `due/mine/2027-03`. */
export const renewalChoice = ([state, whose, month = '']: readonly string[]): Choice => ({
  state: STATES.find((one) => one === state) ?? 'due',
  whose: WHOSE.find((one) => one === whose) ?? 'all',
  ...(/^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? { month } : {}),
});

const hrefOf = ({ state, whose, month }: Choice): string =>
  `#/renewals/${state}/${whose}${month === undefined ? '' : `/${month}`}`;

/** The month `by` months on. */
const monthAfter = (month: string, by: number): string =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + by, 1)).toISOString().slice(0, 7);

/** As many as fill a screen: pages of the API may hold few that are asked for, or none. */
const ENOUGH = 20;
/** Pages looked through without being asked. */
const MOST_PAGES = 20;

const Stands = ({ item }: { item: RenewalListed }) => {
  const { text, locale } = useLanguage();
  const words = text.renewals;
  const { renewal, ending, reasonLost, reaction, nextStep } = item;
  const lost = reasonLost && words.lost(wordFor(text.leaving, reasonLost));
  if (renewal === 'lost')
    return (
      <>
        <span class="line">
          {ending ? words.ended(wordFor(text.reasons, ending.kind), showDay(ending.on, locale)) : words.states.lost}
        </span>
        <span class="line">
          {lost ?? (ending?.reason ? words.lost(wordFor(text.leaving, ending.reason)) : words.noReason)}
        </span>
      </>
    );
  return (
    <>
      {renewal === 'renewed' && <span class="line good">{words.states.renewed}</span>}
      {reaction && <span class="line">{text.customer.reacted(wordFor(text.reactions, reaction.kind))}</span>}
      {lost && <span class="line bad">{lost}</span>}
      {renewal === 'due' && (
        <span class="line quiet">
          {nextStep ? (
            <>
              {words.next}: {stepName(text, nextStep.step)}, <span class="nowrap">{showTime(nextStep.at, locale)}</span>
            </>
          ) : (
            `${words.next}: ${words.noNext}`
          )}
        </span>
      )}
    </>
  );
};

const Row = ({ item }: { item: RenewalListed }) => {
  const { text, locale } = useLanguage();
  const words = text.renewals;
  return (
    <li class="card">
      <p>
        <b class="nowrap">{showDay(item.renewsOn, locale)}</b>
      </p>
      <div>
        {item.customerId ? <CustomerLink id={item.customerId} name={item.customerName} /> : item.customerName}
        <p class="quiet">
          {wordFor(text.lines, item.line)} <span class="code">{item.policyNo}</span>
        </p>
      </div>
      <p>
        <span class="quiet">{text.columns.premium}</span>{' '}
        <span class="nowrap">{item.premium ? showMoney(item.premium, locale) : '—'}</span>
        {item.renewal === 'due' && (
          <span class="line">
            → {item.newPremium ? <b class="nowrap">{showMoney(item.newPremium, locale)}</b> : text.priceFollows}
          </span>
        )}
      </p>
      <p>
        <Stands item={item} />
      </p>
      <p>
        <span class="quiet line">{words.owner}</span>
        {item.owner ? <Person id={item.owner} /> : words.nobody}
      </p>
    </li>
  );
};

/** Renewals of a month: whose they are, what happens next, how they stand, why they were lost. */
export const Renewals = ({ choice }: { choice: Choice }) => {
  const { text, locale } = useLanguage();
  const words = text.renewals;
  const query = new URLSearchParams({
    state: choice.state,
    mine: String(choice.whose === 'mine'),
    limit: '100',
    ...(choice.month === undefined ? {} : { month: choice.month }),
  });
  const list = useList<RenewalListed>(`/api/renewals?${query}`);
  const month = list.answer?.kind === 'ok' ? (list.answer.body as RenewalsAnswer).month : choice.month;
  const pages = useRef(0);
  const few = list.hasMore && pages.current < MOST_PAGES && (list.items?.length ?? 0) < ENOUGH;
  useEffect(() => {
    if (!few) return;
    pages.current += 1;
    void list.loadMore();
  }, [few, list.next]);

  const tab = <Key extends 'state' | 'whose'>(name: Key, value: Choice[Key], label: string) => (
    <a
      href={hrefOf({ ...choice, [name]: value })}
      key={value}
      {...(choice[name] === value ? { 'aria-current': 'page' as const } : {})}
    >
      {label}
    </a>
  );
  return (
    <>
      <h1>{words.title}</h1>
      <p class="quiet">{words.lead}</p>
      <div class="month">
        <nav class="tabs" aria-label={words.title}>
          {month && (
            <a href={hrefOf({ ...choice, month: monthAfter(month, -1) })}>
              ← <span class="hidden">{words.before}</span>
            </a>
          )}
          <h2 aria-live="polite">{month ? showMonth(month, locale) : ''}</h2>
          {month && (
            <a href={hrefOf({ ...choice, month: monthAfter(month, 1) })}>
              <span class="hidden">{words.after}</span> →
            </a>
          )}
        </nav>
        <nav class="tabs" aria-label={words.state}>
          {STATES.map((state) => tab('state', state, words.states[state]))}
        </nav>
        <nav class="tabs" aria-label={words.owner}>
          {WHOSE.map((whose) => tab('whose', whose, words.whose[whose]))}
        </nav>
      </div>
      <Show loaded={list}>
        {() =>
          list.items?.length === 0 && !list.hasMore ? (
            <p class="card quiet">{choice.whose === 'mine' ? words.emptyMine : words.empty[choice.state]}</p>
          ) : (
            <ul class="renewals">
              {list.items?.map((item) => (
                <Row item={item} key={item.policyId} />
              ))}
            </ul>
          )
        }
      </Show>
      {few ? (
        <p class="quiet" role="status">
          {words.searching}
        </p>
      ) : (
        list.hasMore && (
          <button type="button" onClick={() => void list.loadMore()}>
            {text.more}
          </button>
        )
      )}
    </>
  );
};
