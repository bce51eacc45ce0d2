import { displayName } from '../content/salutation.ts';
import type { Profile } from '../customer/customer.ts';
import type { BrokerLists } from '../journey/broker-list.ts';
import { toCsv } from '../platform/csv.ts';
import { derivedId, type PartyId, type PolicyId } from '../platform/ids.ts';
import { type Money, minorDigits } from '../platform/money.ts';
import type { Objects } from '../platform/objects.ts';
import type { CivilDate } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import { brokerListFile } from './letter-files.ts';

export interface BrokerListPorts {
  readonly lists: Pick<BrokerLists, 'rowsOf'>;
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly files: Pick<Objects, 'put'>;
}

const COLUMNS = [
  'broker',
  'policyNo',
  'line',
  'insured',
  'holder',
  'renewsOn',
  'step',
  'newPremium',
  'lastPremium',
  'currency',
];

/** `3340.50`: for spreadsheets, without marks of any country. */
const amount = (money: Money | undefined): string =>
  money === undefined ? '' : (money.minor / 10 ** minorDigits(money.currency)).toFixed(minorDigits(money.currency));

/** A name that can stand in a path and still tells the broker: what cannot is replaced, and a hash keeps two apart. */
const pathName = (broker: string): string => {
  const plain = broker.replace(/[^\p{L}\p{N}.-]+/gu, '_').slice(0, 60);
  return plain === broker && /^[\p{L}\p{N}]/u.test(plain)
    ? plain
    : `${plain.replace(/^[._-]+/, '')}-${derivedId('broker', broker).slice(0, 6)}`;
};

/**
 * Writes the list of one broker and week: one line per policy and step, with what the broker needs to call. Written
 * again, it holds what is known then.
 * @returns the file's key and how many lines it has
 */
export const writeBrokerList = async (
  ports: BrokerListPorts,
  week: CivilDate,
  broker: string,
): Promise<{ readonly key: string; readonly rows: number }> => {
  const rows = await ports.lists.rowsOf(week, broker);
  const [policies, profiles] = await Promise.all([
    ports.policies.getMany([...new Set(rows.map(({ policyId }) => policyId))]),
    ports.profiles.getMany([...new Set(rows.map(({ partyId }) => partyId))]),
  ]);
  const lines = rows
    .flatMap((row) => {
      const policy = policies.get(row.policyId);
      if (policy === undefined) return [];
      const name = profiles.get(row.partyId)?.name;
      const offer = policy.offer?.termStartsOn === policy.term.renewsOn ? policy.offer : undefined;
      return [
        [
          broker,
          policy.policyNo,
          policy.line,
          policy.insured ?? '',
          (name && displayName(name)) ?? '',
          policy.term.renewsOn,
          row.step,
          amount(offer?.premium),
          amount(offer?.lastPremium ?? policy.term.premium),
          (offer?.premium ?? policy.term.premium)?.currency ?? '',
        ],
      ];
    })
    .sort((a, b) => ((a[5] ?? '') + (a[1] ?? '') < (b[5] ?? '') + (b[1] ?? '') ? -1 : 1));
  const key = brokerListFile(week, pathName(broker));
  await ports.files.put(key, toCsv(COLUMNS, lines), { contentType: 'text/csv; charset=utf-8' });
  return { key, rows: lines.length };
};
