import type { PartyId } from '../platform/ids.ts';
import { inParallel } from '../platform/parallel.ts';
import type { Instant } from '../platform/time.ts';
import type { AudienceRow } from './audience-row.ts';
import { AUDIENCE_SHARDS, type AudienceRows } from './audience-rows.ts';
import type { CompiledRule } from './compile-rule.ts';
import type { Lists } from './list-store.ts';
import { subjectsOf } from './row-subjects.ts';
import type { RuleSubject, SubjectPart } from './rule-subject.ts';

/** Where audiences are evaluated. */
export interface AudienceSource {
  readonly rows: Pick<AudienceRows, 'page'>;
  readonly lists: Pick<Lists, 'all'>;
  /** Reads what rows do not hold (the engagement history, a fleet's policies), of those about whom that decides. One
   *  subject for each, in the same order. */
  readonly deepen: (
    wanted: readonly { readonly partyId: PartyId; readonly parts: ReadonlySet<SubjectPart> }[],
    now: Instant,
  ) => Promise<readonly RuleSubject[]>;
}

/** A subject with the row it is of. */
export interface RowSubject {
  readonly row: AudienceRow;
  readonly subject: RuleSubject;
}

/** Subjects that are read one by one are read so many at a time: a page of them at once would not fit into memory. */
const DEEP_PAGE = 100;

/** What is asked of rows: when a subject holds enough to be answered, and what it takes where it does not. */
export interface Question {
  readonly parts: ReadonlySet<SubjectPart>;
  readonly isDecided: (subject: RuleSubject) => boolean;
}

/** Whether a rule holds for a customer. */
export const questionOf = (rule: CompiledRule): Question => ({
  parts: rule.parts,
  isDecided: (subject) => rule.test(subject) !== undefined,
});

/** For which of a customer's policies a rule holds. */
export const questionOfPolicies = (rule: CompiledRule): Question => ({
  parts: new Set<SubjectPart>([...rule.parts, 'policies']),
  isDecided: (subject) =>
    subject.policies === undefined
      ? // what rules the customer out whatever the policy decides it without one
        rule.test(subject) === false
      : subject.policies.every((policy) => rule.test({ ...subject, policy }) !== undefined),
});

/** The subjects of rows as questions need them: the row alone where it decides them, with all their parts where it does
 *  not. */
export const decidable = async (
  rows: readonly AudienceRow[],
  questions: readonly Question[],
  source: Pick<AudienceSource, 'lists' | 'deepen'>,
  now: Instant,
): Promise<readonly RowSubject[]> => {
  const subjects = await subjectsOf(rows, source.lists, now);
  const found = rows.map((row, n): RowSubject => ({ row, subject: subjects[n] as RuleSubject }));
  const open = found.flatMap(({ row, subject }, n) => {
    const undecided = questions.filter(({ isDecided }) => !isDecided(subject));
    if (undecided.length === 0) return [];
    return [{ n, partyId: row.partyId, parts: new Set(undecided.flatMap(({ parts }) => [...parts])) }];
  });
  for (let start = 0; start < open.length; start += DEEP_PAGE) {
    const some = open.slice(start, start + DEEP_PAGE);
    const deep = await source.deepen(some, now);
    some.forEach(({ n }, at) => {
      const { row, subject } = found[n] as RowSubject;
      found[n] = { row, subject: { ...subject, ...deep[at], today: subject.today } };
    });
  }
  return found;
};

/** Goes through one shard, page after page: never more than one page in memory. */
export async function* membersOf(
  shard: number,
  rule: CompiledRule,
  source: AudienceSource,
  now: Instant,
): AsyncGenerator<{ readonly rows: number; readonly members: readonly RowSubject[] }> {
  let after: string | undefined;
  do {
    const page = await source.rows.page(shard, after);
    const subjects = await decidable(page.rows, [questionOf(rule)], source, now);
    yield { rows: page.rows.length, members: subjects.filter(({ subject }) => rule.test(subject) === true) };
    after = page.next;
  } while (after !== undefined);
}

