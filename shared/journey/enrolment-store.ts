import type { PartyId, PolicyId } from '../platform/ids.ts';
import { type Item, itemKey, type Key, queryAll, type Table, type WriteOutcome } from '../platform/table.ts';
import type { Enrolment, EnrolmentRef } from './enrolment.ts';

/** All enrolments. Reads are strong unless asked otherwise: an exit written before is always seen. */
export interface Enrolments {
  get(ref: EnrolmentRef): Promise<Enrolment | undefined>;
  /** The enrolments found, by `enrolmentKey`. Half the price with `consistent: false`, and possibly a moment old. */
  getMany(refs: readonly EnrolmentRef[], options?: { readonly consistent?: boolean }): Promise<Map<string, Enrolment>>;
  /** Refused where the policy was enrolled for this occurrence before, whatever became of it. */
  create(enrolment: Enrolment): Promise<WriteOutcome['kind']>;
  /** Writes over the version read, as version + 1; refused where another came in between. */
  put(enrolment: Enrolment, expectedVersion: number): Promise<WriteOutcome['kind']>;
  /** A person's enrolments about one policy, or about no policy, in all campaigns; ended ones included. */
  ofSubject(partyId: PartyId, policyId: PolicyId | undefined): Promise<readonly Enrolment[]>;
  /** All enrolments of a person, ended ones included. Half the price with `consistent: false`, and possibly a moment old. */
  ofParty(partyId: PartyId, options?: { readonly consistent?: boolean }): Promise<readonly Enrolment[]>;
}

/** In the place of a policy where the campaign's subject is the customer. */
const NO_POLICY = '-';

/** An enrolment's reference as one text, injective because ids hold no `#` and only the last part may. */
export const enrolmentKey = ({
  partyId,
  campaign,
  policyId = NO_POLICY as PolicyId,
  occurrence,
}: EnrolmentRef): string => `${partyId}#${campaign}#${policyId}#${occurrence}`;

/** The reference of an enrolment, without the rest. */
export const refOf = ({ partyId, campaign, policyId, occurrence }: EnrolmentRef): EnrolmentRef => ({
  partyId,
  campaign,
  ...(policyId === undefined ? {} : { policyId }),
  occurrence,
});

const keyOf = ({ partyId, campaign, policyId = NO_POLICY as PolicyId, occurrence }: EnrolmentRef): Key => ({
  pk: `C#${partyId}`,
  // the policy first: following a change of it asks for all of its journeys, of whichever campaign
  sk: `E#${policyId}#${campaign}#${occurrence}`,
});

const toItem = (enrolment: Enrolment): Item => ({
  ...keyOf(enrolment),
  entity: 'Enrolment',
  schemaVersion: 1,
  version: enrolment.version,
  enrolment,
});

/** Enrolments over the table, under their person. */
export const createEnrolments = (table: Table): Enrolments => {
  const query = async (partyId: PartyId, prefix: string, consistent = true): Promise<Enrolment[]> => {
    const enrolments: Enrolment[] = [];
    for await (const item of queryAll(table, { pk: `C#${partyId}`, prefix, consistent }))
      enrolments.push(item.enrolment as Enrolment);
    return enrolments;
  };
  return {
    async get(ref) {
      const item = await table.get(keyOf(ref), { consistent: true });
      return item?.enrolment as Enrolment | undefined;
    },

    async getMany(refs, { consistent = true } = {}) {
      const items = await table.getMany(refs.map(keyOf), { consistent });
      const found = new Map<string, Enrolment>();
      for (const ref of refs) {
        const item = items.get(itemKey(keyOf(ref)));
        if (item) found.set(enrolmentKey(ref), item.enrolment as Enrolment);
      }
      return found;
    },

    async create(enrolment) {
      const outcome = await table.put(toItem(enrolment), [{ path: ['pk'], absent: true }]);
      return outcome.kind;
    },

    async put(enrolment, expectedVersion) {
      const outcome = await table.put(toItem({ ...enrolment, version: expectedVersion + 1 }), [
        { path: ['version'], is: expectedVersion },
      ]);
      return outcome.kind;
    },

    ofSubject: (partyId, policyId = NO_POLICY as PolicyId) => query(partyId, `E#${policyId}#`),
    ofParty: (partyId, { consistent } = {}) => query(partyId, 'E#', consistent),
  };
};
