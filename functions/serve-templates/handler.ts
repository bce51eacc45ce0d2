import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { handle } from 'hono/aws-lambda';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createStoredBlocks } from '../../shared/content/block-store.ts';
import type { ShippedSources } from '../../shared/content/compiled-template.ts';
import { createSeeds } from '../../shared/content/seed-list.ts';
import { createShippedTemplates, shippedIndex } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createSesMailer } from '../../shared/message/ses-mailer.ts';
import { createApiApp } from '../../shared/platform/api/app.ts';
import { createDynamoTable } from '../../shared/platform/dynamo-table.ts';
import { required } from '../../shared/platform/environment.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { randomIds } from '../../shared/platform/ids.ts';
import { createJobPool } from '../../shared/platform/job-pool.ts';
import { createEventLog } from '../../shared/platform/logging.ts';
import { once } from '../../shared/platform/once.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { templatesApi } from './app.ts';
import { createDraftReader } from './draft-of.ts';
import { createLibrary } from './library.ts';
import type { TemplateJob, TemplateJobResult } from './template-job.ts';

/** Both lie beside the bundle as beside this source (infra, `folders`). */
const GENERATED = new URL('../../templates/generated/', import.meta.url);
const WORKER = new URL('../../functions/serve-templates/generated/template-worker.mjs', import.meta.url);

const table = createDynamoTable(new DynamoDBClient(), required('TABLE_NAME'));
const stored = createStoredTemplates(table);
const storedBlocks = createStoredBlocks(table);
const templates = createTemplates(createShippedTemplates(createFiles(new URL('shipped/', GENERATED))), stored);
const shippedSources = once(async () => {
  const text = await createFiles(GENERATED).read('sources.json');
  if (text === undefined) throw new EngagementError('misconfigured', 'sources.json is missing: run npm run build');
  return JSON.parse(text) as ShippedSources;
});

export const handler = handle(
  createApiApp(
    templatesApi({
      library: createLibrary({ stored, storedBlocks, index: shippedIndex, shippedSources, templates }),
      stored,
      storedBlocks,
      templates,
      workers: createJobPool<TemplateJob, TemplateJobResult>({ script: WORKER, size: 2, memoryMb: 64 }),
      profiles: createProfiles(table),
      holdings: createHoldings(table),
      policies: createPolicies(table),
      seeds: createSeeds(table),
      mailer: createSesMailer(required('CONFIGURATION_SET')),
      draftOf: createDraftReader(createCampaigns(table, programmes), createDefinitions(table, programmes)),
      origin: required('PUBLIC_ORIGIN'),
      domain: required('SENDER_DOMAIN'),
      now: () => Date.now() as Instant,
      log: createEventLog(),
      newId: randomIds.next,
    }),
  ),
);
