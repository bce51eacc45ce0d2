import type { CampaignDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { Atom, RuleFacts } from '../campaign/rule.ts';
import type { Gate, Profile } from '../customer/customer.ts';
import type { SendOrder } from '../message/message.ts';
import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Meter } from '../platform/logging.ts';
import type { Queue } from '../platform/queue.ts';
import { civilDateAt, type Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Tasks } from '../task/task-store.ts';
import { type BrokerLists, brokerListDue, nextListAt } from './broker-list.ts';
import type { DueItem, DueRow, DueWork } from './due-work.ts';
import type { Enrolment } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import { asks, evaluateStep, type StepEffect } from './evaluate-step.ts';
import { countSkips, skippedStep, type TimelineWriter } from './journey-entries.ts';
import { reachOf } from './reach.ts';
import { type LetterDueIn, type PlannedStep, planSteps, stepAfter } from './schedule.ts';
import { type StepPayload, stepRows } from './step-row.ts';

/** Everything that running steps needs from outside. */
export interface RunStepsPorts {
  readonly enrolments: Pick<Enrolments, 'getMany' | 'put'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
  readonly gates: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Gate>> };
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly dueWork: Pick<DueWork, 'place' | 'remove'>;
  readonly tasks: Pick<Tasks, 'add'>;
  readonly timeline: TimelineWriter;
  readonly brokerLists: Pick<BrokerLists, 'add'>;
  /** Puts each order on the queue of its class or channel. */
  readonly orders: Pick<Queue<SendOrder>, 'send'>;
  readonly letterDueIn: LetterDueIn;
  readonly meter: Meter;
}

/** How many rows were due, and what came of them. `stale`: the enrolment had gone on, or ended, meanwhile. */
export interface StepCounts {
  readonly due: number;
  readonly ordered: number;
  readonly skipped: number;
  readonly tasks: number;
  readonly stale: number;
}

/** An enrolment with the steps that are due now and the one after them. */
interface DueSteps {
  readonly enrolment: Enrolment;
  readonly definition: CampaignDefinition;
  readonly due: readonly PlannedStep[];
  readonly next: PlannedStep | undefined;
}

/** The steps from the enrolment's next one that are due: several where they fall on one instant or an outage delayed them. */
const dueSteps = (
  enrolment: Enrolment,
  definition: CampaignDefinition,
  letterDueIn: LetterDueIn,
  now: Instant,
): DueSteps => {
  const { line, zone, anchorOn } = enrolment;
  const plan = planSteps({ definition, line, zone, anchorOn, letterDueIn });
  const due: PlannedStep[] = [];
  let next = plan.find(({ step }) => step.id === enrolment.next?.step);
  // the enrolment's own instant decides about its next step: the print calendar may have changed since it was planned
  while (next && (due.length === 0 || next.at <= now)) {
    due.push(next);
    next = stepAfter(plan, next.step.id, enrolment.done);
  }
  return { enrolment, definition, due, next };
};

/** Whether a due row says what its enrolment says. */
const fits = (enrolment: Enrolment | undefined, { step }: StepPayload, now: Instant): boolean =>
  enrolment?.state === 'active' && enrolment.next?.step === step && enrolment.next.at <= now;

/**
 * The enrolments that due rows point to. At half the price first: one that fits its row is good enough, because it is
 * written on the version read and the order is decided again when it goes. One that does not may only be a moment old, and
 * dropping its row would lose the step: those are read strongly.
 */
const readEnrolments = async (
  payloads: readonly StepPayload[],
  enrolments: RunStepsPorts['enrolments'],
  now: Instant,
): Promise<ReadonlyMap<string, Enrolment>> => {
  const found = await enrolments.getMany(
    payloads.map(({ ref }) => ref),
    { consistent: false },
  );
  const doubtful = payloads.filter((payload) => !fits(found.get(enrolmentKey(payload.ref)), payload, now));
  if (doubtful.length === 0) return found;
  const sure = await enrolments.getMany(doubtful.map(({ ref }) => ref));
  return new Map([...found, ...sure]);
};

/** The enrolment after its due steps were acted on. */
const advanced = ({ enrolment, due, next }: DueSteps): Enrolment => {
  const { next: _next, ...kept } = enrolment;
  const done = [...new Set([...enrolment.done, ...due.map(({ step }) => step.id)])];
  return next === undefined
    ? { ...kept, done, state: 'finished' }
    : { ...kept, done, next: { step: next.step.id, at: next.at } };
};

