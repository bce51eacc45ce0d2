import type { Item, Key, Table, WriteOutcome } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { InvitationRow } from './answer.ts';

/** `next` is absent on the last page. */
interface InvitationPage {
  readonly invitations: readonly InvitationRow[];
  readonly next?: string;
}

/** Who was asked what: one row an invitation. */
export interface Invitations {
  /** Notes an invitation. The first row stands: a repeat is refused and changes nothing. */
  invite(row: InvitationRow): Promise<WriteOutcome>;
  get(invitationId: string): Promise<InvitationRow | undefined>;
  /** Takes an invitation back whose message surely never went; only the one that was made at that instant. */
  withdraw(row: Pick<InvitationRow, 'invitationId' | 'invitedAt'>): Promise<void>;
  /** Invitations to one survey in one month (`yyyy-mm`, UTC), the oldest first. Possibly a moment old. */
  ofSurvey(
    survey: string,
    month: string,
    page?: { readonly limit?: number; readonly after?: string },
  ): Promise<InvitationPage>;
}

/** Where the row of an invitation lies. */
export const invitationKey = (invitationId: string): Key => ({ pk: `I#${invitationId}`, sk: 'INV' });

const toItem = (row: InvitationRow): Item => {
  const at = formatInstant(row.invitedAt);
  return {
    ...invitationKey(row.invitationId),
    entity: 'Invitation',
    schemaVersion: 1,
    invitedAt: row.invitedAt,
    row,
    bySurveyPk: `${row.survey}#${at.slice(0, 7)}#INV`,
    bySurveySk: `${at}#${row.invitationId}`,
  };
};

/** Invitations over the table: `I#<invitationId>` / `INV`, with the index bySurvey. */
export const createInvitations = (table: Table): Invitations => ({
  invite: (row) => table.put(toItem(row), [{ path: ['pk'], absent: true }]),

  async get(invitationId) {
    const item = await table.get(invitationKey(invitationId), { consistent: true });
    return item?.row as InvitationRow | undefined;
  },

  async withdraw({ invitationId, invitedAt }) {
    await table.remove(invitationKey(invitationId), [{ path: ['invitedAt'], is: invitedAt satisfies Instant }]);
  },

  async ofSurvey(survey, month, { limit = 200, after } = {}) {
    const page = await table.query({
      index: 'bySurvey',
      pk: `${survey}#${month}#INV`,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    return {
      invitations: page.items.map((item) => item.row as InvitationRow),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  },
});
