import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleFunction, ROOT } from '../../infra/constructs/function-code.ts';
import { handler } from './planted-function.ts';
import { all } from './template.ts';
import { temporaryFolder } from './temporary-folder.ts';

const TYPST = ['@myriaddreamin/typst-ts-node-compiler', '@myriaddreamin/typst-ts-node-compiler-linux-x64-gnu'];

describe('a bundle', () => {
  it('finds its folders where the source finds them, and runs packages in the old module format', async () => {
    const folder = temporaryFolder();
    bundleFunction({ entry: 'test/infra/planted-function.ts', folders: ['campaigns', 'absent'], native: [] }, folder);
    const bundled = await import(pathToFileURL(join(folder, 'test/infra/planted-function.mjs')).href);
    const answer = await bundled.handler();
    expect(answer).toEqual(await handler());
    expect(answer.rows).toBe(2);
  });

  it('is the same, byte for byte, when made again: an unchanged function is not deployed again', () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    const source = { entry: 'test/infra/planted-function.ts', folders: ['campaigns'], native: [] };
    for (const folder of [first, second]) bundleFunction(source, folder);
    const files = readdirSync(first, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      expect(readFileSync(join(second, path.slice(first.length))).equals(readFileSync(path)), path).toBe(true);
    }
  });

  it('carries the native part of the letter compiler for Lambda’s processor: ELF, 64 bit, x86', () => {
    const folder = temporaryFolder();
    const native = '@myriaddreamin/typst-ts-node-compiler-linux-x64-gnu';
    bundleFunction({ entry: 'test/infra/planted-function.ts', folders: [], native: [native] }, folder);
    const file = join(folder, 'node_modules', native, 'typst-ts-node-compiler.linux-x64-gnu.node');
    const head = readFileSync(file).subarray(0, 20);
    expect(head.subarray(0, 5)).toEqual(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2]));
    expect(head.readUInt16LE(18)).toBe(62);
  });
});

describe('every function bundles to at most 1 MB, and the bundle loads (P11)', () => {
  for (const fn of all('AWS::Lambda::Function')) {
    const entry = String(fn.metadata['engagement:entry']);
    it.skipIf(!existsSync(join(ROOT, entry)))(entry, () => {
      const folder = temporaryFolder();
      const native = entry.includes('compose-letters') ? TYPST : [];
      expect(bundleFunction({ entry, folders: [], native }, folder)).toBeLessThanOrEqual(1_048_576);

      const names = Object.keys(fn.properties['Environment'].Variables);
      const load = 'console.log(typeof (await import(process.argv[1])).handler)';
      const answer = execFileSync(
        process.execPath,
        ['--input-type=module', '-e', load, join(folder, entry.replace(/ts$/, 'mjs'))],
        {
          cwd: folder,
          env: { AWS_REGION: 'us-east-1', ...Object.fromEntries(names.map((name) => [name, 'https://a.example'])) },
          encoding: 'utf8',
        },
      );
      expect(answer.trim()).toBe('function');
    });
  }
});