/** Answers what the rules of some due steps ask, reading only what is asked for. */
const readFacts = async (work: readonly DueSteps[], ports: RunStepsPorts, now: Instant) => {
  const asked = (atoms: readonly Atom[]) =>
    work.filter(({ due }) => due.some((planned) => atoms.some((atom) => asks(planned).has(atom))));
  const parties = [...new Set(asked(['emailReachable', 'postReachable']).map(({ enrolment }) => enrolment.partyId))];
  const policyIds = [...new Set(asked(['offer']).map(({ enrolment }) => enrolment.policyId))];
  const [gates, profiles, policies] = await Promise.all([
    parties.length > 0 ? ports.gates.getMany(parties) : new Map<PartyId, Gate>(),
    parties.length > 0 ? ports.profiles.getMany(parties) : new Map<PartyId, Profile>(),
    policyIds.length > 0 ? ports.policies.getMany(policyIds) : new Map<PolicyId, Policy>(),
  ]);
  return ({ enrolment, definition }: DueSteps): RuleFacts => {
    const reach = reachOf(profiles.get(enrolment.partyId), gates.get(enrolment.partyId), definition.class);
    const offer = policies.get(enrolment.policyId)?.offer;
    const today = civilDateAt(now, enrolment.zone);
    return {
      reacted: enrolment.reaction !== undefined,
      emailReachable: reach.email,
      postReachable: reach.post,
      offer: offer !== undefined && (offer.validUntil === undefined || offer.validUntil >= today),
    };
  };
};

/** Does what the steps came to. Everything here may be done twice: orders meet in the ledger, the rest has derived keys. */
const perform = async (
  effects: readonly { readonly work: DueSteps; readonly effect: StepEffect }[],
  ports: RunStepsPorts,
  now: Instant,
): Promise<void> => {
  const lists = new Map<string, DueItem>();
  const rows = effects.flatMap(({ work, effect }) => {
    if (effect.kind !== 'list') return [];
    const { week, at } = nextListAt(now, work.enrolment.zone);
    const item = brokerListDue(week, effect.row.broker, at);
    lists.set(`${item.id}@${at}`, item);
    return [{ ...effect.row, week }];
  });
  const orders = effects.flatMap(({ effect }) => (effect.kind === 'order' ? [effect.order] : []));
  if (orders.length > 0) await ports.orders.send(orders);
  await ports.brokerLists.add(rows);
  await ports.dueWork.place([...lists.values()], now);
  await Promise.all(
    effects.map(async ({ work, effect }) => {
      if (effect.kind === 'task') await ports.tasks.add(effect.task);
      if (effect.kind === 'skip')
        await ports.timeline.record(skippedStep(work.enrolment, work.definition, effect.planned, effect.reason));
    }),
  );
};

/**
 * Runs the due steps that a page of due rows points to. The enrolment decides; a row that no longer fits it is replaced
 * by the right one and dropped. Order of writes: what the step does, then the enrolment on the version read, then the row
 * of its next step, then the removal of this one. Cut off at any point, the row is still there and the next run ends in
 * the same state; the ledger keeps an order that was queued twice from going out twice (ADR 0043).
 */
export const runSteps = async (rows: readonly DueRow[], ports: RunStepsPorts, now: Instant): Promise<StepCounts> => {
  const payloads = rows.map((row) => row.payload as StepPayload);
  const enrolments = await readEnrolments(payloads, ports.enrolments, now);
  const work = new Map<string, DueSteps>();
  const stale: Enrolment[] = [];
  for (const payload of payloads) {
    const key = enrolmentKey(payload.ref);
    const enrolment = enrolments.get(key);
    if (!enrolment || enrolment.state !== 'active' || work.has(key)) continue;
    if (fits(enrolment, payload, now)) {
      const definition = await ports.definitions.get(enrolment.campaign, enrolment.definition);
      work.set(key, dueSteps(enrolment, definition, ports.letterDueIn, now));
    } else stale.push(enrolment);
  }

  const factsOf = await readFacts([...work.values()], ports, now);
  const effects = [...work.values()].flatMap((each) =>
    each.due.flatMap((planned) =>
      evaluateStep(each.enrolment, each.definition, planned, factsOf(each), now).map((effect) => ({
        work: each,
        effect,
      })),
    ),
  );
  await perform(effects, ports, now);

  const again = new Set<string>();
  const toPlace = [...stale];
  await Promise.all(
    [...work].map(async ([key, each]) => {
      const after = advanced(each);
      if ((await ports.enrolments.put(after, each.enrolment.version)) === 'written') toPlace.push(after);
      // an answer or an exit came in between: the row stays and is looked at again
      else again.add(key);
    }),
  );
  await ports.dueWork.place(stepRows(toPlace), now);
  await ports.dueWork.remove(rows.filter(({ payload }) => !again.has(enrolmentKey((payload as StepPayload).ref))));
  const skips = effects.flatMap(({ work: { definition }, effect }) =>
    effect.kind === 'skip' ? [{ definition, step: effect.planned.step }] : [],
  );
  countSkips(ports.meter, skips);
  const count = (kind: StepEffect['kind']) => effects.filter(({ effect }) => effect.kind === kind).length;
  return {
    due: rows.length,
    ordered: count('order'),
    skipped: count('skip'),
    tasks: count('task'),
    stale: rows.length - work.size,
  };
};
