import { useEffect, useState } from 'preact/hooks';
import type { QuotesAnswer, ResultsAnswer } from '../../../shared/insight/contract.ts';
import { type Answer, useApi } from '../api.ts';
import { showTime } from '../format.ts';
import { toneOf } from '../parts/score-text.ts';
import { useLanguage } from '../text.ts';

interface Wanted {
  readonly topic: string;
  readonly low: boolean;
  readonly text: string;
}

/** A text with the words marked that speak of a topic; they come in small letters, the text does not. */
const Marked = ({ text, words }: { text: string; words: readonly string[] }) => {
  const known = words.filter((word) => word !== '').map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (known.length === 0) return <>{text}</>;
  const parts = text.split(new RegExp(`(${known.join('|')})`, 'iu'));
  // what a split by one group gives: plain, found, plain, …
  return <>{parts.map((part, n) => (n % 2 === 1 ? <mark key={n}>{part}</mark> : part))}</>;
};

/** What customers wrote: to be narrowed by topic, by low scores, and by a part of the text. */
export const Quotes = ({
  id,
  from,
  to,
  topics,
  metric,
}: {
  id: string;
  from: string;
  to: string;
  topics: ResultsAnswer['topics'];
  metric: ResultsAnswer['metric'];
}) => {
  const { text: texts, locale } = useLanguage();
  const words = texts.results;
  const api = useApi();
  const [wanted, setWanted] = useState<Wanted>({ topic: '', low: false, text: '' });
  const [typed, setTyped] = useState('');
  const [pages, setPages] = useState<Answer<QuotesAnswer>>();

  const ask = (after?: string): Promise<Answer<QuotesAnswer>> => {
    const query = {
      from,
      to,
      ...(wanted.topic === '' ? {} : { topic: wanted.topic }),
      ...(wanted.low ? { mood: 'low' } : {}),
      ...(after === undefined ? {} : { after }),
    };
    const path = `/api/surveys/${encodeURIComponent(id)}/quotes`;
    // what is searched for may be a name, which stands in no address
    return wanted.text === ''
      ? api.get(`${path}?${new URLSearchParams(query)}`)
      : api.post(`${path}/search`, { ...query, text: wanted.text });
  };

  useEffect(() => {
    let stale = false;
    setPages(undefined);
    void ask().then((answer) => {
      if (!stale) setPages(answer);
    });
    return () => {
      stale = true;
    };
  }, [id, from, to, wanted]);

  const more = async (): Promise<void> => {
    if (pages?.kind !== 'ok' || pages.body.next === undefined) return;
    const answer = await ask(pages.body.next);
    if (answer.kind === 'ok')
      setPages({ kind: 'ok', body: { ...answer.body, items: [...pages.body.items, ...answer.body.items] } });
  };

  return (
    <section class="card quotes">
      <h2>{words.quotes}</h2>
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault();
          setWanted({ ...wanted, text: typed.trim() });
        }}
      >
        <label>
          {words.searchQuotes}
          <input type="search" maxLength={100} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        <label>
          {words.topic}
          <select
            value={wanted.topic}
            onChange={({ currentTarget }) => setWanted({ ...wanted, topic: currentTarget.value })}
          >
            <option value="">{words.allTopics}</option>
            {topics.map(({ topic, label }) => (
              <option value={topic} key={topic}>
                {label[locale as 'en'] ?? label.en}
              </option>
            ))}
            <option value="none">{words.withoutTopic}</option>
          </select>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={wanted.low}
            onChange={({ currentTarget }) => setWanted({ ...wanted, low: currentTarget.checked })}
          />
          {words.onlyLow}
        </label>
        <button type="submit">{words.search}</button>
      </form>
      <div aria-live="polite">
        {pages === undefined && <p class="quiet">{texts.loading}</p>}
        {pages?.kind === 'failed' && <p class="quiet">{pages.status === 403 ? words.quotesRefused : texts.failed}</p>}
        {pages?.kind === 'ok' && pages.body.items.length === 0 && pages.body.next === undefined && (
          <p class="quiet">{words.noQuotes}</p>
        )}
      </div>
      {pages?.kind === 'ok' && (
        <>
          <ul>
            {pages.body.items.map(({ answerId, question, at, score, text, cut, topics: found, customerId }) => (
              <li key={`${answerId} ${question}`}>
                <p class="about">
                  {score !== undefined && (
                    <span class={`tag ${toneOf(score, metric) === 'fair' ? '' : toneOf(score, metric)}`}>
                      {words.scored(String(score))}
                    </span>
                  )}
                  {found.map(({ topic, label }) => (
                    <span class="tag" key={topic}>
                      {label[locale as 'en'] ?? label.en}
                    </span>
                  ))}
                  <time dateTime={at}>{showTime(at, locale)}</time>
                  <a href={`#/customers/${customerId}`}>{words.customer}</a>
                </p>
                <blockquote>
                  <Marked text={text} words={found.flatMap((one) => one.words)} />
                  {cut && <small class="quiet"> … {words.cut}</small>}
                </blockquote>
              </li>
            ))}
          </ul>
          {pages.body.next !== undefined && (
            <button type="button" onClick={() => void more()}>
              {texts.more}
            </button>
          )}
        </>
      )}
    </section>
  );
};
