import type { PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Instant } from '../platform/time.ts';
import type { AudienceRow } from './audience-row.ts';
import type { AudienceRows } from './audience-rows.ts';
import { type AudienceSource, decidable, questionOf, type RowSubject } from './evaluate-audience.ts';
import { compiledOnce } from './rule-memo.ts';
import { nextAct, silentStanding } from './standing.ts';
import type { Watch, Watches } from './watch-store.ts';

/** What is told of somebody who entered or left a watched audience; a journey message (journey/contract.ts). */
export interface AudienceMessage {
  readonly kind: 'audience';
  readonly partyId: PartyId;
  readonly audience: string;
  readonly on: 'enter' | 'leave';
  /** The civil date of it, so that a copy is no second entry. */
  readonly occurrence: string;
  readonly because: string;
}

/** What following takes. */
export interface FollowAudiencesPorts extends Omit<AudienceSource, 'rows'> {
  readonly rows: Pick<AudienceRows, 'getMany' | 'setStanding'>;
  readonly watches: Pick<Watches, 'all'>;
  readonly changes: { send(messages: readonly AudienceMessage[]): Promise<void> };
}

const WIDTH = 16;
/** A change decided before, told now, may be over by now: decided and told once more, then it rests. */
const ROUNDS = 3;

interface Settling extends Pick<FollowAudiencesPorts, 'changes'> {
  readonly rows: Pick<AudienceRows, 'setStanding'>;
}

/** A standing to be set right. */
interface Open {
  readonly row: AudienceRow;
  readonly watch: Watch;
  readonly holds: boolean;
  readonly today: RowSubject['subject']['today'];
}

const withStanding = (row: AudienceRow, audience: string, to: string | undefined): AudienceRow => {
  const { [audience]: _before, ...rest } = row.in;
  return { ...row, in: to === undefined ? rest : { ...rest, [audience]: to } };
};

/** Sets standings right: the change is decided in the row, then told, then noted as told. Whoever loses a write to
 *  another leaves the rest to them. @returns how many changes were told */
const settle = async (open: readonly Open[], ports: Settling, because: string): Promise<number> => {
  let told = 0;
  let pending = open;
  for (let round = 0; round < ROUNDS && pending.length > 0; round += 1) {
    const decided = await inParallel(pending, WIDTH, async (one): Promise<Open | undefined> => {
      const { row, watch, holds, today } = one;
      const act = nextAct(row.in[watch.audience], holds, today);
      if (act.kind !== 'decide') return one;
      const outcome = await ports.rows.setStanding(row, watch.audience, act.to);
      return outcome === 'written' ? { ...one, row: withStanding(row, watch.audience, act.to) } : undefined;
    });
    const telling = decided.flatMap((one) => {
      const act = one && nextAct(one.row.in[one.watch.audience], one.holds, one.today);
      return one && act?.kind === 'tell' ? [{ one, act }] : [];
    });
    if (telling.length === 0) break;
    await ports.changes.send(
      telling.map(({ one: { row, watch }, act: { on, occurrence } }) => ({
        kind: 'audience',
        partyId: row.partyId,
        audience: watch.audience,
        on,
        occurrence,
        because,
      })),
    );
    told += telling.length;
    const next = await inParallel(telling, WIDTH, async ({ one, act }): Promise<Open[]> => {
      const outcome = await ports.rows.setStanding(one.row, one.watch.audience, act.to);
      return outcome === 'written' ? [{ ...one, row: withStanding(one.row, one.watch.audience, act.to) }] : [];
    });
    pending = next.flat();
  }
  return told;
};

/** What a look at rows is for. */
interface Look {
  readonly rows: readonly AudienceRow[];
  readonly watches: readonly Watch[];
  readonly now: Instant;
  readonly because: string;
}

/**
 * Compares people with watched audiences. Where who is in an audience already is still being noted, they are noted as
 * well and nobody is told.
 * @returns how many changes were told
 */
export const compareStandings = async (
  { rows, watches, now, because }: Look,
  ports: Settling & Omit<AudienceSource, 'rows'>,
): Promise<number> => {
  const compiled = watches.map((watch) => ({ watch, rule: compiledOnce(watch.rule) }));
  const subjects = await decidable(
    rows,
    compiled.map(({ rule }) => questionOf(rule)),
    ports,
    now,
  );
  let told = 0;
  for (const { watch, rule } of compiled) {
    const open = subjects.flatMap(({ row, subject }): Open[] => {
      const holds = rule.test(subject);
      return holds === undefined ? [] : [{ row, watch, holds, today: subject.today }];
    });
    if (watch.state === 'on') {
      told += await settle(open, ports, because);
      continue;
    }
    const wrong = open.filter(({ row, holds }) => {
      const standing = row.in[watch.audience];
      return standing?.endsWith('!') === true || (standing !== undefined) !== holds;
    });
    await inParallel(wrong, WIDTH, ({ row, holds, today }) =>
      ports.rows.setStanding(row, watch.audience, silentStanding(holds, today)),
    );
  }
  return told;
};

/**
 * Follows people who changed: who entered or left a watched audience is told on the changes queue. Called after their
 * rows were written; any number of calls end in the same. A standing is no fact, so that nothing is followed for it.
 */
export const followAudiences = async (
  partyIds: readonly PartyId[],
  ports: FollowAudiencesPorts,
  now: Instant,
): Promise<number> => {
  const watches = await ports.watches.all();
  if (watches.length === 0 || partyIds.length === 0) return 0;
  const rows = [...(await ports.rows.getMany([...new Set(partyIds)])).values()];
  return compareStandings({ rows, watches, now, because: 'changed' }, ports);
};

/** Whoever wrote rows says so here. */
export interface AudienceFollower {
  follow(partyIds: readonly PartyId[], now: Instant): Promise<void>;
}

/** `followAudiences` as a port. */
export const createAudienceFollower = (ports: FollowAudiencesPorts): AudienceFollower => ({
  async follow(partyIds, now) {
    await followAudiences(partyIds, ports, now);
  },
});
