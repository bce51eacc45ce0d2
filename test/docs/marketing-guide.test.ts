import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { campaignCommand } from '../../scripts/campaign/command.ts';
import { localCommand } from '../../scripts/local/command.ts';
import { templateCommand } from '../../scripts/template/command.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { blocksOf, type GuideBlock, patternOf, type Shown, wordsOf } from '../support/guide.ts';
import { type LocalSystem, startSystem } from '../support/local-system.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const guide = (name: string): readonly GuideBlock[] =>
  blocksOf(readFileSync(join(ROOT, 'docs', 'guides', name), 'utf8'));
const blocks = guide('marketing.md');

test('the Chinese guide has the same commands, answers and files', () => {
  expect(guide('marketing.zh-CN.md')).toEqual(blocks);
});

describe('a stranger comes from nothing to a live campaign by the guide alone', () => {
  /** What the guide's folder `my` is here. */
  const folder = mkdtempSync(join(tmpdir(), 'perennial-guide-'));
  const place = (file: string): string => (file.startsWith('my/') ? join(folder, file) : join(ROOT, file));
  let system: LocalSystem;
  let printed = '';
  const say = (line: string): void => void (printed += `${line}\n`);
  const world = {
    fetch,
    read: (file: string) => readFileSync(place(file), 'utf8'),
    write(file: string, text: string) {
      mkdirSync(dirname(place(file)), { recursive: true });
      writeFileSync(place(file), text);
    },
    list(name: string) {
      try {
        return readdirSync(place(name)).sort();
      } catch {
        return [];
      }
    },
    say,
    complain: say,
    token: undefined,
    table: createMemoryTable,
  };
  const rehearsals: Promise<void>[] = [];
  afterAll(async () => {
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (words: readonly string[]): Promise<string> => {
    const valueOf = (name: string): string => words[words.indexOf(name) + 1] ?? '';
    system = await startSystem({ book: { sample: Number(valueOf('--sample')) }, now: valueOf('--now') });
    await expect.poll(system.output, { timeout: 120_000, interval: 200 }).toContain('the book is loaded');
    return system.output();
  };

  /** A process of its own beside the others; its answer is looked at when it ends. */
  const simulate = (words: readonly string[], { command, answer }: Shown): void => {
    const child = spawn(
      process.execPath,
      ['scripts/simulate.ts', ...words.map((word) => (word.startsWith('my/') ? place(word) : word))],
      { cwd: ROOT },
    );
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => void (said += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString('utf8')));
    rehearsals.push(
      new Promise<void>((resolve) => child.on('close', () => resolve())).then(() =>
        expect(said, command).toMatch(patternOf(answer)),
      ),
    );
  };

  const run = async (shown: Shown): Promise<void> => {
    const { command, answer } = shown;
    printed = '';
    const [npm, ...words] = wordsOf(command);
    expect(npm, command).toBe('npm');
    if (words[0] === 'start') printed = await start(words);
    else {
      const [, name, dashes, ...args] = words;
      expect([words[0], dashes], command).toEqual(['run', '--']);
      if (name === 'simulate') {
        // from the file as it is now
        const file = args[args.indexOf('--campaign') + 1] ?? '';
        writeFileSync(`${place(file)}.simulated`, world.read(file));
        return simulate(
          args.map((word) => (word === file ? `${file}.simulated` : word)),
          shown,
        );
      }
      const house = ['--to', system.origin];
      if (name === 'campaign') await campaignCommand(args[0] === 'validate' ? args : [...args, ...house], world);
      else if (name === 'template') await templateCommand([...args, ...house], world);
      else if (name === 'local') await localCommand([...args, ...house], world);
      else expect.fail(`${command}: the test does not know it`);
    }
    expect(printed, command).toMatch(patternOf(answer));
  };

  const follow = async (block: GuideBlock): Promise<void> => {
    if (block.kind === 'console') for (const shown of block.commands) await run(shown);
    if (block.kind === 'diff') {
      const text = world.read(block.file);
      expect(text, block.file).toContain(block.from);
      world.write(block.file, text.replace(block.from, block.to));
    }
    if (block.kind !== 'json') return;
    const [use, count] = block.use;
    if (use === 'audience') {
      const definition = JSON.parse(world.read('my/birthday-club.json')) as object;
      world.write('my/birthday-club.json', JSON.stringify({ ...definition, audience: block.value }, undefined, 2));
    } else if (use === 'count') {
      world.write('my/counted.json', JSON.stringify({ audience: { rule: block.value } }));
      await run({ command: 'npm run campaign -- count my/counted.json', answer: [`${count} of 100 customers`, '…'] });
    }
  };

  test('every command answers as it is written there', { timeout: 300_000 }, async () => {
    expect(blocks.length).toBeGreaterThan(20);
    for (const block of blocks) await follow(block);
    await Promise.all(rehearsals);
  });
});
