import { EngagementError } from '../../../shared/platform/errors.ts';
import { checkGrants } from './check-grants.ts';
import { EMULATED, type Place } from './kinds.ts';
import { readApis, readConfigurationSets, readEmailIdentities, readUserPools } from './read-edges.ts';
import { readEventSources, readFunctions, statementsOf } from './read-functions.ts';
import { readBuses, readQueues, readRules, readSchedules, readSubscriptions, readTopics } from './read-messaging.ts';
import { readReceiptRules } from './read-receipts.ts';
import { readBuckets, readSecrets, readTables } from './read-storage.ts';
import { type NamedTemplate, type Resource, resolveTemplates } from './resolve.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, type Resources } from './resources.ts';

/** Where this start listens, and where function sources are found. */
export interface TemplateSettings {
  readonly origin: string;
  readonly endpoint: string;
  /** Absolute folder that entries are relative to. */
  readonly root: string;
}

/** Turns synthesized templates into what the runtime runs.
 *  @throws EngagementError misconfigured at anything the runtime would not do as the cloud does */
export const readTemplate = (stacks: readonly NamedTemplate[], settings: TemplateSettings): Resources => {
  const place: Place = {
    account: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    endpoint: settings.endpoint,
    origin: settings.origin,
  };
  const resources = resolveTemplates(stacks, place);
  const arnOf = (resource: Resource): string => {
    const arn = EMULATED[resource.type]?.attributes['Arn'];
    if (!arn)
      throw new EngagementError('misconfigured', `${resource.type} has no ARN in infra/local/template/kinds.ts`);
    return arn(resource.name, place);
  };
  const functions = readFunctions(resources, arnOf, settings.root);
  const schedules = readSchedules(resources, arnOf);
  const read: Resources = {
    account: place.account,
    region: place.region,
    endpoint: settings.endpoint,
    origin: settings.origin,
    functions,
    queues: readQueues(resources, arnOf),
    eventSources: readEventSources(resources, functions),
    tables: readTables(resources, arnOf),
    buckets: readBuckets(resources, arnOf),
    topics: readTopics(resources),
    subscriptions: readSubscriptions(resources),
    buses: readBuses(resources, arnOf),
    rules: readRules(resources, arnOf),
    schedules,
    configurationSets: readConfigurationSets(resources, place),
    emailIdentities: readEmailIdentities(resources, arnOf),
    receiptRules: readReceiptRules(resources, place),
    userPools: readUserPools(resources, arnOf, place),
    secrets: readSecrets(resources),
    apis: readApis(resources, functions, place),
  };
  checkGrants(read, new Map(schedules.map((schedule) => [schedule, statementsOf(schedule.roleArn, resources)])));
  return read;
};
