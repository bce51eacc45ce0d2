import { createDueWork } from '../../shared/journey/due-work.ts';
import type { DueMessage } from '../../shared/journey/run-due.ts';
import { createDailyKeeper } from '../../shared/launch/due-items.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createHandler } from './core.ts';

/** `tick`, of whatever adapters it is given. */
export const wire = ({ table, queue, log }: Pick<Parts, 'table' | 'queue' | 'log'>) => {
  const dueWork = createDueWork(table);

  return createHandler({
    dueWork,
    keepDaily: createDailyKeeper(dueWork),
    due: queue<DueMessage>('DUE_QUEUE_URL'),
    log,
  });
};
