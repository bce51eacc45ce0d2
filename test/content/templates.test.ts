import { describe, expect, test } from 'vitest';
import type { MailTemplate } from '../../shared/content/template.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import { EngagementError } from '../../shared/platform/errors.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';

const template = (version: string): MailTemplate => ({
  name: 'greeting',
  version,
  kind: 'mail',
  classes: ['service'],
  offer: false,
  needs: [],
  variants: [{ locale: 'en', hash: version, subject: version, html: version, text: version }],
});

const index = {
  greeting: { version: 'shipped', kind: 'mail', classes: ['service'], offer: false, needs: [], locales: ['en'] },
} as const;

/** Two versions in the store beside the one that ships; `reads` are those that were not in memory. */
const start = async () => {
  const reads: string[] = [];
  const stored = createStoredTemplates(createMemoryTable());
  await stored.keep('before', [template('v1'), template('v2')]);
  const shipped = {
    current: async () => 'shipped',
    load: async (_: string, version: string) => {
      reads.push(version);
      return template(version);
    },
  };
  const counted = {
    ...stored,
    load: (name: string, version: string) => {
      reads.push(version);
      return stored.load(name, version);
    },
  };
  return { templates: createTemplates(shipped, counted, index), reads };
};

describe('the versions of one template', () => {
  test('F34: each is served as itself, in any order, and read once', async () => {
    const { templates, reads } = await start();
    for (const version of ['v1', 'v2', 'shipped', 'v1', 'v2', 'shipped'])
      expect((await templates.load('greeting', version)).variants).toMatchObject([{ subject: version }]);
    expect(reads).toEqual(['v1', 'v2', 'shipped']);
  });

  test('one that is not there is a fault that names it, also after others were read', async () => {
    const { templates } = await start();
    await templates.load('greeting', 'v1');
    const missing = templates.load('greeting', 'v3');
    await expect(missing).rejects.toThrow(EngagementError);
    await expect(missing).rejects.toThrow('"greeting" has no version v3');
  });
});
