import * as z from 'zod';
import type { CampaignRecord } from '../../../shared/campaign/campaign.ts';
import {
  approveBody,
  campaignDetails,
  campaignId,
  type campaignListed,
  campaignsAnswer,
  campaignsQuery,
  copyBody,
  definitionFile,
  exportQuery,
  requestChangesBody,
  saveBody,
  validateAnswer,
  validateBody,
  versionBody,
} from '../../../shared/campaign/contract.ts';
import { definitionJsonSchema } from '../../../shared/campaign/definition-schema.ts';
import { reviewOf } from '../../../shared/campaign/lifecycle.ts';
import {
  actOn,
  type CampaignPorts,
  checkAgainstHouse,
  copyCampaign,
  type ManageOutcome,
  type PlainAct,
  saveDraft,
} from '../../../shared/campaign/manage-campaign.ts';
import { type Role, roles } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import { formatInstant, type Instant } from '../../../shared/platform/time.ts';

type Listed = z.input<typeof campaignListed>;
type Details = z.input<typeof campaignDetails>;

const told = <Act extends { readonly at: Instant }>(act: Act) => ({ ...act, at: formatInstant(act.at) });

const listed = (record: CampaignRecord): Listed => ({
  id: record.id,
  title: record.title,
  state: record.state,
  review: reviewOf(record),
  sendClass: record.sendClass,
  priority: record.priority,
  version: record.version,
  ...(record.version === 0 ? {} : { updatedAt: formatInstant(record.updatedAt) }),
  cancelled: record.cancelled !== undefined,
});

const details = async (ports: CampaignPorts, record: CampaignRecord): Promise<Details> => {
  const { definition, templates } = await ports.definitions.get(record.id, record.draft);
  const checked = await checkAgainstHouse(ports, definition);
  return {
    ...listed(record),
    hash: record.draft,
    ...(record.live === undefined ? {} : { live: record.live }),
    ...(record.approved === undefined ? {} : { approved: told(record.approved) }),
    ...(record.submitted === undefined ? {} : { submitted: told(record.submitted) }),
    ...(record.changesWanted === undefined ? {} : { changesWanted: told(record.changesWanted) }),
    ...(record.paused === undefined ? {} : { paused: told(record.paused) }),
    ...(record.cancelled === undefined ? {} : { cancelledBy: told(record.cancelled) }),
    ...(record.notBefore === undefined ? {} : { notBefore: formatInstant(record.notBefore) }),
    makers: [...record.makers],
    definition: { ...definition },
    templates: { ...templates },
    problems: checked.kind === 'valid' ? [] : [...checked.problems],
  };
};

const STATUS = { maker: 403, 'not-approved': 409, changed: 409, 'wrong-state': 409, 'pre-flight': 409 } as const;

const replyOf = async (ports: CampaignPorts, outcome: ManageOutcome): Promise<Reply<Details>> => {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'ok', body: await details(ports, outcome.record) };
    case 'not-found':
      return { kind: 'not-found' };
    case 'invalid':
      return {
        kind: 'refused',
        status: 400,
        code: 'bad-input',
        message: `${outcome.problems.length} problems in the definition: see "problems"`,
        problems: outcome.problems.map(({ path, message }) => ({ path: `body.definition.${path}`, message })),
      };
    case 'conflict': {
      const { version, state, draft } = outcome.record;
      const message = `version ${version} is there by now: read the campaign again and change that`;
      return {
        kind: 'refused',
        status: 409,
        code: 'conflict',
        message,
        problems: [{ path: 'body.version', message, version, state, hash: draft }],
      };
    }
    case 'refused':
      return { kind: 'refused', status: STATUS[outcome.reason], code: outcome.reason, message: outcome.message };
  }
};

const params = z.object({ id: campaignId });

/** What needs no more than the version that was read. */
const ACTS: readonly {
  readonly name: Exclude<PlainAct['kind'], 'approve' | 'request-changes'>;
  readonly summary: string;
  readonly roles: readonly Role[];
}[] = [
  { name: 'submit', summary: 'Hand the draft in for review', roles: ['marketing'] },
  {
    name: 'launch',
    summary: 'Make the approved content live; the first send of a first launch waits ten minutes',
    roles: ['marketing'],
  },
  // whoever sees harm may stop it
  { name: 'pause', summary: 'Hold everything of it within a tick', roles: ['marketing', 'approver', 'compliance'] },
  { name: 'resume', summary: 'Go on with what was held', roles: ['marketing'] },
  {
    name: 'cancel',
    summary: 'End it for good: nothing of it goes out any more',
    roles: ['marketing', 'approver', 'compliance'],
  },
  { name: 'end', summary: 'Take nobody in any more; journeys that began go on to their end', roles: ['marketing'] },
  { name: 'archive', summary: 'Put it away', roles: ['marketing'] },
];

