import type { TroubleAnswer } from '../../../shared/history/contract.ts';
import { useList } from '../api.ts';
import { showTime } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { titleOf } from '../parts/row-text.ts';
import { useLanguage, wordFor } from '../text.ts';

/** The lists of what was not sent. */
export const troubles = ['held', 'skipped', 'failed', 'unknown'] as const;
export type Trouble = (typeof troubles)[number];

/** What was not sent, and why. */
export const NotSent = ({ outcome }: { outcome: Trouble }) => {
  const { text, locale } = useLanguage();
  const { columns } = text;
  const list = useList<TroubleAnswer['items'][number]>(`/api/troubles/${outcome}?limit=50`);
  return (
    <>
      <h1>{text.notSent.title}</h1>
      <p class="quiet under">{text.notSent.lead}</p>
      <nav class="tabs" aria-label={text.notSent.title}>
        {troubles.map((one) => (
          <a href={`#/not-sent/${one}`} key={one} {...(one === outcome ? { 'aria-current': 'page' as const } : {})}>
            {text.states[one]}
          </a>
        ))}
      </nav>
      <Show loaded={list}>
        {() =>
          list.items?.length === 0 ? (
            <p class="card quiet">{text.notSent.none}</p>
          ) : (
            <div class="card scroll" tabIndex={0} role="region" aria-label={text.states[outcome]}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{columns.when}</th>
                    <th scope="col">{columns.customer}</th>
                    <th scope="col">{columns.what}</th>
                    <th scope="col">{columns.reason}</th>
                  </tr>
                </thead>
                <tbody>
                  {list.items?.map((row) => (
                    <tr key={row.customerId + row.row}>
                      <td class="nowrap">{showTime(row.at, locale)}</td>
                      <td>
                        <a href={`#/customers/${row.customerId}`}>{row.customerName ?? '—'}</a>
                      </td>
                      <td>{titleOf(row, text)}</td>
                      <td>{row.reason ? wordFor(text.reasons, row.reason) : '—'}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Show>
      {list.hasMore && (
        <button type="button" onClick={() => void list.loadMore()}>
          {text.more}
        </button>
      )}
    </>
  );
};
