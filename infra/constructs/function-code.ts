import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { EngagementError } from '../../shared/platform/errors.ts';

/** The repository's folder; every path of a function is relative to it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface FunctionSource {
  /** `functions/send-mail/handler.ts` */
  readonly entry: string;
  /** Folders the code reads at run time. They keep their place relative to the entry, so that
   *  `new URL('../../templates/', import.meta.url)` finds them from the source and from the bundle alike; a source file
   *  that reads lies, like every entry, two folders deep. */
  readonly folders: readonly string[];
  /** Packages with a native part, and the package of that part for Lambda: not bundled but laid beside the bundle, in the
   *  versions of package-lock.json. */
  readonly native: readonly string[];
}

/** The code of one function as Lambda gets it: one ES module, its folders, its native packages. Built by esbuild in
 *  this process, without Docker; not at all where CDK's bundling is off. */
export const functionCode = (source: FunctionSource): Code =>
  Code.fromAsset(ROOT, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('none'),
      // Never run, but CDK bundles only once what looks the same: without it every function gets the code of the first.
      command: [source.entry],
      local: {
        tryBundle: (folder) => {
          bundleFunction(source, folder);
          return true;
        },
      },
    },
  });

/** Where the SDK looks for credentials when the environment has none, each loaded only then. In Lambda it always has. */
const OTHER_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** Builds one function into `folder` and returns the size of its module in bytes.
 *  @throws EngagementError `misconfigured` where a folder is missing, `unavailable` where a native package cannot be had */
export const bundleFunction = (source: FunctionSource, folder: string): number => {
  const built = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [source.entry],
    outfile: join(folder, source.entry.replace(/\.ts$/, '.mjs')),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    external: [...OTHER_CREDENTIALS, ...source.native],
    // Packages in the old module format ask for `require`. The name must be one that no package imports it under.
    banner: { js: "import{createRequire as requireOf$}from'node:module';const require=requireOf$(import.meta.url);" },
    metafile: true,
    logLevel: 'error',
  });
  for (const path of source.folders) {
    const from = join(ROOT, path);
    if (!existsSync(from)) {
      throw new EngagementError(
        'misconfigured',
        `${source.entry} reads ${path}, which is not there: run npm run build`,
      );
    }
    cpSync(from, join(folder, path), { recursive: true });
  }
  for (const name of source.native) layBeside(name, folder);
  return Object.values(built.metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0);
};

/** Copies the package where this machine has it (it runs Linux on the same processor), else has npm fetch it. Each is
 *  named: as optional dependencies npm would leave them out without a word. */
const layBeside = (name: string, folder: string): void => {
  const installed = join(ROOT, 'node_modules', name);
  if (existsSync(installed)) {
    cpSync(installed, join(folder, 'node_modules', name), { recursive: true, dereference: true });
    return;
  }
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string } | undefined>;
  };
  const version = lock.packages[`node_modules/${name}`]?.version;
  const platform = ['--os=linux', '--cpu=x64', '--libc=glibc', '--omit=optional'];
  try {
    execFileSync('npm', ['install', '--prefix', folder, '--no-save', ...platform, `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (cause) {
    throw new EngagementError(
      'unavailable',
      `cannot fetch ${name}@${version} for Lambda: let npm reach its registry, or synthesize with -c bundle=false`,
      { retryable: true, cause },
    );
  }
};
