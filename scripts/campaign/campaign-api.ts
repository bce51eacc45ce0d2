import * as z from 'zod';
import { campaignDetails, campaignsAnswer, definitionFile, validateAnswer } from '../../shared/campaign/contract.ts';
import { Refused, type StaffApi } from '../staff/staff-api.ts';

/** A campaign as the API gives it. */
export type Details = z.output<typeof campaignDetails>;

/** What a person may do to a campaign that needs no more than its version. */
export const plainActs = ['submit', 'launch', 'pause', 'resume', 'cancel', 'end', 'archive'] as const;
export type PlainAct = (typeof plainActs)[number];

/** The campaigns of a running system. */
export interface CampaignApi {
  all(): Promise<z.output<typeof campaignsAnswer>['items']>;
  /** @returns undefined where there is no such campaign */
  find(id: string): Promise<Details | undefined>;
  /** @throws Refused where there is no such campaign */
  get(id: string): Promise<Details>;
  file(id: string, of: 'draft' | 'live'): Promise<Record<string, unknown> | undefined>;
  check(definition: unknown): Promise<z.output<typeof validateAnswer>>;
  save(id: string, definition: unknown, version: number): Promise<Details>;
  copy(id: string, as: { readonly id: string; readonly title: Details['title'] }): Promise<Details>;
  act(id: string, act: PlainAct | 'approve' | 'request-changes', body: object): Promise<Details>;
  /** Template → its newest version. */
  templates(): Promise<ReadonlyMap<string, string>>;
}

const templatesAnswer = z.object({ items: z.array(z.object({ name: z.string(), version: z.string() })) });

/** Campaigns by the API of a system. */
export const createCampaignApi = (api: StaffApi): CampaignApi => {
  const path = (id: string, rest = '') => `/api/campaigns/${encodeURIComponent(id)}${rest}`;
  const there = <T>(id: string, answer: T | undefined): T => {
    if (answer === undefined)
      throw new Refused(`there is no campaign "${id}": npm run campaign -- list tells which there are`);
    return answer;
  };
  const find = (id: string) => api.call(campaignDetails, 'GET', path(id));
  return {
    find,
    all: async () => (await api.call(campaignsAnswer, 'GET', '/api/campaigns'))?.items ?? [],
    get: async (id) => there(id, await find(id)),
    file: (id, of) => api.call(definitionFile, 'GET', path(id, `/export?of=${of}`)),
    check: async (definition) =>
      there('', await api.call(validateAnswer, 'POST', '/api/campaigns/validate', { definition })),
    save: async (id, definition, version) =>
      there(id, await api.call(campaignDetails, 'PUT', path(id), { version, definition })),
    copy: async (id, as) => there(id, await api.call(campaignDetails, 'POST', path(id, '/copy'), as)),
    act: async (id, act, body) => there(id, await api.call(campaignDetails, 'POST', path(id, `/${act}`), body)),
    templates: async () =>
      new Map(
        (await api.call(templatesAnswer, 'GET', '/api/templates'))?.items.map(({ name, version }) => [name, version]),
      ),
  };
};
