import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { definitionJsonSchema } from '../../shared/campaign/definition-schema.ts';
import { programmes } from '../../shared/campaign/programmes.ts';

const FILE = 'campaigns/schema.json';

test('campaigns/schema.json is the definition format (UPDATE_SCHEMA=1 brings it up to date)', () => {
  const schema = definitionJsonSchema();
  if (process.env.UPDATE_SCHEMA === '1') writeFileSync(FILE, `${JSON.stringify(schema, undefined, 2)}\n`);
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});

test('every definition file is in force, under the name of its campaign', () => {
  const files = readdirSync('campaigns').filter((name) => name.endsWith('.json') && name !== 'schema.json');
  const ids = files.map((name) => (JSON.parse(readFileSync(`campaigns/${name}`, 'utf8')) as { id: string }).id);
  expect(files.map((name) => name.replace('.json', ''))).toEqual(ids);
  expect(programmes.map(({ definition }) => definition.id).sort()).toEqual(ids.sort());
});
