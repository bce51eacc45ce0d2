import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../infra/app.ts';

export type Json = Record<string, unknown>;

export interface Resource {
  readonly id: string;
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template has no static shape; a wrong path fails its test
  readonly properties: Record<string, any>;
  readonly metadata: Json;
}

/** The two templates of `prod`, synthesized once a test file. */
const outdir = mkdtempSync(join(tmpdir(), 'perennial-test-'));
const assembly = buildApp({ stage: 'prod', bundle: false, outdir }).synth();
const parts = assembly.stacks.map((stack) => stack.template as { Resources: Json; Outputs?: Json });
rmSync(outdir, { recursive: true });

/** Logical ids are unique over both stacks (checked in the tests). */
export const resources: readonly Resource[] = parts.flatMap((part) =>
  Object.entries(part.Resources).map(([id, resource]) => {
    const { Type, Properties, Metadata } = resource as { Type: string; Properties?: Json; Metadata?: Json };
    return { id, type: Type, properties: Properties ?? {}, metadata: Metadata ?? {} };
  }),
);

const exported = new Map(
  parts.flatMap((part) =>
    Object.values(part.Outputs ?? {}).flatMap((output) => {
      const { Export, Value } = output as { Export?: { Name: string }; Value: unknown };
      return Export === undefined ? [] : [[Export.Name, Value] as const];
    }),
  ),
);

/** All resources of a type, `AWS::SQS::Queue`. */
export const all = (type: string): readonly Resource[] => resources.filter((resource) => resource.type === type);

/** A value of the template as readable text: `<Table.Arn>/index/byTask`, exports followed to what they name. */
export const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const node = value as Json;
  if ('Ref' in node) return `<${String(node['Ref'])}>`;
  if ('Fn::GetAtt' in node) return `<${(node['Fn::GetAtt'] as string[]).join('.')}>`;
  if ('Fn::ImportValue' in node) return text(exported.get(String(node['Fn::ImportValue'])) ?? 'no such export');
  if ('Fn::Join' in node) {
    const [delimiter, items] = node['Fn::Join'] as [string, unknown[]];
    return items.map(text).join(delimiter);
  }
  return JSON.stringify(value);
};

/** The logical id inside a reference: `<Table.Arn>` → `Table`. */
export const idOf = (value: unknown): string => /^<([A-Za-z0-9]+)/.exec(text(value))?.[1] ?? text(value);

/** The resource a value refers to. */
export const target = (value: unknown): Resource => {
  const found = resources.find((resource) => resource.id === idOf(value));
  if (found === undefined) throw new Error(`the template has no resource ${text(value)}`);
  return found;
};

export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly services: readonly string[];
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** The statements of a policy document of the template. */
export const statementsOf = (document: { Statement: Json[] }): readonly Statement[] =>
  document.Statement.map((statement) => ({
    effect: String(statement['Effect']),
    actions: list(statement['Action']).map(String),
    resources: list(statement['Resource']).map(text),
    services: list((statement['Principal'] as Json | undefined)?.['Service']).map(text),
    conditions: (statement['Condition'] ?? {}) as Statement['conditions'],
  }));

/** What the resource's own policy says; type is that of the policy: `AWS::SQS::QueuePolicy`. */
export const policyOn = (resource: Resource): readonly Statement[] =>
  resources
    .filter((policy) => /^AWS::(SQS::QueuePolicy|SNS::TopicPolicy|S3::BucketPolicy)$/.test(policy.type))
    .filter((policy) =>
      [policy.properties['Queues'], policy.properties['Topics'], policy.properties['Bucket']]
        .flatMap(list)
        .some((named) => idOf(named) === resource.id),
    )
    .flatMap((policy) => statementsOf(policy.properties['PolicyDocument']));

/** What a function may do. */
export const grantsOf = (fn: Resource): readonly Statement[] =>
  all('AWS::IAM::Policy')
    .filter((policy) => list(policy.properties['Roles']).some((role) => idOf(role) === idOf(fn.properties['Role'])))
    .flatMap((policy) => statementsOf(policy.properties['PolicyDocument']));

/** A function by the folder of its handler. */
export const functionCalled = (name: string): Resource => {
  const found = all('AWS::Lambda::Function').find(
    (fn) => fn.metadata['engagement:entry'] === `functions/${name}/handler.ts`,
  );
  if (found === undefined) throw new Error(`no function ${name} in the template`);
  return found;
};

/** A queue by its short name: `send-service`. */
export const queueCalled = (name: string): Resource => {
  const found = all('AWS::SQS::Queue').find((queue) => queue.properties['QueueName'] === `perennial-prod-${name}`);
  if (found === undefined) throw new Error(`no queue ${name} in the template`);
  return found;
};
