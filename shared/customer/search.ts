import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Item, Table } from '../platform/table.ts';
import type { Profile } from './customer.ts';
import { foldPhone, foldText } from './match-key.ts';
import { OWN_WORD } from './record.ts';

/** What can be searched for. `ref` is a customer number of a source. */
export type SearchKind = 'name' | 'email' | 'phone' | 'policy' | 'ref';

/** A row of the prefix search: under its first characters (`headOf`), sorted by the rest. */
export interface SearchKey {
  readonly kind: SearchKind;
  /** Normalised; at least two characters, or a name of one in Chinese. */
  readonly text: string;
  /** What is found: the party, or the policy. */
  readonly id: string;
}

/** What a search found. Personal data stays where it is: only ids. */
export interface SearchHit {
  readonly kind: SearchKind;
  readonly partyId?: PartyId;
  readonly policyId?: PolicyId;
}

const LONGEST = 64;

/** A text as it is stored and looked for: lower case, no diacritics, width, spaces or punctuation; an e-mail address
 *  keeps its signs. */
export const normaliseSearch = (kind: SearchKind, text: string): string => {
  if (kind === 'email') return text.trim().toLowerCase().slice(0, LONGEST);
  if (kind === 'phone') return foldPhone(text).slice(0, LONGEST);
  return foldText(text).slice(0, LONGEST);
};

/** A Chinese character tells as much as two letters, and most family names are one. Korean ones are three letters here. */
const HAN = /^\p{Script=Han}/u;

/** The characters under which a normalised text is kept, and the least that it is found by; undefined where it has fewer. */
const headOf = (kind: SearchKind, text: string): string | undefined => {
  const [first = '', second] = text;
  if (kind === 'name' && HAN.test(text)) return first;
  return second === undefined ? undefined : first + second;
};

/** Whether there is enough of a text to look for: two characters, or one in Chinese. */
export const isSearchable = (text: string): boolean =>
  headOf('name', normaliseSearch('name', text)) !== undefined || text.trim().length > 1;

const keyOf = (kind: SearchKind, text: string, id: string): SearchKey[] => {
  const normalised = normaliseSearch(kind, text);
  return headOf(kind, normalised) === undefined ? [] : [{ kind, text: normalised, id }];
};

/** The search rows of a person: the name both ways round, e-mail, phone, and the number in each source. */
export const searchKeys = (profile: Pick<Profile, 'partyId' | 'name' | 'email' | 'phone' | 'records'>): SearchKey[] => {
  const { given = '', family = '', full, company } = profile.name;
  const names =
    company !== undefined ? [company] : full !== undefined ? namesOf(full) : [given + family, family + given];
  const keys = [
    ...names.flatMap((name) => keyOf('name', name, profile.partyId)),
    ...(profile.email === undefined ? [] : keyOf('email', profile.email, profile.partyId)),
    ...(profile.phone === undefined ? [] : keyOf('phone', profile.phone, profile.partyId)),
    // what the customer said bears no number of a source
    ...profile.records.flatMap(({ source, key }) => (source === OWN_WORD ? [] : keyOf('ref', key, profile.partyId))),
  ];
  return [...new Map(keys.map((key) => [`${key.kind}#${key.text}`, key])).values()];
};

/** An unsplit name as written, and with its last word first. */
const namesOf = (full: string): string[] => {
  const words = full.trim().split(/\s+/);
  const last = words.pop();
  return words.length === 0 ? [full] : [full, `${last}${words.join('')}`];
};

/** The search row of a policy, by its number. */
export const policySearchKeys = (policyNo: string, policyId: PolicyId): SearchKey[] =>
  keyOf('policy', policyNo, policyId);

const partition = (kind: SearchKind, text: string): string => `Q#${kind}#${headOf(kind, text) ?? text}`;

/** The stored form of a search row. */
export const searchItem = ({ kind, text, id }: SearchKey): Item => ({
  pk: partition(kind, text),
  sk: `${text}#${id}`,
  entity: 'SearchKey',
  schemaVersion: 1,
  id,
});

/** The kinds that `text` may be: digits may be a phone number, a policy number or a customer number. */
const kindsOf = (text: string): readonly SearchKind[] => {
  if (text.includes('@')) return ['email'];
  if (/^[\d\s+().-]+$/.test(text)) return ['phone', 'policy', 'ref'];
  if (/\d/.test(text)) return ['policy', 'ref', 'email', 'name'];
  return ['name', 'email', 'ref', 'policy'];
};

/**
 * Finds people and policies whose name (either order), e-mail, phone, customer number or policy number begins with
 * `text`. One short query a kind, so its cost does not grow with the book.
 * @returns at most `limit` hits (default 20, at most 100), each party and policy once; none for a text too short
 *  (`isSearchable`)
 */
export const search = async (
  table: Table,
  { text, limit = 20 }: { readonly text: string; readonly limit?: number },
): Promise<SearchHit[]> => {
  const most = Math.min(Math.max(1, limit), 100);
  const pages = await Promise.all(
    kindsOf(text).map(async (kind) => {
      const wanted = normaliseSearch(kind, text);
      if (headOf(kind, wanted) === undefined) return [];
      const page = await table.query({ pk: partition(kind, wanted), prefix: wanted, limit: most });
      return page.items.map((item) => ({ kind, id: item.id as string }));
    }),
  );
  const hits = new Map<string, SearchHit>();
  for (const { kind, id } of pages.flat()) {
    if (hits.size >= most) break;
    if (hits.has(id)) continue;
    hits.set(id, kind === 'policy' ? { kind, policyId: id as PolicyId } : { kind, partyId: id as PartyId });
  }
  return [...hits.values()];
};
