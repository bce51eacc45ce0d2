import prices from '../../shared/launch/prices.json' with { type: 'json' };
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import { createWorld } from '../journey-unit/world.ts';
import { countMail } from './counted-mail.ts';
import { createCountingTable, type Usage } from './counting-table.ts';
import { costOfMail } from './mail-cost.ts';
import type { Measurement } from './measurement.ts';

/** Enough that the agenda, one entry an hour and shard, is shared as it is in life. */
const POLICIES = 400;

/** Units of one journey step, from the due row to the next one, the mail's own included. */
const perStep = async (): Promise<number> => {
  const usage: Usage = { calls: 0, readUnits: 0, writeUnits: 0 };
  const world = createWorld({ now: '2018-12-01T00:00:00Z', table: createCountingTable(createMemoryTable(), usage) });
  for (let n = 0; n < POLICIES; n += 1) await world.person(`party-${n}`);
  await world.load(
    ...Array.from({ length: POLICIES }, (_, n) => ({
      no: `P${n}`,
      holder: `party-${n}`,
      terms: [['2018-02-14', '2019-02-14']] as const,
      offerFor: '2019-02-14',
    })),
  );
  // past the first step, so that what happens once a journey is not counted with every step
  await world.advance('2019-02-01T00:00:00Z');
  const [before, sent] = [usage.writeUnits, world.seen.length];
  await world.advance('2019-02-10T00:00:00Z');
  const steps = world.seen.length - sent;
  if (steps !== POLICIES) throw new Error(`one step of each policy was expected, ${steps} came`);
  return (usage.writeUnits - before) / steps + (await countMail()).writeUnits;
};

const figure = (
  id: string,
  name: string,
  unit: string,
  [floor, goal]: readonly [number, number],
  run: Measurement['run'],
): Measurement => ({ id, name, unit, floor, goal, more: false, run });

export const measurements: readonly Measurement[] = [
  figure('P7a', 'write units a mail (counted)', 'units', [3, 2], async () => (await countMail()).writeUnits),
  figure('P7b', 'write units a journey step with its mail (counted)', 'units', [6, 4], perStep),
  figure('P8', 'read units a mail (counted)', 'units', [4, 2], async () => (await countMail()).readUnits),
  figure('P9', 'AWS calls a mail beside SES (counted)', 'calls', [4, 2.5], async () => (await countMail()).calls),
  figure('P10', 'cost of 1,000 mails on AWS beside SES’s own price (computed)', '%', [15, 6], async () => {
    const ses = prices.mailPerThousandMinor / 100 / 1_000;
    return ((await costOfMail()) / ses) * 100;
  }),
];
