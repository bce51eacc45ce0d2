import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createSavedAudiences } from '../../shared/audience/audience-store.ts';
import type { AudienceSource } from '../../shared/audience/evaluate-audience.ts';
import type { AudienceMessage } from '../../shared/audience/follow-audiences.ts';
import { createLists } from '../../shared/audience/list-store.ts';
import type { PassMessage } from '../../shared/audience/pass-audiences.ts';
import type {
  ClaimFacts,
  CustomerFacts,
  HistoryFact,
  PolicyFacts,
  RuleSubject,
} from '../../shared/audience/rule-subject.ts';
import { createWatches } from '../../shared/audience/watch-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type CivilDate, civilDateAt, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';

export const NOW = parseInstant('2027-01-15T02:00:00Z') as Instant;
export const day = (text: string) => text as CivilDate;
export const party = (n: number) => `party${String(n).padStart(6, '0')}` as PartyId;

/** What is known of a customer in Beijing. */
export const customerFacts = (more: Partial<CustomerFacts> = {}): CustomerFacts => ({
  kind: 'person',
  scope: 'head-office',
  locale: 'zh-CN',
  zone: 'Asia/Shanghai',
  gender: 'f',
  birthOn: day('1988-02-29'),
  country: 'CN',
  region: '北京市',
  city: 'Beijing',
  postcode: '100020',
  hasEmail: true,
  hasPhone: true,
  hasAddress: true,
  largePrint: false,
  consent: { 'email/marketing': true, 'email/service': true, 'post/marketing': false },
  suppressed: [],
  situations: [],
  traits: {},
  ...more,
});

export const policyFacts = (n: number, more: Partial<PolicyFacts> = {}): PolicyFacts => ({
  policyId: `policy${String(n).padStart(20, '0')}`,
  line: 'motor',
  contactRule: 'direct',
  scope: 'head-office',
  contractStartsOn: day('2020-03-01'),
  startsOn: day('2026-03-01'),
  renewsOn: day('2027-03-01'),
  premiumMinor: 320_050,
  currency: 'CNY',
  hasOffer: true,
  offerValidUntil: day('2027-02-28'),
  ...more,
});

export const claimFacts = (n: number, policyId: string, more: Partial<ClaimFacts> = {}): ClaimFacts => ({
  claimNo: `CLM-${n}`,
  policyId,
  type: 'collision',
  status: 'settled',
  costMinor: 80_000,
  currency: 'CNY',
  occurredOn: day('2026-05-01'),
  settledOn: day('2026-06-01'),
  ...more,
});

/** The audiences over a table, with a history that is told by hand. */
export const createAudienceWorld = (table: Table = createMemoryTable()) => {
  const rows = createAudienceRows(table);
  const lists = createLists(table, rows);
  const saved = createSavedAudiences(table);
  const watches = createWatches(table);
  const changes = createMemoryQueue<AudienceMessage>();
  const passes = createMemoryQueue<PassMessage>();
  const history = new Map<PartyId, readonly HistoryFact[]>();
  const deepened: PartyId[] = [];
  const deepen: AudienceSource['deepen'] = async (wanted, now) => {
    deepened.push(...wanted.map(({ partyId }) => partyId));
    const found = await rows.getMany(wanted.map(({ partyId }) => partyId));
    return wanted.map(({ partyId }): RuleSubject => {
      const { customer, policies = [], claims = [] } = found.get(partyId) ?? {};
      const zone = (customer?.zone ?? 'UTC') as ZoneId;
      return {
        now,
        today: civilDateAt(now, zone),
        ...(customer && { customer }),
        policies,
        claims,
        history: history.get(partyId) ?? [],
      };
    });
  };
  return { table, rows, lists, saved, watches, changes, passes, history, deepened, deepen };
};

export type AudienceWorld = ReturnType<typeof createAudienceWorld>;
