import * as z from 'zod';
import type { Templates } from '../../../shared/content/template.ts';
import type { Profile } from '../../../shared/customer/customer.ts';
import { readRowName } from '../../../shared/history/listed.ts';
import { readProofBundle } from '../../../shared/history/proof-bundle.ts';
import { proofBundle } from '../../../shared/history/why-contract.ts';
import { type SendAgainPorts, sendAgain } from '../../../shared/message/send-again.ts';
import type { TimelineKey } from '../../../shared/message/timeline-store.ts';
import { maySee, type Reader } from '../../../shared/platform/api/reader.ts';
import { idParam, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId } from '../../../shared/platform/ids.ts';
import type { Instant } from '../../../shared/platform/time.ts';

export interface MessageRoutesPorts extends SendAgainPorts {
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly templates: Pick<Templates, 'load'>;
  readonly now: () => Instant;
}

const rowParams = z.object({ customerId: idParam, row: z.string().max(120) });

/** What may be done with one message: its proof, and sending it again. */
export const messageRoutes = (ports: MessageRoutesPorts): readonly Route[] => {
  /** The row that a path names, where the reader may see its customer. */
  const keyOf = async (
    { customerId, row }: z.output<typeof rowParams>,
    reader: Reader,
  ): Promise<TimelineKey | undefined> => {
    const [profile, named] = [await ports.profiles.get(customerId as PartyId), readRowName(row)];
    if (profile === undefined || named === undefined || named.kind !== 'message') return undefined;
    return maySee(reader, profile.scope) ? { partyId: profile.partyId, ...named } : undefined;
  };

  return [
    route({
      method: 'get',
      path: '/api/messages/{customerId}/{row}/proof',
      summary: 'The proof of a message, to be checked offline by npm run verify-proof',
      roles: ['compliance', 'head', 'engineer'],
      params: rowParams,
      answer: proofBundle,
      handle: async ({ params, reader }) => {
        const key = await keyOf(params, reader);
        const entry = key && (await ports.timeline.get(key));
        const bundle = entry && (await readProofBundle(ports, entry));
        return bundle === undefined ? { kind: 'not-found' } : { kind: 'ok', body: bundle };
      },
    }),

    route({
      method: 'post',
      path: '/api/messages/{customerId}/{row}/resend',
      summary: 'Send again what failed, or what is of unknown outcome and may then arrive twice',
      roles: ['marketing', 'engineer'],
      params: rowParams,
      body: z.strictObject({}),
      answer: z.object({ outcome: z.enum(['resent', 'settled']) }),
      handle: async ({ params, reader }) => {
        const key = await keyOf(params, reader);
        if (key === undefined || (await ports.timeline.get(key)) === undefined) return { kind: 'not-found' };
        return { kind: 'ok', body: { outcome: (await sendAgain(ports, key, ports.now())).kind } };
      },
    }),
  ];
};
