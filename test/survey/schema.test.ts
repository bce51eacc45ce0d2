import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkSurvey } from '../../shared/survey/check-survey.ts';
import { library } from '../../shared/survey/library.ts';
import { surveyJsonSchema } from '../../shared/survey/survey-schema.ts';

const FILE = 'surveys/schema.json';
/** Beside the surveys: their schema, and the words of topics. */
const OTHERS = ['schema.json', 'topics.json'];

test('surveys/schema.json is the format of surveys (UPDATE_SCHEMA=1 brings it up to date)', () => {
  const schema = surveyJsonSchema();
  if (process.env.UPDATE_SCHEMA === '1') writeFileSync(FILE, `${JSON.stringify(schema, undefined, 2)}\n`);
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});

test('every survey file is in the library, under its own name', () => {
  const files = readdirSync('surveys').filter((name) => name.endsWith('.json') && !OTHERS.includes(name));
  const ids = files.map((name) => (JSON.parse(readFileSync(`surveys/${name}`, 'utf8')) as { id: string }).id);
  expect(files.map((name) => name.replace('.json', ''))).toEqual(ids);
  expect(library.map(({ id }) => id).sort()).toEqual(ids.sort());
});

test('the survey of the guide passes the check', () => {
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync('docs/guides/surveys.md', 'utf8')) ?? [];
  expect(checkSurvey(JSON.parse(example)).kind).toBe('valid');
});
