import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { handle } from 'hono/aws-lambda';
import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createSavedAudiences } from '../../shared/audience/audience-store.ts';
import { createLists } from '../../shared/audience/list-store.ts';
import { createMemberships } from '../../shared/audience/row-subjects.ts';
import { createWatches } from '../../shared/audience/watch-store.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { createLiveCampaigns } from '../../shared/campaign/live-campaigns.ts';
import type { CampaignPorts } from '../../shared/campaign/manage-campaign.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { shippedIndex } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates, readTemplateIndex } from '../../shared/content/template-store.ts';
import { createCustomerNumbers } from '../../shared/customer/customer-numbers.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { readSubjects, type WantedSubject } from '../../shared/journey/read-subject.ts';
import type { AudiencesMessage } from '../../shared/launch/contract.ts';
import { createLaunchEffects } from '../../shared/launch/launch-campaign.ts';
import { createMembers } from '../../shared/launch/members.ts';
import { createPreFlights } from '../../shared/launch/pre-flight-store.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { watchAudiences } from '../../shared/launch/watch-audiences.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createApiApp } from '../../shared/platform/api/app.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { announceTo } from './announce.ts';
import { createAudienceUses } from './audience-uses.ts';
import { audienceRoutes } from './routes/audiences.ts';
import { calendarRoutes } from './routes/calendar.ts';
import { campaignRoutes } from './routes/campaigns.ts';
import { listRoutes } from './routes/lists.ts';
import { runRoutes } from './routes/runs.ts';
import { stopRoutes } from './routes/stop.ts';

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const sqs = new SQSClient();
const clock = () => Date.now() as Instant;

const profiles = createProfiles(table);
const policies = createPolicies(table);
const timeline = createTimeline(table);
const stored = createStoredTemplates(table);
const surveys = createSurveys(table);
const audienceRows = createAudienceRows(table);
const saved = createSavedAudiences(table);
const lists = createLists(table, audienceRows);
const records = createCampaigns(table, programmes);
const definitions = createDefinitions(table, programmes);
const runs = createRuns(table);
const audiences = createSqsQueue<AudiencesMessage>(sqs, required('AUDIENCES_QUEUE_URL'));
const watches = createWatches(table);
const keepWatches = (now: Instant): Promise<void> =>
  watchAudiences({ saved, watches, passes: audiences, liveCampaigns: createLiveCampaigns(records, definitions) }, now);
const preFlights = createPreFlights(table);
const effects = createLaunchEffects({
  preFlights,
  dueWork: createDueWork(table),
  runs,
  audiences,
  watchAudiences: keepWatches,
  clock,
});
const campaigns: CampaignPorts = {
  campaigns: records,
  definitions,
  templates: () => readTemplateIndex(stored, shippedIndex),
  surveys: surveys.index,
  audiences: async () => Object.fromEntries((await saved.all()).map(({ id, rule }) => [id, rule])),
  lists: async () => (await lists.all()).map(({ id }) => id),
  effects,
  now: clock,
};

const subjectPorts = {
  profiles,
  gates: createGates(table),
  traits: createTraits(table),
  policies,
  holdings: createHoldings(table),
  facts: createPolicyFacts(table),
  timeline,
  lists: createMemberships(audienceRows, lists, clock),
};
const source = {
  rows: audienceRows,
  lists,
  deepen: (wanted: readonly WantedSubject[], now: Instant) => readSubjects(wanted, subjectPorts, now),
};
const members = createMembers({ ...source, saved });
const changes = createSqsQueue<ChangeMessage>(sqs, required('CHANGES_QUEUE_URL'));
const audienceApi = {
  saved,
  lists,
  source,
  keepWatches,
  uses: createAudienceUses(records, definitions),
  profiles,
  policies,
  facts: subjectPorts.facts,
  numbers: createCustomerNumbers(table),
  announce: announceTo(changes, watches),
  now: clock,
};
const launched = {
  campaigns: records,
  definitions,
  runs,
  audiences,
  effects,
  controls: createControls(table, programmes, clock),
  preFlights,
  profiles,
  timeline,
  outcomes: createOutcomeCounts(table),
  rows: audienceRows,
  audience: members,
  letterDueIn,
  clock,
  now: clock,
};

export const handler = handle(
  createApiApp({
    routes: [
      ...campaignRoutes(campaigns),
      ...runRoutes(launched),
      ...calendarRoutes(launched),
      ...stopRoutes(launched),
      ...audienceRoutes(audienceApi),
      ...listRoutes(audienceApi),
    ],
    descriptionPath: '/api/campaigns/openapi.json',
    origin: required('PUBLIC_ORIGIN'),
    log: createEventLog(),
    newId: randomIds.next,
  }),
);
