import { expect, test } from 'vitest';
import { readTemplate } from '../../../infra/local/template/read-template.ts';
import { type NamedTemplate, resolveTemplates } from '../../../infra/local/template/resolve.ts';
import { ROOT, synthesize } from '../../../infra/local/template/synthesize.ts';
import { fixtureResources, fixtureTemplates } from './fixture/template.ts';

const settings = { origin: 'http://127.0.0.1:1', endpoint: 'http://127.0.0.1:2', root: ROOT };
const place = { account: '000000000000', region: 'us-east-1', endpoint: settings.endpoint, origin: settings.origin };
const read = (resources: ReturnType<typeof fixtureResources>) => readTemplate(fixtureTemplates(resources), settings);

/** Puts a value into a role's or other resource's nested property. */
const changed = (id: string, change: (properties: Record<string, unknown>) => void) => {
  const resources = structuredClone(fixtureResources());
  change((resources[id]?.Properties ?? {}) as Record<string, unknown>);
  return resources;
};

test('the small app is read whole', () => {
  const resources = read(fixtureResources());
  expect(resources.functions.map(({ logicalId }) => logicalId)).toEqual(['Tick', 'Worker', 'Api']);
  expect(resources.functions[0]?.environment['WORK_QUEUE_URL']).toBe('http://127.0.0.1:2/000000000000/work');
  expect(resources.queues.find(({ name }) => name === 'work')).toMatchObject({
    visibilityTimeoutMs: 60_000,
    redrive: { deadLetterArn: 'arn:aws:sqs:us-east-1:000000000000:work-dead', maxReceiveCount: 3 },
  });
  expect(resources.apis[0]?.routes.map(({ key, functionId }) => [key, functionId])).toEqual([
    ['POST /open/{thing}', 'Api'],
    ['ANY /api/{proxy+}', 'Api'],
  ]);
  expect(resources.apis[0]?.authorizers[0]?.issuer).toBe(resources.userPools[0]?.issuer);
});

test('the real app is read whole, at whatever port', async () => {
  const resources = readTemplate(await synthesize('http://127.0.0.1:9999'), {
    ...settings,
    origin: 'http://127.0.0.1:9999',
  });
  expect(resources.functions.length).toBeGreaterThanOrEqual(12);
  expect(resources.eventSources.length).toBeGreaterThanOrEqual(10);
  for (const fn of resources.functions) expect(JSON.stringify(fn.environment)).not.toContain('4600');
  expect(resources.functions.find(({ name }) => name.endsWith('send-mail'))?.environment['PUBLIC_ORIGIN']).toBe(
    'http://127.0.0.1:9999',
  );
}, 60_000);

test.each([
  [
    'an unknown resource type',
    { ...fixtureResources(), Odd: { Type: 'AWS::Kinesis::Stream' } },
    /"AWS::Kinesis::Stream" \(fixture\/Odd\)/,
  ],
  [
    'an unknown property',
    changed('Work', (work) => Object.assign(work, { FifoQueue: true })),
    /fixture\/Work asks for .*FifoQueue/,
  ],
  [
    'an unknown intrinsic',
    changed('Set', (set) => Object.assign(set, { Name: { 'Fn::Base64': 'x' } })),
    /"Fn::Base64" in fixture\/Set/,
  ],
  [
    'an unknown attribute',
    changed('Set', (set) => Object.assign(set, { Name: { 'Fn::GetAtt': ['Work', 'Colour'] } })),
    /"Colour" of AWS::SQS::Queue/,
  ],
  [
    'a reference to nothing',
    changed('Set', (set) => Object.assign(set, { Name: { Ref: 'Nobody' } })),
    /Ref "Nobody" in fixture\/Set/,
  ],
  [
    'an unknown managed policy',
    changed('ApiRole', (role) =>
      Object.assign(role, { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
    ),
    /AdministratorAccess/,
  ],
  [
    'an unknown condition operator',
    changed('ApiRole', (role) =>
      Object.assign(role, {
        Policies: [
          {
            PolicyName: 'p',
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 's3:GetObject',
                  Resource: '*',
                  Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
                },
              ],
            },
          },
        ],
      }),
    ),
    /"IpAddress" in fixture\/ApiRole/,
  ],
  [
    'a queue nobody may read',
    changed('WorkerRole', (role) => Object.assign(role, { Policies: [] })),
    /Mapping may not sqs:ReceiveMessage/,
  ],
  [
    'a schedule that may not call',
    changed('ScheduleRole', (role) => Object.assign(role, { Policies: [] })),
    /may not lambda:InvokeFunction/,
  ],
  [
    'a dynamic reference',
    changed('Api', (api) => Object.assign(api, { Description: '{{resolve:ssm:x}}' })),
    /dynamic reference/,
  ],
] as const)('%s stops the start, naming it and where', (_, resources, message) => {
  expect(() => read(resources as ReturnType<typeof fixtureResources>)).toThrow(message);
});

test('intrinsics resolve as CloudFormation would, across stacks', () => {
  const stacks: readonly NamedTemplate[] = [
    {
      stack: 'data',
      template: {
        Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } } },
        Outputs: { T: { Value: { Ref: 'Topic' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:topic' } } } },
      },
    },
    {
      stack: 'app',
      template: {
        Parameters: { Colour: { Type: 'String', Default: 'blue' } },
        Mappings: { M: { a: { b: 'mapped' } } },
        Resources: {
          Sub: {
            Type: 'AWS::SNS::Subscription',
            Properties: {
              imported: { 'Fn::ImportValue': 'data:topic' },
              name: { 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::ImportValue': 'data:topic' }] }] },
              sub: { 'Fn::Sub': ['${x} ${Colour} ${!literal} ${AWS::Region}', { x: { Ref: 'AWS::AccountId' } }] },
              map: { 'Fn::FindInMap': ['M', 'a', 'b'] },
              gone: { Ref: 'AWS::NoValue' },
              list: [1, { Ref: 'AWS::NoValue' }, 2],
            },
          },
        },
      },
    },
  ];
  const subscription = resolveTemplates(stacks, place).find(({ logicalId }) => logicalId === 'Sub');
  expect(subscription?.properties).toEqual({
    imported: 'arn:aws:sns:us-east-1:000000000000:news',
    name: 'news',
    sub: '000000000000 blue ${literal} us-east-1',
    map: 'mapped',
    list: [1, 2],
  });
});
