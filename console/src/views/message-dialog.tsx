import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { MessageAsSent, TimelineRow } from '../../../shared/history/contract.ts';
import { useData } from '../api.ts';
import { showTime } from '../format.ts';
import { Show } from '../parts/loading.tsx';
import { useLanguage } from '../text.ts';

/** A link that the mail's reader must not follow by accident: in a frame without rights it leads nowhere. */
const NO_RIGHTS = '';

const Mail = ({ mail, zone }: { mail: Extract<MessageAsSent, { kind: 'mail' }>; zone: string }) => {
  const { text, locale } = useLanguage();
  const words = text.message;
  const [plain, setPlain] = useState(mail.html === undefined);
  const head: [string, string][] = [
    [words.from, mail.from],
    [words.to, mail.to],
    [words.subject, mail.subject],
    [words.sent, showTime(mail.sentAt, locale, zone)],
  ];
  return (
    <>
      <dl class="head">
        {head.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="tabs">
        <button type="button" aria-pressed={!plain} disabled={mail.html === undefined} onClick={() => setPlain(false)}>
          {words.formatted}
        </button>
        <button type="button" aria-pressed={plain} onClick={() => setPlain(true)}>
          {words.plain}
        </button>
      </div>
      {plain ? (
        <pre tabIndex={0}>{mail.text ?? ''}</pre>
      ) : (
        <iframe title={words.frame} sandbox={NO_RIGHTS} referrerpolicy="no-referrer" srcdoc={mail.html ?? ''} />
      )}
      <p class="quiet proof">
        {words.proof} <span class="code">{mail.sha256}</span>
      </p>
    </>
  );
};

const Letter = ({ letter }: { letter: Extract<MessageAsSent, { kind: 'letter' }> }) => {
  const { text } = useLanguage();
  const words = text.message;
  return (
    <>
      <p>
        <a class="button" href={letter.url} target="_blank" rel="noreferrer">
          {words.openLetter}
        </a>{' '}
        {letter.pages !== undefined && words.pages(letter.pages)}
      </p>
      <p class="quiet">{words.letterNote}</p>
      <p class="quiet proof">
        {words.proof} <span class="code">{letter.sha256}</span>
      </p>
    </>
  );
};

/** A mail or letter as it was sent. */
export const MessageDialog = ({ row, zone, onClose }: { row: TimelineRow; zone: string; onClose: () => void }) => {
  const { text } = useLanguage();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const loaded = useData<MessageAsSent>(`/api/messages/${row.customerId}/${encodeURIComponent(row.row)}`);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={onClose}>
      <header>
        <h2 id={titleId}>{row.channel === 'post' ? text.message.letter : text.message.mail}</h2>
        <button type="button" class="small" onClick={() => dialog.current?.close()}>
          {text.close}
        </button>
      </header>
      <Show loaded={loaded}>
        {(message) => (message.kind === 'mail' ? <Mail mail={message} zone={zone} /> : <Letter letter={message} />)}
      </Show>
    </dialog>
  );
};
