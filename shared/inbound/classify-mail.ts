import type { ReceivedMail } from './read-mail.ts';

/** Who wrote a mail. `why` names the sign that told, for the log. */
export type MailClass =
  | { readonly kind: 'person' }
  /** A machine: an absence note, a report of what could not be delivered, a list. */
  | { readonly kind: 'automatic'; readonly why: AutomaticSign }
  /** SES found it to be spam or to carry a virus. */
  | { readonly kind: 'unwanted'; readonly why: 'spam' | 'virus' };

type AutomaticSign =
  | 'auto-submitted'
  | 'auto-reply-header'
  | 'precedence'
  | 'list'
  | 'delivery-report'
  | 'empty-return-path'
  | 'auto-response-suppress'
  | 'postmaster'
  | 'subject';

/** Absence notes and acknowledgements of programs that set no header, in the languages that are met most. A subject is the
 *  weakest sign and asked last: it must begin with the whole phrase, so that `Re: Automatic reply …` of a person passes. */
const SUBJECTS =
  /^\s*(automatic reply|auto[- ]?reply|autoreply|automatic response|out of (the )?office|away from (the )?office|on vacation|abwesen(d|heit)|automatische antwort|respuesta automática|fuera de la oficina|réponse automatique|absen(t|ce) du bureau|risposta automatica|resposta automática|автоматический ответ|自动回复|自動回覆|自動回復|自动答复|自动应答|外出自动|休假自动|不在办公室|不在辦公室|外出通知|休假通知|自動返信)/i;

const first = (mail: ReceivedMail, name: string): string | undefined => mail.header(name)[0];

const automaticSign = (mail: ReceivedMail): AutomaticSign | undefined => {
  const submitted = first(mail, 'auto-submitted');
  // RFC 3834, 5: anything but `no`, parameters aside
  if (submitted !== undefined && !/^no\s*(;|$)/i.test(submitted)) return 'auto-submitted';
  if (['x-autoreply', 'x-autorespond', 'x-autoresponse'].some((name) => mail.header(name).length > 0))
    return 'auto-reply-header';
  if (/^(bulk|junk|list|auto_reply)\b/i.test(first(mail, 'precedence') ?? '')) return 'precedence';
  if (mail.header('list-id').length > 0) return 'list';
  const type = first(mail, 'content-type') ?? '';
  if (/^multipart\/report\b|^message\/(delivery-status|disposition-notification)\b/i.test(type))
    return 'delivery-report';
  // RFC 5321, 4.5.5: reports and notes of machines go out without a return path, so that they are not answered
  if (first(mail, 'return-path') === '<>') return 'empty-return-path';
  if (mail.header('x-auto-response-suppress').length > 0) return 'auto-response-suppress';
  if (/^(mailer-daemon|postmaster|no-?reply)@/i.test(mail.from)) return 'postmaster';
  return SUBJECTS.test(mail.subject) ? 'subject' : undefined;
};

/** What kind of sender a mail has (ADR 0115). Only the uppermost verdict counts: SES puts its own above what came in. */
export const classifyMail = (mail: ReceivedMail): MailClass => {
  if (first(mail, 'x-ses-virus-verdict') === 'FAIL') return { kind: 'unwanted', why: 'virus' };
  if (first(mail, 'x-ses-spam-verdict') === 'FAIL') return { kind: 'unwanted', why: 'spam' };
  const why = automaticSign(mail);
  return why === undefined ? { kind: 'person' } : { kind: 'automatic', why };
};
