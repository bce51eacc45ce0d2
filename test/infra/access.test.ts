import { describe, expect, it } from 'vitest';
import {
  all,
  functionCalled,
  grantsOf,
  idOf,
  type Resource,
  type Statement,
  statementsOf,
  target,
} from './template.ts';

const functions = all('AWS::Lambda::Function');

/** Actions a function has on resources whose text begins with `<id`. */
const actionsOn = (fn: Resource, type: string): string[] =>
  grantsOf(fn)
    .filter((statement) => statement.resources.some((resource) => target1(resource)?.type === type))
    .flatMap((statement) => statement.actions)
    .filter((action) => !action.startsWith('kms:'))
    .sort();

const target1 = (resource: string): Resource | undefined =>
  resource.startsWith('<AWS::') || !resource.startsWith('<') ? undefined : target(resource);

const TABLE = ['BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
  (action) => `dynamodb:${action}`,
);

describe('no function may more than it does (S39)', () => {
  it.each(functions.map((fn) => [String(fn.metadata['engagement:entry']), fn] as const))('%s', (_, fn) => {
    const grants = grantsOf(fn);
    expect(grants.length).toBeGreaterThan(2);
    for (const grant of grants) expect(wide(grant)).toBe('');
  });

  it('finds a star in an action, and a bare star as resource (canary)', () => {
    const planted = (Action: string, Resource: string) =>
      statementsOf({ Statement: [{ Effect: 'Allow', Action, Resource }] })[0] as Statement;
    expect(wide(planted('s3:*', '<B.Arn>'))).toBe('action s3:*');
    expect(wide(planted('s3:Get*', '<B.Arn>'))).toBe('action s3:Get*');
    expect(wide(planted('s3:GetObject', '*'))).toBe('resource * for s3:GetObject');
    expect(wide(planted('s3:GetObject', 'arn:aws:s3:::*'))).toBe('resource arn:aws:s3:::* for s3:GetObject');
    expect(wide(planted('dynamodb:Query', '<T.Arn>/index/*'))).toBe('resource <T.Arn>/index/* for dynamodb:Query');
  });

  it('send-mail sends mail for its domain under its configuration set, and reads no file', () => {
    const fn = functionCalled('send-mail');
    const sending = grantsOf(fn).filter((grant) => grant.actions.some((action) => action.startsWith('ses:Send')));
    expect(sending).toHaveLength(1);
    expect(sending[0]?.actions).toEqual(['ses:SendRawEmail']);
    expect(sending[0]?.resources.map((resource) => target(/<(?!AWS)[^>]*>$/.exec(resource)?.[0]).type).sort()).toEqual([
      'AWS::SES::ConfigurationSet',
      'AWS::SES::EmailIdentity',
    ]);
    expect(actionsOn(fn, 'AWS::S3::Bucket')).toEqual(['s3:PutObject']);
  });

  it('serve-public, which anyone may call, holds the table, its two secrets, one queue, the bus, and no file', () => {
    const fn = functionCalled('serve-public');
    const held = grantsOf(fn)
      .flatMap((grant) => grant.resources)
      .map((resource) => target1(resource)?.type ?? resource);
    expect([...new Set(held)].sort()).toEqual([
      '*',
      'AWS::DynamoDB::Table',
      'AWS::Events::EventBus',
      'AWS::KMS::Key',
      'AWS::Logs::LogGroup',
      'AWS::SQS::Queue',
      'AWS::SecretsManager::Secret',
    ]);
    expect(actionsOn(fn, 'AWS::DynamoDB::Table')).toEqual(TABLE);
    expect(actionsOn(fn, 'AWS::SQS::Queue')).toEqual(['sqs:SendMessage']);
  });

  it('who reads secrets, calls SES, tells the bus, queries an index (a good mail touches none)', () => {
    const who = (action: string, resource = '') =>
      functions
        .filter((fn) =>
          grantsOf(fn).some(
            (grant) => grant.actions.includes(action) && grant.resources.some((one) => one.endsWith(resource)),
          ),
        )
        .map((fn) => String(fn.properties['Environment'].Variables.POWERTOOLS_SERVICE_NAME))
        .sort();
    const secret = (id: string) => {
      const found = all('AWS::SecretsManager::Secret').filter((one) => one.id.startsWith(id));
      expect(found).toHaveLength(1);
      return who('secretsmanager:GetSecretValue', `<${found[0]?.id}>`);
    };
    expect(secret('LinkSecret')).toEqual([
      'compose-letters',
      'receive-mail',
      'send-mail',
      'serve-public',
      'serve-surveys',
    ]);
    expect(secret('OutboundSecret')).toEqual(['call-out', 'serve-api', 'serve-public']);
    expect(who('ses:SendRawEmail')).toEqual(['send-mail', 'serve-templates']);
    expect(who('ses:GetSendQuota')).toEqual(['send-mail', 'work-audiences']);
    expect(who('events:PutEvents')).toEqual([
      'call-out',
      'compose-letters',
      'follow-changes',
      'manage-surveys',
      'receive-feedback',
      'receive-mail',
      'run-due',
      'send-mail',
      'serve-api',
      'serve-public',
      'serve-surveys',
      'split-import',
      'work-audiences',
    ]);
    for (const index of ['byRenewal', 'byTrouble', 'byOwner'])
      expect(who('dynamodb:Query', `/index/${index}`)).toEqual(['serve-api']);
    expect(who('dynamodb:Query', '/index/bySurvey')).toEqual(['manage-surveys']);
    expect(who('dynamodb:Query', '/index/byTask')).toEqual(['manage-surveys', 'serve-api', 'work-audiences']);
  });

  it('nobody opens the key but through a service that keeps data under it', () => {
    for (const fn of functions) {
      for (const grant of grantsOf(fn).filter((one) => one.actions.some((action) => action.startsWith('kms:')))) {
        expect(grant.actions).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
        expect(Object.keys(grant.conditions['StringEquals'] ?? {})).toEqual(['kms:ViaService']);
      }
    }
  });

  it('the schedule may invoke tick, and leave dead letters', () => {
    const [schedule] = all('AWS::Scheduler::Schedule');
    const role = idOf(schedule?.properties['Target'].RoleArn);
    const policy = all('AWS::IAM::Policy').find((one) => idOf(one.properties['Roles'][0]) === role);
    const grants = statementsOf(policy?.properties['PolicyDocument']);
    expect(grants.flatMap((grant) => grant.actions).sort()).toEqual([
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'lambda:InvokeFunction',
      'sqs:SendMessage',
    ]);
    for (const grant of grants) expect(wide(grant)).toBe('');
  });
});

