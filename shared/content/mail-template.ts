import type { SendClass } from '../customer/customer.ts';

/** A mail in one language as `npm run build` leaves it: nothing to look up and nothing to convert any more. */
export interface CompiledTemplate {
  readonly name: string;
  readonly locale: string;
  /** SHA-256 of everything below, hex: the template's version in the history and the proof. */
  readonly hash: string;
  /** Classes it may be sent as. One with an offer block is marketing only. */
  readonly sendClasses: readonly SendClass[];
  /** Liquid, plain text. */
  readonly subject: string;
  /** Liquid in HTML. */
  readonly html: string;
  /** Liquid, plain text, made from the HTML. */
  readonly text: string;
}

/** All mails, and the hash of the sources they were compiled from. */
export interface CompiledTemplates {
  readonly sources: string;
  readonly templates: readonly CompiledTemplate[];
}
