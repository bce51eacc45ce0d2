import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * Builds the first page into `console/generated/site.json`: `{ [path]: { type, body (base64), hash } }`. Script and style
 * carry their hash in the path, so that browsers may keep them for ever; the page itself is looked up each time.
 */
const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 16);

const bundle = async (entry: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome108', 'safari16', 'firefox115'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return file.text;
};

const [script, style, shell] = await Promise.all([
  bundle('console/src/main.tsx'),
  bundle('console/style.css'),
  readFile('console/index.html', 'utf8'),
]);
const scriptPath = `/console/app-${hashOf(script)}.js`;
const stylePath = `/console/style-${hashOf(style)}.css`;
const page = shell.replace('{{script}}', scriptPath).replace('{{style}}', stylePath);

const file = (type: string, content: string) => ({
  type,
  body: Buffer.from(content).toString('base64'),
  hash: hashOf(content),
});
const site = JSON.stringify(
  {
    '/': file('text/html; charset=utf-8', page),
    [scriptPath]: file('text/javascript; charset=utf-8', script),
    [stylePath]: file('text/css; charset=utf-8', style),
  },
  null,
  1,
);
const TARGET = 'console/generated/site.json';
// left alone where nothing changed, so that whoever watches it is not woken
const before = await readFile(TARGET, 'utf8').catch(() => undefined);
if (before !== site) {
  await mkdir('console/generated', { recursive: true });
  await writeFile(TARGET, site);
}
