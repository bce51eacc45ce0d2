import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createLists } from '../../shared/audience/list-store.ts';
import type { RuleGroup } from '../../shared/audience/rule.ts';
import type { ClaimFacts, PolicyFacts, RuleSubject } from '../../shared/audience/rule-subject.ts';
import type { CampaignDefinition, PinnedDefinition } from '../../shared/campaign/definition.ts';
import type { Gate, Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createMembers } from '../../shared/launch/members.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { CivilDate, ZoneId } from '../../shared/platform/time.ts';
import { pin, TEN } from './run-world.ts';

const said = { given: true, wording: 'w1', at: TEN };

/** A customer of these tests: may be advertised to by mail unless said otherwise. */
export interface Someone {
  readonly id: string;
  readonly profile?: Partial<Profile>;
  readonly gate?: Partial<Gate>;
  readonly policies?: readonly (Partial<PolicyFacts> & { readonly policyId: string })[];
  readonly claims?: readonly ClaimFacts[];
}

export const idOf = (name: string): PartyId => name.padEnd(26, '0') as PartyId;

/** A book of customers with their gates and audience rows over a memory table. */
export const createLaunchWorld = async (
  people: readonly Someone[],
  saved: Readonly<Record<string, RuleGroup>> = {},
) => {
  const table = createMemoryTable();
  const rows = createAudienceRows(table);
  const lists = createLists(table, rows);
  const profiles = createProfiles(table);
  const gates = createGates(table);
  /** Who was read one by one, because a row does not hold what a rule asks. */
  const deepened: PartyId[] = [];
  let history: (partyId: PartyId) => RuleSubject['history'] = () => [];
  for (const { id, profile: given, gate: own, policies = [], claims = [] } of people) {
    const partyId = idOf(id);
    const profile: Profile = {
      partyId,
      scope: 'house',
      name: { full: 'Test Person' },
      locale: 'en',
      zone: 'Asia/Shanghai' as ZoneId,
      email: `${id}@example.com`,
      records: [],
      version: 1,
      ...given,
    };
    const gate: Gate = {
      partyId,
      version: 1,
      consent: { 'email/marketing': said },
      suppressed: {},
      situations: [],
      zone: profile.zone,
      recent: {},
      ...own,
    };
    await profiles.put(profile, 0);
    await gates.create(gate);
    await rows.createMany([{ profile, gate }], TEN);
    for (const policy of policies) {
      const mine = claims.filter(({ policyId }) => policyId === policy.policyId);
      await rows.setPolicy(
        partyId,
        {
          line: 'motor',
          contactRule: 'direct',
          scope: 'house',
          contractStartsOn: '2024-03-01' as CivilDate,
          startsOn: '2026-03-01' as CivilDate,
          renewsOn: '2027-03-01' as CivilDate,
          hasOffer: false,
          ...policy,
        },
        mine,
        TEN,
      );
    }
  }
  const members = createMembers({
    rows,
    lists,
    saved: { get: async (id) => (saved[id] === undefined ? undefined : { rule: saved[id] }) },
    deepen: async (wanted, now) =>
      wanted.map(({ partyId }) => {
        deepened.push(partyId);
        return { now, today: '2027-01-15' as CivilDate, history: history(partyId) ?? [] };
      }),
  });
  return {
    table,
    rows,
    lists,
    profiles,
    gates,
    members,
    deepened,
    setHistory: (read: typeof history) => {
      history = read;
    },
    /** Every member of a campaign, page by page. */
    async membersOf(definition: CampaignDefinition, mode?: 'look'): Promise<readonly string[]> {
      const pages = await members(pin(definition), mode);
      const found: string[] = [];
      let place: Parameters<typeof pages.page>[0] | undefined = { shard: 0 };
      while (place !== undefined) {
        const page: Awaited<ReturnType<typeof pages.page>> = await pages.page(place, TEN);
        found.push(...page.members.map(({ partyId, policyId }) => policyId ?? partyId));
        place = page.next;
      }
      return found.sort();
    },
  };
};

/** Definitions by campaign. */
export const definitionsOf = (...all: readonly PinnedDefinition[]) => ({
  get: async (campaign: string): Promise<PinnedDefinition> => {
    const found = all.find(({ definition }) => definition.id === campaign);
    if (found === undefined) throw new Error(`no campaign ${campaign} in this test`);
    return found;
  },
});
