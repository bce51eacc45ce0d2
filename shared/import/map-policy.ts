import { policyIdOf } from '../platform/ids.ts';
import type { ContractFact, PolicyFact } from '../policy/facts.ts';
import type { FactByNumber } from '../policy/facts-store.ts';
import { type FieldReaders, optional } from './field-reader.ts';
import { compact, type Part, type RecordOf } from './map-part.ts';

type Occasion = 'recordedAt' | 'origin';
type Draft<Fact> = Fact extends unknown ? Omit<Fact, Occasion> : never;

/** A fact about the row's own policy, before it is known who its holder is and with which import it came. */
export type OwnFact = Draft<Exclude<PolicyFact, ContractFact>> | Omit<ContractFact, Occasion | 'holder'>;
/** A fact about a policy of which the row knows the number only. */
export interface NumberedFact {
  readonly policyNo: string;
  readonly fact: Draft<FactByNumber>;
}

const LINES = ['motor', 'home', 'health', 'life', 'liability', 'travel', 'other'] as const;
const RULES = ['direct', 'intermediary', 'copy-to-intermediary'] as const;

/** Contract with its id and holder: what term and ending of the same row belong to. */
export interface ContractPart {
  readonly fact: Omit<ContractFact, Occasion | 'holder'>;
  readonly holder: { readonly source: string; readonly key: string };
}

/** Reads a contract. */
export const contractPart = (
  read: FieldReaders,
  mapping: RecordOf<'contract'>,
  source: string,
  scope: string,
): Part<ContractPart> => {
  const policyNo = read.needed(mapping.policyNo, read.text(mapping.policyNo));
  const startsOn = read.needed(mapping.startsOn, read.date(mapping.startsOn));
  const holder = read.needed(mapping.holder, read.text(mapping.holder));
  const line = read.needed(mapping.line, read.oneOf(mapping.line, LINES));
  const contactRule = read.needed(mapping.contactRule, read.oneOf(mapping.contactRule, RULES));
  const zone = read.needed(mapping.zone, read.zone(mapping.zone));
  const intermediary = optional(mapping.intermediary, read.text);
  const insured = optional(mapping.insured, read.text);
  return (row, { knownFrom }) => {
    const [number, start, key, product, rule, place] = [
      policyNo(row),
      startsOn(row),
      holder(row),
      line(row),
      contactRule(row),
      zone(row),
    ];
    if (!number || !start || !key || !product || !rule || !place) return undefined;
    return {
      holder: { source: mapping.holderSource ?? source, key },
      fact: compact({
        kind: 'contract' as const,
        policyId: policyIdOf(source, number, start),
        source,
        knownFrom,
        policyNo: number,
        scope,
        line: product,
        contractStartsOn: start,
        zone: place,
        contactRule: rule,
        intermediary: intermediary(row),
        insured: insured(row),
      }),
    };
  };
};

/** Reads a term; its policy is that of the row's contract. */
export const termPart = (
  read: FieldReaders,
  mapping: RecordOf<'term'>,
): Part<{ kind: 'term'; term: Extract<OwnFact, { kind: 'term' }>['term'] }> => {
  const startsOn = read.needed(mapping.startsOn, read.date(mapping.startsOn));
  const renewsOn = read.needed(mapping.renewsOn, read.date(mapping.renewsOn));
  const currency = optional(mapping.currency, read.currency);
  const premium = optional(mapping.premium, (field) => read.money(field, currency));
  return (row) => {
    const [start, end, amount] = [startsOn(row), renewsOn(row), premium(row)];
    return start && end
      ? { kind: 'term', term: compact({ startsOn: start, renewsOn: end, premium: amount }) }
      : undefined;
  };
};

/** Reads an ending; its policy is that of the row's contract. */
export const endingPart = (
  read: FieldReaders,
  mapping: RecordOf<'ending'>,
): Part<{ kind: 'ending'; ending: Extract<OwnFact, { kind: 'ending' }>['ending'] }> => {
  const kind = read.needed(mapping.kind, read.oneOf(mapping.kind, ['lapsed', 'cancelled'] as const));
  const on = read.needed(mapping.on, read.date(mapping.on));
  const reason = optional(mapping.reason, read.text);
  return (row) => {
    const [how, day, why] = [kind(row), on(row), reason(row)];
    return how && day ? { kind: 'ending', ending: compact({ kind: how, on: day, reason: why }) } : undefined;
  };
};

/** Reads a renewal offer. */
export const offerPart = (read: FieldReaders, mapping: RecordOf<'offer'>, source: string): Part<NumberedFact> => {
  const policyNo = read.needed(mapping.policyNo, read.text(mapping.policyNo));
  const termStartsOn = read.needed(mapping.termStartsOn, read.date(mapping.termStartsOn));
  const currency = read.needed(mapping.currency, read.currency(mapping.currency));
  const premium = read.needed(mapping.premium, read.money(mapping.premium, currency));
  const lastPremium = optional(mapping.lastPremium, (field) => read.money(field, currency));
  const validUntil = optional(mapping.validUntil, read.date);
  const payUrl = optional(mapping.payUrl, read.link);
  return (row, { knownFrom }) => {
    const [number, start, amount] = [policyNo(row), termStartsOn(row), premium(row)];
    const rest = { lastPremium: lastPremium(row), validUntil: validUntil(row), payUrl: payUrl(row) };
    if (!number || !start || !amount) return undefined;
    const offer = compact({ termStartsOn: start, premium: amount, ...rest });
    return { policyNo: number, fact: { kind: 'offer', source, knownFrom, offer } };
  };
};

const STATES = ['open', 'settled', 'disputed', 'unknown'] as const;

/** Reads a claim. */
export const claimPart = (read: FieldReaders, mapping: RecordOf<'claim'>, source: string): Part<NumberedFact> => {
  const policyNo = read.needed(mapping.policyNo, read.text(mapping.policyNo));
  const claimNo = read.needed(mapping.claimNo, read.text(mapping.claimNo));
  const type = read.needed(mapping.type, read.text(mapping.type));
  const currency = optional(mapping.currency, read.currency);
  const cost = optional(mapping.cost, (field) => read.money(field, currency));
  const status = optional(mapping.status, (field) => read.oneOf(field, STATES));
  const occurredOn = optional(mapping.occurredOn, read.date);
  const settledOn = optional(mapping.settledOn, read.date);
  return (row, { knownFrom }) => {
    const [number, name, what] = [policyNo(row), claimNo(row), type(row)];
    const rest = { cost: cost(row), occurredOn: occurredOn(row), settledOn: settledOn(row) };
    const state = status(row) ?? 'unknown';
    if (!number || !name || !what) return undefined;
    const claim = compact({ claimNo: name, type: what, status: state, ...rest });
    return { policyNo: number, fact: { kind: 'claim', source, knownFrom, claim } };
  };
};
