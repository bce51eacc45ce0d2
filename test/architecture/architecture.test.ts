import { describe, expect, test } from 'vitest';
import { checkArchitecture } from './rules.ts';

describe('the architecture', () => {
  test('keeps its rooms apart', () => {
    const { files, violations } = checkArchitecture('.', ['shared', 'functions', 'infra', 'console', 'scripts']);
    expect(violations).toEqual([]);
    // a check that reads nothing passes too: the tree had 150 files when this was written
    expect(files).toBeGreaterThan(100);
  });

  test('canary: each planted violation is found, and nothing else', () => {
    const { violations } = checkArchitecture('test/architecture/canary', ['shared', 'functions', 'infra', 'console']);
    expect(violations.map(({ file, rule }) => `${rule} ${file}`).sort()).toEqual([
      'ambient shared/policy/ambient.ts',
      'barrel shared/policy/barrel.ts',
      'cycle shared/message/left.ts',
      'layer shared/policy/layer.ts',
      'node shared/policy/node.ts',
      'room console/page.ts',
      'room functions/one-thing/handler.ts',
      'room functions/other-thing/handler.ts',
      'room infra/stack.ts',
      'sdk shared/policy/sdk.ts',
    ]);
  });
});
