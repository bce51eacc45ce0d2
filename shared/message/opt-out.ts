import type { AddressBook } from '../customer/address-book.ts';
import type { ConsentEntry } from '../customer/consent.ts';
import type { ConsentLedger } from '../customer/consent-ledger.ts';
import type { Profile, Purpose, SendClass } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import { recordConsent } from '../customer/record-consent.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import type { Timeline } from './timeline-store.ts';

/** What stopping needs from outside. */
export interface OptOutPorts {
  readonly gates: Pick<Gates, 'getMany' | 'setConsent'>;
  readonly ledger: Pick<ConsentLedger, 'append'>;
  readonly addressBook: Pick<AddressBook, 'partiesAt' | 'refuse'>;
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly timeline: Pick<Timeline, 'record'>;
  readonly changes: Queue<ChangeMessage>;
}

/** Somebody asks for no more e-mail. */
export interface OptOut {
  readonly partyId: PartyId;
  /** Class of the mail in which they asked; undefined where nobody knows which one they mean. */
  readonly sendClass: SendClass | undefined;
  /** Version of the words they said it to, and where: see `ConsentEntry`. */
  readonly wording: string;
  readonly source: string;
  readonly at: Instant;
}

/** What ends with a request to stop: after an advertisement the advertising; after a reminder, or where nobody knows what
 *  it answers, the reminders too. Statutory notices go on. */
export const purposesOf = (sendClass: SendClass | undefined): readonly Purpose[] =>
  sendClass === 'marketing' ? ['marketing'] : ['service', 'marketing'];

/** Makes what somebody said count at their gate and notes it in ledger and timeline: the one way that all pages, links and
 *  replies go. Idempotent. @throws EngagementError `not-found` where the person has no gate */
export const noteConsent = async (
  ports: { readonly gates: Pick<Gates, 'setConsent'> } & Pick<OptOutPorts, 'ledger' | 'timeline'>,
  entry: ConsentEntry,
): Promise<void> => {
  const { partyId, at, channel, purpose, given, wording, source } = entry;
  await recordConsent(ports, entry);
  const id = derivedId(given ? 'opt-in' : 'opt-out', channel, purpose, source);
  const details = { channel, purpose, given, wording, source };
  await ports.timeline.record({ partyId, at, kind: 'consent', id, policyIds: [], details });
};

/** Refuses a channel at the gates of `parties`, for `purposes`, and says so in their timelines. Those without a gate are
 *  passed over. @returns those who had one */
export const stopChannel = async (
  ports: Pick<OptOutPorts, 'gates' | 'ledger' | 'timeline' | 'changes'>,
  parties: readonly PartyId[],
  said: Pick<ConsentEntry, 'channel' | 'wording' | 'source' | 'at'> & { readonly purposes: readonly Purpose[] },
): Promise<readonly PartyId[]> => {
  const { channel, purposes, wording, source, at } = said;
  const known = [...(await ports.gates.getMany([...new Set(parties)])).keys()];
  for (const partyId of known)
    for (const purpose of purposes) {
      const entry = { partyId, channel, purpose, given: false, wording, at, source } as const;
      await noteConsent(ports, { ...entry, who: 'customer' });
    }
  await ports.changes.send(known.map((partyId) => ({ kind: 'party', partyId, because: `opt-out:${source}` })));
  return known;
};

/**
 * Stops e-mail for everyone at the person's address, now and to come, for the purposes that the class stands for; statutory notices go
 * on. In force at every gate when it returns, so that the page may say so. Idempotent: repeat it after a fault.
 * @returns the persons it stopped mail for
 */
export const optOut = async (ports: OptOutPorts, request: OptOut): Promise<readonly PartyId[]> => {
  const { partyId, sendClass, wording, source, at } = request;
  const purposes = purposesOf(sendClass);
  const email = (await ports.profiles.get(partyId))?.email;
  if (email !== undefined) await ports.addressBook.refuse(email, purposes, { wording, at });
  const others = email === undefined ? [] : await ports.addressBook.partiesAt(email);
  return stopChannel(ports, [partyId, ...others], { channel: 'email', purposes, wording, source, at });
};
