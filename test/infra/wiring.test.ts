import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { all, functionCalled, idOf, policyOn, queueCalled, resources, target, text } from './template.ts';

/** The queues of orders: whoever has one message to send sends to all of them. */
const ORDERS = [
  'SEND_STATUTORY_QUEUE_URL',
  'SEND_SERVICE_QUEUE_URL',
  'SEND_MARKETING_QUEUE_URL',
  'LETTERS_QUEUE_URL',
  'OUTBOUND_QUEUE_URL',
];

/** docs/architecture.md, "How things flow", by hand: function → its queues, batch size and environment. */
const FUNCTIONS: Record<string, { from: readonly string[]; environment: readonly string[] }> = {
  'split-import': {
    from: ['imports'],
    environment: ['IMPORTS_BUCKET', 'CHUNKS_QUEUE_URL', 'BUS_NAME', 'NODE_OPTIONS'],
  },
  'load-rows': { from: ['chunks'], environment: ['IMPORTS_BUCKET', 'CHANGES_QUEUE_URL', 'NODE_OPTIONS'] },
  'receive-events': { from: ['customer-events'], environment: ['CHANGES_QUEUE_URL'] },
  'follow-changes': { from: ['changes'], environment: ['BUS_NAME', 'CHANGES_QUEUE_URL'] },
  tick: { from: [], environment: ['DUE_QUEUE_URL'] },
  'run-due': {
    from: ['due'],
    environment: [
      'MESSAGES_BUCKET',
      'CHANGES_QUEUE_URL',
      ...ORDERS,
      'PRINT_QUEUE_URL',
      'DUE_QUEUE_URL',
      'AUDIENCES_QUEUE_URL',
      'BUS_NAME',
    ],
  },
  'send-mail': {
    from: ['send-marketing', 'send-service', 'send-statutory'],
    environment: [
      'MESSAGES_BUCKET',
      'LINK_SECRET_ARN',
      'CONFIGURATION_SET',
      'PUBLIC_ORIGIN',
      'SENDER_DOMAIN',
      'CHANGES_QUEUE_URL',
      'BUS_NAME',
    ],
  },
  'compose-letters': {
    from: ['letters'],
    environment: [
      'PRINT_BUCKET',
      'MESSAGES_BUCKET',
      'LINK_SECRET_ARN',
      'PUBLIC_ORIGIN',
      'SENDER_DOMAIN',
      'CHANGES_QUEUE_URL',
      'BUS_NAME',
    ],
  },
  'call-out': {
    from: ['outbound'],
    environment: [
      'MESSAGES_BUCKET',
      'OUTBOUND_SECRET_ARN',
      'OUTBOUND_NETWORK',
      'CHANGES_QUEUE_URL',
      'OUTBOUND_QUEUE_URL',
      'BUS_NAME',
    ],
  },
  'work-audiences': {
    from: ['audiences'],
    environment: [...ORDERS, 'AUDIENCES_QUEUE_URL', 'CHANGES_QUEUE_URL', 'BUS_NAME', 'SENDER_DOMAIN'],
  },
  'hand-over': { from: ['print'], environment: ['PRINT_BUCKET', 'CHANGES_QUEUE_URL'] },
  'receive-mail': {
    from: ['inbound-mail'],
    environment: ['INBOUND_BUCKET', 'LINK_SECRET_ARN', 'CHANGES_QUEUE_URL', 'BUS_NAME'],
  },
  'receive-feedback': { from: ['feedback'], environment: ['CHANGES_QUEUE_URL', 'BUS_NAME'] },
  'serve-public': {
    from: [],
    environment: ['LINK_SECRET_ARN', 'OUTBOUND_SECRET_ARN', 'BUS_NAME', 'PUBLIC_ORIGIN', 'CHANGES_QUEUE_URL'],
  },
  'serve-surveys': {
    from: [],
    environment: ['MESSAGES_BUCKET', 'LINK_SECRET_ARN', 'CHANGES_QUEUE_URL', 'BUS_NAME', 'PUBLIC_ORIGIN'],
  },
  'manage-surveys': {
    from: [],
    environment: ['MESSAGES_BUCKET', 'CHANGES_QUEUE_URL', 'BUS_NAME', 'PUBLIC_ORIGIN'],
  },
  'serve-templates': { from: [], environment: ['CONFIGURATION_SET', 'PUBLIC_ORIGIN', 'SENDER_DOMAIN'] },
  'serve-campaigns': { from: [], environment: ['PUBLIC_ORIGIN', 'CHANGES_QUEUE_URL', 'AUDIENCES_QUEUE_URL'] },
  'serve-api': {
    from: [],
    environment: [
      'IMPORTS_BUCKET',
      'MESSAGES_BUCKET',
      'PRINT_BUCKET',
      'SIGN_IN_ORIGIN',
      'SIGN_IN_CLIENT_ID',
      'PUBLIC_ORIGIN',
      ...ORDERS,
      'OUTBOUND_SECRET_ARN',
      'OUTBOUND_NETWORK',
      'BUS_NAME',
    ],
  },
};

