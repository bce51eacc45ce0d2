import type * as z from 'zod';
import {
  listBody,
  listDetails,
  type listListed,
  listsAnswer,
  membersAnswer,
  membersBody,
  nameParams,
  versionQuery,
} from '../../../shared/audience/contract.ts';
import type { CustomerList, Lists } from '../../../shared/audience/list-store.ts';
import { type MatchPorts, matchMembers } from '../../../shared/audience/match-members.ts';
import { maySee, type Reader, roles } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId } from '../../../shared/platform/ids.ts';
import { type CivilDate, formatInstant, type Instant } from '../../../shared/platform/time.ts';
import type { AudienceUses } from '../audience-uses.ts';

export interface ListRoutesPorts extends MatchPorts {
  readonly lists: Lists;
  readonly uses: Pick<AudienceUses, 'ofList'>;
  /** Says that these people changed, so that audiences which ask for the list follow. */
  readonly announce: (members: readonly PartyId[]) => Promise<void>;
  readonly now: () => Instant;
}

const listed = ({ id, title, owner, expiresOn, updatedAt, version }: CustomerList): z.input<typeof listListed> => ({
  id,
  title,
  owner,
  expiresOn,
  updatedAt: formatInstant(updatedAt),
  version,
});

const conflict = (message: string): Reply<never> => ({ kind: 'refused', status: 409, code: 'conflict', message });

/** Uploaded lists (名单) of customers, to include in campaigns or to leave out. */
export const listRoutes = (ports: ListRoutesPorts): readonly Route[] => {
  const { lists, now } = ports;

  const changeMembers = async (
    id: string,
    body: z.output<typeof membersBody>,
    reader: Reader,
    write: (members: readonly PartyId[]) => Promise<void>,
  ): Promise<Reply<z.input<typeof membersAnswer>>> => {
    if ((await lists.get(id)) === undefined) return { kind: 'not-found' };
    const { members, unmatched } = await matchMembers(body, ports, (scope) => maySee(reader, scope));
    await write(members);
    await ports.announce(members);
    return { kind: 'ok', body: { matched: members.length, unmatched: [...unmatched] } };
  };

  return [
    route({
      method: 'get',
      path: '/api/lists',
      summary: 'Uploaded lists',
      roles,
      answer: listsAnswer,
      handle: async () => ({ kind: 'ok', body: { items: (await lists.all()).map(listed) } }),
    }),

    route({
      method: 'get',
      path: '/api/lists/{id}',
      summary: 'A list and how many are on it',
      roles,
      params: nameParams,
      answer: listDetails,
      handle: async ({ params: { id } }) => {
        const list = await lists.get(id);
        if (list === undefined) return { kind: 'not-found' };
        return { kind: 'ok', body: { ...listed(list), members: await lists.count(id) } };
      },
    }),

    route({
      method: 'put',
      path: '/api/lists/{id}',
      summary: 'Make a list, or change its title or last day; after that day it holds nobody',
      roles: ['marketing'],
      params: nameParams,
      body: listBody,
      answer: listDetails,
      handle: async ({ params: { id }, body: { version, title, expiresOn }, reader }) => {
        const known = await lists.get(id);
        if (known === undefined && version > 0) return { kind: 'not-found' };
        const next: CustomerList = {
          id,
          title,
          expiresOn: expiresOn as CivilDate,
          owner: known?.owner ?? reader.id,
          updatedAt: now(),
          version: version + 1,
        };
        if ((await lists.put(next, version)) === 'refused')
          return conflict(
            version === 0
              ? `body.version: there is a list "${id}" already: choose another id`
              : 'body.version: somebody else saved it meanwhile: read it again',
          );
        return { kind: 'ok', body: { ...listed(next), members: await lists.count(id) } };
      },
    }),

    route({
      method: 'delete',
      path: '/api/lists/{id}',
      summary: 'Delete a list that no live campaign names',
      roles: ['marketing'],
      params: nameParams,
      query: versionQuery,
      answer: listsAnswer,
      handle: async ({ params: { id }, query: { version } }) => {
        if ((await lists.get(id)) === undefined) return { kind: 'not-found' };
        const live = (await ports.uses.ofList(id)).filter(({ isLive }) => isLive);
        if (live.length > 0)
          return conflict(`live campaigns name it: ${live.map(({ campaign }) => campaign).join(', ')}: end them first`);
        if ((await lists.remove(id, version)) === 'refused')
          return conflict('query.version: somebody else saved it meanwhile: read it again');
        return { kind: 'ok', body: { items: (await lists.all()).map(listed) } };
      },
    }),

    route({
      method: 'post',
      path: '/api/lists/{id}/members',
      summary: 'Put customers on a list by their numbers; rows that name nobody are told by their line',
      roles: ['marketing'],
      params: nameParams,
      body: membersBody,
      answer: membersAnswer,
      handle: ({ params: { id }, body, reader }) =>
        changeMembers(id, body, reader, (members) => lists.add(id, members, now())),
    }),

    route({
      method: 'post',
      path: '/api/lists/{id}/members/remove',
      summary: 'Take customers off a list by their numbers',
      roles: ['marketing'],
      params: nameParams,
      body: membersBody,
      answer: membersAnswer,
      handle: ({ params: { id }, body, reader }) =>
        changeMembers(id, body, reader, (members) => lists.drop(id, members)),
    }),
  ];
};
