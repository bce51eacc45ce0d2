import { useState } from 'preact/hooks';
import type { ResultsAnswer } from '../../../shared/insight/contract.ts';
import { useData } from '../api.ts';
import { showDay, showNumber, showShortDay } from '../format.ts';
import { BarChart, Figures, LineChart, type Point } from '../parts/charts.tsx';
import { ExportButton } from '../parts/export-button.tsx';
import { Show } from '../parts/loading.tsx';
import { pointOf, showPercent, showScore, toneOf } from '../parts/score-text.ts';
import { useLanguage } from '../text.ts';
import { Breakdown } from './breakdown.tsx';
import { Quotes } from './quotes.tsx';
import { Topics } from './topics.tsx';

const BREAKDOWNS = ['tier', 'line', 'region', 'channel', 'manager', 'scope', 'version'] as const;

interface Choice {
  readonly from: string;
  readonly to: string;
  readonly by: string;
}

const rangeOf = ({ from, to }: Choice): URLSearchParams =>
  new URLSearchParams({ ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) });

const Figure = ({ label, value, notes, tone }: { label: string; value: string; notes: string[]; tone?: string }) => (
  <div class={`figure ${tone ?? ''}`}>
    <span>{label}</span>
    <b>{value}</b>
    {notes.map((note) => (
      <small key={note}>{note}</small>
    ))}
  </div>
);

const Headline = ({ results }: { results: ResultsAnswer }) => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const { total, metric } = results;
  const { rate, score } = total;
  return (
    <div class="figures four">
      {metric && (
        <Figure
          label={words.measures[metric]}
          value={score.value === undefined ? '—' : showScore(score.value, metric, locale)}
          notes={[
            score.few
              ? words.few
              : score.interval
                ? words.interval(
                    showScore(score.interval.low, metric, locale),
                    showScore(score.interval.high, metric, locale),
                  )
                : '',
          ]}
          tone="main"
        />
      )}
      <Figure
        label={words.rate}
        value={rate.percent === undefined ? '—' : showPercent(rate.percent, locale)}
        notes={[
          words.rateNote(showNumber(rate.replied, locale), showNumber(rate.asked, locale)),
          ...(rate.interval
            ? [words.interval(showPercent(rate.interval.low, locale), showPercent(rate.interval.high, locale))]
            : []),
        ]}
      />
      <Figure label={words.answers} value={showNumber(total.answers, locale)} notes={[words.answersNote]} />
      {metric && (
        <Figure
          label={words.low}
          value={total.low === undefined ? '—' : showNumber(total.low, locale)}
          notes={[words.lowNote]}
          tone="failed"
        />
      )}
    </div>
  );
};

/** Values over time: a line, what it says in words, its figures. */
const Trend = ({
  title,
  note,
  results,
  pointAt,
  show,
  counted,
}: {
  title: string;
  note: string;
  results: ResultsAnswer;
  pointAt: (period: ResultsAnswer['periods'][number]) => Omit<Point, 'name'>;
  show: (value: number) => string;
  counted: { readonly label: string; readonly of: (period: ResultsAnswer['periods'][number]) => number };
}) => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const points = results.periods.map((period) => ({ ...pointAt(period), name: showShortDay(period.from, locale) }));
  const values = points.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const label = words.chart(
    title,
    showDay(results.from, locale),
    showDay(results.to, locale),
    show(Math.min(...values)),
    show(Math.max(...values)),
  );
  return (
    <section class="card">
      <h2>{title}</h2>
      {values.length === 0 ? (
        <p class="quiet">{words.empty}</p>
      ) : (
        <>
          <LineChart points={points} label={label} show={show} />
          <p class="quiet note">{note}</p>
          <Figures
            title={words.asTable}
            columns={[words[results.per], title, '95 %', counted.label]}
            rows={results.periods.map((period) => {
              const { value, low, high } = pointAt(period);
              return [
                showDay(period.from, locale),
                value === undefined ? '—' : show(value),
                low === undefined || high === undefined ? '—' : `${show(low)} … ${show(high)}`,
                showNumber(counted.of(period), locale),
              ];
            })}
          />
        </>
      )}
    </section>
  );
};