const COMMON = [
  'TABLE_NAME',
  'STAGE',
  'POWERTOOLS_SERVICE_NAME',
  'POWERTOOLS_METRICS_NAMESPACE',
  'POWERTOOLS_LOG_LEVEL',
];

const working = all('AWS::SQS::Queue').filter((queue) => !String(queue.properties['QueueName']).endsWith('-dead'));
const mappings = all('AWS::Lambda::EventSourceMapping');

describe('the functions', () => {
  it('are those of docs/architecture.md and no other', () => {
    const entries = all('AWS::Lambda::Function').map((fn) => String(fn.metadata['engagement:entry']));
    expect(entries.sort()).toEqual(
      Object.keys(FUNCTIONS)
        .map((name) => `functions/${name}/handler.ts`)
        .sort(),
    );
  });

  it('stand in the table of docs/architecture.md, each by its name', () => {
    const document = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
    for (const name of Object.keys(FUNCTIONS)) expect(document).toContain(`| ${name} |`);
  });

  it.each(Object.entries(FUNCTIONS))('%s gets its environment and works off its queues', (name, wanted) => {
    const fn = functionCalled(name);
    const environment = fn.properties['Environment'].Variables as Record<string, unknown>;
    expect(Object.keys(environment).sort()).toEqual([...COMMON, ...wanted.environment].sort());
    expect(environment['POWERTOOLS_SERVICE_NAME']).toBe(name);
    const from = mappings
      .filter((mapping) => idOf(mapping.properties['FunctionName']) === fn.id)
      .map((mapping) => String(target(mapping.properties['EventSourceArn']).properties['QueueName']));
    expect(from.sort()).toEqual(wanted.from.map((queue) => `perennial-prod-${queue}`));
  });

  it.each(Object.keys(FUNCTIONS))(
    '%s runs as Node 24 on ARM (letters: x86), traced, with a log of its own that ends',
    (name) => {
      const { properties } = functionCalled(name);
      expect(properties).toMatchObject({
        FunctionName: `perennial-prod-${name}`,
        Handler: `functions/${name}/handler.handler`,
        Runtime: 'nodejs24.x',
        Architectures: [name === 'compose-letters' ? 'x86_64' : 'arm64'],
        TracingConfig: { Mode: 'Active' },
      });
      expect(properties['Timeout']).toBeLessThanOrEqual(300);
      const log = target(properties['LoggingConfig'].LogGroup);
      expect(log.properties['LogGroupName']).toBe(`/aws/lambda/perennial-prod-${name}`);
      expect(log.properties['RetentionInDays']).toBe(365);
    },
  );

  it('have a role each', () => {
    const roles = all('AWS::Lambda::Function').map((fn) => idOf(fn.properties['Role']));
    expect(new Set(roles).size).toBe(roles.length);
  });
});

