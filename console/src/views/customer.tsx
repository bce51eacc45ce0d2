import { useState } from 'preact/hooks';
import type { Customer as CustomerData, Journey, TimelineRow } from '../../../shared/history/contract.ts';
import { useData, useList } from '../api.ts';
import { showDay, showMoney, showTime } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { detailsOf, titleOf, toneOf } from '../parts/row-text.ts';
import { stepName, useLanguage, wordFor } from '../text.ts';
import { MessageDialog } from './message-dialog.tsx';

const JourneyLine = ({ journey, zone }: { journey: Journey; zone: string }) => {
  const { text, locale } = useLanguage();
  const words = text.customer;
  const state = journey.nextStep
    ? words.nextStep(stepName(text, journey.nextStep.step), showTime(journey.nextStep.at, locale, zone))
    : journey.exit
      ? words.ended(wordFor(text.reasons, journey.exit.reason))
      : words.finished;
  return (
    <li>
      <b>{wordFor(text.campaigns, journey.campaign)}</b>
      <span>{state}</span>
      {journey.reaction && <span class="good">{words.reacted(wordFor(text.reactions, journey.reaction.kind))}</span>}
    </li>
  );
};

const Policies = ({ customer }: { customer: CustomerData }) => {
  const { text, locale } = useLanguage();
  return (
    <section>
      <h2>{text.customer.policies}</h2>
      {customer.policies.length === 0 && <p class="quiet">{text.customer.noPolicies}</p>}
      {customer.policies.map((policy) => {
        const journeys = customer.journeys.filter(({ policyId }) => policyId === policy.policyId);
        return (
          <article class="card policy" key={policy.policyId}>
            <header>
              <h3>
                {wordFor(text.lines, policy.line)} <span class="code">{policy.policyNo}</span>
              </h3>
              <span class={`tag ${policy.state === 'in-force' ? 'sent' : 'skipped'}`}>
                {text.policyStates[policy.state]}
              </span>
            </header>
            <p>
              {text.customer.renews(showDay(policy.renewsOn, locale))}
              {policy.premium && <> · {showMoney(policy.premium, locale)}</>}
              {policy.newPremium && (
                <>
                  {' '}
                  → <b>{showMoney(policy.newPremium, locale)}</b>
                </>
              )}
              {policy.contactRule !== 'direct' && <> · {text.contactRules[policy.contactRule]}</>}
            </p>
            {policy.contradiction && <p class="bad">{wordFor(text.reasons, 'contradiction')}</p>}
            {journeys.length > 0 && (
              <ul class="journeys">
                {journeys.map((journey) => (
                  <JourneyLine journey={journey} zone={customer.zone} key={journey.campaign + journey.occurrence} />
                ))}
              </ul>
            )}
          </article>
        );
      })}
    </section>
  );
};

const Contact = ({ customer }: { customer: CustomerData }) => {
  const { text, locale } = useLanguage();
  const words = text.customer;
  const facts: [string, string | undefined][] = [
    [words.email, customer.email],
    [words.phone, customer.phone],
    [words.address, customer.address?.join(', ')],
    [words.language, new Intl.DisplayNames(locale, { type: 'language' }).of(customer.locale)],
    [words.zone, customer.zone],
  ];
  return (
    <section class="card">
      <h2>{words.contact}</h2>
      <dl>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value ?? '—'}</dd>
          </div>
        ))}
        <div>
          <dt>{words.consent}</dt>
          <dd>
            {customer.consent.length === 0 && words.noConsent}
            {customer.consent.map(({ channel, purpose, given, at }) => (
              <span class="line" key={channel + purpose}>
                {wordFor(text.channels, channel)} · {wordFor(text.purposes, purpose)}:{' '}
                <b class={given ? 'good' : 'bad'}>{given ? words.yes : words.no}</b>{' '}
                <small>{words.since(showDay(at.slice(0, 10), locale))}</small>
              </span>
            ))}
          </dd>
        </div>
        {customer.suppressed.length > 0 && (
          <div>
            <dt>{words.shut}</dt>
            <dd>
              {customer.suppressed.map(({ channel, reason }) => (
                <span class="line bad" key={channel}>
                  {wordFor(text.channels, channel)}: {wordFor(text.reasons, reason)}
                </span>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>{words.sources}</dt>
          <dd>
            {customer.records.map(({ source, key }) => (
              <span class="line code" key={source + key}>
                {source} {key}
              </span>
            ))}
          </dd>
        </div>
      </dl>
    </section>
  );
};

const Timeline = ({ customer }: { customer: CustomerData }) => {
  const { text, locale } = useLanguage();
  const list = useList<TimelineRow>(`/api/customers/${customer.customerId}/timeline?limit=50`);
  const [shown, setShown] = useState<TimelineRow>();
  const numberOf = new Map(customer.policies.map(({ policyId, policyNo }) => [policyId, policyNo]));
  return (
    <section>
      <h2>{text.customer.timeline}</h2>
      <Show loaded={list}>
        {() =>
          list.items?.length === 0 ? (
            <p class="quiet">{text.customer.noTimeline}</p>
          ) : (
            <ol class="timeline">
              {list.items?.map((row) => (
                <li key={row.row} class={toneOf(row)}>
                  <time dateTime={row.at}>{showTime(row.at, locale, customer.zone)}</time>
                  <p>
                    <b>{titleOf(row, text)}</b>
                    {row.state && <span class={`tag ${toneOf(row)}`}>{wordFor(text.states, row.state)}</span>}
                    {row.reason && <span class="quiet">{wordFor(text.reasons, row.reason)}</span>}
                  </p>
                  {row.policyIds.length > 0 && (
                    <p class="quiet code">{row.policyIds.map((id) => numberOf.get(id) ?? '').join(' ')}</p>
                  )}
                  {detailsOf(row, { text, locale }).map(([label, value]) => (
                    <p class="detail" key={label}>
                      <span class="quiet">{label}</span> {value}
                    </p>
                  ))}
                  {row.asSent && (
                    <button type="button" class="small" onClick={() => setShown(row)}>
                      {row.channel === 'post' ? text.customer.viewLetter : text.customer.viewMail}
                    </button>
                  )}
                </li>
              ))}
            </ol>
          )
        }
      </Show>
      {list.hasMore && (
        <button type="button" onClick={() => void list.loadMore()}>
          {text.more}
        </button>
      )}
      {shown && <MessageDialog row={shown} zone={customer.zone} onClose={() => setShown(undefined)} />}
    </section>
  );
};

/** One customer: what is known, the policies with their journeys, and the whole history. */
export const Customer = ({ id }: { id: string }) => {
  const { text } = useLanguage();
  const loaded = useData<CustomerData>(`/api/customers/${encodeURIComponent(id)}`);
  if (loaded.answer?.kind !== 'ok')
    return (
      <>
        <h1>{text.columns.customer}</h1>
        <Show loaded={loaded}>{() => null}</Show>
      </>
    );
  return (
    <Show loaded={loaded}>
      {(customer) => (
        <>
          <h1>{customer.name}</h1>
          <p class="under tags">
            {customer.situations.map((situation) => (
              <span class="tag bad" key={situation}>
                {wordFor(text.situations, situation)}
              </span>
            ))}
          </p>
          <div class="two">
            <div>
              <Policies customer={customer} />
              <Contact customer={customer} />
            </div>
            <Timeline customer={customer} />
          </div>
        </>
      )}
    </Show>
  );
};
