import { expect, test } from 'vitest';
import { standInLinks } from '../../shared/content/stand-in-links.ts';

test.each([
  ['a mail', { kind: 'mail', needs: [] }, 'service', ['preferences', 'unsubscribe']],
  ['a mail that asks', { kind: 'mail', needs: ['links.survey'] }, 'service', ['preferences', 'survey', 'unsubscribe']],
  ['a statutory mail', { kind: 'mail', needs: [] }, 'statutory', ['preferences']],
  [
    'a mail that confirms an address, and nothing else',
    { kind: 'mail', needs: ['links.confirm'] },
    'service',
    ['confirm'],
  ],
  ['a letter', { kind: 'letter', needs: [] }, 'statutory', ['short']],
] as const)('%s has the links of a sent one', (_, template, sendClass, names) => {
  const links = standInLinks(template, sendClass, (name) => `https://pages.example/${name}`);
  expect(links).toEqual(Object.fromEntries(names.map((name) => [name, `https://pages.example/${name}`])));
});