describe('the queues', () => {
  it.each(working.map((queue) => [String(queue.properties['QueueName']), queue] as const))(
    '%s has dead letters, and a consumer that reports which messages failed (F08, F09)',
    (name, queue) => {
      const { deadLetterTargetArn, maxReceiveCount } = queue.properties['RedrivePolicy'];
      expect(target(deadLetterTargetArn).properties['QueueName']).toBe(`${name}-dead`);
      expect(maxReceiveCount).toBe(5);
      const [mapping, ...others] = mappings.filter((one) => idOf(one.properties['EventSourceArn']) === queue.id);
      expect(others).toEqual([]);
      expect(mapping?.properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
      expect(mapping?.properties['BatchSize']).toBeLessThanOrEqual(10);
    },
  );

  it('hide a message for six timeouts of the function that has it (F06)', () => {
    expect(mappings.length).toBe(working.length);
    for (const mapping of mappings) {
      const queue = target(mapping.properties['EventSourceArn']);
      const fn = target(mapping.properties['FunctionName']);
      expect(queue.properties['VisibilityTimeout'], queue.id).toBe(6 * fn.properties['Timeout']);
    }
  });

  it('keep messages for 14 days, dead ones too', () => {
    for (const queue of all('AWS::SQS::Queue')) expect(queue.properties['MessageRetentionPeriod']).toBe(1_209_600);
  });
});

describe('every asynchronous way (F41)', () => {
  it('bus → queue: of the sources that docs/architecture.md names, tried for a day, then dead letters; the queue takes it from this rule only', () => {
    const [rule, ...others] = all('AWS::Events::Rule');
    expect(others).toEqual([]);
    expect(rule?.properties['EventPattern']).toEqual({
      source: ['policy.admin', 'customer.events', 'perennial.pages', 'perennial.journeys'],
    });
    const [to] = rule?.properties['Targets'] ?? [];
    expect(to.RetryPolicy).toEqual({ MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 });
    for (const [arn, name] of [
      [to.Arn, 'customer-events'],
      [to.DeadLetterConfig.Arn, 'customer-events-dead'],
    ]) {
      const queue = queueCalled(name);
      expect(idOf(arn)).toBe(queue.id);
      expect(pinned(queue, 'events.amazonaws.com')).toBe(`<${rule?.id}.Arn>`);
    }
  });

  it('SES → topic → queue: the topic hears this configuration set, the queue this topic (S42)', () => {
    const [destination] = all('AWS::SES::ConfigurationSetEventDestination');
    const { SnsDestination, MatchingEventTypes, Enabled } = destination?.properties['EventDestination'] ?? {};
    expect(Enabled).toBe(true);
    expect((MatchingEventTypes as string[]).sort()).toEqual(
      'bounce complaint delivery deliveryDelay reject renderingFailure send'.split(' '),
    );
    const topic = target(SnsDestination.TopicARN);
    const set = target(destination?.properties['ConfigurationSetName']);
    expect(pinned(topic, 'ses.amazonaws.com')).toContain(`:configuration-set/<${set.id}>`);

    const [subscription, ...others] = all('AWS::SNS::Subscription');
    expect(others).toEqual([]);
    expect(idOf(subscription?.properties['TopicArn'])).toBe(topic.id);
    const dead = subscription?.properties['RedrivePolicy'].deadLetterTargetArn;
    for (const [arn, name] of [
      [subscription?.properties['Endpoint'], 'feedback'],
      [dead, 'feedback-dead'],
    ]) {
      const queue = queueCalled(name);
      expect(idOf(arn)).toBe(queue.id);
      expect(pinned(queue, 'sns.amazonaws.com')).toBe(`<${topic.id}>`);
    }
  });

  it('bucket → queue: files under incoming/, from this bucket of this account', () => {
    const bucket = all('AWS::S3::Bucket').find((one) => 'NotificationConfiguration' in one.properties);
    expect(bucket?.properties['NotificationConfiguration']).toMatchObject({
      QueueConfigurations: [
        { Event: 's3:ObjectCreated:*', Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'incoming/' }] } } },
      ],
    });
    const queue = queueCalled('imports');
    expect(idOf(bucket?.properties['NotificationConfiguration'].QueueConfigurations[0].Queue)).toBe(queue.id);
    expect(pinned(queue, 's3.amazonaws.com')).toBe(
      `arn:<AWS::Partition>:s3:::${text(bucket?.properties['BucketName'])}`,
    );
  });

  it('schedule → tick: every minute, with retry policy, dead letters, zone, and a role for nothing else (F14)', () => {
    const [schedule, ...others] = all('AWS::Scheduler::Schedule');
    expect(others).toEqual([]);
    expect(schedule?.properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: {
        Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}',
        RetryPolicy: { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 300 },
      },
    });
    const to = schedule?.properties['Target'];
    expect(idOf(to.Arn)).toBe(functionCalled('tick').id);
    expect(idOf(to.DeadLetterConfig.Arn)).toBe(queueCalled('tick-dead').id);
    expect(idOf(functionCalled('tick').properties['DeadLetterConfig'].TargetArn)).toBe(queueCalled('tick-dead').id);
  });

  it('there is no other: functions are called by the API, by their queues’ pollers, and the tick by its schedule (F41)', () => {
    const callers = all('AWS::Lambda::Permission').map((permission) => text(permission.properties['Principal']));
    expect(new Set(callers)).toEqual(new Set(['apigateway.amazonaws.com']));
    const invokers = resources
      .filter(({ type }) => type === 'AWS::IAM::Policy')
      .filter((policy) => JSON.stringify(policy.properties).includes('lambda:InvokeFunction'));
    expect(invokers).toHaveLength(1);
    const lambdas = new Set(all('AWS::Lambda::Function').map(({ id }) => id));
    for (const { properties } of [
      ...all('AWS::Events::Rule'),
      ...all('AWS::SNS::Subscription'),
      ...all('AWS::S3::Bucket'),
    ])
      for (const [, id] of JSON.stringify(properties).matchAll(/"Fn::GetAtt":\["([A-Za-z0-9]+)","Arn"\]/g))
        expect(lambdas).not.toContain(id);
  });

  it('what has no queue before it rings where it fails: the tick by its errors and its silence, the API by its answers', () => {
    const alarmed = all('AWS::CloudWatch::Alarm').flatMap(({ properties }) =>
      properties['Namespace'] === 'AWS/SQS'
        ? []
        : [`${properties['Namespace']} ${properties['MetricName']} ${idOf(properties['Dimensions'][0].Value)}`],
    );
    const tick = functionCalled('tick').id;
    const [api] = all('AWS::ApiGatewayV2::Api');
    expect(alarmed.sort()).toEqual(
      [`AWS/Lambda Errors ${tick}`, `AWS/Lambda Invocations ${tick}`, `AWS/ApiGateway 5xx ${api?.id}`].sort(),
    );
  });

  it('ends in dead letters that ring an alarm', () => {
    const watched = all('AWS::CloudWatch::Alarm').flatMap((alarm) =>
      (alarm.properties['Dimensions'] as { Name: string; Value: unknown }[])
        .filter((dimension) => dimension.Name === 'QueueName')
        .map((dimension) => idOf(dimension.Value)),
    );
    const dead = all('AWS::SQS::Queue').filter((queue) => !working.includes(queue));
    expect(watched.sort()).toEqual(dead.map((queue) => queue.id).sort());
    for (const alarm of all('AWS::CloudWatch::Alarm')) expect(alarm.properties['AlarmActions']).toHaveLength(1);
  });
});

