import type { SurveyListed } from '../../../shared/survey/manage-contract.ts';
import { useData } from '../api.ts';
import { Show } from '../parts/loading.tsx';
import { useLanguage } from '../text.ts';

/** All surveys, each leading to its results. */
export const Surveys = () => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const loaded = useData<{ readonly items: readonly SurveyListed[] }>('/api/surveys');
  return (
    <>
      <h1>{words.title}</h1>
      <p class="quiet under">{words.lead}</p>
      <Show loaded={loaded}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="card quiet">{words.none}</p>
          ) : (
            <ul class="surveys">
              {items.map(({ id, title, metric }) => (
                <li key={id}>
                  <a class="card" href={`#/surveys/${encodeURIComponent(id)}`}>
                    <b>{title[locale as 'en'] ?? title.en}</b>
                    <span class="quiet">{metric ? words.measures[metric] : words.noMeasure}</span>
                  </a>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </>
  );
};
