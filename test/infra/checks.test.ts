import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../infra/app.ts';
import { addChecks } from '../../infra/checks.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Without bundling, into a folder that goes with the test. */
const build = (stage: string, context: Record<string, unknown> = {}): App =>
  buildApp({ stage, bundle: false, outdir: temporaryFolder(), context });

const findings = (app: App): string[] =>
  [new AwsSolutionsChecks(), new ServerlessChecks()].flatMap((pack) =>
    pack
      .validateScope(app)
      .violations.flatMap((finding) =>
        finding.violatingResources.map((resource) => `${finding.ruleName} ${resource.constructPath}`),
      ),
  );

describe('cdk-nag', () => {
  it.each(['local', 'dev', 'prod'])('finds nothing in %s that is not answered for', (stage) => {
    const app = build(stage);
    app.synth();
    expect(findings(app)).toEqual([]);
  });

  it('finds what is planted, in both packs (canary)', () => {
    const app = build('prod');
    const stack = app.node.findChild('perennial-prod') as Stack;
    new sqs.Queue(stack, 'Planted');
    new iam.Role(stack, 'PlantedRole', { assumedBy: new iam.AccountRootPrincipal() }).addToPolicy(
      new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }),
    );
    app.synth();
    expect(findings(app)).toEqual(
      expect.arrayContaining([
        'AwsSolutions-SQS4 perennial-prod/Planted/Resource',
        'AwsSolutions-IAM5[Action::s3:*] perennial-prod/PlantedRole/DefaultPolicy/Resource',
        'Serverless-SQSRedrivePolicy perennial-prod/Planted/Resource',
      ]),
    );
  });

  describe('stops the synth of what is to be deployed', () => {
    // CDK says it by a non-zero exit code besides, which here would be the test run's.
    let before: typeof process.exitCode;
    beforeAll(() => {
      before = process.exitCode;
    });
    afterAll(() => {
      process.exitCode = before;
    });

    it('at the first finding', () => {
      const app = build('prod');
      addChecks(app);
      new sqs.Queue(app.node.findChild('perennial-prod') as Stack, 'Planted');
      expect(() => app.synth()).toThrow(/validation-report.json/);
    });
  });
});

describe('synthesis', () => {
  it('of any stage without bundling builds nothing and knows its origins', () => {
    const assembly = build('local', { port: 4711 }).synth();
    expect(assembly.stacks.map((stack) => stack.stackName)).toEqual(['perennial-local-data', 'perennial-local']);
    const manifest = JSON.parse(readFileSync(join(assembly.directory, 'perennial-local.assets.json'), 'utf8'));
    // An unbundled function names the repository itself as its asset; nothing was copied.
    const sources = Object.values<{ source: { packaging: string } }>(manifest.files).map(
      (file) => file.source.packaging,
    );
    expect(sources).toContain('zip');
    const template = assembly.getStackByName('perennial-local').template as { Resources: Record<string, unknown> };
    const text = JSON.stringify(template);
    expect(text).toContain('http://127.0.0.1:4711/cognito');
    expect(Object.keys(template).sort()).toEqual(['Outputs', 'Resources']);
  });

  it('refuses a stage nobody described', () => {
    expect(() => build('staging')).toThrow(/unknown stage "staging".*local, dev, prod/);
  });
});
