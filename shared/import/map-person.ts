import type { PersonName, PostalAddress } from '../customer/customer.ts';
import type { ConsentStatement, PersonRecord } from '../customer/record.ts';
import type { ZoneId } from '../platform/time.ts';
import { type FieldReader, type FieldReaders, optional, type RowReading, startOf } from './field-reader.ts';
import { compact, type Part, type RecordOf } from './map-part.ts';
import type { FieldMapping } from './mapping.ts';

const UTC = 'UTC' as ZoneId;

const nameReader = (
  read: FieldReaders,
  { given, family, full, company }: RecordOf<'customer'>,
): FieldReader<PersonName> => {
  const text = (field: FieldMapping | undefined) => optional(field, (found) => read.text(found, 'warning'));
  const parts = { given: text(given), family: text(family), full: text(full), company: text(company) };
  return (row) => {
    const organisation = parts.company(row);
    if (organisation !== undefined) return { company: organisation };
    const name = compact({ given: parts.given(row), family: parts.family(row), full: parts.full(row) });
    return Object.keys(name).length === 0 ? undefined : name;
  };
};

/** An address counts where an envelope can be written: street, country, and a city or a postcode, which stands for it. */
const addressReader = (read: FieldReaders, mapping: RecordOf<'customer'>): FieldReader<PostalAddress> => {
  const text = (field: FieldMapping | undefined) => optional(field, (found) => read.text(found, 'warning'));
  const lines = mapping.lines.map((field) => read.text(field, 'warning'));
  const [city, postcode, region] = [text(mapping.city), text(mapping.postcode), text(mapping.region)];
  const country = optional(mapping.country, read.country);
  return (row) => {
    const street = lines.flatMap((line) => line(row) ?? []);
    const [town, code, state] = [city(row), postcode(row), country(row)];
    if (street.length === 0 || (town ?? code) === undefined || state === undefined) return undefined;
    return compact({ lines: street, city: town ?? '', postcode: code ?? '', region: region(row), country: state });
  };
};

const consentsReader = (read: FieldReaders, mapping: RecordOf<'customer'>) => {
  const columns = mapping.consents.map(({ channel, purposes, given, wording, at }) => ({
    channel,
    purposes,
    wording,
    given: read.yesNo(given),
    at: optional(at, (field) => read.date(field, 'warning')),
  }));
  return (row: RowReading): ConsentStatement[] =>
    columns.flatMap(({ channel, purposes, wording, given, at }) => {
      const answer = given(row);
      if (answer === undefined) return [];
      const day = at(row);
      const when = day === undefined ? {} : { at: startOf(day, UTC) };
      return purposes.map((purpose) => ({ channel, purpose, given: answer, wording, ...when }));
    });
};

/** Reads a person's record. What is wrong with a person's data is left out with a warning; only the number is needed. */
export const personPart = (
  read: FieldReaders,
  mapping: RecordOf<'customer'>,
  source: string,
  scope: string,
): Part<PersonRecord> => {
  const soft = (field: FieldMapping | undefined) => optional(field, (found) => read.text(found, 'warning'));
  const key = read.needed(mapping.key, read.text(mapping.key));
  const readers = {
    name: nameReader(read, mapping),
    gender: optional(mapping.gender, (field) => read.oneOf(field, ['f', 'm'], 'warning')),
    birthOn: optional(mapping.birthOn, (field) => read.date(field, 'warning')),
    email: optional(mapping.email, read.email),
    phone: optional(mapping.phone, read.phone),
    address: addressReader(read, mapping),
    postcode: soft(mapping.postcode),
    locale: optional(mapping.locale, read.locale),
    zone: optional(mapping.zone, (field) => read.zone(field, 'warning')),
    largePrint: optional(mapping.largePrint, read.yesNo),
    manager: soft(mapping.manager),
  };
  const entries = Object.entries(readers) as [string, FieldReader<unknown>][];
  const nationalId = soft(mapping.nationalId);
  const sameAs = mapping.sameAs.map((other) => ({ source: other.source, key: read.text(other.key, 'warning') }));
  const consents = consentsReader(read, mapping);
  const asOfDay = optional(mapping.asOf, read.date);
  return (row, { asOf, knownFrom }) => {
    const number = key(row);
    if (number === undefined) return undefined;
    const data: Record<string, unknown> = {};
    for (const [name, reader] of entries) {
      const value = reader(row);
      if (value !== undefined) data[name] = value;
    }
    const day = asOfDay(row);
    const id = nationalId(row);
    return {
      source,
      key: number,
      scope,
      asOf: day === undefined ? asOf : startOf(day, UTC),
      knownFrom,
      authority: mapping.authority,
      data,
      consents: consents(row),
      ...(id === undefined ? {} : { nationalId: id }),
      sameAs: sameAs.flatMap(({ source: other, key: its }) => {
        const found = its(row);
        return found === undefined ? [] : [{ source: other, key: found }];
      }),
    };
  };
};
