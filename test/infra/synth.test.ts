import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../infra/constructs/function-code.ts';
import { all } from './template.ts';
import { temporaryFolder } from './temporary-folder.ts';

const entries = all('AWS::Lambda::Function').map((fn) => String(fn.metadata['engagement:entry']));
const missing = entries.filter((entry) => !existsSync(join(ROOT, entry)));

/** Nothing answers there: whoever reaches for a network gets an error at once. */
const NOWHERE = 'http://127.0.0.1:9';

it.skipIf(missing.length > 0)('npx cdk synth bundles every function, checks the whole, and needs no network', () => {
  const output = temporaryFolder();
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
  const built = readdirSync(output, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('handler.mjs'))
    .map((path) => path.replace(/^[^/]+\//, '').replace(/mjs$/, 'ts'));
  expect(built.sort()).toEqual([...entries].sort());
  const report = JSON.parse(readFileSync(join(output, 'validation-report.json'), 'utf8'));
  expect(JSON.stringify(report.pluginReports)).not.toContain('"violations":[{');
});
