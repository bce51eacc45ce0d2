import type { PartyId } from '../platform/ids.ts';
import type { CivilDate, Instant, ZoneId } from '../platform/time.ts';
import type { Channel, ConsentState, Gate, PersonName, PostalAddress, Profile, Purpose } from './customer.ts';

/** What one source says about a person; what it does not say is absent. */
export interface PersonData {
  readonly name?: PersonName;
  readonly gender?: 'f' | 'm';
  readonly birthOn?: CivilDate;
  readonly email?: string;
  readonly phone?: string;
  readonly address?: PostalAddress;
  /** Stated even where the rest of the address is not: it serves the linking. */
  readonly postcode?: string;
  readonly locale?: string;
  readonly zone?: ZoneId;
  readonly largePrint?: boolean;
  /** User id of the account manager. */
  readonly manager?: string;
}

/** What a source says about one channel and purpose. */
export interface ConsentStatement {
  readonly channel: Channel;
  readonly purpose: Purpose;
  readonly given: boolean;
  readonly wording: string;
  /** When it was given or refused, where the source says so. */
  readonly at?: Instant;
}

/** A person as one source knows them, under that source's own number. Personal data: never logged. */
export interface PersonRecord {
  readonly source: string;
  readonly key: string;
  readonly scope: string;
  /** Instant of which the data is. */
  readonly asOf: Instant;
  /** From when it is known; until then it waits. */
  readonly knownFrom: Instant;
  /** Whose word counts where sources differ: higher first. */
  readonly authority: number;
  readonly data: PersonData;
  readonly consents: readonly ConsentStatement[];
  /** Used for linking only. */
  readonly nationalId?: string;
  /** The person's numbers in other sources, where this one states them. */
  readonly sameAs: readonly { readonly source: string; readonly key: string }[];
}

/** Why a record joined the party it joined. */
export type JoinReason =
  /** It was the party's first. */
  | 'first'
  /** Another source's number, stated by one of the two. */
  | 'number'
  | 'national-id'
  | 'email+birth'
  | 'phone+birth'
  | 'name+birth+postcode'
  /** The customer said it on a page of ours. */
  | 'own-word';

/** Why a record could not be placed with certainty: somebody should look. */
export type UnclearReason =
  /** Its keys lead to different people. */
  | 'two-parties'
  /** A holder who joined nobody and whom nobody can write to. */
  | 'no-contact-data';

/** A record as it stands in its party. */
export interface JoinedRecord
  extends Pick<PersonRecord, 'source' | 'key' | 'scope' | 'asOf' | 'knownFrom' | 'authority' | 'data' | 'consents'> {
  readonly joinedBy: JoinReason;
  readonly joinedAt: Instant;
}

/** Source of what customers say of themselves on our pages: for each field its own record (ADR 0033). */
export const OWN_WORD = 'preferences';

/** For people of whom no source says where and how they read. A branch's own default comes with its mapping. */
export const DEFAULT_LOCALE = 'en';
export const DEFAULT_ZONE = 'UTC' as ZoneId;

/** Whose word goes first: authority, then the later data; then by name, so that any order of arrival ends alike. */
const byWord = (a: JoinedRecord, b: JoinedRecord): number =>
  b.authority - a.authority || b.asOf - a.asOf || (`${a.source}\n${a.key}` < `${b.source}\n${b.key}` ? -1 : 1);

const sameRecord = (a: JoinedRecord, b: JoinedRecord): boolean => a.source === b.source && a.key === b.key;

/** The records that count at `now`: of each the latest version that is known. */
const knownRecords = (records: readonly JoinedRecord[], now: Instant): JoinedRecord[] =>
  records.filter(
    (record) =>
      record.knownFrom <= now &&
      !records.some(
        (other) => other !== record && sameRecord(other, record) && other.knownFrom <= now && supersedes(other, record),
      ),
  );

const supersedes = (a: JoinedRecord, b: JoinedRecord): boolean =>
  a.asOf - b.asOf > 0 || (a.asOf === b.asOf && a.knownFrom > b.knownFrom);

/**
 * The records of a party with `record` in place of its earlier version; the earlier one stays beside it for as long as
 * the new one is not known. A record keeps when and why it joined.
 */
export const withRecord = (records: readonly JoinedRecord[], record: JoinedRecord, now: Instant): JoinedRecord[] => {
  const former = records.find((other) => sameRecord(other, record));
  const kept = records.filter(
    (other) => !sameRecord(other, record) || (record.knownFrom > now && other.knownFrom <= now),
  );
  return [...kept, former ? { ...record, joinedBy: former.joinedBy, joinedAt: former.joinedAt } : record];
};

const firstOf = <Field extends keyof PersonData>(records: readonly JoinedRecord[], field: Field): PersonData[Field] =>
  records.find((record) => record.data[field] !== undefined)?.data[field];

/** The record a party began with goes before those that joined it at the same instant. */
const rank = ({ joinedBy }: JoinedRecord): number => (joinedBy === 'first' ? 0 : 1);

/** Leaves out what is undefined, so that stored items and comparisons have one form. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;

/**
 * The person's projection at `now`: for each field the word of the record that goes first among those that state it.
 * An address counts whole: a street of one source is never put together with another's city.
 * @param records all records of the party; those not known yet are listed but not used
 */
export const mergeProfile = (
  partyId: PartyId,
  records: readonly JoinedRecord[],
  now: Instant,
  version: number,
): Profile => {
  const known = knownRecords(records, now).sort(byWord);
  return compact({
    partyId,
    scope: known[0]?.scope ?? records[0]?.scope ?? '',
    name: firstOf(known, 'name') ?? {},
    gender: firstOf(known, 'gender'),
    birthOn: firstOf(known, 'birthOn'),
    locale: firstOf(known, 'locale') ?? DEFAULT_LOCALE,
    zone: firstOf(known, 'zone') ?? DEFAULT_ZONE,
    email: firstOf(known, 'email'),
    phone: firstOf(known, 'phone'),
    address: firstOf(known, 'address'),
    largePrint: firstOf(known, 'largePrint'),
    manager: firstOf(known, 'manager'),
    records: records
      .filter((record, n) => records.findIndex((other) => sameRecord(other, record)) === n)
      .sort((a, b) => a.joinedAt - b.joinedAt || rank(a) - rank(b) || byWord(a, b))
      .map(({ source, key, joinedBy, joinedAt }) => ({ source, key, joinedBy, at: joinedAt })),
    version,
  });
};

/** True where somebody can write to the person: an e-mail or a postal address is known. */
export const isReachable = (data: Pick<PersonData, 'email' | 'address'>): boolean =>
  data.email !== undefined || data.address !== undefined;

/**
 * The consents that a record's statements change in a gate. A refusal always counts unless a later word stands. An
 * agreement never overrides a refusal that stands, unless it names its wording and is dated after it: a source that
 * was not told of an opt-out must not undo it by being imported.
 * @param asOf counts for statements without a date of their own
 */
export const consentChanges = (
  consent: Gate['consent'],
  statements: readonly ConsentStatement[],
  asOf: Instant,
): readonly { readonly channel: Channel; readonly purpose: Purpose; readonly state: ConsentState }[] =>
  statements.flatMap(({ channel, purpose, given, wording, at }) => {
    const state: ConsentState = { given, wording, at: at ?? asOf };
    const standing = consent[`${channel}/${purpose}`];
    if (standing && standing.given === given && standing.wording === wording) return [];
    if (standing && standing.at > state.at) return [];
    const proven = wording !== 'legacy-unproven' && at !== undefined;
    if (standing && !standing.given && given && !proven) return [];
    return [{ channel, purpose, state }];
  });