const Distribution = ({ results }: { results: ResultsAnswer }) => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const { distribution, metric } = results;
  const most = distribution.reduce<(typeof distribution)[number] | undefined>(
    (best, one) => (best === undefined || one.count > best.count ? one : best),
    undefined,
  );
  return (
    <section class="card">
      <h2>{words.distribution}</h2>
      {most === undefined ? (
        <p class="quiet">{words.empty}</p>
      ) : (
        <>
          <BarChart
            bars={distribution.map(({ score, count }) => ({ name: String(score), count, tone: toneOf(score, metric) }))}
            label={words.bars(words.distribution, String(most.score), showNumber(most.count, locale))}
            show={(count) => showNumber(count, locale)}
          />
          <Figures
            title={words.asTable}
            columns={[words.score, words.number]}
            rows={distribution.map(({ score, count }) => [String(score), showNumber(count, locale)])}
          />
        </>
      )}
    </section>
  );
};

const Content = ({ results }: { results: ResultsAnswer }) => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const { metric } = results;
  return (
    <>
      <Headline results={results} />
      {results.otherMeasure > 0 && <p class="quiet">{words.otherMeasure(showNumber(results.otherMeasure, locale))}</p>}
      {metric && (
        <div class="two wide-left even">
          <Trend
            title={words.scoreTrend(words.short[metric])}
            note={words.band}
            results={results}
            pointAt={({ score }) => pointOf('', score)}
            show={(value) => showScore(value, metric, locale)}
            counted={{ label: words.answers, of: ({ score }) => score.answers }}
          />
          <Distribution results={results} />
        </div>
      )}
      <div class="two even">
        <Trend
          title={words.rateTrend}
          note={words.rateTrendNote}
          results={results}
          pointAt={({ rate }) => pointOf('', { value: rate.percent, interval: rate.interval })}
          show={(value) => showPercent(value, locale)}
          counted={{ label: words.asked, of: ({ rate }) => rate.asked }}
        />
        <Topics results={results} />
      </div>
      <Breakdown results={results} />
    </>
  );
};

const Controls = ({
  choice,
  shown,
  onChoose,
}: {
  choice: Choice;
  shown: { from: string; to: string } | undefined;
  onChoose: (choice: Choice) => void;
}) => {
  const { text } = useLanguage();
  const words = text.results;
  const input = (name: 'from' | 'to') => (
    <label>
      {words[name]}
      <input
        type="date"
        value={choice[name] || shown?.[name] || ''}
        onChange={({ currentTarget }) => onChoose({ ...choice, [name]: currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="controls">
      {input('from')}
      {input('to')}
      <label>
        {words.by}
        <select value={choice.by} onChange={({ currentTarget }) => onChoose({ ...choice, by: currentTarget.value })}>
          {BREAKDOWNS.map((one) => (
            <option value={one} key={one}>
              {words.breakdowns[one]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
};

/** The results of one survey. */
export const Results = ({ id }: { id: string }) => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const [choice, setChoice] = useState<Choice>({ from: '', to: '', by: 'tier' });
  const loaded = useData<ResultsAnswer>(
    `/api/surveys/${encodeURIComponent(id)}/results?${rangeOf(choice)}&by=${choice.by}`,
  );
  const results = loaded.answer?.kind === 'ok' ? loaded.answer.body : undefined;
  const tooMany = loaded.answer?.kind === 'failed' && loaded.answer.status === 400;
  return (
    <>
      <p class="crumb">
        <a href="#/surveys">{words.title}</a> ·{' '}
        <a href={`#/surveys/${encodeURIComponent(id)}/calls`}>{text.calls.title}</a>
      </p>
      <h1>{results?.title[locale as 'en'] ?? results?.title.en ?? id}</h1>
      <div class="above">
        <Controls choice={choice} shown={results} onChoose={setChoice} />
        <ExportButton
          path={`/api/surveys/${encodeURIComponent(id)}/export.csv?${rangeOf(choice)}`}
          name={`${id}.csv`}
        />
      </div>
      {tooMany ? (
        <p class="card" role="alert">
          {words.tooMany}
        </p>
      ) : (
        <Show loaded={loaded}>{(body) => <Content results={body} />}</Show>
      )}
      {results && results.texts.answers > 0 && (
        <Quotes id={id} from={results.from} to={results.to} topics={results.topics} metric={results.metric} />
      )}
    </>
  );
};
