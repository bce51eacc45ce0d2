import type { PartyId, PolicyId } from '../platform/ids.ts';
import { addDuration, DAY, type Instant, type ZoneId } from '../platform/time.ts';
import type { SurveyAnswer } from './answer.ts';
import { type DecisionStyle, decisionStyles, type Metric, SCALES, type Survey } from './survey.ts';

/** Names of the facts that Perennial itself draws conclusions from; any other is a trait as it was said. */
export const SATISFACTION = 'satisfaction';
export const DECISION_STYLE = 'decision-style';

/** What a fact rests on: an answer to a survey, or what the account manager saw on a visit. */
export type EvidenceSource = `survey:${string}` | 'visit';

/** One thing learnt about a customer, once. It is kept as it was said; what it means today is computed. */
export interface Evidence {
  readonly partyId: PartyId;
  /** `satisfaction`, `decision-style`, or any trait. */
  readonly fact: string;
  /** Names it within person, fact and instant: the answer it is of, and the question. */
  readonly id: string;
  readonly at: Instant;
  readonly source: EvidenceSource;
  /** Satisfaction: 0–100. Decision style: one of them. Else what was chosen. */
  readonly value: string | number | boolean;
  readonly policyId?: PolicyId;
  /** Of satisfaction: the measure and the score on its scale. */
  readonly metric?: Metric;
  readonly score?: number;
  /** User id of who noted it; absent where the customer said it. */
  readonly by?: string;
}

/**
 * After how many days evidence counts half, by fact. Our own figures, to be weighed against an insurer's experience:
 * a contract is decided on once a year, so that at the next renewal the mood of the last one counts a quarter, and the
 * latest contact most; how people decide changes slowly, and is seen once or twice a term.
 */
export const HALF_LIFE_DAYS: Readonly<Record<typeof SATISFACTION | typeof DECISION_STYLE, number>> = {
  [SATISFACTION]: 180,
  [DECISION_STYLE]: 730,
};

/** Longest text that is a fact: what rules ask for are choices, prose stays in the answer. */
const MAX_TEXT = 60;

/** One piece of evidence as it counted. */
export interface Counted {
  readonly evidence: Evidence;
  readonly ageDays: number;
  /** Against the latest, which counts 1: ½ for what is one half-life older. So a conclusion changes by new evidence only,
   *  never by the mere passing of time, and the trait that was noted stays right. */
  readonly weight: number;
}

/** A conclusion with all that it rests on, newest first. */
export interface Concluded<Value> {
  readonly value: Value;
  readonly because: readonly Counted[];
}

/** A score on its measure's scale as 0–100, so that measures can be told together. */
export const satisfactionFrom = (metric: Metric, score: number): number => {
  const [lowest, highest] = SCALES[metric];
  return Math.round(((Math.min(Math.max(score, lowest), highest) - lowest) / (highest - lowest)) * 100);
};

const valueOf = (given: unknown): string | number | boolean | undefined => {
  if (typeof given === 'boolean' || (typeof given === 'number' && Number.isFinite(given))) return given;
  if (typeof given === 'string') return given !== '' && given.length <= MAX_TEXT ? given : undefined;
  // of several choices each stays findable, in one order whichever was ticked first
  if (Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === 'string'))
    return valueOf(given.toSorted().join(','));
  return undefined;
};

/** The decision styles that a choice speaks for, or several choices. */
const stylesIn = (given: unknown, styles: Readonly<Record<string, DecisionStyle>> = {}): DecisionStyle[] =>
  (Array.isArray(given) ? given : [given]).flatMap((choice) => {
    const name = String(choice);
    const style = Object.hasOwn(styles, name) ? styles[name] : undefined;
    return style === undefined ? [] : [style];
  });

/**
 * What an answer teaches: its score as satisfaction, and the survey's facts. The same answer always teaches the same, under
 * the same names, so that it may be learnt from again.
 */
export const learnFrom = (answer: SurveyAnswer, survey: Survey): readonly Evidence[] => {
  const base = {
    partyId: answer.partyId,
    at: answer.at,
    source: `survey:${answer.survey}` as const,
    ...(answer.policyId === undefined ? {} : { policyId: answer.policyId }),
    ...(answer.enteredBy === undefined ? {} : { by: answer.enteredBy }),
  };
  const { metric, score } = answer;
  const satisfaction: Evidence[] =
    metric === undefined || score === undefined
      ? []
      : [
          {
            ...base,
            fact: SATISFACTION,
            id: answer.id,
            value: satisfactionFrom(metric, score),
            metric,
            score,
          },
        ];
  const facts = survey.file.facts.flatMap(({ question, fact, styles }): Evidence[] => {
    const given = Object.hasOwn(answer.values, question) ? answer.values[question] : undefined;
    const id = `${answer.id}.${question}`;
    if (fact === DECISION_STYLE)
      return stylesIn(given, styles).map((value) => ({ ...base, fact, id: `${id}.${value}`, value }));
    const value = valueOf(given);
    return value === undefined ? [] : [{ ...base, fact, id, value }];
  });
  return [...satisfaction, ...facts];
};

