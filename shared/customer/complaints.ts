import { derivedId, type PartyId } from '../platform/ids.ts';
import { type Item, queryAll, type Table } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { Gates } from './gate-store.ts';

/** What the insurer's systems told about a complaint. */
export interface ComplaintNews {
  readonly partyId: PartyId;
  /** The complaint's number; all that come without one count as one. */
  readonly complaint?: string;
  readonly state: 'opened' | 'closed';
  readonly at: Instant;
}

/** What was told about the complaints of customers. Nothing is taken back, so that any order ends alike. */
export interface Complaints {
  /** Keeps it; the same again changes nothing. */
  note(news: ComplaintNews): Promise<void>;
  /** Whether the last word on any of the customer's complaints is that it was opened. Read strongly. */
  isAnyOpen(partyId: PartyId): Promise<boolean>;
}

const toItem = ({ partyId, complaint, state, at }: ComplaintNews): Item => {
  const id = complaint === undefined ? '-' : derivedId('complaint', complaint);
  return {
    pk: `C#${partyId}`,
    sk: `COMPLAINT#${id}#${formatInstant(at)}#${state}`,
    entity: 'Complaint',
    schemaVersion: 1,
    complaint: id,
    state,
    at,
  };
};

/** Complaints over the table: `C#<partyId>` / `COMPLAINT#<id>#<at>#<state>`. */
export const createComplaints = (table: Table): Complaints => ({
  note: (news) => table.writeMany([toItem(news)]),

  async isAnyOpen(partyId) {
    const last = new Map<unknown, Item>();
    for await (const item of queryAll(table, { pk: `C#${partyId}`, prefix: 'COMPLAINT#', consistent: true })) {
      // `closed` sorts before `opened`: of two words of one instant the closing counts
      if (last.get(item.complaint)?.at !== item.at) last.set(item.complaint, item);
    }
    return [...last.values()].some(({ state }) => state === 'opened');
  },
});

/**
 * Takes news of a complaint: while any complaint is open, the gate says so and advertising is silent (M3). Where news come
 * at once, whoever sets the gate looks again until it says what is known.
 */
export const followComplaint = async (
  { complaints, gates }: { readonly complaints: Complaints; readonly gates: Pick<Gates, 'setSituation'> },
  news: ComplaintNews,
): Promise<void> => {
  await complaints.note(news);
  let said: boolean | undefined;
  for (let open = await complaints.isAnyOpen(news.partyId); open !== said; ) {
    await gates.setSituation(news.partyId, 'open-complaint', open);
    said = open;
    open = await complaints.isAnyOpen(news.partyId);
  }
};