it('every role is for one service, with no policy of AWS’s or of its own beside those above', () => {
  for (const role of all('AWS::IAM::Role')) {
    expect(role.properties['ManagedPolicyArns']).toBeUndefined();
    expect(role.properties['Policies']).toBeUndefined();
    const [trust, ...others] = statementsOf(role.properties['AssumeRolePolicyDocument']);
    expect(others).toEqual([]);
    expect(trust?.services).toHaveLength(1);
  }
});

/** What is wider than it need be in a statement that allows; '' where nothing is. X-Ray and the account's quota know no resources, and the
 *  names of files are made at run time: below a bucket, or a folder of it, a star may stand at the end. */
function wide(statement: Statement): string {
  if (statement.effect !== 'Allow') return '';
  const star = statement.actions.find((action) => action.includes('*'));
  if (star !== undefined) return `action ${star}`;
  const unbound = statement.actions.every((action) =>
    /^(xray:Put(TelemetryRecords|TraceSegments)|ses:GetSendQuota)$/.test(action),
  );
  for (const resource of statement.resources) {
    if (!resource.includes('*') || (unbound && resource === '*')) continue;
    const files = statement.actions.every((action) => /^s3:(Get|Put|Delete)Object$/.test(action));
    if (!files || !/^<\w*Bucket\w*\.Arn>\/(\w+\/)?\*$/.test(resource)) {
      return `resource ${resource} for ${statement.actions.join(', ')}`;
    }
  }
  return '';
}
