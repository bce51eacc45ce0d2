import type { RecordProblem } from './split-records.ts';

/** Why a cell, or a whole row, could not be taken as it stands. */
export type ProblemReason =
  | RecordProblem
  | 'too-many-cells'
  | 'too-few-cells'
  | 'empty'
  | 'not-listed'
  | 'not-a-date'
  | 'no-such-day'
  | 'not-a-number'
  | 'too-many-decimals'
  | 'not-a-currency'
  | 'not-an-email'
  | 'not-a-phone'
  | 'not-a-zone'
  | 'not-a-country'
  | 'not-a-locale'
  | 'not-a-link'
  | 'not-yes-or-no'
  | 'too-long-for-a-field';

/** Something wrong in a row. `value` is personal data: it goes into the error file and never into a log. */
export interface RowProblem {
  /** Name of the column, or of several joined with ` + `; empty where it is the row as a whole. */
  readonly column: string;
  readonly value: string;
  readonly reason: ProblemReason;
  /** `refused`: the row is not taken. `warning`: it is, without this value. */
  readonly severity: 'refused' | 'warning';
}

/** What each reason means and what to do about it, for the error file. */
export const problemTexts: Readonly<Record<ProblemReason, string>> = {
  'unclosed-quote': 'a quote opens here and never closes: close it, or double it inside a quoted cell',
  'stray-quote': 'a quote stands inside a cell: put the cell into quotes and double the quote',
  'too-long': 'the row is longer than a million characters: see whether a quote is missing',
  nul: 'the row holds a NUL character: see whether the file is UTF-16, and declare its encoding',
  'not-json': 'the line is not JSON: one object a line',
  'not-an-object': 'the line is JSON and no object: one object a line',
  nested: 'the value is an object or list: flatten it before the export',
  'number-too-large': 'a number beyond 2^53 has lost digits: write it as text, in quotes',
  'too-many-cells': 'the row has more cells than the header: see whether a delimiter is unquoted',
  'too-few-cells': 'the row has fewer cells than the header: see whether a line break is unquoted',
  empty: 'a value is needed here',
  'not-listed': 'the mapping does not list this value: add it to the field’s `map`, or correct it',
  'not-a-date': 'not one of the date spellings of the mapping: add the spelling, or correct the value',
  'no-such-day': 'this day does not exist: correct it',
  'not-a-number': 'not a number in the mapping’s spelling: see its decimal sign',
  'too-many-decimals': 'more digits after the point than the currency has: correct the amount',
  'not-a-currency': 'not an ISO 4217 currency such as EUR',
  'not-an-email': 'cannot be an e-mail address: correct it, or leave it empty',
  'not-a-phone': 'cannot be a phone number: correct it, or leave it empty',
  'not-a-zone': 'not an IANA time zone such as Europe/Madrid',
  'not-a-country': 'not an ISO 3166-1 country of two letters such as ES',
  'not-a-locale': 'not a BCP 47 language such as en or zh-CN',
  'not-a-link': 'not an https address',
  'not-yes-or-no': 'neither yes nor no: map the values, or correct it',
  'too-long-for-a-field': 'longer than 1,000 characters: shorten it',
};
