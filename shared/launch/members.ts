import type { AudienceRow } from '../audience/audience-row.ts';
import { AUDIENCE_SHARDS, type AudienceRows } from '../audience/audience-rows.ts';
import type { RuleGroup } from '../audience/rule.ts';
import { compiledOnce } from '../audience/rule-memo.ts';
import type { PolicyFacts, RuleSubject, SubjectPart } from '../audience/rule-subject.ts';
import { audienceRuleOf } from '../campaign/audience-of.ts';
import type { CampaignDefinition, PinnedDefinition } from '../campaign/definition.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import { type CivilDate, civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';
import type { Member, Run, RunCursor } from './run.ts';

/** Where a page of an audience begins. */
export type AudiencePlace = Pick<RunCursor, 'shard' | 'after'>;

/** A page of an audience; `next` is absent on the last one of the last shard. */
export interface MemberPage<Found> {
  readonly members: readonly Found[];
  /** Rows that were looked at. */
  readonly rows: number;
  readonly next?: AudiencePlace;
}

/** A member with the row that made it one. */
export interface FoundMember extends Member {
  readonly row: AudienceRow;
}

/** The members of one campaign's audience, page by page over all shards. */
export interface MemberPages {
  page(place: AudiencePlace, now: Instant): Promise<MemberPage<FoundMember>>;
  /** Which rows make members (with any policy). */
  of(rows: readonly AudienceRow[], now: Instant): Promise<ReadonlySet<PartyId>>;
  /** Which of some customers are members. */
  among(partyIds: readonly PartyId[], now: Instant): Promise<ReadonlySet<PartyId>>;
}

export interface MemberPorts {
  readonly rows: Pick<AudienceRows, 'page' | 'getMany'>;
  /** Ids of the uploaded lists that are in force. */
  readonly lists: (now: Instant) => Promise<ReadonlySet<string>>;
  readonly saved: { get(id: string): Promise<{ readonly rule: RuleGroup } | undefined> };
  /** What rows do not hold (the engagement history), read for those whom a rule asks it of; in the order of the wanted. */
  readonly subjects: (
    wanted: readonly { readonly partyId: PartyId; readonly parts: ReadonlySet<SubjectPart> }[],
    now: Instant,
  ) => Promise<readonly RuleSubject[]>;
}

type Candidate = { readonly found: FoundMember; readonly subject: RuleSubject };

const NOBODY: RuleGroup = { combinator: 'and', not: true, rules: [] };

const isForPolicy = ({ audience: { contactRules, lines } }: CampaignDefinition, policy: PolicyFacts): boolean =>
  (contactRules?.includes(policy.contactRule) ?? true) && (lines?.includes(policy.line) ?? true);

/** Rows of a tick share a few zones; what day it is there is asked once. */
const dayIn = (now: Instant): ((zone: string) => CivilDate) => {
  const days = new Map<string, CivilDate>();
  return (zone) => {
    const known = days.get(zone) ?? civilDateAt(now, zone as ZoneId);
    days.set(zone, known);
    return known;
  };
};

/** What a row comes to for a campaign: the customer, or each policy that the campaign is for. */
const candidatesOf = (
  definition: CampaignDefinition,
  row: AudienceRow,
  lists: ReadonlySet<string>,
  now: Instant,
  today: (zone: string) => CivilDate,
): readonly Candidate[] => {
  const { partyId, customer, policies = [], claims = [] } = row;
  if (customer === undefined || customer.situations.includes('deceased')) return [];
  const on = row.lists.filter((list) => lists.has(list));
  const subject: RuleSubject = { now, today: today(customer.zone), customer, policies, claims, lists: on };
  if (definition.subject === 'customer') return [{ found: { partyId, row }, subject }];
  return policies
    .filter((policy) => isForPolicy(definition, policy))
    .map((policy) => ({
      found: { partyId, policyId: policy.policyId as PolicyId, row },
      subject: { ...subject, policy },
    }));
};

/** Rows of somebody with more policies than a row holds, with them. */
const completed = async (
  rows: readonly AudienceRow[],
  { subjects }: Pick<MemberPorts, 'subjects'>,
  now: Instant,
): Promise<readonly AudienceRow[]> => {
  const large = rows.filter(({ policies }) => policies === undefined);
  if (large.length === 0) return rows;
  const parts: ReadonlySet<SubjectPart> = new Set(['policies', 'claims']);
  const read = await subjects(
    large.map(({ partyId }) => ({ partyId, parts })),
    now,
  );
  const found = new Map(
    large.map((row, n) => [row, { policies: read[n]?.policies ?? [], claims: read[n]?.claims ?? [] }]),
  );
  return rows.map((row) => ({ ...row, ...found.get(row) }));
};

