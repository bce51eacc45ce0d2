import type { PinnedDefinition } from '../campaign/definition.ts';
import type { LaunchEffects } from '../campaign/launch-effects.ts';
import { FIRST_SEND_WAITS } from '../campaign/lifecycle.ts';
import type { DueWork } from '../journey/due-work.ts';
import type { Queue } from '../platform/queue.ts';
import { DAY, type Instant } from '../platform/time.ts';
import { beginPreFlight } from './begin-pre-flight.ts';
import type { AudiencesMessage } from './contract.ts';
import { runDue, walkDue } from './due-items.ts';
import { nextMinute } from './pacing.ts';
import { firstRun, hasRuns } from './plan-runs.ts';
import { isDone, type PreFlights } from './pre-flight-store.ts';
import { preFlightReport } from './read-pre-flight.ts';
import type { Run } from './run.ts';
import type { Runs } from './run-store.ts';

export interface LaunchPorts {
  readonly preFlights: PreFlights;
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly runs: Pick<Runs, 'begin'>;
  readonly audiences: Pick<Queue<AudiencesMessage>, 'send'>;
  /** Watches the audiences that live campaigns wait for (watch-audiences.ts). */
  readonly watchAudiences: (now: Instant) => Promise<void>;
  readonly clock: () => Instant;
}

/** How long a look through the whole book may take. */
const LOOK_FOR = 7 * DAY;

/** A look through the book for those who have the date that a newly live version counts from. */
const lookRun = ({ hash, definition }: PinnedDefinition, from: Instant, now: Instant): Run => ({
  campaign: definition.id,
  occurrence: `look-${hash.slice(0, 12)}`,
  definition: hash,
  sendClass: definition.class,
  priority: definition.priority,
  mode: 'look',
  dueAt: from,
  useBy: (from + LOOK_FOR) as Instant,
  startedAt: now,
  state: 'walking',
  cursor: { page: 0, done: 0, shard: 0 },
  members: 0,
  ordered: 0,
  version: 1,
});

/** What launching and resuming a campaign sets in motion (C8); a campaign with runs is launched by those who saw its
 *  pre-flight. Everything takes effect within one tick and may be done
 *  again. */
export const createLaunchEffects = (ports: LaunchPorts): LaunchEffects => ({
  async whyNot(pinned) {
    if (!hasRuns(pinned.definition)) return undefined;
    const notBefore = (ports.clock() + FIRST_SEND_WAITS) as Instant;
    const preFlight = await beginPreFlight(pinned, notBefore, ports);
    if (!isDone(preFlight)) return 'the pre-flight of this content is being computed: look at it, then launch';
    return preFlightReport(preFlight, pinned).refusal;
  },

  async onLaunch({ notBefore }, pinned) {
    const now = ports.clock();
    const from = Math.max(now, notBefore ?? now) as Instant;
    const { definition } = pinned;
    const first = firstRun(definition, from);
    if (first !== undefined) await ports.dueWork.place([runDue(definition.id, first)], now);
    if ('audience' in definition.trigger) await ports.watchAudiences(now);
    if ('date' in definition.trigger) {
      await ports.runs.begin(lookRun(pinned, from, now));
      await ports.dueWork.place([walkDue(nextMinute(from))], now);
    }
  },

  async onResume(id) {
    await ports.audiences.send([{ kind: 'unshelve', campaign: id }, { kind: 'walk' }]);
  },
});
