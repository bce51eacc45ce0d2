import type { ResultsAnswer } from '../../../shared/insight/contract.ts';
import { showNumber } from '../format.ts';
import { Whisker } from '../parts/charts.tsx';
import { scaleOf, showPercent, showScore } from '../parts/score-text.ts';
import { useLanguage, wordFor } from '../text.ts';

/** A row for each group: how many were asked and answered, the score with its interval on one scale. */
export const Breakdown = ({ results }: { results: ResultsAnswer }) => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const { metric, by, groups, others } = results;
  const nameOf = (value: string): string => {
    if (value === '') return words.unknown;
    if (by === 'line') return wordFor(text.lines, value);
    if (by === 'channel') return wordFor(text.channels, value);
    return by === 'version' ? value.slice(0, 10) : value;
  };
  const [from, to] = scaleOf(metric);
  const rows = [
    ...groups.map((group) => ({ name: nameOf(group.value), key: group.value, ...group })),
    ...(others ? [{ name: words.others(showNumber(others.groups, locale)), key: '…', ...others }] : []),
  ];
  const title = words.breakdowns[by];
  return (
    <section class="card scroll" tabIndex={0} aria-label={title}>
      <h2>{title}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.group}</th>
            <th scope="col" class="number">
              {words.asked}
            </th>
            <th scope="col" class="number">
              {words.rate}
            </th>
            <th scope="col" class="number">
              {words.answers}
            </th>
            {metric && (
              <>
                <th scope="col" class="number">
                  {words.short[metric]}
                </th>
                <th scope="col">95 %</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, rate, score, answers }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td class="number">{showNumber(rate.asked, locale)}</td>
              <td class="number">
                {rate.percent === undefined ? '—' : showPercent(rate.percent, locale)}
                {rate.interval && (
                  <small class="quiet range">
                    {showPercent(rate.interval.low, locale)} … {showPercent(rate.interval.high, locale)}
                  </small>
                )}
              </td>
              <td class="number">{showNumber(answers, locale)}</td>
              {metric &&
                (score.value === undefined ? (
                  <td class="quiet number" colSpan={2}>
                    {words.few}
                  </td>
                ) : (
                  <>
                    <td class="number">
                      <b>{showScore(score.value, metric, locale)}</b>
                    </td>
                    <td class="nowrap">
                      {score.interval && (
                        <>
                          <Whisker value={score.value} {...score.interval} from={from} to={to} />
                          <small class="quiet range">
                            {showScore(score.interval.low, metric, locale)} …{' '}
                            {showScore(score.interval.high, metric, locale)}
                          </small>
                        </>
                      )}
                    </td>
                  </>
                ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
