import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { defects, plant } from './defects.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the list of seeded defects', () => {
  test('has at least twenty, each under its own name, the ones that were asked for among them', () => {
    const ids = defects.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(20);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        'ses-retry-on',
        'no-owner-token',
        'consent-before-reservation',
        'cursor-at-fetch',
        'due-row-before-work',
        'split-by-random',
        'wait-in-utc',
      ]),
    );
  });

  test.each(defects)('$id can be planted, and its tests are there', (defect) => {
    const text = readFileSync(join(ROOT, defect.file), 'utf8');
    const broken = plant(defect, text);
    expect(broken).not.toBe(text);
    expect(broken).toContain(defect.broken);
    expect(defect.tests.length).toBeGreaterThan(0);
    for (const path of defect.tests) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  test('text that is not there exactly once is refused', () => {
    const [defect] = defects as [(typeof defects)[0]];
    expect(() => plant(defect, 'something else')).toThrow('bring test/defects/defects.ts up to date');
    expect(() => plant(defect, defect.sound + defect.sound)).toThrow('stands 2 times');
  });
});
