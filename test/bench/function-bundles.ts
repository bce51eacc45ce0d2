import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleFunction } from '../../infra/constructs/function-code.ts';

/** The functions as they are deployed: how large, and how long they take to load. */

/** Those the table exempts: letters, template compile. */
const EXEMPT: readonly string[] = ['compose-letters', 'serve-templates'];
const bundled = readdirSync(fileURLToPath(new URL('../../functions', import.meta.url))).filter(
  (name) => !EXEMPT.includes(name),
);
/** Those that hold survey-core, 1.4 MB that cannot be had in parts (ADR 0100); they have figures of their own. */
const WITH_SURVEY_CORE: readonly string[] = ['serve-surveys', 'manage-surveys'];
/** All others. */
export const PLAIN_FUNCTIONS = bundled.filter((name) => !WITH_SURVEY_CORE.includes(name));

const folder = mkdtempSync(join(tmpdir(), 'perennial-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let sizes: ReadonlyMap<string, number> | undefined;
/** Bytes of each function's bundle. */
export const bundleSizes = (): ReadonlyMap<string, number> => {
  sizes ??= new Map(
    bundled.map((name) => [
      name,
      bundleFunction(
        { entry: `functions/${name}/handler.ts`, folders: ['console/generated'], native: [] },
        join(folder, name),
      ),
    ]),
  );
  return sizes;
};

const ENVIRONMENT = Object.fromEntries(
  [
    'TABLE_NAME STAGE IMPORTS_BUCKET MESSAGES_BUCKET PRINT_BUCKET INBOUND_BUCKET CHUNKS_QUEUE_URL CHANGES_QUEUE_URL',
    'SEND_STATUTORY_QUEUE_URL SEND_SERVICE_QUEUE_URL SEND_MARKETING_QUEUE_URL LETTERS_QUEUE_URL PRINT_QUEUE_URL BUS_NAME',
    'DUE_QUEUE_URL AUDIENCES_QUEUE_URL OUTBOUND_QUEUE_URL OUTBOUND_SECRET_ARN',
    'LINK_SECRET_ARN CONFIGURATION_SET PUBLIC_ORIGIN SENDER_DOMAIN SIGN_IN_ORIGIN SIGN_IN_CLIENT_ID AWS_REGION',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name, 'https://example.com']),
);

/** Milliseconds a new process takes to load one bundle, beyond what it takes to load nothing. */
const loadTime = async (file: string): Promise<number> => {
  const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - t);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...ENVIRONMENT, AWS_REGION: 'us-east-1', OUTBOUND_NETWORK: 'public' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout) printed += String(chunk);
  return Number(printed);
};

/** Milliseconds that a function takes to load, the middle of five. */
export const loadTimeOf = async (name: string): Promise<number> => {
  bundleSizes();
  const runs: number[] = [];
  for (let n = 0; n < 5; n += 1) runs.push(await loadTime(join(folder, name, `functions/${name}/handler.mjs`)));
  return runs.sort((a, b) => a - b)[2] ?? Number.NaN;
};
