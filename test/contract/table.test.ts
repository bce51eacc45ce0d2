import { beforeAll, describe, expect, test } from 'vitest';
import { type Item, itemKey, queryAll, type Table } from '../../shared/platform/table.ts';
import { tableEngines } from '../support/tables.ts';

const item = (pk: string, sk: string, rest: Record<string, unknown> = {}): Item => ({
  pk,
  sk,
  entity: 'Test',
  schemaVersion: 1,
  ...rest,
});

for (const engine of tableEngines) {
  describe(`the table on ${engine.name}`, () => {
    let table: Table;
    beforeAll(async () => {
      table = await engine.make();
    });

    test('returns what was put, and nothing where nothing was', async () => {
      await table.put(item('a', '1', { n: 5, s: 'x', b: true, l: [1, 'two', null], m: { deep: { er: 1 } } }));
      expect(await table.get({ pk: 'a', sk: '1' }, { consistent: true })).toEqual(
        item('a', '1', { n: 5, s: 'x', b: true, l: [1, 'two', null], m: { deep: { er: 1 } } }),
      );
      expect(await table.get({ pk: 'a', sk: 'none' })).toBeUndefined();
    });

    test('leaves out attributes that are undefined', async () => {
      await table.put(item('a', 'undef', { gone: undefined, kept: 1 }));
      const read = await table.get({ pk: 'a', sk: 'undef' });
      expect(Object.hasOwn(read ?? {}, 'kept')).toBe(true);
      expect(read?.gone).toBeUndefined();
    });

    test('lets one of 20 racers put an absent item', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, n) => table.put(item('race', '1', { n }), [{ path: ['pk'], absent: true }])),
      );
      expect(outcomes.filter((outcome) => outcome.kind === 'written')).toHaveLength(1);
      const winner = outcomes.findIndex((outcome) => outcome.kind === 'written');
      expect((await table.get({ pk: 'race', sk: '1' }, { consistent: true }))?.n).toBe(winner);
    });

    test.each([
      ['is', [{ path: ['v'], is: 3 }], 'written'],
      ['is another', [{ path: ['v'], is: 4 }], 'refused'],
      ['is not', [{ path: ['v'], isNot: 4 }], 'written'],
      ['is not, but is', [{ path: ['v'], isNot: 3 }], 'refused'],
      ['is not, absent', [{ path: ['none'], isNot: 3 }], 'written'],
      ['absent within a map', [{ path: ['recent', 'b'], absent: true }], 'written'],
      ['absent within a map, but there', [{ path: ['recent', 'a'], absent: true }], 'refused'],
      ['present', [{ path: ['recent', 'a'], present: true }], 'written'],
      ['below', [{ path: ['v'], below: 4 }], 'written'],
      ['below, equal', [{ path: ['v'], below: 3 }], 'refused'],
      ['below, absent', [{ path: ['none'], below: 3 }], 'refused'],
      [
        'all clauses together',
        [
          { path: ['v'], is: 3 },
          { path: ['recent', 'a'], absent: true },
        ],
        'refused',
      ],
    ] as const)('condition: %s', async (name, condition, expected) => {
      const key = { pk: 'cond', sk: name };
      await table.put(item(key.pk, key.sk, { v: 3, recent: { a: 1 } }));
      expect(await table.update(key, { set: [{ path: ['touched'], value: true }] }, condition)).toEqual({
        kind: expected,
      });
      expect((await table.get(key, { consistent: true }))?.touched).toBe(expected === 'written' ? true : undefined);
    });

    test('sets, removes and adds in one change, at depth too', async () => {
      const key = { pk: 'upd', sk: '1' };
      await table.put(item(key.pk, key.sk, { v: 1, recent: { a: 1, b: 2 } }));
      await table.update(key, {
        set: [
          { path: ['recent', 'c'], value: { at: 9 } },
          { path: ['name'], value: 'reserved word' },
        ],
        remove: [['recent', 'a']],
        add: [
          { path: ['v'], by: 2 },
          { path: ['fresh'], by: 5 },
        ],
      });
      expect(await table.get(key, { consistent: true })).toMatchObject({
        v: 3,
        fresh: 5,
        name: 'reserved word',
        recent: { b: 2, c: { at: 9 } },
      });
    });

    test('updates an absent item into being', async () => {
      await table.update({ pk: 'upd', sk: 'new' }, { set: [{ path: ['entity'], value: 'Test' }] });
      expect(await table.get({ pk: 'upd', sk: 'new' }, { consistent: true })).toMatchObject({ entity: 'Test' });
    });

    test('refuses to set within a map that is not there', async () => {
      await expect(
        table.update({ pk: 'upd', sk: 'no-map' }, { set: [{ path: ['recent', 'a'], value: 1 }] }),
      ).rejects.toThrow();
    });

    test('removes under a condition', async () => {
      const key = { pk: 'rem', sk: '1' };
      await table.put(item(key.pk, key.sk, { v: 1 }));
      expect(await table.remove(key, [{ path: ['v'], is: 2 }])).toEqual({ kind: 'refused' });
      expect(await table.remove(key, [{ path: ['v'], is: 1 }])).toEqual({ kind: 'written' });
      expect(await table.get(key, { consistent: true })).toBeUndefined();
    });

    test('writes and reads hundreds at once, the last put of a key winning', async () => {
      const puts = Array.from({ length: 230 }, (_, n) => item('many', String(n).padStart(4, '0'), { n }));
      await table.writeMany([...puts, item('many', '0000', { n: 999 })], [{ pk: 'many', sk: '0229' }]);
      const keys = [...puts, ...puts].map(({ pk, sk }) => ({ pk, sk }));
      const found = await table.getMany(keys, { consistent: true });
      expect(found.size).toBe(229);
      expect(found.get(itemKey({ pk: 'many', sk: '0000' }))?.n).toBe(999);
    });

    test('queries by prefix, by range both inclusive, backwards, page by page', async () => {
      await table.writeMany(['a1', 'a2', 'b1', 'b2', 'b3', 'c1'].map((sk) => item('q', sk)));
      const keysOf = async (query: Parameters<Table['query']>[0]): Promise<string[]> => {
        const keys: string[] = [];
        for await (const found of queryAll(table, query)) keys.push(found.sk);
        return keys;
      };
      expect(await keysOf({ pk: 'q' })).toEqual(['a1', 'a2', 'b1', 'b2', 'b3', 'c1']);
      expect(await keysOf({ pk: 'q', prefix: 'b' })).toEqual(['b1', 'b2', 'b3']);
      expect(await keysOf({ pk: 'q', from: 'a2', to: 'b2' })).toEqual(['a2', 'b1', 'b2']);
      expect(await keysOf({ pk: 'q', from: 'b2' })).toEqual(['b2', 'b3', 'c1']);
      expect(await keysOf({ pk: 'q', to: 'a2', descending: true })).toEqual(['a2', 'a1']);
      expect(await keysOf({ pk: 'q', limit: 2, descending: true })).toEqual(['c1', 'b3', 'b2', 'b1', 'a2', 'a1']);
      expect((await table.query({ pk: 'q', limit: 2 })).items.map(({ sk }) => sk)).toEqual(['a1', 'a2']);
      expect(await keysOf({ pk: 'nothing' })).toEqual([]);
    });

    test('queries an index, in which only items with its attributes lie', async () => {
      await table.writeMany([
        item('i', '1', { byTaskPk: 'open', byTaskSk: '2026-01-02' }),
        item('i', '2', { byTaskPk: 'open', byTaskSk: '2026-01-01' }),
        item('i', '3', { byTaskPk: 'done', byTaskSk: '2026-01-01' }),
        item('i', '4'),
      ]);
      const found: string[] = [];
      for await (const { sk } of queryAll(table, { pk: 'open', index: 'byTask', limit: 1 })) found.push(sk);
      expect(found).toEqual(['2', '1']);
    });

    test('goes on after a page whose last item was removed', async () => {
      await table.writeMany(['1', '2', '3'].map((sk) => item('gone', sk)));
      const first = await table.query({ pk: 'gone', limit: 2 });
      await table.remove({ pk: 'gone', sk: '2' });
      const second = await table.query({ pk: 'gone', limit: 2, after: first.next });
      expect(second.items.map(({ sk }) => sk)).toEqual(['3']);
    });

    test('refuses an item without entity, an empty key, and a page mark that is not its own', async () => {
      await expect(table.put({ pk: 'x', sk: 'y' } as Item)).rejects.toThrow(/entity/);
      await expect(table.get({ pk: '', sk: 'y' })).rejects.toThrow(/key/);
      await expect(table.query({ pk: 'q', after: 'bm9wZQ' })).rejects.toThrow(/page mark/);
    });
  });
}
