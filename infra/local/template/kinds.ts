/** What `Ref` and `Fn::GetAtt` answer for each resource type, and which types need no imitation on one machine. */

/** Facts a name or ARN is made of. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** Origin of the AWS endpoint. */
  readonly endpoint: string;
  /** Origin of the HTTP API. */
  readonly origin: string;
}

/** How a type is named and referred to. */
export interface Kind {
  /** The property that holds the physical name; without it, or unset, the name is drawn from the logical id. */
  readonly nameProperty?: string;
  /** Names of this type are lowercase (buckets, Cognito domains). */
  readonly lowercase?: true;
  readonly ref: (name: string, place: Place) => string;
  /** Attributes by name. A missing one stops the start. */
  readonly attributes: Readonly<Record<string, (name: string, place: Place) => string>>;
}

const arn =
  (service: string, form: (name: string) => string, global: 'global' | 'regional' = 'regional') =>
  (name: string, place: Place): string =>
    `arn:aws:${service}:${global === 'global' ? '' : place.region}:${place.account}:${form(name)}`;
const same = (name: string): string => name;
const named = (nameProperty: string, arnOf?: Kind['ref'], more: Kind['attributes'] = {}): Kind => ({
  nameProperty,
  ref: same,
  attributes: { ...(arnOf ? { Arn: arnOf } : {}), ...more },
});

const queueArn = arn('sqs', same);
const queueUrl = (name: string, place: Place): string => `${place.endpoint}/${place.account}/${name}`;
const topicArn = arn('sns', same);
const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;
const secretArn = arn('secretsmanager', (name) => `secret:${name}-local0`);
/** Domain names that the cloud's DNS would resolve; `rehost` turns them into loopback addresses. */
const apiEndpoint = (_: string, place: Place): string => place.origin;

/** The types the local runtime imitates. */
export const EMULATED: Readonly<Record<string, Kind>> = {
  'AWS::Lambda::Function': named(
    'FunctionName',
    arn('lambda', (name) => `function:${name}`),
  ),
  'AWS::Lambda::EventSourceMapping': { ref: same, attributes: { Id: same } },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: queueUrl,
    attributes: { Arn: queueArn, QueueName: same, QueueUrl: queueUrl },
  },
  'AWS::SQS::QueuePolicy': { ref: same, attributes: {} },
  'AWS::SNS::Topic': { nameProperty: 'TopicName', ref: topicArn, attributes: { TopicArn: topicArn, TopicName: same } },
  'AWS::SNS::Subscription': { ref: (name, place) => `${topicArn(name, place)}:0`, attributes: {} },
  'AWS::SNS::TopicPolicy': { ref: same, attributes: {} },
  'AWS::Events::EventBus': named(
    'Name',
    arn('events', (name) => `event-bus/${name}`),
    { Name: same },
  ),
  'AWS::Events::Rule': named(
    'Name',
    arn('events', (name) => `rule/${name}`),
  ),
  'AWS::Scheduler::Schedule': named(
    'Name',
    arn('scheduler', (name) => `schedule/default/${name}`),
  ),
  'AWS::DynamoDB::Table': named(
    'TableName',
    arn('dynamodb', (name) => `table/${name}`),
  ),
  'AWS::DynamoDB::GlobalTable': named(
    'TableName',
    arn('dynamodb', (name) => `table/${name}`),
    { TableId: same },
  ),
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    lowercase: true,
    ref: same,
    attributes: { Arn: bucketArn, DomainName: (name) => `${name}.s3.amazonaws.com` },
  },
  'AWS::S3::BucketPolicy': { ref: same, attributes: {} },
  'Custom::S3BucketNotifications': { ref: same, attributes: {} },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name', ref: secretArn, attributes: { Id: secretArn } },
  'AWS::SES::ConfigurationSet': named('Name'),
  'AWS::SES::ConfigurationSetEventDestination': { ref: same, attributes: { Id: same } },
  'AWS::SES::EmailIdentity': named(
    'EmailIdentity',
    arn('ses', (name) => `identity/${name}`),
  ),
  'AWS::SES::ReceiptRuleSet': named('RuleSetName'),
  'AWS::SES::ReceiptRule': { ref: same, attributes: {} },
  'AWS::Cognito::UserPool': {
    ref: (name, place) => `${place.region}_${name.replace(/[^A-Za-z0-9]/g, '').slice(-12)}`,
    attributes: {
      Arn: (name, place) =>
        `arn:aws:cognito-idp:${place.region}:${place.account}:userpool/${EMULATED['AWS::Cognito::UserPool']?.ref(name, place)}`,
      UserPoolId: (name, place) => EMULATED['AWS::Cognito::UserPool']?.ref(name, place) ?? name,
      ProviderName: (name, place) =>
        `cognito-idp.${place.region}.amazonaws.com/${EMULATED['AWS::Cognito::UserPool']?.ref(name, place)}`,
      ProviderURL: (name, place) =>
        `https://cognito-idp.${place.region}.amazonaws.com/${EMULATED['AWS::Cognito::UserPool']?.ref(name, place)}`,
    },
  },
  'AWS::Cognito::UserPoolClient': {
    ref: (name) => name.toLowerCase(),
    attributes: { ClientId: (name) => name.toLowerCase() },
  },
  'AWS::Cognito::UserPoolDomain': { nameProperty: 'Domain', lowercase: true, ref: same, attributes: {} },
  'AWS::Cognito::UserPoolGroup': { nameProperty: 'GroupName', ref: same, attributes: {} },
  'AWS::Cognito::UserPoolResourceServer': { nameProperty: 'Identifier', ref: same, attributes: {} },
  'AWS::ApiGatewayV2::Api': {
    ref: (name) => name.toLowerCase(),
    attributes: { ApiEndpoint: apiEndpoint, ApiId: (name) => name.toLowerCase() },
  },
  'AWS::ApiGatewayV2::Integration': { ref: same, attributes: {} },
  'AWS::ApiGatewayV2::Route': { ref: same, attributes: {} },
  'AWS::ApiGatewayV2::Authorizer': { ref: same, attributes: { AuthorizerId: same } },
  'AWS::ApiGatewayV2::Stage': { nameProperty: 'StageName', ref: same, attributes: {} },
  'AWS::IAM::Role': named(
    'RoleName',
    arn('iam', (name) => `role/${name}`, 'global'),
    { RoleId: same },
  ),
  'AWS::IAM::Policy': { nameProperty: 'PolicyName', ref: same, attributes: {} },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    ref: arn('iam', (name) => `policy/${name}`, 'global'),
    attributes: {},
  },
  'AWS::Lambda::Permission': { ref: same, attributes: {} },
};

