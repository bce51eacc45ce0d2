import { existsSync } from 'node:fs';
import { EngagementError } from '../../shared/platform/errors.ts';
import type { HostedFunction } from './host/protocol.ts';
import { accessKeyOf, SECRET_KEY } from './principal.ts';
import type { Resources } from './template/resources.ts';

/** Execution environments of one function at most. More than the machine has processors only wait for each other. */
const CONCURRENCY = 2;

/** What the host runs: each function with the template's environment and what Lambda itself adds, nothing else.
 *  @param tableUrl address of the DynamoDB process, which functions talk to directly
 *  @throws EngagementError misconfigured where a function's source is missing */
export const hostedFunctions = (resources: Resources, tableUrl: string): readonly HostedFunction[] => {
  const missing = resources.functions.filter(({ entry }) => !existsSync(entry));
  if (missing.length > 0) {
    throw new EngagementError(
      'misconfigured',
      `functions without source: ${missing.map(({ entry }) => entry).join(', ')}`,
    );
  }
  return resources.functions.map((fn) => ({
    logicalId: fn.logicalId,
    name: fn.name,
    arn: fn.arn,
    entry: fn.entry,
    exportName: fn.exportName,
    timeoutMs: fn.timeoutMs,
    memoryMb: fn.memoryMb,
    concurrency: Math.min(CONCURRENCY, fn.concurrency ?? CONCURRENCY),
    environment: {
      ...fn.environment,
      AWS_REGION: resources.region,
      AWS_DEFAULT_REGION: resources.region,
      AWS_ACCESS_KEY_ID: accessKeyOf(fn.logicalId),
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_ENDPOINT_URL: resources.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: tableUrl,
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
    },
  }));
};
