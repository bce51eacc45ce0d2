import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleFunction } from '../../infra/constructs/function-code.ts';
import { handler } from './planted-function.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('a bundle', () => {
  it('finds its folders where the source finds them, and runs packages in the old module format', async () => {
    const folder = temporaryFolder();
    bundleFunction({ entry: 'test/infra/planted-function.ts', folders: ['campaigns'], native: [] }, folder);
    const bundled = await import(pathToFileURL(join(folder, 'test/infra/planted-function.mjs')).href);
    const answer = await bundled.handler();
    expect(answer).toEqual(await handler());
    expect(answer.rows).toBe(2);
  });

  it('is not made without a folder that it reads', () => {
    const source = { entry: 'test/infra/planted-function.ts', folders: ['absent'], native: [] };
    expect(() => bundleFunction(source, temporaryFolder())).toThrow(/reads absent, which is not there/);
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
