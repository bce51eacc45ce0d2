import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CommandWorld, campaignCommand } from '../../scripts/campaign/command.ts';
import { checkStored } from '../../shared/campaign/check-stored.ts';
import { pinDefinition } from '../../shared/campaign/definition.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { diffDefinitions } from '../../shared/campaign/diff-definition.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { flowSource, houseTemplates, type Source } from '../campaign/samples.ts';
import { type ApiRig, createApiRig } from '../support/api.ts';
import { tableEngines } from '../support/tables.ts';

const LOCAL = 'http://127.0.0.1:4600';

describe('npm run campaign', () => {
  let rig: ApiRig;
  let files: Record<string, string>;
  let said: string[];
  let complained: string[];
  let world: CommandWorld;
  beforeEach(() => {
    rig = createApiRig({ campaigns: { templates: async () => houseTemplates } });
    files = {};
    said = [];
    complained = [];
    world = {
      // the local system: signs demo people in, and lets their tokens through its gateway
      fetch: async (input, init) => {
        const url = String(input);
        if (!url.startsWith(LOCAL)) throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
        if (url.endsWith('/local/sign-in'))
          return Response.json({ token: JSON.parse(String(init?.body)).as as string });
        const role = new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? '';
        return rig.app.request(url, init, rig.gatewayOf([role], 'anna'));
      },
      read: (file) => {
        const text = files[file];
        if (text === undefined) throw new Error('ENOENT');
        return text;
      },
      write: (file, text) => void (files[file] = text),
      list: () => [],
      say: (line) => said.push(line),
      complain: (line) => complained.push(line),
      token: undefined,
      table: () => rig.table,
    };
  });
  const run = (...args: string[]) => campaignCommand(args, world);
  const put = (file: string, source: Source) => void (files[file] = JSON.stringify(source));

  test('validate names every path with its remedy, and sends nothing', async () => {
    const source = programmes.find(({ definition }) => definition.id === 'birthday')?.definition;
    put('good.json', source);
    put('bad.json', { ...source, useBy: '3 days', clas: 'marketing' });
    files['broken.json'] = '{ "id": ';
    expect(await run('validate', 'good.json')).toBe(0);
    expect(said.join()).toMatch(/good\.json: valid, \d+ steps?, marketing, content \w{26}/);
    expect(await run('validate', 'good.json', 'bad.json')).toBe(1);
    expect(complained.join('\n')).toMatch(/useBy: "3 days".*P3D/);
    expect(complained.join('\n')).toMatch(/clas: .*did you mean class/);
    expect(await run('validate', 'broken.json')).toBe(1);
    expect(await run('validate', 'absent.json')).toBe(2);
  });

  test('validate without a system says what only the house may know, and how to ask it', async () => {
    const source = flowSource();
    source.audience.include = ['vip'];
    source.audience.saved = 'locals';
    put('greeting.json', source);
    expect(await run('validate', 'greeting.json')).toBe(1);
    expect(complained.at(-1)).toBe(
      'greeting.json: this build does not ship template "wish", template "reminder", template "wish-text", audience "locals", list "vip": if your house has it, ask the house: npm run campaign -- validate greeting.json --to URL',
    );
    complained = [];
    put('greeting.json', flowSource());
    expect(await run('validate', 'greeting.json', '--to', LOCAL)).toBe(0);
    put('birthday.json', programmes.find(({ definition }) => definition.id === 'birthday')?.definition);
    expect(await run('validate', 'birthday.json')).toBe(0);
    expect(complained).toEqual([]);
  });

  test('simulate refuses what it does not know, with the remedy, before it plays anything', () => {
    const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
    const file = join(folder, 'greeting.json');
    const birthday = programmes.find(({ definition }) => definition.id === 'birthday')?.definition;
    writeFileSync(file, JSON.stringify({ ...birthday, audience: { saved: 'locals' } }));
    const { status, stderr } = spawnSync(process.execPath, ['scripts/simulate.ts', '--campaign', file], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(status).toBe(2);
    expect(stderr).toMatch(/names what only a running system may know: audience "locals"\. .*pre-flight/);
  });

  test('pull says where the schema lies, seen from the file; that is no change of the content', async () => {
    put('greeting.json', { $schema: './nowhere.json', ...flowSource() });
    await run('push', 'greeting.json');
    const there = async () => (await rig.call('GET', '/api/campaigns/greeting')).json;
    const before = await there();
    expect(before.definition).not.toHaveProperty('$schema');
    for (const file of ['greeting.json', 'campaigns/greeting.json', 'my/own/greeting.json']) {
      expect(await run('pull', file)).toBe(0);
      const { $schema } = JSON.parse(files[file] as string) as { $schema: string };
      const found = JSON.parse(readFileSync(join(dirname(file), $schema), 'utf8')) as object;
      expect(found).toHaveProperty('title', 'Perennial campaign definition');
      expect(await run('diff', file)).toBe(0);
      await run('push', file);
    }
    expect(JSON.parse(files['campaigns/greeting.json'] as string)).toHaveProperty('$schema', './schema.json');
    expect(await there()).toMatchObject({ hash: before.hash, version: before.version });
  });

  test('push saves a draft, never live; the second time it is there already; what is refused keeps its paths', async () => {
    put('greeting.json', flowSource());
    expect(await run('push', 'greeting.json')).toBe(0);
    expect(said.at(-1)).toMatch(/^greeting: saved as draft, content \w{26}; the campaign is draft$/);
    expect(await run('push', 'greeting.json')).toBe(0);
    expect(said.at(-1)).toContain('already');
    const wrong = flowSource();
    wrong.steps[1].do.wait.for = 'P3Y';
    put('greeting.json', wrong);
    expect(await run('push', 'greeting.json')).toBe(1);
    expect(complained.join('\n')).toContain('  steps.1.do.wait.for: P3Y is longer than P2Y');
    expect((await rig.call('GET', '/api/campaigns/greeting')).json).toMatchObject({ state: 'draft', version: 1 });
  });

  test('pull writes what push takes; diff names each place', async () => {
    put('greeting.json', flowSource());
    await run('push', 'greeting.json');
    delete files['greeting.json'];
    expect(await run('pull', 'greeting.json')).toBe(0);
    expect(await run('diff', 'greeting.json')).toBe(0);
    expect(said.at(-1)).toBe('greeting: nothing differs');
    // leaving out what the format fills in is no difference
    put('greeting.json', flowSource());
    expect(await run('diff', 'greeting.json')).toBe(0);
    const changed = flowSource();
    changed.steps[1].do.wait.for = 'P7D';
    changed.steps.splice(5, 1);
    changed.steps[3].do.split[1].next = 'thanks';
    put('greeting.json', changed);
    said = [];
    expect(await run('diff', 'greeting.json')).toBe(1);
    expect(said).toEqual([
      '~ steps.pause.do.wait.for: "P14D" → "P7D"',
      '~ steps.test.do.split.1.next: "text" → "thanks"',
      expect.stringMatching(/^- steps\.text: \{"id":"text"/),
    ]);
    expect(await run('diff', 'greeting.json', '--live')).toBe(1);
    expect(await run('pull', 'unknown.json')).toBe(1);
    expect(complained.at(-1)).toContain('"unknown"');
  });

  test('says who may not, what does not answer, and how it is used', async () => {
    put('greeting.json', flowSource());
    expect(await run('push', 'greeting.json', '--as', 'approver')).toBe(1);
    expect(complained.join()).toContain('needs one of the roles marketing');
    expect(await run('push', 'greeting.json', '--to', 'http://127.0.0.1:9')).toBe(2);
    expect(complained.at(-1)).toContain('--to');
    expect(await run()).toBe(2);
    expect(await run('psuh', 'greeting.json')).toBe(2);
    expect(await run('push', 'greeting.json', '--form', 'x')).toBe(2);
    expect(await run('--help')).toBe(0);
    expect(said.join()).toContain('usage: npm run campaign');
  });

  test('a token goes where no demo people are', async () => {
    put('greeting.json', flowSource());
    expect(await run('push', 'greeting.json', '--token', 'marketing')).toBe(0);
    world = { ...world, token: 'compliance' };
    expect(await run('push', 'greeting.json')).toBe(1);
  });

  test('the program runs as it is', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['scripts/campaign.ts', 'validate', 'campaigns/renewal.json'],
      { encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([0, expect.stringContaining('campaigns/renewal.json: valid')]);
  });
});

for (const engine of tableEngines)
  describe(`check-stored on ${engine.name}`, () => {
    test('F39: a stored definition that this build cannot read is found before it is deployed', async () => {
      const table = await engine.make();
      const definitions = createDefinitions(table, []);
      const pinned = programmes.slice(0, 3);
      for (const one of pinned) await definitions.keep(one);
      expect(await checkStored(table)).toEqual({ looked: 3, unreadable: [] });

      // as a build to come, or one long gone, wrote them
      const [first, second, third] = pinned.map(({ definition }) => definition);
      const foreign: readonly Source[] = [
        { ...first, formatVersion: 2 },
        { ...second, steps: [{ ...second?.steps[0], do: { fax: 'x' } }] },
        {
          ...third,
          audience: {
            ...third?.audience,
            rule: { combinator: 'and', rules: [{ field: 'customer.shoeSize', operator: '=', value: 4 }] },
          },
        },
      ];
      for (const definition of foreign)
        await definitions.keep(pinDefinition(definition, { templates: {}, surveys: {} }));
      const { looked, unreadable } = await checkStored(table);
      expect(looked).toBe(6);
      expect(
        unreadable.flatMap(({ campaign, problems }) => problems.map(({ path }) => `${campaign} ${path}`)).sort(),
      ).toEqual(
        [
          `${first?.id} formatVersion`,
          `${second?.id} steps.0.do.fax`,
          `${third?.id} audience.rule.rules.0.field`,
        ].sort(),
      );

      const world = { table: () => table, complain: () => {}, say: () => {} } as unknown as CommandWorld;
      expect(await campaignCommand(['check-stored', 'perennial'], world)).toBe(1);
    });
  });

describe('the difference of two definitions', () => {
  const steps = (...ids: string[]) => ({ steps: ids.map((id) => ({ id, do: { exit: id } })) });
  test.each<[string, unknown, unknown, unknown]>([
    ['nothing', { a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, []],
    ['a value', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: 'a.b', before: 1, after: 2 }]],
    [
      'what is new and what is gone',
      { a: 1 },
      { b: 2 },
      [
        { path: 'b', after: 2 },
        { path: 'a', before: 1 },
      ],
    ],
    [
      'the order of steps',
      steps('x', 'y', 'z'),
      steps('y', 'x', 'z'),
      [{ path: 'steps.order', before: ['x', 'y', 'z'], after: ['y', 'x', 'z'] }],
    ],
    [
      'a step put in',
      steps('x', 'z'),
      steps('x', 'y', 'z'),
      [{ path: 'steps.y', after: { id: 'y', do: { exit: 'y' } } }],
    ],
    [
      'a list without ids',
      { exits: ['a', 'b'] },
      { exits: ['a', 'c', 'd'] },
      [
        { path: 'exits.1', before: 'b', after: 'c' },
        { path: 'exits.2', after: 'd' },
      ],
    ],
    [
      'another kind of value',
      { at: { time: '10:00' } },
      { at: '10:00' },
      [{ path: 'at', before: { time: '10:00' }, after: '10:00' }],
    ],
  ])('is %s', (_, before, after, expected) => expect(diffDefinitions(before, after)).toEqual(expected));
});
