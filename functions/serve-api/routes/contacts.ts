import * as z from 'zod';
import type { Profile } from '../../../shared/customer/customer.ts';
import type { Gates } from '../../../shared/customer/gate-store.ts';
import { logContact } from '../../../shared/message/log-contact.ts';
import type { Timeline } from '../../../shared/message/timeline-store.ts';
import { maySee } from '../../../shared/platform/api/reader.ts';
import { idParam, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId } from '../../../shared/platform/ids.ts';
import { type Instant, parseInstant } from '../../../shared/platform/time.ts';

/** Calls and visits that staff made. */
export const contactRoutes = (ports: {
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly gates: Pick<Gates, 'getMany' | 'reserve'>;
  readonly timeline: Pick<Timeline, 'record'>;
  readonly now: () => Instant;
}): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/customers/{id}/contacts',
    summary: 'Log a call or a visit: it stands in the timeline and counts against the contact budget',
    roles: ['manager', 'marketing'],
    params: z.object({ id: idParam }),
    body: z.strictObject({
      channel: z.enum(['phone', 'visit']),
      at: z.iso
        .datetime({ offset: true })
        .transform((text) => parseInstant(text) as Instant)
        .optional()
        .describe('When it took place; now unless said'),
      note: z.string().trim().min(1).max(500).optional(),
    }),
    answer: z.object({ contactId: z.string() }),
    handle: async ({ params, body: { channel, at, note }, reader }) => {
      const now = ports.now();
      const profile = await ports.profiles.get(params.id as PartyId);
      if (profile === undefined || !maySee(reader, profile.scope)) return { kind: 'not-found' };
      const { partyId } = profile;
      const contact = { partyId, channel, at: at ?? now, by: reader.id, ...(note === undefined ? {} : { note }) };
      const logged = await logContact(ports, contact, now);
      return logged.kind === 'logged' ? { kind: 'ok', body: { contactId: logged.id } } : logged;
    },
  }),
];
