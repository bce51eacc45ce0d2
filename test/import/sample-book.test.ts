import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_PEOPLE } from '../../infra/local/fakes/cognito/people.ts';
import { writeSampleBook } from '../../infra/local/sample/generate.ts';
import { parseMapping } from '../../shared/import/mapping.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { createImportRig, NOW } from './support/rig.ts';

const FILES = ['customers.csv', 'policies.csv', 'offers.csv', 'claims.csv'];

describe('the sample book', () => {
  const dir = mkdtempSync(join(tmpdir(), 'perennial-sample-'));
  beforeAll(() => writeSampleBook(dir, { customers: 60, seed: 3, now: NOW }));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const load = async (files: readonly string[]) => {
    const table = createMemoryTable();
    const rig = await createImportRig(table);
    for (const file of files) {
      const mapping = parseMapping(readFileSync(join(dir, `${file}.mapping.json`), 'utf8'));
      if (mapping.kind === 'invalid') throw new Error(mapping.problems.join('\n'));
      await rig.addMapping(mapping.mapping);
      const { errors } = await rig.run(file, readFileSync(join(dir, file)), { mapping: mapping.mapping.id });
      const refused = errors.filter(({ problems }) => problems.some(({ severity }) => severity === 'refused'));
      expect(refused).toEqual([]);
    }
    const ids = table.all().flatMap(({ pk, sk }) => (sk === 'PROFILE' ? [pk.slice('C#'.length) as PartyId] : []));
    const profiles = [...(await rig.link.profiles.getMany(ids)).values()];
    return { profiles, gates: await rig.link.gates.getMany(ids) };
  };

  test('has every file mapped, and is the same for the same options', async () => {
    const again = mkdtempSync(join(tmpdir(), 'perennial-sample-'));
    await writeSampleBook(again, { customers: 60, seed: 3, now: NOW });
    for (const name of readdirSync(dir))
      expect(readFileSync(join(again, name)).equals(readFileSync(join(dir, name))), name).toBe(true);
    rmSync(again, { recursive: true });
    expect(readdirSync(dir).filter((name) => name.endsWith('.mapping.json'))).toHaveLength(FILES.length);
  });

  test.each([
    ['customers first', FILES],
    ['policies first, their holders unknown yet', [...FILES].reverse()],
  ])('%s: the quiet hours of every customer go by that customer’s own clock', async (_, files) => {
    const { profiles, gates } = await load(files);
    expect(profiles).toHaveLength(60);
    const zones = profiles.map(({ partyId, zone }) => [zone, gates.get(partyId)?.zone]);
    expect(zones.filter(([own, gate]) => own !== gate)).toEqual([]);
    expect(new Set(zones.map(([own]) => own))).toEqual(new Set(['Asia/Shanghai', 'Europe/Dublin']));
  });

  test('S4: account managers are people one can sign in as; some customers have none', async () => {
    const { profiles } = await load(FILES);
    const roleOf = (manager: string | undefined) => DEMO_PEOPLE.find(({ id }) => id === manager)?.role ?? manager;
    const counts = Map.groupBy(profiles, ({ manager }) => roleOf(manager));
    expect(new Map([...counts].map(([role, those]) => [role, those.length]))).toEqual(
      new Map([
        ['head', 15],
        ['manager', 30],
        [undefined, 15],
      ]),
    );
  });
});
