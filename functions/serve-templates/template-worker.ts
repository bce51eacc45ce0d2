import type { TemplateJob } from './template-job.ts';
import { workTemplate } from './work-template.ts';

/**
 * The process in which templates that nobody has approved are compiled and rendered. `npm run build` bundles it into
 * `generated/template-worker.mjs`, a file beside the function, because a bundled function is one module and a process
 * needs one of its own.
 */
process.on('message', (job: TemplateJob) => {
  void workTemplate(job).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
