import { templatesApi } from '../../functions/serve-templates/app.ts';
import { createDraftReader } from '../../functions/serve-templates/draft-of.ts';
import { createLibrary } from '../../functions/serve-templates/library.ts';
import type { TemplateJob, TemplateJobResult } from '../../functions/serve-templates/template-job.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createStoredBlocks } from '../../shared/content/block-store.ts';
import { createSeeds } from '../../shared/content/seed-list.ts';
import { createShippedTemplates, shippedIndex } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { MailTags } from '../../shared/message/mailer.ts';
import { createApiApp } from '../../shared/platform/api/app.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { createJobPool } from '../../shared/platform/job-pool.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { now as START } from '../content/samples.ts';
import { shippedSources } from '../content/written.ts';

const ORIGIN = 'https://api.example';

/** Who calls: roles as groups of the pool. */
export interface Caller {
  readonly groups?: readonly string[];
  readonly sub?: string;
}

/** The API of templates over a table, with the processes as built. `close` ends them. */
export const createTemplatesRig = (table: Table = createMemoryTable()) => {
  let now: Instant = START;
  const stored = createStoredTemplates(table);
  const storedBlocks = createStoredBlocks(table);
  const shipped = createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url)));
  const templates = createTemplates(shipped, stored);
  const workers = createJobPool<TemplateJob, TemplateJobResult>({
    script: new URL('../../functions/serve-templates/generated/template-worker.mjs', import.meta.url),
    size: 1,
    memoryMb: 64,
  });
  const [profiles, holdings, policies, seeds] = [
    createProfiles(table),
    createHoldings(table),
    createPolicies(table),
    createSeeds(table),
  ];
  const mails: { raw: Uint8Array; to: string; tags: MailTags }[] = [];
  const library = createLibrary({
    stored,
    storedBlocks,
    index: shippedIndex,
    shippedSources: async () => shippedSources,
    templates,
  });
  const logged: unknown[] = [];
  const keep = (name: string, fields: unknown) => void logged.push({ name, fields });
  const options = templatesApi({
    library,
    stored,
    storedBlocks,
    templates,
    workers,
    profiles,
    holdings,
    policies,
    seeds,
    mailer: {
      send: async (mail) => {
        mails.push(mail);
        return { kind: 'accepted', messageId: `m${mails.length}` };
      },
    },
    draftOf: createDraftReader(createCampaigns(table, programmes), createDefinitions(table, programmes)),
    origin: ORIGIN,
    domain: 'mail.example.com',
    now: () => now,
    log: { info: keep, warn: keep, error: keep },
    newId: () => 'made-up-id',
  });
  const app = createApiApp(options);

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    { groups = ['marketing'], sub = 'user-1' }: Caller = {},
  ) => {
    const response = await app.request(
      `${ORIGIN}/api/templates${path}`,
      {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      },
      {
        requestContext: {
          requestId: 'gateway-id',
          authorizer: { jwt: { claims: { sub, 'cognito:groups': `[${groups.join(' ')}]` } } },
        },
      },
    );
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  return {
    call,
    routes: options.routes,
    table,
    templates,
    shipped,
    stored,
    profiles,
    holdings,
    policies,
    mails,
    logged,
    at: (instant: Instant) => {
      now = instant;
    },
    close: () => workers.close(),
  };
};