const plainAct = (name: (typeof ACTS)[number]['name']): PlainAct =>
  name === 'pause' ? { kind: 'pause', because: 'person' } : { kind: name };

/** Campaigns: their definitions, review and launch. */
export const campaignRoutes = (ports: CampaignPorts): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/campaigns',
    summary: 'All campaigns, by id',
    roles,
    query: campaignsQuery,
    answer: campaignsAnswer,
    handle: async ({ query }) => {
      const all = await ports.campaigns.all();
      return { kind: 'ok', body: { items: all.filter(({ state }) => (query.state ?? state) === state).map(listed) } };
    },
  }),

  route({
    method: 'get',
    path: '/api/campaigns/schema.json',
    summary: 'The JSON Schema of a definition',
    roles,
    answer: definitionFile,
    handle: async () => ({ kind: 'ok', body: definitionJsonSchema() }),
  }),

  route({
    method: 'post',
    path: '/api/campaigns/validate',
    summary: 'Whether a definition could be saved; saves nothing',
    roles,
    body: validateBody,
    answer: validateAnswer,
    handle: async ({ body }) => {
      const checked = await checkAgainstHouse(ports, body.definition);
      return checked.kind === 'valid'
        ? { kind: 'ok', body: { valid: true, problems: [], hash: checked.pinned.hash } }
        : { kind: 'ok', body: { valid: false, problems: [...checked.problems] } };
    },
  }),

  route({
    method: 'get',
    path: '/api/campaigns/{id}',
    summary: 'A campaign with its draft and what is wrong with it',
    roles,
    params,
    answer: campaignDetails,
    handle: async ({ params: { id } }) => {
      const record = await ports.campaigns.get(id);
      return record === undefined ? { kind: 'not-found' } : { kind: 'ok', body: await details(ports, record) };
    },
  }),

  route({
    method: 'put',
    path: '/api/campaigns/{id}',
    summary: 'Save a definition as the draft, also one from another system; it is never live by this',
    roles: ['marketing'],
    params,
    body: saveBody,
    answer: campaignDetails,
    handle: async ({ params: { id }, body: { version, definition }, reader }) => {
      const named = (definition as { id?: unknown } | null | undefined)?.id;
      if (typeof named === 'string' && named !== id)
        return {
          kind: 'refused',
          status: 400,
          code: 'bad-input',
          message: `body.definition.id is "${named}": save it under /api/campaigns/${campaignId.safeParse(named).data ?? '{id}'}, or copy the campaign`,
        };
      return replyOf(ports, await saveDraft(ports, definition, { by: reader.id, version }));
    },
  }),

  route({
    method: 'get',
    path: '/api/campaigns/{id}/export',
    summary: 'The definition as a file',
    roles,
    params,
    query: exportQuery,
    answer: definitionFile,
    handle: async ({ params: { id }, query }) => {
      const record = await ports.campaigns.get(id);
      const hash = query.of === 'draft' ? record?.draft : record?.live;
      if (record === undefined || hash === undefined) return { kind: 'not-found' };
      return { kind: 'ok', body: { ...(await ports.definitions.get(id, hash)).definition } };
    },
  }),

  route({
    method: 'post',
    path: '/api/campaigns/{id}/copy',
    summary: 'Copy the draft, whatever its state, as the draft of a new campaign',
    roles: ['marketing'],
    params,
    body: copyBody,
    answer: campaignDetails,
    handle: async ({ params: { id }, body, reader }) => replyOf(ports, await copyCampaign(ports, id, body, reader.id)),
  }),

  route({
    method: 'post',
    path: '/api/campaigns/{id}/approve',
    summary: 'Approve exactly the content that you looked at; not your own (four eyes)',
    roles: ['approver'],
    params,
    body: approveBody,
    answer: campaignDetails,
    handle: async ({ params: { id }, body: { version, hash }, reader }) =>
      replyOf(ports, await actOn(ports, id, { kind: 'approve', hash }, { by: reader.id, version })),
  }),

  route({
    method: 'post',
    path: '/api/campaigns/{id}/request-changes',
    summary: 'Give the draft back to its makers, with a word on what to change',
    roles: ['approver'],
    params,
    body: requestChangesBody,
    answer: campaignDetails,
    handle: async ({ params: { id }, body: { version, note }, reader }) =>
      replyOf(ports, await actOn(ports, id, { kind: 'request-changes', note }, { by: reader.id, version })),
  }),

  ...ACTS.map(({ name, summary, roles: may }) =>
    route({
      method: 'post',
      path: `/api/campaigns/{id}/${name}`,
      summary,
      roles: may,
      params,
      body: versionBody,
      answer: campaignDetails,
      handle: async ({ params: { id }, body: { version }, reader }) =>
        replyOf(ports, await actOn(ports, id, plainAct(name), { by: reader.id, version })),
    }),
  ),
];
