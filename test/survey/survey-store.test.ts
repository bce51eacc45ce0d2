import { beforeEach, describe, expect, test } from 'vitest';
import type { Table } from '../../shared/platform/table.ts';
import { type Instant, parseInstant } from '../../shared/platform/time.ts';
import { library } from '../../shared/survey/library.ts';
import { type Survey, surveyVersionOf } from '../../shared/survey/survey.ts';
import { createSurveys, keepLibrary } from '../../shared/survey/survey-store.ts';
import { tableEngines } from '../support/tables.ts';
import { everyKind, surveyOf } from './samples.ts';

const own = { ...surveyOf(everyKind), savedAt: parseInstant('2026-03-01T08:00:00Z') as Instant };
const later = {
  ...surveyOf({ ...everyKind, repeatAfterDays: 90 }),
  savedAt: parseInstant('2026-04-01T08:00:00Z') as Instant,
};
const [first] = library as [Survey];
const changed = (): Survey => {
  const file = { ...first.file, repeatAfterDays: first.file.repeatAfterDays + 1 };
  return { ...first, file, version: surveyVersionOf(file), savedAt: own.savedAt, savedBy: 'u1' };
};

for (const engine of tableEngines)
  describe(`surveys on ${engine.name}`, () => {
    let table: Table;
    beforeEach(async () => {
      table = await engine.make();
    });

    test('the library is there without anybody saving it', async () => {
      const surveys = createSurveys(table);
      expect((await surveys.list()).map(({ id }) => id)).toEqual(library.map(({ id }) => id));
      expect(await surveys.current(first.id)).toBe(first);
      expect(await surveys.load(first.id, first.version)).toBe(first);
      expect(await surveys.current('none')).toBeUndefined();
      expect(await surveys.load(first.id, 'none')).toBeUndefined();
    });

    test('what is saved is current, in the library or not, and older versions stay (an answer belongs to its version)', async () => {
      const surveys = createSurveys(table);
      expect(await surveys.save(own)).toEqual({ kind: 'written' });
      expect(await surveys.save(later)).toEqual({ kind: 'written' });
      expect(await surveys.save(changed())).toEqual({ kind: 'written' });
      const anew = createSurveys(table);
      expect(await anew.current(own.id)).toEqual(later);
      expect(await anew.load(own.id, own.version)).toEqual(own);
      expect((await anew.current(first.id))?.version).toBe(changed().version);
      expect(await anew.load(first.id, first.version)).toEqual(first);
      expect((await anew.list()).find(({ id }) => id === first.id)).toEqual(changed());
      expect(await anew.list()).toHaveLength(library.length + 1);
    });

    test('saving over what somebody else saved is refused (F32); saving the same again changes nothing', async () => {
      const surveys = createSurveys(table);
      expect(await surveys.save(own, '')).toEqual({ kind: 'written' });
      expect(await surveys.save(later, 'other')).toEqual({ kind: 'refused' });
      expect(await surveys.save(later, '')).toEqual({ kind: 'refused' });
      expect(await surveys.save(later, own.version)).toEqual({ kind: 'written' });
      expect(await surveys.save(later, own.version)).toEqual({ kind: 'written' });
      expect(await surveys.save(own, own.version)).toEqual({ kind: 'refused' });
      expect(await surveys.save(own, later.version)).toEqual({ kind: 'written' });
      expect(await surveys.save(changed(), first.version)).toEqual({ kind: 'written' });
    });

    test('G2: the index says who saved which version, also when it went back to a former one', async () => {
      const surveys = createSurveys(table);
      expect((await surveys.index())[first.id]).toEqual({ version: first.version });
      for (const [survey, savedBy] of [
        [own, 'ann'],
        [later, 'ben'],
        [later, 'eve'],
        [own, 'cy'],
      ] as const)
        await surveys.save({ ...survey, savedBy });
      expect((await createSurveys(table).index())[own.id]).toEqual({
        version: own.version,
        saves: [
          { version: own.version, by: 'ann' },
          { version: later.version, by: 'ben' },
          { version: own.version, by: 'cy' },
        ],
      });
    });

    test('of two who save at once over the same, one is refused', async () => {
      const surveys = createSurveys(table);
      await surveys.save(own);
      const third = surveyOf({ ...everyKind, repeatAfterDays: 30 });
      const outcomes = await Promise.all([surveys.save(later, own.version), surveys.save(third, own.version)]);
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['refused', 'written']);
    });

    test('the library of a build is found after the next deploy (F34)', async () => {
      await keepLibrary(table, [own]);
      await keepLibrary(table, [own]);
      const next = createSurveys(table, [later]);
      expect(await next.current(own.id)).toBe(later);
      expect(await next.load(own.id, own.version)).toEqual(own);
    });

    test('a version that was read is not read again', async () => {
      await createSurveys(table).save(own);
      let reads = 0;
      const counting: Table = {
        ...table,
        get: (key, options) => {
          if (key.pk.startsWith('SV#')) reads += 1;
          return table.get(key, options);
        },
      };
      const surveys = createSurveys(counting);
      for (let n = 0; n < 5; n += 1) await surveys.load(own.id, own.version);
      expect(reads).toBe(1);
    });
  });
