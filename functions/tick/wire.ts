import { createShippedTemplates } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { keepShipped } from '../../shared/content/templates.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import type { DueMessage } from '../../shared/journey/run-due.ts';
import { createDailyKeeper } from '../../shared/launch/due-items.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { once } from '../../shared/platform/once.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { keepLibrary } from '../../shared/survey/survey-store.ts';
import { createHandler } from './core.ts';

/** `tick`, of whatever adapters it is given. */
export const wire = ({ table, queue, log }: Pick<Parts, 'table' | 'queue' | 'log'>) => {
  const dueWork = createDueWork(table);
  const shipped = createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url)));
  const keepDaily = createDailyKeeper(dueWork);
  // journeys that begin with this build's texts and surveys find them after the next deploy (F34)
  const keepTexts = once(async () => {
    await keepShipped(shipped, createStoredTemplates(table));
    await keepLibrary(table);
  });

  return createHandler({
    dueWork,
    keepUp: async (now) => {
      await keepTexts();
      await keepDaily(now);
    },
    due: queue<DueMessage>('DUE_QUEUE_URL'),
    log,
  });
};
