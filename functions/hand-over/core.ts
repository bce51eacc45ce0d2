import { type PrintOrder, printOrderSchema } from '../../shared/letter/contract.ts';
import { type HandOverPorts, handOver } from '../../shared/letter/hand-over.ts';
import { type PrintStatusPorts, recordPrintStatus } from '../../shared/letter/record-print-status.ts';
import { type BrokerListPorts, writeBrokerList } from '../../shared/letter/write-broker-list.ts';
import type { TellPorts } from '../../shared/message/tell-journeys.ts';
import { unreachable } from '../../shared/platform/errors.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';

/** The consumer of the print queue: batches at their cut-off, brokers' weekly lists, news of printed letters. */
export const createHandler = (deps: {
  readonly ports: HandOverPorts & BrokerListPorts & TellPorts & Pick<PrintStatusPorts, 'gates'>;
  readonly log: EventLog;
}) => {
  const { ports, log } = deps;
  return queueHandler({
    schema: printOrderSchema,
    log,
    handle: async (order: PrintOrder) => {
      switch (order.kind) {
        case 'print': {
          // As many batches as it takes: each holds a bounded number of letters.
          for (let more = true; more; ) {
            const outcome = await handOver(ports, { house: order.house, printOn: order.printOn });
            more = outcome.kind === 'handed-over';
            if (outcome.kind === 'handed-over') {
              log.info('batch.handed-over', {
                batch: outcome.batch,
                letters: outcome.letters,
                recalled: outcome.recalled,
              });
            }
          }
          return;
        }
        case 'broker-list': {
          const { rows } = await writeBrokerList(ports, order.week, order.broker);
          log.info('broker-list.written', { list: order.week, rows });
          return;
        }
        case 'status':
          await recordPrintStatus(ports, order);
          return;
        default:
          unreachable(order);
      }
    },
  });
};
