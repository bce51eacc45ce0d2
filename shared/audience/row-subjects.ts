import type { PartyId } from '../platform/ids.ts';
import { type CivilDate, civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import type { AudienceRow } from './audience-row.ts';
import type { AudienceRows } from './audience-rows.ts';
import type { CustomerList, Lists } from './list-store.ts';
import type { RuleSubject } from './rule-subject.ts';

const UTC = 'UTC' as ZoneId;

/** The calendar day it is at `now` in each zone; a page of rows asks for two or three zones a thousand times. */
const daysAt = (now: Instant): ((zone: string) => CivilDate) => {
  const known = new Map<string, CivilDate>();
  return (zone) => {
    let day = known.get(zone);
    if (day === undefined) {
      day = civilDateAt(now, zone as ZoneId);
      known.set(zone, day);
    }
    return day;
  };
};

/** A row as a subject of rules. A list whose last day is over by the customer's calendar, or that is gone, holds nobody. */
const subjectOf = (
  row: AudienceRow,
  expiry: ReadonlyMap<string, CivilDate>,
  now: Instant,
  dayIn: (zone: string) => CivilDate,
): RuleSubject => {
  const { customer, policies, claims, lists } = row;
  const today = dayIn(customer?.zone ?? UTC);
  return {
    now,
    today,
    ...(customer && { customer }),
    ...(policies && { policies }),
    ...(claims && { claims }),
    lists: lists.filter((id) => (expiry.get(id) ?? '') >= today),
  };
};

const expiryOf = (lists: readonly CustomerList[]): ReadonlyMap<string, CivilDate> =>
  new Map(lists.map(({ id, expiresOn }) => [id, expiresOn]));

/** Rows as subjects of rules, in the same order. The lists are read where one of the rows is on any. */
export const subjectsOf = async (
  rows: readonly AudienceRow[],
  lists: Pick<Lists, 'all'>,
  now: Instant,
): Promise<readonly RuleSubject[]> => {
  const expiry = expiryOf(rows.some((row) => row.lists.length > 0) ? await lists.all() : []);
  const dayIn = daysAt(now);
  return rows.map((row) => subjectOf(row, expiry, now, dayIn));
};

/** The lists that people are on and that still count, for whoever reads the parts of a subject one by one. */
export const createMemberships = (
  rows: Pick<AudienceRows, 'getMany'>,
  lists: Pick<Lists, 'all'>,
  clock: () => Instant,
): { of(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, readonly string[]>> } => ({
  async of(ids) {
    const found = [...(await rows.getMany(ids)).values()];
    const subjects = await subjectsOf(found, lists, clock());
    return new Map(found.map(({ partyId }, n) => [partyId, subjects[n]?.lists ?? []]));
  },
});
