import type { Save } from '../campaign/pin-makers.ts';
import type { SurveyInfo } from '../campaign/survey-index.ts';
import { EngagementError } from '../platform/errors.ts';
import { derivedId } from '../platform/ids.ts';
import { type Item, type Key, queryAll, type Table, type WriteOutcome } from '../platform/table.ts';
import { formatInstant, type Instant, parseInstant } from '../platform/time.ts';
import { library as shipped } from './library.ts';
import type { Survey, SurveyFile, Surveys } from './survey.ts';

/** Versions held in memory; they never change, so each is read once by a process. */
const MAX_LOADED = 200;
/** Saves of a survey that its item names. */
const MAX_SAVES = 50;

const SURVEYS = 'SURVEYS';
const versionKey = (id: string, version: string): Key => ({ pk: `SV#${id}`, sk: `V#${version}` });
const buildKey = (build: string): Key => ({ pk: 'SURVEYS#BUILDS', sk: build });

const versionItem = ({ id, version, file, savedAt, savedBy }: Survey): Item => ({
  ...versionKey(id, version),
  entity: 'SurveyVersion',
  schemaVersion: 1,
  version,
  // one text: the names of a form are its author's, and no path of ours
  content: JSON.stringify(file),
  savedAt: formatInstant(savedAt),
  savedBy,
});

const toSurvey = (item: Item): Survey => {
  const file = JSON.parse(item['content'] as string) as SurveyFile;
  if (file.formatVersion !== 1)
    throw new EngagementError(
      'unknown-version',
      `survey "${file.id}" has format ${String(file.formatVersion)}: deploy a version of Perennial that knows it`,
    );
  return {
    id: file.id,
    version: item['version'] as string,
    file,
    savedAt: parseInstant(item['savedAt'] as string) as Instant,
    savedBy: item['savedBy'] as string,
  };
};

/**
 * Surveys: which version is current and who saved it under `SURVEYS` / id, every version under `SV#id` / `V#version`; behind them those of
 * the library, which need not be in the table while this build runs.
 */
export const createSurveys = (table: Table, library: readonly Survey[] = shipped): Surveys => {
  const loaded = new Map<string, Survey>();
  const ofLibrary = new Map(library.map((survey) => [survey.id, survey]));

  const remember = (survey: Survey): Survey => {
    if (loaded.size >= MAX_LOADED) loaded.clear();
    loaded.set(`${survey.id} ${survey.version}`, survey);
    return survey;
  };

  const load = async (id: string, version: string): Promise<Survey | undefined> => {
    const known = loaded.get(`${id} ${version}`) ?? ofLibrary.get(id);
    if (known?.version === version) return known;
    const item = await table.get(versionKey(id, version));
    return item && remember(toSurvey(item));
  };

  const named = async (id: string, version: string): Promise<Survey> => {
    const survey = await load(id, version);
    if (survey !== undefined) return survey;
    throw new EngagementError('not-found', `survey "${id}" has no version ${version}: save it again`);
  };

  const currentVersion = async (id: string): Promise<string | undefined> =>
    ((await table.get({ pk: SURVEYS, sk: id }, { consistent: true }))?.['version'] as string | undefined) ??
    ofLibrary.get(id)?.version;

  return {
    load,

    async current(id) {
      const version = await currentVersion(id);
      return version === undefined ? undefined : named(id, version);
    },

    async list() {
      const versions = new Map([...ofLibrary].map(([id, { version }]) => [id, version]));
      for await (const { sk, version } of queryAll(table, { pk: SURVEYS })) versions.set(sk, version as string);
      return Promise.all([...versions].sort().map(([id, version]) => named(id, version)));
    },

    async index() {
      const found = new Map<string, SurveyInfo>([...ofLibrary].map(([id, { version }]) => [id, { version }]));
      for await (const { sk, version, saves } of queryAll(table, { pk: SURVEYS, consistent: true }))
        found.set(sk, { version: version as string, saves: saves as readonly Save[] });
      return Object.fromEntries(found);
    },

    async save(survey, expected): Promise<WriteOutcome> {
      const { id, version, savedBy } = survey;
      const item = await table.get({ pk: SURVEYS, sk: id }, { consistent: true });
      const before = (item?.['version'] as string | undefined) ?? ofLibrary.get(id)?.version;
      if (before === version) return { kind: 'written' };
      if (expected !== undefined && expected !== (before ?? '')) return { kind: 'refused' };
      // first the version: a crash between the two leaves one that nobody names
      await table.put(versionItem(survey));
      const revision = (item?.['revision'] as number | undefined) ?? 0;
      const saves = [...((item?.['saves'] as readonly Save[] | undefined) ?? []), { version, by: savedBy }];
      return table.put(
        {
          pk: SURVEYS,
          sk: id,
          entity: 'Survey',
          schemaVersion: 1,
          version,
          saves: saves.slice(-MAX_SAVES),
          revision: revision + 1,
        },
        // not the version: it may be the same again after two saves of others, which would be lost
        [revision === 0 ? { path: ['pk'], absent: true } : { path: ['revision'], is: revision }],
      );
    },
  };
};

/**
 * Keeps the library of this build in the table, so that answers find the version they were asked in after the next
 * deploy. One small read where it is there already; to be called once by a process that asks customers.
 */
export const keepLibrary = async (table: Table, library: readonly Survey[] = shipped): Promise<void> => {
  const key = buildKey(derivedId('surveys', ...library.map(({ version }) => version).sort()));
  if ((await table.get(key)) !== undefined) return;
  await table.writeMany(library.map(versionItem));
  // last: where the mark is, everything is
  await table.put({ ...key, entity: 'SurveyBuild', schemaVersion: 1 });
};
