import type { Controls } from '../campaign/control.ts';
import type { Enrolment } from '../journey/enrolment.ts';
import type { Enrolments } from '../journey/enrolment-store.ts';
import { waitsOnShelf } from '../journey/shelf.ts';
import { isDue } from '../journey/walk.ts';
import { type DecisionTrace, replay } from '../message/decision-trace.ts';
import type { TimelineEntry } from '../message/message.ts';
import { readEvidence } from '../message/proof.ts';
import type { Timeline } from '../message/timeline-store.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Objects } from '../platform/objects.ts';
import { formatInstant, type Instant } from '../platform/time.ts';
import { listedRow } from './listed.ts';
import type { Decision, Why, WhyJourney, WhyStep } from './why-contract.ts';

/** Whether a customer is in a campaign's audience now, and the clauses that decide. */
export interface EntryVerdict {
  readonly member: boolean;
  readonly deciding: readonly {
    readonly path: string;
    readonly field: string;
    readonly operator: string;
    readonly value?: unknown;
    readonly actual?: unknown;
    readonly holds?: boolean;
  }[];
}

export interface WhyPorts {
  readonly timeline: Pick<Timeline, 'list'>;
  readonly enrolments: Pick<Enrolments, 'ofParty'>;
  readonly controls: Pick<Controls, 'of'>;
  /** The messages bucket: traces and mails. */
  readonly messages: Pick<Objects, 'get'>;
  /** Undefined where there is no such campaign. */
  readonly explainEntry: (partyId: PartyId, campaign: string) => Promise<EntryVerdict | undefined>;
  readonly now: () => Instant;
}

/** Rows of a history that are looked through for those of one campaign. */
const LOOK_BACK = 1_000;
const PAGE = 100;

/** The trace that a row points to: of what was sent the decision to send, else the latest against it. */
const traceOf = async (ports: WhyPorts, { proof, trace }: TimelineEntry): Promise<DecisionTrace | undefined> => {
  const kept = proof ?? trace;
  if (kept === undefined) return undefined;
  try {
    return JSON.parse((await readEvidence(ports.messages, kept)).trace) as DecisionTrace;
  } catch (error) {
    // past its retention, or of a message whose decision was not kept
    if (error instanceof EngagementError && error.code === 'not-found') return undefined;
    throw error;
  }
};

const decisionOf = (trace: DecisionTrace): Decision => {
  const played = replay(trace);
  return {
    decidedAt: formatInstant(trace.question.now),
    answer: copied(trace.answer),
    settings: trace.settings,
    replayed: played.replayed,
    ...(played.replayed ? {} : { now: copied(played.now) }),
  };
};

const copied = (answer: DecisionTrace['answer']): Decision['answer'] => JSON.parse(JSON.stringify(answer));

const stepOf = async (ports: WhyPorts, entry: TimelineEntry): Promise<WhyStep> => {
  const { row, at, kind, step, policyIds, channel, state, reason, details } = listedRow(entry);
  const trace = await traceOf(ports, entry);
  return {
    row,
    at,
    kind,
    policyIds,
    ...(step === undefined ? {} : { step }),
    ...(channel === undefined ? {} : { channel }),
    ...(state === undefined ? {} : { state }),
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    ...(trace?.question === undefined ? {} : { decision: decisionOf(trace) }),
  };
};

/** Why the due step of a journey lies on the shelf, asked as whoever runs the step asks it (ADR 0082). */
const shelvedOf = async (
  { controls, now }: Pick<WhyPorts, 'controls' | 'now'>,
  enrolment: Enrolment,
): Promise<{ readonly shelved?: 'paused' | 'stopped' }> => {
  if (!isDue(enrolment, now())) return {};
  const control = (await controls.of([enrolment.campaign], enrolment.scope)).get(enrolment.campaign);
  return waitsOnShelf(control) ? { shelved: control.reason } : {};
};

const journeyOf = async (ports: WhyPorts, enrolment: Enrolment): Promise<WhyJourney> => {
  const { policyId, occurrence, definition, state, enteredAt, exit, next, reaction, failed } = enrolment;
  return {
    ...(policyId === undefined ? {} : { policyId }),
    occurrence,
    definition,
    state,
    enteredAt: formatInstant(enteredAt),
    ...(exit ? { exit: { ...exit, at: formatInstant(exit.at) } } : {}),
    ...(next ? { next: { step: next.step, at: formatInstant(next.at), ...(await shelvedOf(ports, enrolment)) } } : {}),
    ...(reaction ? { reaction: { ...reaction, at: formatInstant(reaction.at) } } : {}),
    ...(failed ? { failed: [...failed] } : {}),
  };
};

/**
 * Why a campaign wrote to a customer, or did not (M8): its journeys, each step with its reason, each decision asked again
 * from the inputs that were kept with it; and for whom no journey began, what the audience's rule says.
 */
export const readWhy = async (ports: WhyPorts, partyId: PartyId, campaign: string): Promise<Why> => {
  const enrolments = (await ports.enrolments.ofParty(partyId)).filter((one) => one.campaign === campaign);
  const entries: TimelineEntry[] = [];
  let [after, looked]: [string | undefined, number] = [undefined, 0];
  do {
    const page: Awaited<ReturnType<Timeline['list']>> = await ports.timeline.list(partyId, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    entries.push(...page.entries.filter((entry) => entry.campaign === campaign));
    looked += PAGE;
    after = page.next;
  } while (after !== undefined && looked < LOOK_BACK);
  const steps: WhyStep[] = [];
  for (const entry of entries) steps.push(await stepOf(ports, entry));
  const entry = enrolments.length + steps.length === 0 ? await ports.explainEntry(partyId, campaign) : undefined;
  return {
    customerId: partyId,
    campaign,
    journeys: (await Promise.all(enrolments.map((one) => journeyOf(ports, one)))).sort((a, b) =>
      a.enteredAt < b.enteredAt ? 1 : -1,
    ),
    steps,
    more: after !== undefined,
    ...(entry ? { entry: { member: entry.member, deciding: entry.deciding.map((clause) => ({ ...clause })) } } : {}),
  };
};
