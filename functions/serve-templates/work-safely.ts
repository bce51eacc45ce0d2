import type { CompiledTemplate, TemplateSources } from '../../shared/content/compiled-template.ts';
import type { JobPool } from '../../shared/platform/job-pool.ts';
import type { TemplateJob, TemplateJobResult } from './template-job.ts';

/** The processes that compile and render what nobody has approved. */
export type TemplateWorkers = JobPool<TemplateJob, TemplateJobResult>;

/** Processor time for compiling all languages of a template, and for rendering one (F29). */
const COMPILE_MS = 5_000;
const RENDER_MS = 100;

const WORDS = {
  time: 'it takes too long: take out loops within loops',
  memory: 'it needs too much memory: take out loops within loops',
  crash: 'it cannot be worked on',
} as const;

/** Compiles in a process that can be killed; a template that has it killed is refused. */
export const compileSafely = async (workers: TemplateWorkers, sources: TemplateSources): Promise<CompiledTemplate> => {
  const outcome = await workers.run({ kind: 'compile', sources }, COMPILE_MS);
  if (outcome.kind === 'done' && outcome.result.kind === 'compile') return outcome.result.compiled;
  const message =
    outcome.kind === 'killed'
      ? WORDS[outcome.because]
      : outcome.result.kind === 'failed'
        ? outcome.result.message
        : WORDS.crash;
  return { kind: 'refused', findings: [{ level: 'error', code: 'liquid', message, place: { part: 'source' } }] };
};

/** Renders in a process that can be killed. The first job of a process also loads it, which does not count. */
export const renderSafely = async (
  workers: TemplateWorkers,
  job: Exclude<TemplateJob, { kind: 'compile' }>,
): Promise<Exclude<TemplateJobResult, { kind: 'compile' }>> => {
  const outcome = await workers.run(job, RENDER_MS);
  if (outcome.kind === 'killed') return { kind: 'failed', message: WORDS[outcome.because] };
  return outcome.result.kind === 'compile' ? { kind: 'failed', message: WORDS.crash } : outcome.result;
};
