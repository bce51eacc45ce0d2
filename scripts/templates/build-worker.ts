import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles the thread that compiles and renders templates, so that it stands beside the function as one file. */
export const buildWorker = async (root: string): Promise<void> => {
  await build({
    absWorkingDir: root,
    entryPoints: ['functions/serve-templates/template-worker.ts'],
    outfile: join(root, 'functions/serve-templates/generated/template-worker.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    // packages in the old module format ask for `require`
    banner: { js: "import{createRequire as requireOf$}from'node:module';const require=requireOf$(import.meta.url);" },
    logLevel: 'error',
  });
};
