import { afterAll, describe, expect, test } from 'vitest';
import type { TemplateJob, TemplateJobResult } from '../../functions/serve-templates/template-job.ts';
import { workTemplate } from '../../functions/serve-templates/work-template.ts';
import { createJobPool, type JobPool } from '../../shared/platform/job-pool.ts';
import { dataOf, mailOf, shipped } from './samples.ts';
import { mailSource, shippedSources, written } from './written.ts';

interface Deed {
  readonly deed: string;
  readonly value?: unknown;
}

const pools: JobPool<never, unknown>[] = [];
const poolOf = <Job, Result>(file: string, size: number): JobPool<Job, Result> => {
  const pool = createJobPool<Job, Result>({ script: new URL(file, import.meta.url), size, memoryMb: 64 });
  pools.push(pool);
  return pool;
};
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
});

describe('F29: a process that runs away is killed, and nobody else feels it', () => {
  const pool = poolOf<Deed, { result: unknown }>('hostile-process.mjs', 2);
  const echo = (value: unknown) => pool.run({ deed: 'echo', value }, 100);

  test.each([
    ['an endless loop', 'loop', 'time'],
    ['a pattern that backtracks (S18)', 'backtrack', 'time'],
    ['more than 64 MB', 'memory', 'memory'],
    ['leaving', 'leave', 'crash'],
    ['throwing', 'throw', 'crash'],
  ])('%s', async (_, deed, because) => {
    // the collector takes its time before it gives up
    const cpuMs = because === 'memory' ? 20_000 : 100;
    const others = Promise.all(Array.from({ length: 20 }, (_one, n) => echo(n)));
    expect(await pool.run({ deed }, cpuMs)).toEqual({ kind: 'killed', because });
    expect(await others).toEqual(Array.from({ length: 20 }, (_one, n) => ({ kind: 'done', result: { result: n } })));
    expect(await echo('after')).toEqual({ kind: 'done', result: { result: 'after' } });
  });

  test('ten at once, with jobs that wait behind them', async () => {
    const jobs = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? pool.run({ deed: 'loop' }, 50) : echo(n)));
    const outcomes = await Promise.all(jobs);
    expect(outcomes.filter(({ kind }) => kind === 'killed')).toHaveLength(10);
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(10);
  });

  test('S19: it may read nothing but its own folder', async () => {
    expect(await pool.run({ deed: 'read', value: '/etc/passwd' }, 100)).toEqual({ kind: 'killed', because: 'crash' });
  });

  test('it sees none of our environment', async () => {
    expect(await pool.run({ deed: 'environment' }, 100)).toEqual({ kind: 'done', result: { result: {} } });
  });
});

describe('the process as built does what the code does', () => {
  const pool = poolOf<TemplateJob, TemplateJobResult>(
    '../../functions/serve-templates/generated/template-worker.mjs',
    1,
  );

  test('every shipped template compiles in it, within 64 MB, to the version that ships', async () => {
    for (const [name, { kind, files }] of Object.entries(shippedSources.templates)) {
      const outcome = await pool.run({ kind: 'compile', sources: written('', { name, kind, files }) }, 5_000);
      const version = shipped(name).version;
      expect(outcome).toMatchObject({ result: { compiled: { kind: 'compiled', template: { version } } } });
    }
  });

  test('a mail is shown as it would be sent', async () => {
    const job = { kind: 'mail', input: mailOf() } as const;
    const outcome = await pool.run(job, 1_000);
    if (outcome.kind !== 'done' || outcome.result.kind !== 'mail') throw new Error('no mail');
    const direct = await workTemplate(job);
    if (direct.kind !== 'mail' || direct.mail.kind !== 'rendered' || outcome.result.mail.kind !== 'rendered')
      throw new Error('no mail');
    expect(outcome.result.mail.html).toBe(direct.mail.html);
    expect(Buffer.from(outcome.result.mail.raw).equals(Buffer.from(direct.mail.raw))).toBe(true);
  });

  test('a letter is shown in words', async () => {
    const template = shipped<'letter'>('renewal-m14');
    const outcome = await pool.run({ kind: 'letter', template, locale: 'zh-CN', data: dataOf() }, 1_000);
    expect(outcome).toMatchObject({ result: { kind: 'letter', text: { kind: 'rendered' } } });
    expect(JSON.stringify(outcome)).toContain('[QR] 扫码打开您的续保页面');
  });

  test.each([
    ['{% for i in (1..20000000) %}x{% endfor %}'],
    ['{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}'],
    ["{{ 'now' | date: '%50000000d' }}"],
    ["{{ 'a' | replace: 'a', 'aaaaaaaaaa' | replace: 'a', 'aaaaaaaaaa' }}"],
    ["{{ salutation.constructor.constructor('return process')() }}"],
    ['{{ salutation.__proto__ }}'],
    ['{% if true %}'.repeat(20_000)],
    [`<b `.repeat(20_000)],
    [`<b a="`.repeat(20_000)],
    ['&a'.repeat(100_000)],
    ['{{'.repeat(60_000)],
    ['{% for p in '.repeat(10_000)],
    [`{{ ${'a.'.repeat(20_000)}b }}`],
    ['[block '.repeat(20_000)],
  ])('S16, S18: a hostile source is refused or its process ends: %#', async (body) => {
    const sources = written(mailSource(`<mj-text>${body}</mj-text>`));
    const outcome = await pool.run({ kind: 'compile', sources }, 5_000);
    if (outcome.kind === 'done')
      expect(outcome.result).toMatchObject({ kind: 'compile', compiled: { kind: 'refused' } });
    expect(await pool.run({ kind: 'mail', input: mailOf() }, 1_000)).toMatchObject({ kind: 'done' });
  });
});
