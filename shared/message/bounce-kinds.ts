/**
 * What a bounce says about the address, by the type and sub-type that SES gives it. Source: Amazon SES developer guide,
 * "Amazon SNS notification contents for Amazon SES", bounce types and complaint feedback types.
 *
 * `hard`: the mailbox is dead or shut, no mail goes there again. `soft`: the mail did not arrive, the next one may; five
 * in a row shut the address. `content`: what we wrote was refused, which is our fault and never counts against the
 * customer. `opt-out`: the recipient has unsubscribed at the provider.
 */
export type BounceKind = 'hard' | 'soft' | 'content' | 'opt-out';

/** Reasons on the row of a mail that came back, by kind: what rules, people and the history read. */
export type BounceReason = 'permanent' | 'transient' | 'content';

interface BounceClass {
  readonly kind: BounceKind;
  /** An automatic answer ("out of office") of a mailbox that took the mail comes under this sub-type, too. */
  readonly orAutoReply?: true;
}

const soft: BounceClass = { kind: 'soft' };
const hard: BounceClass = { kind: 'hard' };
const content: BounceClass = { kind: 'content' };

/** By `<type>/<sub-type>`; a sub-type that SES adds later is taken as its type's `General`. */
const CLASSES: Readonly<Record<string, BounceClass>> = {
  'Permanent/General': hard,
  'Permanent/NoEmail': hard,
  'Permanent/Suppressed': hard,
  'Permanent/OnAccountSuppressionList': hard,
  'Permanent/UnsubscribedRecipient': { kind: 'opt-out' },
  'Transient/General': { kind: 'soft', orAutoReply: true },
  'Transient/MailboxFull': soft,
  'Transient/CustomTimeoutExceeded': soft,
  'Transient/MessageTooLarge': content,
  'Transient/ContentRejected': content,
  'Transient/AttachmentRejected': content,
  'Undetermined/Undetermined': { kind: 'soft', orAutoReply: true },
};

const OF_TYPE: Readonly<Record<BounceType, BounceClass>> = {
  Permanent: hard,
  Transient: { kind: 'soft', orAutoReply: true },
  Undetermined: { kind: 'soft', orAutoReply: true },
};

/** Types of bounces, as SES names them. */
export type BounceType = 'Permanent' | 'Transient' | 'Undetermined';

/** Every type and sub-type that is known, for tests and for the guide. */
export const BOUNCES: readonly (readonly [type: BounceType, subType: string])[] = Object.keys(CLASSES).map(
  (name) => name.split('/') as [BounceType, string],
);

const classOf = (type: BounceType, subType: string): BounceClass => CLASSES[`${type}/${subType}`] ?? OF_TYPE[type];

/** What a bounce of this type and sub-type says about the address. */
export const classifyBounce = (type: BounceType, subType: string): BounceKind => classOf(type, subType).kind;

/** The reason that the row of the mail bears. */
export const bounceReason = (kind: BounceKind): BounceReason => {
  if (kind === 'soft') return 'transient';
  return kind === 'content' ? 'content' : 'permanent';
};

/** True for a bounce that may be no more than an automatic answer, when the mail was delivered. */
export const mayBeAutoReply = (type: BounceType, subType: string): boolean =>
  classOf(type, subType).orAutoReply === true;

/**
 * Reports that are no complaint of the customer: `not-spam` says the opposite, `auth-failure` is about our DNS. What has
 * no type, or one that is added later, is taken as a complaint: to be silent is never wrong.
 */
const NO_COMPLAINT: readonly string[] = ['not-spam', 'auth-failure'];

/** Whether a report of the mailbox's provider means that the customer complained. */
export const isComplaint = (feedbackType: string | undefined): boolean => !NO_COMPLAINT.includes(feedbackType ?? '');
