/** What a mail carries to the provider and back with each of its events: letters, digits, `-` and `_` only. */
export type MailTags = Readonly<Record<string, string>>;

/** How the provider answered one call. Only `unknown` leaves open whether the mail is on its way. */
export type SendAnswer =
  | { readonly kind: 'accepted'; readonly messageId: string }
  /** Not sent: over the rate or the daily quota, or sending is paused. */
  | { readonly kind: 'throttled'; readonly code: string }
  /** Not sent. `permanent`: never will be, whatever happens (bad content or address); else our set-up is at fault. */
  | { readonly kind: 'refused'; readonly permanent: boolean; readonly code: string }
  /** No answer, or one that does not tell: the mail may have been accepted. */
  | { readonly kind: 'unknown'; readonly code: string };

/** Hands one mail to the provider with exactly one call, never again by itself (reliability.md 0.1). */
export interface Mailer {
  /** @param mail.raw the MIME message as it goes out */
  send(mail: { readonly raw: Uint8Array; readonly to: string; readonly tags: MailTags }): Promise<SendAnswer>;
}