describe('the HTTP API (S41)', () => {
  const routes = all('AWS::ApiGatewayV2::Route').map((route) => ({
    key: route.properties['RouteKey'] as string,
    to: target(target(text(route.properties['Target']).replace('integrations/', '')).properties['IntegrationUri'])
      .metadata['engagement:entry'],
    guard: route.properties['AuthorizationType'] as string,
    scopes: (route.properties['AuthorizationScopes'] ?? []) as unknown[],
  }));

  it('has the routes of docs/architecture.md; only those that hold no data are open', () => {
    const open = (key: string, fn: string) => ({ key, to: `functions/${fn}/handler.ts`, guard: 'NONE', scopes: [] });
    const both = (fn: string, ...paths: string[]) =>
      paths.flatMap((path) => [open(`GET ${path}`, fn), open(`POST ${path}`, fn)]);
    expect(routes.filter((route) => route.guard !== 'JWT').sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
      [
        ...both('serve-public', '/a/{token}', '/k/{code}', '/p', '/p/{token}', '/r/{token}', '/u/{token}'),
        ...both('serve-surveys', '/s/{token}'),
        open('GET /c/{token}', 'serve-public'),
        open('POST /h/{gateway}', 'serve-public'),
        ...['GET /', 'GET /api/openapi.json', 'GET /console/{proxy+}'].map((key) => open(key, 'serve-api')),
      ].sort((a, b) => (a.key < b.key ? -1 : 1)),
    );
  });

  it('asks for an access token with our scope, so that an ID token is refused (S05)', () => {
    const guarded = routes.filter((route) => route.guard === 'JWT');
    const areas = (fn: string, ...named: string[]) =>
      named.flatMap((area) => ['', '/{proxy+}'].map((rest) => `ANY /api/${area}${rest} functions/${fn}/handler.ts`));
    expect(guarded.map(({ key, to }) => `${key} ${to}`).sort()).toEqual(
      [
        ...areas('serve-campaigns', 'audiences', 'calendar', 'campaigns', 'lists', 'stop'),
        ...areas('manage-surveys', 'surveys'),
        ...areas('serve-templates', 'templates'),
        'ANY /api/{proxy+} functions/serve-api/handler.ts',
      ].sort(),
    );
    for (const { scopes } of guarded) expect(scopes.map(text)).toEqual([expect.stringMatching(/^<Staff.*>\/use$/)]);
    const [authorizer, ...others] = all('AWS::ApiGatewayV2::Authorizer');
    expect(others).toEqual([]);
    const pool = all('AWS::Cognito::UserPool')[0];
    const client = all('AWS::Cognito::UserPoolClient')[0];
    expect(text(authorizer?.properties['JwtConfiguration'].Issuer)).toContain(`.amazonaws.com/<${pool?.id}>`);
    expect(authorizer?.properties['JwtConfiguration'].Audience.map(text)).toEqual([`<${client?.id}>`]);
    expect(client?.properties).toMatchObject({ GenerateSecret: false, AllowedOAuthFlows: ['code'] });
  });

  it('logs requests by route, never by path: a path holds the customer’s token (S36)', () => {
    const [stage] = all('AWS::ApiGatewayV2::Stage');
    const format = stage?.properties['AccessLogSettings'].Format as string;
    expect(JSON.parse(format)).toMatchObject({ route: '$context.routeKey', status: '$context.status' });
    expect(format).not.toMatch(/\$context\.(path|identity)/);
    expect(stage?.properties['DefaultRouteSettings']).toEqual({
      ThrottlingBurstLimit: 1_000,
      ThrottlingRateLimit: 500,
    });
  });
});

