import type { JoinReason, PersonData, PersonRecord } from './record.ts';

/** A normalised value by which records of different departments find each other. Personal data until it is hashed. */
export interface MatchKey {
  readonly kind: Extract<JoinReason, 'national-id' | 'email+birth' | 'phone+birth' | 'name+birth+postcode'>;
  readonly parts: readonly string[];
}

/** Letters that no decomposition takes apart, as people write them without a special keyboard. */
const LATIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
};

/**
 * A text reduced to what two clerks would write alike: case, diacritics, punctuation and spaces folded, full-width
 * forms made half-width (NFKD). Chinese characters stay as they are.
 */
export const foldText = (text: string): string => {
  const lower = text.toLowerCase();
  // most names of a Latin book need no more than this
  if (/^[ -~]*$/.test(lower)) return lower.replace(/[^a-z0-9]+/g, '');
  return lower
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßæœøđðþłı]/g, (letter) => LATIN[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]+/gu, '');
};

/** Scripts whose people write the family name first. */
const FAMILY_FIRST = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** A person's name for comparison, split by the source or not: `Alice`, `Riding` and `Alice Riding` are one, and so are
 *  `三`, `张` and `张三`. Swapped names are not: whether they mean the same person is a matter of likelihood. */
export const foldName = ({ given = '', family = '', full, company }: NonNullable<PersonData['name']>): string => {
  const split = FAMILY_FIRST.test(family + given) ? family + given : given + family;
  return foldText(company ?? (split === '' ? (full ?? '') : split));
};

const foldPostcode = (postcode: string): string => foldText(postcode).toUpperCase();

/** Digits of a phone number without its writing: `0061`, `+61` and `61` begin alike. */
export const foldPhone = (phone: string): string => phone.replace(/\D+/g, '').replace(/^00/, '');

/**
 * The keys of a record, strongest first: the order in which they are tried and claimed is the same for everybody. An
 * e-mail address or a phone number alone is none: families share them. A record without birth date has at most its
 * national id.
 */
export const matchKeysOf = ({ data, nationalId }: Pick<PersonRecord, 'data' | 'nationalId'>): readonly MatchKey[] => {
  const keys: MatchKey[] = [];
  const id = nationalId === undefined ? '' : foldText(nationalId);
  if (id !== '') keys.push({ kind: 'national-id', parts: [id] });
  const birth = data.birthOn;
  if (birth === undefined) return keys;
  const name = data.name === undefined ? '' : foldName(data.name);
  const postcode = data.postcode === undefined ? '' : foldPostcode(data.postcode);
  if (name !== '' && postcode !== '') keys.push({ kind: 'name+birth+postcode', parts: [name, birth, postcode] });
  if (data.email !== undefined) keys.push({ kind: 'email+birth', parts: [data.email.trim().toLowerCase(), birth] });
  const phone = data.phone === undefined ? '' : foldPhone(data.phone);
  if (phone.length >= 6) keys.push({ kind: 'phone+birth', parts: [phone, birth] });
  return keys;
};
