import type { PreferenceEntry } from '../customer/consent.ts';
import type { ConsentLedger } from '../customer/consent-ledger.ts';
import type { Topic } from '../customer/customer.ts';
import { type Channel, type Gate, type Pace, type Preferences, type Profile, topics } from '../customer/customer.ts';
import type { Gates } from '../customer/gate-store.ts';
import { maskEmail, maskPhone } from '../customer/mask.ts';
import { closedFor } from '../customer/may-contact.ts';
import { sayOwnWord } from '../customer/own-word.ts';
import type { PersonPorts } from '../customer/update-person.ts';
import { noteConsent, type OptOutPorts, stopChannel } from '../message/opt-out.ts';
import type { Bus } from '../platform/bus.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import { DAY, formatInstant, type Instant } from '../platform/time.ts';
import { PAGES_SOURCE, type PreferencesChanged } from './contract.ts';
import { mergePreferences } from './merge-preferences.ts';

/** What changing preferences needs from outside. */
export interface PreferencePorts extends OptOutPorts {
  readonly gates: Pick<Gates, 'getMany' | 'setConsent' | 'setPreferences'>;
  readonly ledger: Pick<ConsentLedger, 'append' | 'appendPreferences'>;
  readonly persons: PersonPorts;
  readonly bus: Bus;
}

/** The words of the page, as the consent ledger names them; raise it when their meaning changes. */
export const PREFERENCE_WORDING = 'preference-page-1';
export const PREFERENCE_SOURCE = 'preference-page';
/** How long a pause lasts. */
export const PAUSE_DAYS = 90;
/** Persons at one mailbox whose gates are changed at a time. */
const WIDTH = 10;

/** Channels that advertising may use and a customer can speak about. */
export const preferenceChannels = ['email', 'post', 'sms', 'phone'] as const satisfies readonly Channel[];
export type PreferenceChannel = (typeof preferenceChannels)[number];

/** What the page shows: everything as it stands, addresses masked. */
export interface PreferenceView {
  readonly topics: readonly { readonly topic: Topic; readonly wanted: boolean }[];
  /** Those by which the customer can be reached. `shown`: the address, masked; none of a postal one. */
  readonly channels: readonly {
    readonly channel: PreferenceChannel;
    readonly wanted: boolean;
    readonly shown?: string;
  }[];
  /** Set where the customer stopped e-mail about contracts, too. */
  readonly contractMailStopped: boolean;
  readonly pace?: Pace;
  readonly pausedUntil?: Instant;
  readonly locale: string;
}

/** Whom the page is about, as they stand. */
export interface PreferenceOwner {
  readonly profile: Profile;
  readonly gate: Gate;
}

const addressesOf = ({ email, phone, address }: Profile): Readonly<Partial<Record<PreferenceChannel, string>>> => ({
  ...(email === undefined ? {} : { email: maskEmail(email) }),
  ...(address === undefined ? {} : { post: '' }),
  ...(phone === undefined ? {} : { sms: maskPhone(phone), phone: maskPhone(phone) }),
});

/** What the customer has chosen. A suppressed mailbox is no choice and does not show here. */
export const viewPreferences = ({ profile, gate }: PreferenceOwner, now: Instant): PreferenceView => {
  const { refusedTopics = [], pace, pausedUntil } = gate.preferences ?? {};
  const addresses = addressesOf(profile);
  return {
    topics: topics.map((topic) => ({ topic, wanted: !refusedTopics.includes(topic) })),
    channels: preferenceChannels.flatMap((channel) => {
      const shown = addresses[channel];
      if (shown === undefined) return [];
      const wanted = closedFor({ consent: gate.consent, suppressed: {} }, channel, 'marketing') === undefined;
      return [{ channel, wanted, ...(shown === '' ? {} : { shown }) }];
    }),
    contractMailStopped: gate.consent['email/service']?.given === false,
    ...(pace === undefined ? {} : { pace }),
    ...(pausedUntil === undefined || pausedUntil <= now ? {} : { pausedUntil }),
    locale: profile.locale,
  };
};

/** What the customer wants, as the whole form says it. */
export interface PreferenceWish {
  readonly topics: readonly Topic[];
  readonly channels: readonly PreferenceChannel[];
  /** E-mail about contracts, which had been stopped, is wanted again. */
  readonly contractMail: boolean;
  readonly pace?: Pace;
  readonly locale: string;
}

/** One act of a customer on the page. */
interface Act {
  readonly owner: PreferenceOwner;
  readonly now: Instant;
}

const said = (now: Instant) => ({ wording: PREFERENCE_WORDING, source: PREFERENCE_SOURCE, at: now }) as const;

/** Everybody who reads the mailbox; without one, the person alone. */
const sharers = async (ports: PreferencePorts, { partyId, email }: Profile): Promise<readonly PartyId[]> => {
  const there = email === undefined ? [] : await ports.addressBook.partiesAt(email);
  return [...new Set([partyId, ...there])];
};

/** Ends advertising by a channel; by e-mail for everyone at the mailbox, now and to come, as a click on unsubscribe does. */
const refuseChannel = async (
  ports: PreferencePorts,
  { owner, now }: Act,
  channel: PreferenceChannel,
): Promise<void> => {
  const { partyId, email } = owner.profile;
  const purposes = ['marketing'] as const;
  const refusal = { channel, purposes, ...said(now) };
  if (channel !== 'email' || email === undefined) return void (await stopChannel(ports, [partyId], refusal));
  await ports.addressBook.refuse(email, purposes, said(now));
  await stopChannel(ports, await sharers(ports, owner.profile), refusal);
};