/** Types with no effect on one machine, each with the reason. Anything in neither list stops the start. */
export const NOT_EMULATED: Readonly<Record<string, Kind & { readonly because: string }>> = {
  'AWS::CDK::Metadata': { ref: same, attributes: {}, because: 'usage figures of the CDK' },
  'AWS::CloudWatch::Alarm': {
    ...named(
      'AlarmName',
      arn('cloudwatch', (name) => `alarm:${name}`),
    ),
    because: 'nobody is on call for a laptop',
  },
  'AWS::CloudWatch::CompositeAlarm': {
    ...named(
      'AlarmName',
      arn('cloudwatch', (name) => `alarm:${name}`),
    ),
    because: 'as above',
  },
  'AWS::CloudWatch::Dashboard': { ...named('DashboardName'), because: 'figures are on /local/status' },
  'AWS::Logs::LogGroup': {
    ...named(
      'LogGroupName',
      arn('logs', (name) => `log-group:${name}:*`),
    ),
    because: 'logs are files in the state folder',
  },
  'AWS::Logs::MetricFilter': { ...named('FilterName'), because: 'no alarms' },
  'AWS::Logs::ResourcePolicy': { ...named('PolicyName'), because: 'no log groups' },
  'AWS::KMS::Key': {
    ref: same,
    attributes: { Arn: arn('kms', (name) => `key/${name}`), KeyId: same },
    because: 'nothing is encrypted at rest by the fakes',
  },
  'AWS::KMS::Alias': { ...named('AliasName'), because: 'as above' },
  'AWS::Lambda::LayerVersion': { ref: same, attributes: {}, because: 'functions run from their source' },
  'AWS::ApiGateway::Account': { ref: same, attributes: { Id: same }, because: 'log role of API Gateway' },
  'AWS::SSM::Parameter': { ...named('Name'), because: 'read at deploy only' },
  'AWS::Budgets::Budget': { ref: same, attributes: {}, because: 'loopback is free' },
  'AWS::Scheduler::ScheduleGroup': {
    ...named(
      'Name',
      arn('scheduler', (name) => `schedule-group/${name}`),
    ),
    because: 'a name space',
  },
};

/** How `type` is referred to; undefined for a type in neither list. */
export const kindOf = (type: string): Kind | undefined => EMULATED[type] ?? NOT_EMULATED[type];