/** Parts that no row holds and that are read for those whom a rule cannot be decided for without them. */
const READ_PARTS: readonly SubjectPart[] = ['history', 'reach'];

/** Those of the candidates for whom the rule holds. */
const holding = async (
  rule: RuleGroup,
  candidates: readonly Candidate[],
  { subjects }: Pick<MemberPorts, 'subjects'>,
  now: Instant,
): Promise<readonly FoundMember[]> => {
  const compiled = compiledOnce(rule);
  const verdicts = candidates.map(({ subject }) => compiled.test(subject));
  const open = candidates.filter((_, n) => verdicts[n] === undefined);
  if (open.length === 0) return candidates.flatMap(({ found }, n) => (verdicts[n] === true ? [found] : []));
  const parts = new Set(READ_PARTS.filter((part) => compiled.parts.has(part)));
  const read = await subjects(
    open.map(({ found: { partyId } }) => ({ partyId, parts })),
    now,
  );
  const decided = new Map(
    open.map((candidate, n) => [candidate, compiled.test({ ...read[n], ...candidate.subject }) === true]),
  );
  return candidates.flatMap((candidate, n) =>
    verdicts[n] === true || decided.get(candidate) === true ? [candidate.found] : [],
  );
};

const placeAfter = (shard: number, next: string | undefined): AudiencePlace | undefined => {
  if (next !== undefined) return { shard, after: next };
  return shard + 1 < AUDIENCE_SHARDS ? { shard: shard + 1 } : undefined;
};

/** The rule that decides who is in a campaign's audience; one that names a saved audience which is gone has nobody. */
const ruleOf = async ({ definition }: PinnedDefinition, saved: MemberPorts['saved']): Promise<RuleGroup> => {
  const name = definition.audience.saved;
  const found = name === undefined ? undefined : await saved.get(name);
  return name !== undefined && found === undefined ? NOBODY : audienceRuleOf(definition, found?.rule);
};

/** Whether a customer or policy has the date that a campaign counts from at all. */
const hasDate = ({ trigger }: CampaignDefinition, { row, policyId }: FoundMember): boolean => {
  if (!('date' in trigger)) return true;
  if (trigger.date === 'customer.birthOn') return row.customer?.birthOn !== undefined;
  return trigger.date.startsWith('claim.')
    ? row.claims?.some((claim) => claim.policyId === policyId) === true
    : row.policies?.some((policy) => policy.policyId === policyId && policy.ending === undefined) === true;
};

/**
 * The audience of a campaign as pages of members.
 * @param mode of the run; for `look` everybody who has the date that the campaign counts from: the audience's rule is asked
 *  when each of them enters
 */
export const createMembers =
  (ports: MemberPorts) =>
  async (pinned: PinnedDefinition, mode: Run['mode'] = 'enter'): Promise<MemberPages> => {
    const { definition } = pinned;
    const rule = mode === 'look' ? undefined : await ruleOf(pinned, ports.saved);
    const membersOf = async (found: readonly AudienceRow[], now: Instant): Promise<readonly FoundMember[]> => {
      const [rows, lists] = [await completed(found, ports, now), await ports.lists(now)];
      const today = dayIn(now);
      const candidates = rows.flatMap((row) => candidatesOf(definition, row, lists, now, today));
      if (rule !== undefined) return holding(rule, candidates, ports, now);
      return candidates.map((candidate) => candidate.found).filter((member) => hasDate(definition, member));
    };
    const of: MemberPages['of'] = async (rows, now) =>
      new Set((await membersOf(rows, now)).map(({ partyId }) => partyId));
    return {
      of,

      async page({ shard, after }, now) {
        const { rows, next } = await ports.rows.page(shard, after);
        const place = placeAfter(shard, next);
        const members = await membersOf(rows, now);
        return { members, rows: rows.length, ...(place === undefined ? {} : { next: place }) };
      },

      async among(partyIds, now) {
        return of([...(await ports.rows.getMany(partyIds)).values()], now);
      },
    };
  };
