import type { PostalAddress } from '../customer/customer.ts';
import { plainValue } from './letter-body.ts';

/** An address block has at most this many lines: what the window holds. */
export const MAX_ADDRESS_LINES = 6;

/** Countries that write the postcode before the city. */
const postcodeFirst = new Set([
  'AT',
  'BE',
  'CH',
  'CZ',
  'DE',
  'DK',
  'ES',
  'FI',
  'FR',
  'IT',
  'LU',
  'NL',
  'NO',
  'PL',
  'PT',
  'SE',
]);

const isHan = (text: string): boolean => /\p{Script=Han}/u.test(text);

const present = (lines: readonly (string | undefined)[]): string[] =>
  lines.map((line) => plainValue(line ?? '')).filter((line) => line !== '');

/** True where a letter can be addressed: a street line, and a city or a postcode. */
export const isPostable = (address: PostalAddress | undefined): address is PostalAddress =>
  address !== undefined && present(address.lines).length > 0 && present([address.city, address.postcode]).length > 0;

/** Country names as postal services want them on letters that cross a border: in English capitals. */
const countryName = (country: string): string => {
  try {
    return (new Intl.DisplayNames(['en'], { type: 'region' }).of(country) ?? country).toUpperCase();
  } catch {
    return country;
  }
};

/**
 * The address as on an envelope, in the order of its country; the country itself only where the letter leaves
 * `homeCountry`. Inside China: postcode, place from large to small, then the name with 收.
 * @returns the lines, possibly more than `MAX_ADDRESS_LINES`; none is shortened
 */
export const addressBlock = (name: string, address: PostalAddress, homeCountry: string): readonly string[] => {
  const { city, postcode, region, country } = address;
  const street = present(address.lines);
  if (country === 'CN' && homeCountry === 'CN' && isHan(street.join(''))) {
    const place = present([region === city ? undefined : region, city]).filter((part) => !street[0]?.includes(part));
    return present([postcode, `${place.join('')}${street[0] ?? ''}`, ...street.slice(1), `${name} 收`]);
  }
  const town = postcodeFirst.has(country)
    ? [present([postcode, city]).join(' '), region]
    : [present([city, region]).join(', '), postcode];
  return present([name, ...street, ...town, country === homeCountry ? undefined : countryName(country)]);
};
