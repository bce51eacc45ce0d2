import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { SearchAnswer } from '../../../shared/history/contract.ts';
import { useApi } from '../api.ts';
import { useLanguage } from '../text.ts';

/** Milliseconds without a key until the search begins. */
const PAUSE = 180;

/**
 * Search as you type; the results are links. What is typed goes into the request's body, never into an address.
 * @param label of the box; @param hrefOf where a customer leads
 */
export const SearchBox = ({
  label,
  hrefOf = (customerId) => `#/customers/${customerId}`,
}: {
  label?: string;
  hrefOf?: (customerId: string) => string;
}) => {
  const { text } = useLanguage();
  const api = useApi();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<SearchAnswer['items']>();
  const wanted = typed.trim();

  useEffect(() => {
    // a family name is one character in Chinese
    if (wanted.length < 2 && !/^\p{Script=Han}/u.test(wanted)) {
      setFound(undefined);
      return;
    }
    let stale = false;
    const look = async (): Promise<void> => {
      const answer = await api.post<SearchAnswer>('/api/search', { text: wanted, limit: 8 });
      if (!stale) setFound(answer.kind === 'ok' ? answer.body.items : []);
    };
    const timer = setTimeout(() => void look(), PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [wanted, api]);

  const clear = (): void => setTyped('');
  const leave = (event: FocusEvent): void => {
    if (!box.current?.contains(event.relatedTarget as Node | null)) clear();
  };

  return (
    <search
      class="search"
      aria-label={label ?? text.search.label}
      ref={box}
      onFocusOut={leave}
      onKeyDown={(event) => event.key === 'Escape' && clear()}
    >
      <label class="hidden" for={id}>
        {label ?? text.search.label}
      </label>
      <input
        id={id}
        type="search"
        autocomplete="off"
        spellcheck={false}
        placeholder={text.search.hint}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <p class="hidden" role="status">
        {found && (found.length === 0 ? text.search.none : text.search.found(found.length))}
      </p>
      {found && (
        <div class="found">
          {found.length === 0 && <p class="quiet">{text.search.none}</p>}
          <ul>
            {found.map(({ customer, policy, matched }) => (
              <li key={`${matched}-${customer.customerId}-${policy?.policyId ?? ''}`}>
                <a href={hrefOf(customer.customerId)} onClick={clear}>
                  <b>
                    <bdi>{customer.name}</bdi>
                  </b>
                  <span>{[policy?.policyNo, customer.email, customer.phone].filter(Boolean).join(' · ')}</span>
                </a>
              </li>
            ))}
          </ul>
        </div>
      )}
    </search>
  );
};
