import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../infra/constructs/function-code.ts';
import { all, type Json } from './template.ts';

/** Nothing answers there: whoever reaches for a network gets an error at once. */
const NOWHERE = 'http://127.0.0.1:9';

/** They hold survey-core, which alone is 1.45 MB (ADR 0100). */
const SURVEYS: readonly string[] = ['serve-surveys', 'manage-surveys'];

const names = all('AWS::Lambda::Function').map((fn) => String(fn.metadata['engagement:entry']).split('/')[1] ?? '');

describe('npx cdk synth, without a network', () => {
  const output = mkdtempSync(join(tmpdir(), 'perennial-test-'));
  beforeAll(() => {
    const cdk = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
    execFileSync(process.execPath, [cdk, 'synth', '--quiet', '--output', output], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`,
        HOME: output,
        HTTP_PROXY: NOWHERE,
        HTTPS_PROXY: NOWHERE,
        npm_config_registry: NOWHERE,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
  });
  afterAll(() => rmSync(output, { recursive: true, force: true }));

  const read = (file: string) => JSON.parse(readFileSync(join(output, file), 'utf8'));

  /** The function as the template has it, and the folder of code that would be uploaded for it. */
  const built = (name: string): { environment: Json; module: string } => {
    const resources = Object.values(read('perennial-dev.template.json').Resources as Json) as {
      Metadata?: Json;
      Properties: { Code: { S3Key: string }; Environment: { Variables: Json } };
    }[];
    const fn = resources.find((one) => one.Metadata?.['engagement:entry'] === `functions/${name}/handler.ts`);
    const file = read('perennial-dev.assets.json').files[String(fn?.Properties.Code.S3Key).replace(/\.zip$/, '')];
    return {
      environment: fn?.Properties.Environment.Variables ?? {},
      module: join(output, file.source.path, `functions/${name}/handler.mjs`),
    };
  };

  it('finds nothing to object to: neither cdk-nag nor CloudFormation’s own schema', () => {
    expect(JSON.stringify(read('validation-report.json').pluginReports)).not.toContain('"violations":[{');
  });

  it.each(names)('%s is small (P11), and loads with nothing but its environment', (name) => {
    const { environment, module } = built(name);
    expect(statSync(module).size).toBeLessThanOrEqual(SURVEYS.includes(name) ? 2_500_000 : 1_048_576);
    // The letter compiler in it is for Lambda's Linux on x64.
    if (name === 'compose-letters' && `${process.platform}-${process.arch}` !== 'linux-x64') return;
    const values = Object.fromEntries(Object.keys(environment).map((variable) => [variable, 'https://a.example']));
    const load = 'console.log(typeof (await import(process.argv[1])).handler)';
    const answer = execFileSync(process.execPath, ['--input-type=module', '-e', load, module], {
      cwd: output,
      env: { AWS_REGION: 'us-east-1', ...values },
      encoding: 'utf8',
    });
    expect(answer.trim()).toBe('function');
  });
});
