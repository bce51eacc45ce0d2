import { useData } from '../api.ts';
import { Show } from '../parts/loading.tsx';
import { useLanguage } from '../text.ts';

interface Listed {
  readonly id: string;
  readonly title: Readonly<Record<string, string>>;
}

/** All surveys, each leading to its results. */
export const Surveys = () => {
  const { text, locale } = useLanguage();
  const words = text.results;
  const loaded = useData<{ readonly items: readonly Listed[] }>('/api/surveys');
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
              {items.map(({ id, title }) => (
                <li key={id}>
                  <a class="card" href={`#/surveys/${encodeURIComponent(id)}`}>
                    <b>{title[locale] ?? title.en ?? id}</b>
                    <span class="code quiet">{id}</span>
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
