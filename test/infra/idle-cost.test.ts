import { expect, it } from 'vitest';
import PRICE from '../support/aws-prices.json' with { type: 'json' };
import { all, resources } from './template.ts';

const HOURS = 730;
const MINUTES = HOURS * 60;

/** Lambda keeps five long polls of 20 s open on each queue, whether or not anything comes. */
const POLLS_PER_QUEUE = 5 * 3 * MINUTES;

it('a deployed stage that nobody uses costs less than $10 a month (P12), without the free allowances', () => {
  const tick = all('AWS::Lambda::Function').find(
    (fn) => fn.metadata['engagement:entry'] === 'functions/tick/handler.ts',
  );
  const tickGb = Number(tick?.properties['MemorySize']) / 1024;
  const cost = {
    keys: all('AWS::KMS::Key').length * PRICE.keyMonth,
    secrets: all('AWS::SecretsManager::Secret').length * PRICE.secretMonth,
    alarms: all('AWS::CloudWatch::Alarm').length * PRICE.alarmMetricMonth,
    polling: all('AWS::Lambda::EventSourceMapping').length * POLLS_PER_QUEUE * PRICE.sqsRequest,
    // A tick that finds nothing: two small queries, a tenth of a second, a line of log.
    ticking:
      MINUTES *
      (PRICE.schedulerInvocation +
        PRICE.lambdaRequest +
        0.1 * tickGb * PRICE.lambdaArmGbSecond +
        PRICE.trace +
        1e-6 * PRICE.logGb +
        2 * PRICE.tableReadUnit),
  };
  const total = Object.values(cost).reduce((sum, part) => sum + part, 0);
  expect(total).toBeLessThan(10);
  // docs/guides/deploy.md and ADR 0012 print these; whoever changes them changes those.
  expect(Object.fromEntries(Object.entries(cost).map(([part, dollars]) => [part, dollars.toFixed(2)]))).toEqual({
    keys: '1.00',
    secrets: '0.80',
    alarms: '1.80',
    polling: '3.68',
    ticking: '0.33',
  });
});

it('nothing that costs by the hour stands in the template', () => {
  const idle =
    /^AWS::(ApiGatewayV2|CloudWatch|Cognito|DynamoDB|Events|IAM|KMS|Lambda|Logs|S3|SES|SNS|SQS|Scheduler|SecretsManager)::/;
  for (const resource of resources) expect(resource.type).toMatch(idle);
  expect(all('AWS::DynamoDB::Table')[0]?.properties['BillingMode']).toBe('PAY_PER_REQUEST');
  for (const fn of all('AWS::Lambda::Function')) expect(fn.properties['ProvisionedConcurrencyConfig']).toBeUndefined();
});
