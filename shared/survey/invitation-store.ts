import { type Item, itemKey, type Key, type Table, type WriteOutcome } from '../platform/table.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import type { InvitationRow } from './answer.ts';
import { answerKey } from './answer-store.ts';

/** `next` is absent on the last page. */
interface InvitationPage {
  readonly invitations: readonly InvitationRow[];
  readonly next?: string;
}

/** How an invitation stands. */
export interface InvitationState {
  /** A message went out for it, or goes out now. */
  readonly sent: boolean;
  readonly answeredAt?: Instant;
}

/** Who was asked what: one row an invitation, which counts its messages. */
export interface Invitations {
  /** Notes an invitation with its first message. The first row stands: a repeat is refused and changes nothing. */
  invite(row: InvitationRow): Promise<WriteOutcome>;
  /** Counts one more message of an invitation; refused where there is none. */
  remind(invitationId: string): Promise<WriteOutcome>;
  /** Takes a message back that surely did not go; with its last one the row goes, too. */
  unsend(invitationId: string): Promise<void>;
  get(invitationId: string): Promise<InvitationRow | undefined>;
  /** How invitations stand, strongly read; those neither sent nor answered are missing from the map. */
  statesOf(invitationIds: readonly string[]): Promise<Map<string, InvitationState>>;
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
    messages: 1,
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

  remind: (invitationId) =>
    table.update(invitationKey(invitationId), { add: [{ path: ['messages'], by: 1 }] }, [
      { path: ['pk'], present: true },
    ]),

  async unsend(invitationId) {
    const key = invitationKey(invitationId);
    const removed = await table.remove(key, [{ path: ['messages'], is: 1 }]);
    if (removed.kind === 'refused')
      await table.update(key, { add: [{ path: ['messages'], by: -1 }] }, [{ path: ['pk'], present: true }]);
  },

  async statesOf(invitationIds) {
    const keys = invitationIds.flatMap((id) => [invitationKey(id), answerKey(id)]);
    const items = await table.getMany(keys, { consistent: true });
    return new Map(
      invitationIds.flatMap((id): [string, InvitationState][] => {
        const sent = items.has(itemKey(invitationKey(id)));
        const answer = items.get(itemKey(answerKey(id)))?.answer as { readonly at: Instant } | undefined;
        if (!sent && answer === undefined) return [];
        return [[id, { sent, ...(answer === undefined ? {} : { answeredAt: answer.at }) }]];
      }),
    );
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
