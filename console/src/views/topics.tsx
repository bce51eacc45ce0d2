import type { ResultsAnswer } from '../../../shared/insight/contract.ts';
import { showNumber } from '../format.ts';
import { showMean } from '../parts/score-text.ts';
import { useLanguage } from '../text.ts';

/** What customers write about: how many, how they score, and the words by which each topic was found. */
export const Topics = ({ results }: { results: ResultsAnswer }) => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const { topics, texts } = results;
  const most = Math.max(...topics.map(({ answers }) => answers), 1);
  return (
    <section class="card">
      <h2>{words.topics}</h2>
      {texts.answers === 0 ? (
        <p class="quiet">{words.noTopics}</p>
      ) : (
        <>
          <p class="quiet note">
            {words.topicsNote(showNumber(texts.answers, locale), showNumber(texts.withoutTopic, locale))}
          </p>
          <div class="scroll" tabIndex={0} role="region" aria-label={words.topics}>
            <table class="topics">
              <thead>
                <tr>
                  <th scope="col">{words.topic}</th>
                  <th scope="col" class="number">
                    {words.answers}
                  </th>
                  <th scope="col" class="number">
                    {words.mean}
                  </th>
                  <th scope="col">{words.words}</th>
                </tr>
              </thead>
              <tbody>
                {topics.map(({ topic, label, answers, score, terms }) => (
                  <tr key={topic}>
                    <th scope="row">
                      {label[locale as keyof typeof label] ?? label.en}
                      <svg class="share" width="100" height="4" viewBox="0 0 100 4" aria-hidden="true">
                        <rect class="bar" width={(answers / most) * 100} height="4" rx="2" />
                      </svg>
                    </th>
                    <td class="number">{showNumber(answers, locale)}</td>
                    <td class="number">{score.mean === undefined ? '—' : showMean(score.mean, locale)}</td>
                    <td class="quiet">{terms.map(({ term }) => term.replaceAll('*', '…')).join(' · ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
};