it('the table has the keys and indexes that shared/platform/table.ts speaks of', () => {
  const [table, ...others] = all('AWS::DynamoDB::Table');
  expect(others).toEqual([]);
  const keys = (pk: string, sk: string) => [
    { AttributeName: pk, KeyType: 'HASH' },
    { AttributeName: sk, KeyType: 'RANGE' },
  ];
  expect(table?.properties).toMatchObject({
    KeySchema: keys('pk', 'sk'),
    BillingMode: 'PAY_PER_REQUEST',
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
  expect(table?.properties['GlobalSecondaryIndexes']).toEqual(
    ['byRenewal', 'byTrouble', 'byTask', 'bySurvey', 'byOwner'].map((index) => ({
      IndexName: index,
      KeySchema: keys(`${index}Pk`, `${index}Sk`),
      Projection: { ProjectionType: 'ALL' },
    })),
  );
});

it('no resource is made by a helper function that CDK adds', () => {
  expect(resources.filter((resource) => /^Custom::|^AWS::CloudFormation::/.test(resource.type))).toEqual([]);
  expect(new Set(resources.map((resource) => resource.id)).size).toBe(resources.length);
});

/** The ARN to which a resource's own policy holds `service`. */
function pinned(resource: ReturnType<typeof target>, service: string): string {
  const statements = policyOn(resource).filter((statement) => statement.services.includes(service));
  expect(statements, `${resource.id} and ${service}`).toHaveLength(1);
  const held = Object.entries(statements[0]?.conditions ?? {})
    .filter(([operator]) => operator === 'ArnEquals' || operator === 'StringEquals')
    .flatMap(([, keys]) => Object.entries(keys))
    .find(([key]) => key.toLowerCase() === 'aws:sourcearn');
  return text(held?.[1]);
}
