import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder outside the repository that goes when the test does; bundles are large. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
