import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { handle } from 'hono/aws-lambda';
import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createSavedAudiences } from '../../shared/audience/audience-store.ts';
import { createLists } from '../../shared/audience/list-store.ts';
import { createMemberships } from '../../shared/audience/row-subjects.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createShippedTemplates } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import type { SendClass } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { search } from '../../shared/customer/search.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createEntryExplainer } from '../../shared/history/explain-entry.ts';
import { SCOPES } from '../../shared/history/organisation.ts';
import { createImports } from '../../shared/import/import-store.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { letterFile } from '../../shared/letter/letter-files.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createEventBridgeBus } from '../../shared/platform/bus.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { randomIds, type SendId } from '../../shared/platform/ids.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { outboundNetwork } from '../../shared/platform/outbound-http.ts';
import type { Queue } from '../../shared/platform/queue.ts';
import { createS3Objects } from '../../shared/platform/s3-objects.ts';
import { createSecretReader } from '../../shared/platform/secrets.ts';
import { createSqsQueue } from '../../shared/platform/sqs-queue.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createEvidence } from '../../shared/survey/evidence-store.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { createSurveys } from '../../shared/survey/survey-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { createApiApp } from './app.ts';
import { contactRuleRoutes } from './routes/contact-rules.ts';
import { contactRoutes } from './routes/contacts.ts';
import { customerRoutes } from './routes/customers.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { importRoutes } from './routes/imports.ts';
import { messageRoutes } from './routes/messages.ts';
import { taskRoutes } from './routes/tasks.ts';
import { whyRoutes } from './routes/why.ts';
import { workRoutes } from './routes/work.ts';
import type { Site } from './static-site.ts';

/** Life of a link to a letter, in seconds (S44). */
const LINK_LIFE = 300;

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const s3 = new S3Client();
const print = createS3Objects(s3, required('PRINT_BUCKET'));
const site = JSON.parse(readFileSync(new URL('../../console/generated/site.json', import.meta.url), 'utf8')) as Site;
const origin = required('PUBLIC_ORIGIN');

const clock = () => Date.now() as Instant;

const ports = {
  profiles: createProfiles(table),
  policies: createPolicies(table),
  holdings: createHoldings(table),
  enrolments: createEnrolments(table),
  gates: createGates(table),
  timeline: createTimeline(table),
  tasks: createTasks(table),
  evidence: createEvidence(table),
  outcomes: createOutcomeCounts(table),
  messages: createS3Objects(s3, required('MESSAGES_BUCKET')),
  search: (query: { readonly text: string; readonly limit: number }) => search(table, query),
  letterUrl: (id: string) => print.presign(letterFile(id as SendId), 'get', LINK_LIFE),
  imports: createImports(table),
  // a link signed with the default client demands the checksum of an empty body (SDK's own default since 3.729)
  uploads: createS3Objects(new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' }), required('IMPORTS_BUCKET')),
  ids: randomIds,
  scopes: SCOPES,
  contactSettings: createContactSettings(table),
  endpoints: createEndpoints(table),
  network: outboundNetwork(required('OUTBOUND_NETWORK')),
  outboundSecret: createSecretReader(new SecretsManagerClient(), required('OUTBOUND_SECRET_ARN')),
  now: clock,
};

const taskPorts = {
  ...ports,
  answers: createSurveyAnswers(table, ports.messages),
  renewalAnswers: createRenewalAnswers(table),
  surveys: createSurveys(table),
  dueWork: createDueWork(table),
  bus: createEventBridgeBus(new EventBridgeClient(), required('BUS_NAME')),
};

const stored = createStoredTemplates(table);
const audienceRows = createAudienceRows(table);
const saved = createSavedAudiences(table);
const lists = createLists(table, audienceRows);
const records = createCampaigns(table, programmes);
const definitions = createDefinitions(table, programmes);

const subjectPorts = {
  profiles: ports.profiles,
  gates: ports.gates,
  traits: createTraits(table),
  policies: ports.policies,
  holdings: ports.holdings,
  facts: createPolicyFacts(table),
  timeline: ports.timeline,
  lists: createMemberships(audienceRows, lists, clock),
};
const explainEntry = createEntryExplainer({
  campaigns: records,
  definitions,
  saved,
  subjects: subjectPorts,
  now: clock,
});
const whyPorts = { ...ports, explainEntry, controls: createControls(table, programmes, clock) };

const sqs = new SQSClient();
const orderQueues: Readonly<Record<SendClass | 'letters' | 'outbound', Queue<SendOrder>>> = {
  statutory: createSqsQueue(sqs, required('SEND_STATUTORY_QUEUE_URL')),
  service: createSqsQueue(sqs, required('SEND_SERVICE_QUEUE_URL')),
  marketing: createSqsQueue(sqs, required('SEND_MARKETING_QUEUE_URL')),
  letters: createSqsQueue(sqs, required('LETTERS_QUEUE_URL')),
  outbound: createSqsQueue(sqs, required('OUTBOUND_QUEUE_URL')),
};
const queueOf = ({ channel, sendClass }: SendOrder): Queue<SendOrder> =>
  orderQueues[channel === 'post' ? 'letters' : channel === 'sms' ? 'outbound' : sendClass];
const messagePorts = {
  ...ports,
  orders: {
    send: async (orders: readonly SendOrder[]): Promise<void> => {
      for (const [queue, group] of Map.groupBy(orders, queueOf)) await queue.send(group);
    },
  },
  templates: createTemplates(
    createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
    stored,
  ),
};

export const handler = handle(
  createApiApp({
    routes: [
      ...customerRoutes(ports),
      ...workRoutes(ports),
      ...taskRoutes(taskPorts),
      ...importRoutes(ports),
      ...contactRuleRoutes(ports),
      ...contactRoutes(ports),
      ...endpointRoutes(ports),
      ...whyRoutes(whyPorts),
      ...messageRoutes(messagePorts),
    ],
    site,
    signIn: { origin: required('SIGN_IN_ORIGIN'), clientId: required('SIGN_IN_CLIENT_ID') },
    origin,
    log: createEventLog(),
    newId: () => randomIds.next(),
  }),
);
