import { addYears, type CivilDate, civilDateAt, daysBetween, type Instant } from '../platform/time.ts';
import { contradictionOf } from './contradictions.ts';
import type { ContractFact, DateMovedFact, EndingFact, OfferFact, PolicyFact, RenewedFact, TermFact } from './facts.ts';
import type { Ending, Policy, Renewal, RenewalOffer, Term } from './policy.ts';

/** A term as told by one fact, or by several about the same first day. */
interface KnownTerm {
  readonly term: Term;
  /** When Perennial first heard that this term begins, and by which kind of fact. */
  readonly learntAt: Instant;
  readonly by: Renewal['by'];
  /** False where that was said before Perennial knew the policy: history, which raises nothing. */
  readonly isNews: boolean;
}

/** A renewal or ending learnt later than this after its day is history too: files of former years loaded one by one
 *  must not ask thousands of people how last year's renewal was. */
const NEWS_DAYS = 90;

/** When Perennial learnt a fact: not before it was stored, not before the day from which the source lets it be known. */
const learntAt = (fact: PolicyFact): Instant => Math.max(fact.knownFrom, fact.recordedAt) as Instant;

const byKnowledge = (a: PolicyFact, b: PolicyFact): number =>
  learntAt(a) - learntAt(b) ||
  a.knownFrom - b.knownFrom ||
  // an order that depends on nothing but the facts, so that any arrival ends in the same projection (F12)
  (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const isKind =
  <Kind extends PolicyFact['kind']>(kind: Kind) =>
  (fact: PolicyFact): fact is Extract<PolicyFact, { kind: Kind }> =>
    fact.kind === kind;

/** Which facts tell something new: those that came, or were let known, after the policy was first known. Facts of the
 *  very import that brought the policy are its history unless they are dated later. */
const newsOf = (contracts: readonly ContractFact[], firstKnownAt: Instant) => {
  const firstOrigin = contracts[0]?.origin;
  return (fact: PolicyFact): boolean => {
    if (fact.knownFrom > firstKnownAt) return true;
    if (fact.origin.startsWith('event:')) return fact.recordedAt >= firstKnownAt;
    return fact.recordedAt > firstKnownAt && fact.origin !== firstOrigin;
  };
};

/** A renewal told by event or status says where the next term begins; where it does not say for how long, a year. */
const termOf = (fact: TermFact | RenewedFact): Term =>
  fact.kind === 'term'
    ? fact.term
    : {
        startsOn: fact.termStartsOn,
        renewsOn: fact.renewsOn ?? addYears(fact.termStartsOn, 1),
        ...(fact.premium === undefined ? {} : { premium: fact.premium }),
      };

/** One term per first day: its dates by the latest word, its premium by the latest that names one. */
const mergeTerms = (facts: readonly (TermFact | RenewedFact)[], isNews: (fact: PolicyFact) => boolean): KnownTerm[] => {
  const terms = new Map<CivilDate, KnownTerm>();
  for (const fact of facts) {
    const term = termOf(fact);
    const known = terms.get(term.startsOn);
    const premium = term.premium ?? known?.term.premium;
    terms.set(term.startsOn, {
      learntAt: known?.learntAt ?? learntAt(fact),
      by: known?.by ?? (fact.kind === 'term' ? 'later-term' : fact.by),
      isNews: known?.isNews ?? isNews(fact),
      term: { startsOn: term.startsOn, renewsOn: term.renewsOn, ...(premium === undefined ? {} : { premium }) },
    });
  }
  return [...terms.values()].sort((a, b) => (a.term.startsOn < b.term.startsOn ? -1 : 1));
};

/** Applies moved dates in the order in which they were said. @returns the terms, and the moves that fit none of them */
const moveDates = (terms: readonly KnownTerm[], moves: readonly DateMovedFact[]) => {
  const moved = [...terms];
  const unfit: DateMovedFact[] = [];
  for (const move of moves) {
    const at = moved.findIndex(({ term }) => term.renewsOn === move.from);
    const known = moved[at];
    if (known) moved[at] = { ...known, term: { ...known.term, renewsOn: move.to } };
    else if (!moved.some(({ term }) => term.renewsOn === move.to)) unfit.push(move);
  }
  return { moved, unfit };
};

/** The ending in force: the latest said, unless the policy was told to be renewed after that (it was reinstated). */
const endingOf = (endings: readonly EndingFact[], renewals: readonly RenewedFact[]): EndingFact | undefined => {
  const ending = endings.at(-1);
  if (!ending) return undefined;
  const lifted = renewals.some((fact) => learntAt(fact) > learntAt(ending) && fact.termStartsOn >= ending.ending.on);
  return lifted ? undefined : ending;
};

/** The renewal into the latest term: recognised once, and only where Perennial was there to see it. */
const renewalOf = (
  current: KnownTerm,
  terms: readonly KnownTerm[],
  policy: { contractStartsOn: CivilDate; zone: ContractFact['zone'] },
): Renewal | undefined => {
  const { term, isNews, by } = current;
  const isFirst = current === terms[0] && policy.contractStartsOn >= term.startsOn;
  if (isFirst || !isNews) return undefined;
  if (daysBetween(term.startsOn, civilDateAt(current.learntAt, policy.zone)) > NEWS_DAYS) return undefined;
  return { termStartsOn: term.startsOn, recognisedAt: current.learntAt, by };
};

/** What is offered for the term after the current one; of several the latest said. */
const offerOf = (offers: readonly OfferFact[], current: Term): RenewalOffer | undefined =>
  offers.findLast(({ offer }) => offer.termStartsOn > current.startsOn)?.offer;

/** A policy's projection with what the journeys must look at beside it. */
export interface Projection {
  readonly policy: Policy;
  /** Every known term, earliest first, moved dates applied; one that began on the day the policy lapsed is among them. */
  readonly terms: readonly Term[];
}

/**
 * Everything known at `now` about a policy, from what departments said (ADR 0041). Facts not known yet have no
 * influence whatever their order; the same facts give the same policy, in any order and number of copies.
 * @param previous the projection before: keeps when the policy was first known, and the version to be written over
 * @returns undefined while no contract or no term of it is known
 */
export const projectPolicy = (
  facts: readonly PolicyFact[],
  now: Instant,
  previous?: Policy,
): Projection | undefined => {
  const known = facts.filter((fact) => fact.knownFrom <= now).sort(byKnowledge);
  const contracts = known.filter(isKind('contract'));
  const contract = contracts.at(-1);
  const first = contracts[0];
  if (!contract || !first) return undefined;

  const firstKnownAt = Math.min(previous?.firstKnownAt ?? learntAt(first), learntAt(first)) as Instant;
  const isNews = newsOf(contracts, firstKnownAt);
  const renewals = known.filter(isKind('renewed'));
  const said = known.filter((fact) => fact.kind === 'term' || fact.kind === 'renewed');
  const { moved: terms, unfit } = moveDates(mergeTerms(said, isNews), known.filter(isKind('date-moved')));

  const endingFact = endingOf(known.filter(isKind('ending')), renewals);
  const ending: Ending | undefined = endingFact?.ending;
  // a term that begins on the day the policy ends never ran: it was offered and not taken
  const ran = terms.filter(({ term }) => ending === undefined || term.startsOn !== ending.on);
  const current = ran.at(-1) ?? terms.at(-1);
  if (!current) return undefined;

  const { contractStartsOn, zone } = contract;
  const contradiction = contradictionOf({
    contractStartsOn,
    current: current.term,
    before: ran.at(-2)?.term,
    ending,
    unfit: unfit.filter((move) => move.knownFrom > current.learntAt),
  });
  const renewal = ending || contradiction ? undefined : renewalOf(current, terms, { contractStartsOn, zone });
  const offer = offerOf(known.filter(isKind('offer')), current.term);
  const endedAsNews =
    endingFact !== undefined &&
    isNews(endingFact) &&
    daysBetween(endingFact.ending.on, civilDateAt(learntAt(endingFact), zone)) <= NEWS_DAYS;

  const policy: Policy = {
    policyId: contract.policyId,
    policyNo: contract.policyNo,
    source: contract.source,
    scope: contract.scope,
    partyId: contract.holder,
    line: contract.line,
    contractStartsOn,
    zone,
    contactRule: contract.contactRule,
    ...(contract.intermediary === undefined ? {} : { intermediary: contract.intermediary }),
    term: current.term,
    ...(offer === undefined ? {} : { offer }),
    ...(ending === undefined ? {} : { ending }),
    ...(endedAsNews ? { endingLearntAt: learntAt(endingFact) } : {}),
    ...(renewal === undefined ? {} : { renewal }),
    ...(contract.insured === undefined ? {} : { insured: contract.insured }),
    firstKnownAt,
    ...(contradiction === undefined ? {} : { contradiction }),
    version: (previous?.version ?? 0) + 1,
  };
  return { policy, terms: terms.map(({ term }) => term) };
};

/** The earliest instant after `now` at which a stored fact becomes known; undefined where all are. */
export const nextKnownFrom = (facts: readonly PolicyFact[], now: Instant): Instant | undefined => {
  const later = facts.map((fact) => fact.knownFrom).filter((at) => at > now);
  return later.length === 0 ? undefined : (Math.min(...later) as Instant);
};

/** True where both say the same of the policy, whatever their versions: nothing needs to be written. */
export const saysTheSame = (a: Policy, b: Policy): boolean =>
  JSON.stringify({ ...a, version: 0 }) === JSON.stringify({ ...b, version: 0 });
