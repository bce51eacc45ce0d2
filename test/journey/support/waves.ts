import { rmSync } from 'node:fs';
import { type LocalSystem, type MailItem, startSystem } from '../../support/local-system.ts';
import { plusDays } from '../book-oracle.ts';
import { type History, historyOf } from './observe.ts';
import { writeSmallBook } from './small-book.ts';

/**
 * A system whose customers get their first renewal mail in waves, one wave a day at 10:00 in Madrid: each fault strikes a
 * wave of its own, and one system serves them all.
 */

const FIRST_DAY = '2019-01-19';
const FIRST_RENEWAL = '2019-03-20';

export interface Wave {
  readonly policies: readonly string[];
  /** What the mail provider accepted about them, copies included. */
  readonly accepted: readonly MailItem[];
  /** How often each rule struck, in the order given. */
  readonly struck: readonly number[];
}

export interface Waves {
  readonly system: LocalSystem;
  readonly history: History;
  /** Policy numbers of all waves. */
  readonly policies: readonly string[];
  /** The next day under these fault rules, and the night after it without. */
  next(rules: readonly object[]): Promise<Wave>;
  stop(): Promise<void>;
}

/** Starts the system of `count` waves of `size` policies; the first wave is the day after its clock's. */
export const startWaves = async (count: number, size: number): Promise<Waves> => {
  const policiesOf = (wave: number) =>
    Array.from({ length: size }, (_, n) => `W${String(wave).padStart(2, '0')}P${String(n).padStart(2, '0')}`);
  const dir = writeSmallBook(
    Array.from({ length: count }, (_, wave) =>
      policiesOf(wave).map((policyNo) => ({ policyNo, renewsOn: plusDays(FIRST_RENEWAL, wave) })),
    ).flat(),
  );
  const system = await startSystem({ book: dir, now: plusDays(FIRST_DAY, -1) });
  await system.idle();
  let wave = -1;
  return {
    system,
    history: historyOf(system),
    policies: Array.from({ length: count }, (_, n) => policiesOf(n)).flat(),
    async next(rules) {
      wave += 1;
      const day = plusDays(FIRST_DAY, wave);
      await system.clock({ to: day });
      await system.faults(rules);
      await system.clock({ to: `${day}T22:00:00Z` });
      const report = (await (await system.fetch('/local/faults')).json()) as { rules: { struck: number }[] };
      await system.faults([]);
      await system.clock({ to: plusDays(day, 1) });
      const policies = policiesOf(wave);
      const accepted = (await system.mailbox({ step: 'm60' })).filter(({ policyIds }) =>
        policyIds.some((id) => policies.includes(id)),
      );
      return { policies, accepted, struck: report.rules.map(({ struck }) => struck) };
    },
    async stop() {
      await system.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** The policies of the mails, sorted; a copy stands twice. */
export const acceptedOf = ({ accepted }: Wave): string[] => accepted.flatMap(({ policyIds }) => policyIds).sort();
