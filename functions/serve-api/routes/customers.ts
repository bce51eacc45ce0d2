import * as z from 'zod';
import {
  customer,
  factsAnswer,
  messageAsSent,
  policy,
  searchAnswer,
  searchRequest,
  timelineAnswer,
} from '../../../shared/history/contract.ts';
import { type FindPorts, findCustomers } from '../../../shared/history/find-customers.ts';
import { checkedMark, listedRow, readRowName } from '../../../shared/history/listed.ts';
import { type ReadCustomerPorts, readCustomer, readPolicy } from '../../../shared/history/read-customer.ts';
import { viewFacts } from '../../../shared/history/read-facts.ts';
import { type ReadMessagePorts, readMessage } from '../../../shared/history/read-message.ts';
import type { Timeline } from '../../../shared/message/timeline-store.ts';
import { maySee, type Reader, roles } from '../../../shared/platform/api/reader.ts';
import { idParam, pageQuery, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId, PolicyId } from '../../../shared/platform/ids.ts';
import type { Instant } from '../../../shared/platform/time.ts';
import type { EvidenceStore } from '../../../shared/survey/evidence-store.ts';

export interface CustomerRoutesPorts extends FindPorts, ReadCustomerPorts, ReadMessagePorts {
  readonly profiles: FindPorts['profiles'] & ReadCustomerPorts['profiles'];
  readonly policies: FindPorts['policies'] & ReadCustomerPorts['policies'];
  readonly timeline: Pick<Timeline, 'list' | 'get'>;
  readonly evidence: Pick<EvidenceStore, 'ofParty'>;
  readonly now: () => Instant;
}

/** Everyone who works with customers may read their history. */
const READERS = roles;

/** Search, customers with their timeline and messages, policies. */
export const customerRoutes = (ports: CustomerRoutesPorts): readonly Route[] => {
  /** The customer's id where the reader may see it. */
  const visible = async (reader: Reader, id: string): Promise<PartyId | undefined> => {
    const profile = await ports.profiles.get(id as PartyId);
    return profile !== undefined && maySee(reader, profile.scope) ? profile.partyId : undefined;
  };

  return [
    route({
      method: 'post',
      path: '/api/search',
      summary: 'Find customers by the beginning of a name, e-mail, phone, customer or policy number',
      roles: READERS,
      body: searchRequest,
      answer: searchAnswer,
      handle: async ({ body, reader }) => ({
        kind: 'ok',
        body: await findCustomers(ports, body, (scope) => maySee(reader, scope), ports.now()),
      }),
    }),

    route({
      method: 'get',
      path: '/api/customers/{id}',
      summary: 'A customer: addresses, consent, policies, journeys',
      roles: READERS,
      params: z.object({ id: idParam }),
      answer: customer,
      handle: async ({ params, reader }) => {
        const found = await readCustomer(ports, params.id as PartyId, ports.now());
        return found !== undefined && maySee(reader, found.scope) ? { kind: 'ok', body: found } : { kind: 'not-found' };
      },
    }),

    route({
      method: 'get',
      path: '/api/customers/{id}/facts',
      summary: 'What was learnt about a customer: satisfaction, decision style, own facts, each with what it rests on',
      roles: READERS,
      params: z.object({ id: idParam }),
      answer: factsAnswer,
      handle: async ({ params, reader }) => {
        const id = await visible(reader, params.id);
        if (id === undefined) return { kind: 'not-found' };
        return { kind: 'ok', body: viewFacts(await ports.evidence.ofParty(id), ports.now()) };
      },
    }),

    route({
      method: 'get',
      path: '/api/customers/{id}/timeline',
      summary: 'What happened with a customer, newest first',
      roles: READERS,
      params: z.object({ id: idParam }),
      query: pageQuery,
      answer: timelineAnswer,
      handle: async ({ params, query, reader }) => {
        const id = await visible(reader, params.id);
        if (id === undefined) return { kind: 'not-found' };
        const after = checkedMark(query.after, `C#${id}`);
        const { entries, next } = await ports.timeline.list(id, {
          limit: query.limit,
          ...(after === undefined ? {} : { after }),
        });
        return { kind: 'ok', body: { items: entries.map(listedRow), ...(next === undefined ? {} : { next }) } };
      },
    }),

    route({
      method: 'get',
      path: '/api/messages/{customerId}/{row}',
      summary: 'A mail or letter as it was sent',
      roles: READERS,
      params: z.object({ customerId: idParam, row: z.string().max(120) }),
      answer: messageAsSent,
      handle: async ({ params, reader }) => {
        const [id, row] = [await visible(reader, params.customerId), readRowName(params.row)];
        const entry =
          id !== undefined && row !== undefined ? await ports.timeline.get({ partyId: id, ...row }) : undefined;
        const message = entry && (await readMessage(ports, entry));
        return message === undefined ? { kind: 'not-found' } : { kind: 'ok', body: message };
      },
    }),

    route({
      method: 'get',
      path: '/api/policies/{id}',
      summary: 'A policy: terms, offer, ending, journeys',
      roles: READERS,
      params: z.object({ id: idParam }),
      answer: policy,
      handle: async ({ params, reader }) => {
        const found = await readPolicy(ports, params.id as PolicyId, ports.now());
        return found !== undefined && maySee(reader, found.scope) ? { kind: 'ok', body: found } : { kind: 'not-found' };
      },
    }),
  ];
};