/** Opens a channel again, for the person alone; what was about contracts is wanted with it. */
const allowChannel = async (
  ports: PreferencePorts,
  { owner: { gate }, now }: Act,
  channel: PreferenceChannel,
  purposes: readonly ('service' | 'marketing')[],
): Promise<void> => {
  for (const purpose of purposes)
    await noteConsent(ports, {
      partyId: gate.partyId,
      channel,
      purpose,
      given: true,
      ...said(now),
      who: 'customer',
    });
};

/** Sets topics, pace and pause: the customer's as wished, those of others at the mailbox never looser than they were. */
const setPreferences = async (ports: PreferencePorts, { owner, now }: Act, wished: Preferences): Promise<void> => {
  const own = owner.gate.partyId;
  const parties = await sharers(ports, owner.profile);
  const gates = await ports.gates.getMany(parties);
  const changed: PartyId[] = [];
  await inParallel([...gates.values()], WIDTH, async ({ partyId, preferences: known }) => {
    const preferences = partyId === own ? wished : mergePreferences(known, wished, owner.gate.preferences?.pausedUntil);
    if (!(await ports.gates.setPreferences(partyId, preferences))) return;
    changed.push(partyId);
    const entry: PreferenceEntry = { partyId, preferences, ...said(now), who: 'customer' };
    await ports.ledger.appendPreferences(entry);
    const { refusedTopics, pace, pausedUntil } = preferences;
    await ports.timeline.record({
      partyId,
      at: now,
      kind: 'consent',
      id: derivedId('preferences', PREFERENCE_SOURCE),
      policyIds: [],
      details: {
        source: PREFERENCE_SOURCE,
        wording: PREFERENCE_WORDING,
        refusedTopics: refusedTopics.join(' '),
        pace: pace ?? 'any',
        ...(pausedUntil === undefined ? {} : { pausedUntil }),
      },
    });
  });
  await ports.changes.send(changed.map((partyId) => ({ kind: 'party', partyId, because: PREFERENCE_SOURCE })));
};

/** Tells journeys what the customer wants now. */
const tell = async (ports: PreferencePorts, { owner, now }: Act, locale = owner.profile.locale): Promise<void> => {
  const { partyId } = owner.profile;
  const gate = (await ports.gates.getMany([partyId])).get(partyId) ?? owner.gate;
  const { channels, topics: asked, pace, pausedUntil } = viewPreferences({ ...owner, gate }, now);
  const detail: PreferencesChanged = {
    schemaVersion: 1,
    eventId: derivedId('preferences-changed', partyId, now),
    occurredAt: formatInstant(now),
    partyId,
    refusedTopics: asked.flatMap(({ topic, wanted }) => (wanted ? [] : [topic])),
    ...(pace === undefined ? {} : { pace }),
    paused: pausedUntil !== undefined,
    advertising: channels.some(({ wanted }) => wanted),
    locale,
  };
  await ports.bus.publish([{ source: PAGES_SOURCE, detailType: 'PreferencesChanged', detail, at: now }]);
};

/**
 * Makes what a customer wishes count: at the gate before it returns, so that a send that reserves later obeys it (N4,
 * F31). First what is refused, then what is allowed. Idempotent: repeat it after a fault.
 */
export const changePreferences = async (ports: PreferencePorts, act: Act, wish: PreferenceWish): Promise<void> => {
  const { owner, now } = act;
  const before = viewPreferences(owner, now);
  const pausedUntil = before.pausedUntil;
  for (const { channel, wanted } of before.channels)
    if (wanted && !wish.channels.includes(channel)) await refuseChannel(ports, act, channel);
  await setPreferences(ports, act, {
    refusedTopics: topics.filter((topic) => !wish.topics.includes(topic)),
    ...(wish.pace === undefined ? {} : { pace: wish.pace }),
    ...(pausedUntil === undefined ? {} : { pausedUntil }),
  });
  for (const { channel, wanted } of before.channels) {
    const stopped = owner.gate.consent[`${channel}/service`]?.given === false;
    if (!wanted && wish.channels.includes(channel))
      await allowChannel(ports, act, channel, stopped ? ['service', 'marketing'] : ['marketing']);
    else if (channel === 'email' && stopped && wish.contractMail) await allowChannel(ports, act, channel, ['service']);
  }
  if (wish.locale !== owner.profile.locale) {
    const outcome = await sayOwnWord(ports.persons, owner.profile.partyId, { locale: wish.locale }, now);
    if (outcome === 'unknown')
      throw new EngagementError('not-found', `party ${owner.profile.partyId} has no profile: its link leads nowhere`);
  }
  await tell(ports, act, wish.locale);
};

/** Begins or ends a pause of everything that is about no contract. */
export const pauseMessages = async (ports: PreferencePorts, act: Act, on: boolean): Promise<void> => {
  const { pausedUntil: _, ...known } = act.owner.gate.preferences ?? { refusedTopics: [] };
  await setPreferences(ports, act, on ? { ...known, pausedUntil: (act.now + PAUSE_DAYS * DAY) as Instant } : known);
  await tell(ports, act);
};

/** Stops everything that is not about the customer's contracts, by every channel. */
export const stopAllButContracts = async (ports: PreferencePorts, act: Act): Promise<void> => {
  for (const channel of preferenceChannels) await refuseChannel(ports, act, channel);
  await setPreferences(ports, act, { ...act.owner.gate.preferences, refusedTopics: topics });
  await tell(ports, act);
};
