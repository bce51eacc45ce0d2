import type { AudienceRow } from '../audience/audience-row.ts';
import { AUDIENCE_SHARDS, type AudienceRows } from '../audience/audience-rows.ts';
import {
  type AudienceSource,
  decidable,
  questionOf,
  questionOfPolicies,
  type RowSubject,
} from '../audience/evaluate-audience.ts';
import type { RuleGroup } from '../audience/rule.ts';
import { compiledOnce } from '../audience/rule-memo.ts';
import type { PolicyFacts } from '../audience/rule-subject.ts';
import { audienceRuleOf } from '../campaign/audience-of.ts';
import type { CampaignDefinition, PinnedDefinition } from '../campaign/definition.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
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
  /** Whose rows make members (with any policy). */
  of(rows: readonly AudienceRow[], now: Instant): Promise<ReadonlySet<PartyId>>;
  /** Which of some customers are members. */
  among(partyIds: readonly PartyId[], now: Instant): Promise<ReadonlySet<PartyId>>;
}

export interface MemberPorts extends Omit<AudienceSource, 'rows'> {
  readonly rows: Pick<AudienceRows, 'page' | 'getMany'>;
  readonly saved: { get(id: string): Promise<{ readonly rule: RuleGroup } | undefined> };
}

const EVERYBODY: RuleGroup = { combinator: 'and', rules: [] };
const NOBODY: RuleGroup = { combinator: 'and', not: true, rules: [] };

/** The rule that decides who is in a campaign's audience; one that names a saved audience which is gone has nobody. */
const ruleOf = async ({ definition }: PinnedDefinition, saved: MemberPorts['saved']): Promise<RuleGroup> => {
  const name = definition.audience.saved;
  const found = name === undefined ? undefined : await saved.get(name);
  return name !== undefined && found === undefined ? NOBODY : audienceRuleOf(definition, found?.rule);
};

const isForPolicy = ({ audience: { contactRules, lines } }: CampaignDefinition, policy: PolicyFacts): boolean =>
  (contactRules?.includes(policy.contactRule) ?? true) && (lines?.includes(policy.line) ?? true);

/** Whether a customer or policy has the date that a campaign counts from at all. */
const hasDate = ({ trigger }: CampaignDefinition, { customer, claims }: AudienceRow, policy?: PolicyFacts): boolean => {
  if (!('date' in trigger)) return true;
  if (trigger.date === 'customer.birthOn') return customer?.birthOn !== undefined;
  return trigger.date.startsWith('claim.')
    ? claims?.some(({ policyId }) => policyId === policy?.policyId) !== false
    : policy?.ending === undefined;
};

const placeAfter = (shard: number, next: string | undefined): AudiencePlace | undefined => {
  if (next !== undefined) return { shard, after: next };
  return shard + 1 < AUDIENCE_SHARDS ? { shard: shard + 1 } : undefined;
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
    const rule = compiledOnce(mode === 'look' ? EVERYBODY : await ruleOf(pinned, ports.saved));
    const isDue = (row: AudienceRow, policy?: PolicyFacts): boolean =>
      mode !== 'look' || hasDate(definition, row, policy);
    const question = definition.subject === 'policy' ? questionOfPolicies(rule) : questionOf(rule);

    const membersOf = ({ row, subject }: RowSubject): readonly FoundMember[] => {
      const { partyId } = row;
      if (row.customer === undefined) return [];
      if (definition.subject === 'customer') return rule.test(subject) === true && isDue(row) ? [{ partyId, row }] : [];
      return (subject.policies ?? [])
        .filter((policy) => isForPolicy(definition, policy) && isDue(row, policy))
        .filter((policy) => rule.test({ ...subject, policy }) === true)
        .map(({ policyId }) => ({ partyId, policyId: policyId as PolicyId, row }));
    };
    const find = async (rows: readonly AudienceRow[], now: Instant): Promise<readonly FoundMember[]> =>
      (await decidable(rows, [question], ports, now)).flatMap(membersOf);
    const of: MemberPages['of'] = async (rows, now) => new Set((await find(rows, now)).map(({ partyId }) => partyId));

    return {
      of,

      async page({ shard, after }, now) {
        const { rows, next } = await ports.rows.page(shard, after);
        const place = placeAfter(shard, next);
        const members = await find(rows, now);
        return { members, rows: rows.length, ...(place === undefined ? {} : { next: place }) };
      },

      among: async (partyIds, now) => of([...(await ports.rows.getMany(partyIds)).values()], now),
    };
  };
