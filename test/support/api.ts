import { createApiApp } from '../../functions/serve-api/app.ts';
import { customerRoutes } from '../../functions/serve-api/routes/customers.ts';
import { importRoutes } from '../../functions/serve-api/routes/imports.ts';
import { taskRoutes } from '../../functions/serve-api/routes/tasks.ts';
import { workRoutes } from '../../functions/serve-api/routes/work.ts';
import type { Site } from '../../functions/serve-api/static-site.ts';
import { campaignRoutes } from '../../functions/serve-campaigns/routes/campaigns.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import type { CampaignPorts } from '../../shared/campaign/manage-campaign.ts';
import { programmes, shippedSurveys, shippedTemplates } from '../../shared/campaign/programmes.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { policySearchKeys, search, searchItem, searchKeys } from '../../shared/customer/search.ts';
import { createImports } from '../../shared/import/import-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Route } from '../../shared/platform/api/route.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createEvidence } from '../../shared/survey/evidence-store.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';

const API_ORIGIN = 'https://api.example';
const START = parseInstant('2019-01-02T02:00:00Z') as Instant;

/** Which groups the gateway's authorizer tells of; undefined: no token. */
export type Groups = readonly string[] | undefined;

/** The API over a table in memory. */
export const createApiRig = (
  extra: {
    readonly site?: Site;
    readonly routes?: readonly Route[];
    /** What campaigns see, where it is not what ships. */
    readonly campaigns?: Partial<CampaignPorts>;
  } = {},
) => {
  const table = createMemoryTable();
  let now = START;
  const [profiles, policies, enrolments, gates] = [
    createProfiles(table),
    createPolicies(table),
    createEnrolments(table),
    createGates(table),
  ];
  const [timeline, tasks, outcomes, holdings] = [
    createTimeline(table),
    createTasks(table),
    createOutcomeCounts(table),
    createHoldings(table),
  ];
  const [messages, uploads] = [createMemoryObjects(), createMemoryObjects()];
  const imports = createImports(table);
  const evidence = createEvidence(table);
  const [answers, surveys, bus] = [createSurveyAnswers(table, messages), createSurveys(table), createMemoryBus()];
  const logged: unknown[] = [];
  const keep = (name: string, fields: unknown) => logged.push({ name, fields });
  const ports = {
    profiles,
    policies,
    enrolments,
    gates,
    timeline,
    tasks,
    evidence,
    outcomes,
    holdings,
    messages,
    search: (query: { text: string; limit: number }) => search(table, query),
    letterUrl: async () => 'https://files.example/letter.pdf',
    imports,
    uploads,
    ids: { next: () => 'upload-1' },
    scopes: ['house', 'house/east', 'house/west'],
    now: () => now,
  };
  const campaigns: CampaignPorts = {
    campaigns: createCampaigns(table, programmes),
    definitions: createDefinitions(table, programmes),
    templates: async () => shippedTemplates,
    surveys: async () => shippedSurveys,
    audiences: async () => ({}),
    lists: async () => [],
    effects: { whyNot: async () => undefined, onLaunch: async () => {}, onResume: async () => {} },
    now: () => now,
    ...extra.campaigns,
  };
  const routes = [
    ...customerRoutes(ports),
    ...workRoutes(ports),
    ...taskRoutes({
      ...ports,
      answers,
      surveys,
      bus,
      dueWork: createDueWork(table),
      renewalAnswers: createRenewalAnswers(table),
    }),
    ...importRoutes(ports),
    ...campaignRoutes(campaigns),
    ...(extra.routes ?? []),
  ];
  const app = createApiApp({
    routes,
    site: extra.site ?? {},
    signIn: { origin: 'https://sign-in.example', clientId: 'client-1' },
    origin: API_ORIGIN,
    log: { info: keep, warn: keep, error: keep },
    newId: () => 'made-up-id',
  });

  /** The environment that hono/aws-lambda hands on: the gateway's event. */
  const gatewayOf = (groups: Groups, sub = 'user-1') => ({
    requestContext: {
      requestId: 'gateway-id',
      ...(groups === undefined
        ? {}
        : {
            authorizer: {
              jwt: { claims: { sub, token_use: 'access', 'cognito:groups': `[${groups.join(' ')}]` } },
            },
          }),
    },
  });
  const call = async (
    method: string,
    path: string,
    options: { groups?: Groups; sub?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const groups = 'groups' in options ? options.groups : ['marketing'];
    const response = await app.request(
      `${API_ORIGIN}${path}`,
      {
        method,
        headers: { ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
        ...(options.body === undefined
          ? {}
          : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
      },
      gatewayOf(groups, options.sub),
    );
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };

  /** Puts a customer in, searchable, with a gate. */
  const addCustomer = async (profile: Partial<Profile> & { readonly partyId: PartyId }): Promise<Profile> => {
    const whole: Profile = {
      scope: 'house/east',
      name: { given: 'María', family: 'García' },
      locale: 'en',
      zone: 'Europe/Madrid' as ZoneId,
      records: [],
      version: 1,
      ...profile,
    };
    await profiles.put(whole, 0);
    await table.writeMany(searchKeys(whole).map(searchItem));
    await gates.create({
      partyId: whole.partyId,
      version: 1,
      consent: {},
      suppressed: {},
      situations: [],
      zone: whole.zone,
      recent: {},
    });
    return whole;
  };
  const addPolicy = async (policy: Policy): Promise<void> => {
    await policies.put(policy, 0);
    await table.writeMany(policySearchKeys(policy.policyNo, policy.policyId).map(searchItem));
    if (policy.partyId !== undefined) await holdings.add([{ partyId: policy.partyId, policyId: policy.policyId }]);
  };

  return {
    app,
    routes,
    table,
    profiles,
    policies,
    enrolments,
    gates,
    timeline,
    tasks,
    outcomes,
    messages,
    imports,
    answers,
    surveys,
    evidence,
    bus,
    logged,
    call,
    addCustomer,
    addPolicy,
    start: START,
    gatewayOf,
    at: (instant: Instant) => {
      now = instant;
    },
  };
};

export type ApiRig = ReturnType<typeof createApiRig>;
