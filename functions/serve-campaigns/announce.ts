import type { Watches } from '../../shared/audience/watch-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';

/** Says on the changes queue that people were put on a list or taken off it; nothing where no campaign waits for any
 *  audience, for then nobody would look. */
export const announceTo =
  (changes: Pick<Queue<ChangeMessage>, 'send'>, watches: Pick<Watches, 'all'>) =>
  async (members: readonly PartyId[]): Promise<void> => {
    if (members.length === 0 || (await watches.all()).length === 0) return;
    await changes.send(members.map((partyId) => ({ kind: 'party', partyId, because: 'list' })));
  };
