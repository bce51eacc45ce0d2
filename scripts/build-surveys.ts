import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SurveyIndex } from '../shared/campaign/survey-index.ts';
import { surveyFileSchema, surveyVersionOf } from '../shared/survey/survey.ts';

/**
 * `npm run build`: names the version of each survey under `surveys/` in `surveys/generated/index.json`, which campaigns
 * are pinned with, so that a function that only runs campaigns carries no survey.
 */
const root = join(import.meta.dirname, '..');
const folder = join(root, 'surveys/generated');

const index: SurveyIndex = Object.fromEntries(
  globSync('surveys/*.json', { cwd: root })
    .sort()
    .map((path) => JSON.parse(readFileSync(join(root, path), 'utf8')) as object)
    // beside surveys there are their schema and lists of words
    .filter((content) => 'form' in content)
    .map((content) => surveyFileSchema.parse(content))
    .map((file) => [file.id, { version: surveyVersionOf(file) }]),
);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'index.json'), `${JSON.stringify(index, undefined, 1)}\n`);