/** How many belong to an audience. */
export interface AudienceCount {
  /** Members: counted, or extrapolated where not all shards were. */
  readonly count: number;
  /** Of how many customers, in the same way. */
  readonly of: number;
  readonly exact: boolean;
  /** Where extrapolated: `count` is within this of the true number, 95 times of 100. */
  readonly margin: number;
  readonly shards: number;
}

/** Shards asked at a time: each is one partition of the table. */
const COUNT_WIDTH = 8;

/** A spread of `counts` over all shards as a 95 % margin of their sum, for a sample without putting back. */
const marginOf = (counts: readonly number[]): number => {
  const n = counts.length;
  if (n >= AUDIENCE_SHARDS) return 0;
  const mean = counts.reduce((sum, count) => sum + count, 0) / n;
  // one shard alone tells no spread: that of chance
  const variance = n > 1 ? counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (n - 1) : mean;
  return Math.ceil(1.96 * AUDIENCE_SHARDS * Math.sqrt((variance / n) * (1 - n / AUDIENCE_SHARDS)));
};

/**
 * Counts an audience as far as the time goes: people lie in shards by the hash of their id, so that a few shards are a
 * fair sample of all. At least one wave of shards is counted.
 * @param isTimeUp asked before each wave; never true: an exact count
 * @param mayCount leaves out rows (of other branches) before anything is counted
 */
export const countAudience = async (
  rule: CompiledRule,
  source: AudienceSource,
  now: Instant,
  isTimeUp: () => boolean,
  mayCount: (row: AudienceRow) => boolean = () => true,
): Promise<AudienceCount> => {
  const visible: AudienceSource = {
    ...source,
    rows: {
      page: async (shard, after) => {
        const page = await source.rows.page(shard, after);
        return { ...page, rows: page.rows.filter(mayCount) };
      },
    },
  };
  const counted: { members: number; rows: number }[] = [];
  for (let start = 0; start < AUDIENCE_SHARDS && (start === 0 || !isTimeUp()); start += COUNT_WIDTH) {
    const wave = Array.from({ length: Math.min(COUNT_WIDTH, AUDIENCE_SHARDS - start) }, (_, n) => start + n);
    counted.push(
      ...(await inParallel(wave, COUNT_WIDTH, async (shard) => {
        const total = { members: 0, rows: 0 };
        for await (const { rows, members } of membersOf(shard, rule, visible, now)) {
          total.rows += rows;
          total.members += members.length;
        }
        return total;
      })),
    );
  }
  const scale = AUDIENCE_SHARDS / counted.length;
  const sum = (of: 'members' | 'rows'): number => counted.reduce((total, one) => total + one[of], 0);
  return {
    count: Math.round(sum('members') * scale),
    of: Math.round(sum('rows') * scale),
    exact: counted.length === AUDIENCE_SHARDS,
    margin: marginOf(counted.map(({ members }) => members)),
    shards: counted.length,
  };
};

/** Some members of an audience, from as few shards as give them. */
export const sampleAudience = async (
  rule: CompiledRule,
  source: AudienceSource,
  now: Instant,
  limits: {
    readonly most: number;
    readonly isTimeUp: () => boolean;
    readonly mayCount: (row: AudienceRow) => boolean;
  },
): Promise<readonly PartyId[]> => {
  const found: PartyId[] = [];
  for (let shard = 0; shard < AUDIENCE_SHARDS && (shard === 0 || !limits.isTimeUp()); shard += 1)
    for await (const { members } of membersOf(shard, rule, source, now)) {
      found.push(...members.flatMap(({ row }) => (limits.mayCount(row) ? [row.partyId] : [])));
      if (found.length >= limits.most) return found.slice(0, limits.most);
      if (limits.isTimeUp()) return found;
    }
  return found;
};