const weigh = (
  evidence: readonly Evidence[],
  fact: typeof SATISFACTION | typeof DECISION_STYLE,
  now: Instant,
): Counted[] => {
  const known = evidence
    .filter((one) => one.fact === fact && one.at <= now)
    .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  const latest = known[0]?.at ?? now;
  return known.map((one) => ({
    evidence: one,
    ageDays: (now - one.at) / DAY,
    weight: 0.5 ** ((latest - one.at) / DAY / HALF_LIFE_DAYS[fact]),
  }));
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * How satisfied a customer is, 0–100: the mean of what they said, the latest counting most.
 * @param about the policy, where only what was said about it should count
 * @returns undefined where nothing is known at `now`
 */
export const satisfactionOf = (
  evidence: readonly Evidence[],
  now: Instant,
  about?: PolicyId,
): Concluded<number> | undefined => {
  const because = weigh(
    evidence.filter(({ policyId }) => about === undefined || policyId === about),
    SATISFACTION,
    now,
  );
  if (because.length === 0) return undefined;
  const total = sum(because.map(({ weight }) => weight));
  const mean = sum(because.map(({ weight, evidence: { value } }) => weight * Number(value))) / total;
  return { value: Math.round(mean), because };
};

/**
 * How a customer decides: the style that more than half of the evidence speaks for, by weight; `mixed` where none has.
 * @returns undefined where nothing is known at `now`
 */
export const styleOf = (
  evidence: readonly Evidence[],
  now: Instant,
): (Concluded<DecisionStyle> & { readonly shares: Readonly<Partial<Record<DecisionStyle, number>>> }) | undefined => {
  const because = weigh(evidence, DECISION_STYLE, now);
  if (because.length === 0) return undefined;
  const total = sum(because.map(({ weight }) => weight));
  const shares: Partial<Record<DecisionStyle, number>> = {};
  for (const style of decisionStyles) {
    const share = sum(because.filter(({ evidence: { value } }) => value === style).map(({ weight }) => weight)) / total;
    if (share > 0) shares[style] = share;
  }
  return { value: decisionStyles.find((style) => (shares[style] ?? 0) > 0.5) ?? 'mixed', shares, because };
};

/** The latest word on each fact that is as it was said. */
export const latestFacts = (evidence: readonly Evidence[], now: Instant): ReadonlyMap<string, Evidence> => {
  const latest = new Map<string, Evidence>();
  for (const one of evidence) {
    if (one.fact === SATISFACTION || one.fact === DECISION_STYLE || one.at > now) continue;
    const known = latest.get(one.fact);
    if (known === undefined || one.at > known.at || (one.at === known.at && one.id > known.id))
      latest.set(one.fact, one);
  }
  return latest;
};

/** What rules can ask for as `customer.trait.<name>`, from all that was learnt by `now`. */
export const traitsFrom = (
  evidence: readonly Evidence[],
  now: Instant,
): Readonly<Record<string, string | number | boolean>> => {
  const satisfaction = satisfactionOf(evidence, now);
  const style = styleOf(evidence, now);
  return {
    ...(satisfaction === undefined ? {} : { [SATISFACTION]: satisfaction.value }),
    ...(style === undefined ? {} : { [DECISION_STYLE]: style.value }),
    ...Object.fromEntries([...latestFacts(evidence, now)].map(([fact, { value }]) => [fact, value])),
  };
};

/**
 * The facts of a survey that need not be asked again: known, and not for longer than the survey says, in calendar months.
 * @returns names of facts
 */
export const knownFacts = (
  evidence: readonly Evidence[],
  survey: Survey,
  now: Instant,
  zone: ZoneId,
): readonly string[] => {
  const isFresh = (fact: string, months: number): boolean =>
    evidence.some((one) => one.fact === fact && one.at <= now && addDuration(one.at, `P${months}M`, zone) > now);
  const asked = Map.groupBy(survey.file.facts, ({ fact }) => fact);
  return [...asked]
    .filter(([fact, those]) => those.every(({ askAgainAfterMonths }) => isFresh(fact, askAgainAfterMonths)))
    .map(([fact]) => fact);
};
