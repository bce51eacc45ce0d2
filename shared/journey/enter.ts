import { isGroup, type RuleGroup } from '../audience/rule.ts';
import { policyFactsOf } from '../audience/rule-facts.ts';
import { compiledOnce } from '../audience/rule-memo.ts';
import type { RuleSubject } from '../audience/rule-subject.ts';
import { audienceRuleOf } from '../campaign/audience-of.ts';
import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { Gate, Profile } from '../customer/customer.ts';
import type { Meter } from '../platform/logging.ts';
import { inParallel } from '../platform/parallel.ts';
import { civilDateAt, HOUR, type Instant } from '../platform/time.ts';
import { taskIdOf } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import type { About } from './about.ts';
import { enrol, type Planned } from './enrol.ts';
import type { Enrolment } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import { countSkips, skippedStep, type TimelineWriter } from './journey-entries.ts';
import type { KnownPolicy, Occasion } from './occasions.ts';
import { isDeceased, type People } from './people.ts';
import { entryName } from './re-entry.ts';
import { reachOf, whyUnreachable } from './reach.ts';
import type { WantedSubject } from './read-subject.ts';
import type { LetterDueIn } from './schedule.ts';

/** What entering a campaign needs from outside. */
export interface EnterPorts {
  readonly enrolments: Pick<Enrolments, 'getMany' | 'create'>;
  readonly definitions: Pick<Definitions, 'keep'>;
  /** The rules of saved audiences. */
  readonly savedAudiences: { get(id: string): Promise<{ readonly rule: RuleGroup } | undefined> };
  /** `readSubjects` of read-subject.ts with its ports: one subject for each wanted, in their order. */
  readonly subjects: (wanted: readonly WantedSubject[], now: Instant) => Promise<readonly RuleSubject[]>;
  readonly tasks: Pick<Tasks, 'add'>;
  readonly timeline: TimelineWriter & {
    /** Writes rows over whatever stands there. */
    recordAll(entries: readonly Parameters<TimelineWriter['record']>[0][]): Promise<void>;
  };
  readonly letterDueIn: LetterDueIn;
  readonly meter: Meter;
}

/** Somebody who may begin a campaign. */
export interface Candidate {
  readonly pinned: PinnedDefinition;
  readonly about: About;
  readonly occasion: Occasion;
  /** Their enrolments in this campaign so far, ended ones included, read strongly. */
  readonly known: readonly Enrolment[];
  /** The policy it is about, as just projected: what rules read may be a moment older (F45). */
  readonly policy?: KnownPolicy;
}

export interface EnterOutcome {
  /** Enrolments that have begun, by this call or by one that was cut off: their due rows are to be placed. */
  readonly begun: readonly Enrolment[];
  /** How many of them this call began. */
  readonly enrolled: number;
  /** Who begins later, and when to look again. */
  readonly later: readonly { readonly about: About; readonly at: Instant }[];
  /** Those for whom it is too late. */
  readonly over: readonly Candidate[];
}

const WIDTH = 8;
/**
 * A step that is late by more than this was late for everyone who could have written this enrolment at the same time: no
 * function lives so long. So no message of it can stand where its row is written, and rows may be written in batches,
 * unconditionally (ADR 0083).
 */
const SURELY_LATE = HOUR;

type Entrant = Candidate & { readonly planned: Planned };

/** Those of the entrants for whom their campaign's audience rule holds; what cannot be decided does not hold. */
const membersOf = async (
  entrants: readonly Entrant[],
  { savedAudiences, subjects }: Pick<EnterPorts, 'savedAudiences' | 'subjects'>,
  now: Instant,
): Promise<readonly Entrant[]> => {
  const ruleOf = new Map<string, RuleGroup>();
  for (const { pinned } of entrants) {
    if (ruleOf.has(pinned.hash)) continue;
    const { saved } = pinned.definition.audience;
    const found = saved === undefined ? undefined : await savedAudiences.get(saved);
    // a saved audience that is gone has no members
    const rule = saved !== undefined && !found ? NOBODY : audienceRuleOf(pinned.definition, found?.rule);
    ruleOf.set(pinned.hash, rule);
  }
  const asked = entrants.filter(({ pinned }) => !isEmpty(ruleOf.get(pinned.hash)));
  if (asked.length === 0) return entrants;
  const compiled = asked.map(({ pinned }) => compiledOnce(ruleOf.get(pinned.hash) as RuleGroup));
  const found = await subjects(
    asked.map(({ about, pinned, planned, occasion }, n) => ({
      partyId: about.partyId,
      ...(about.policyId === undefined ? {} : { policyId: about.policyId }),
      enrolment: planned.enrolment,
      sendClass: pinned.definition.class,
      ...(occasion.event ? { event: occasion.event.properties } : {}),
      parts: compiled[n]?.parts ?? new Set(),
    })),
    now,
  );
  const holds = new Map(
    asked.map((entrant, n) => [entrant, compiled[n]?.test(asProjected(found[n] as RuleSubject, entrant)) === true]),
  );
  return entrants.filter((entrant) => holds.get(entrant) ?? true);
};

/** The subject with the policy that is at hand in the place of the one that was read. */
const asProjected = (subject: RuleSubject, { policy: known }: Candidate): RuleSubject => {
  if (!known) return subject;
  const policy = policyFactsOf(known.policy);
  const others = <Of extends { readonly policyId: string }>(list: readonly Of[]): readonly Of[] =>
    list.filter(({ policyId }) => policyId !== policy.policyId);
  return {
    ...subject,
    ...(subject.policies && { policies: [...others(subject.policies), policy] }),
    ...(subject.claims && { claims: [...others(subject.claims), ...known.claims] }),
    policy,
  };
};

const NOBODY: RuleGroup = { combinator: 'and', not: true, rules: [] };
const isEmpty = (rule: RuleGroup | undefined): boolean =>
  rule === undefined || (rule.not !== true && rule.rules.every((each) => isGroup(each) && isEmpty(each)));

/** Writes what was passed over as too late, before the enrolment that makes it so; through an intermediary nothing would
 *  have gone out. */
const recordTooLate = async (
  entrants: readonly Entrant[],
  { timeline }: Pick<EnterPorts, 'timeline'>,
  now: Instant,
): Promise<void> => {
  const rows = entrants.flatMap(({ pinned, planned: { enrolment, tooLate } }) =>
    enrolment.contactRule === 'intermediary'
      ? []
      : tooLate.map((planned) => skippedStep(enrolment, pinned.definition, planned, 'too-late')),
  );
  const surely = rows.filter(({ at }) => at < now - SURELY_LATE);
  if (surely.length > 0) await timeline.recordAll(surely);
  await inParallel(
    rows.filter(({ at }) => at >= now - SURELY_LATE),
    WIDTH,
    (row) => timeline.record(row),
  );
};

/** Adds the task for a person whom no channel reaches: once per enrolment, and only where a person should look. */
export const askForContact = async (
  enrolment: Enrolment,
  { definition }: Pick<PinnedDefinition, 'definition'>,
  profile: Profile | undefined,
  gate: Gate | undefined,
  { tasks }: Pick<EnterPorts, 'tasks'>,
  now: Instant,
): Promise<void> => {
  const { campaign, occurrence, policyId, partyId, scope } = enrolment;
  const sendClass = definition.class;
  if (enrolment.contactRule === 'intermediary' || sendClass === 'marketing') return;
  if (!definition.steps.some(({ do: act }) => 'send' in act)) return;
  const reach = reachOf(profile, gate, sendClass);
  if (reach.email || reach.post) return;
  const kind = whyUnreachable(profile);
  await tasks.add({
    taskId: taskIdOf('no-channel', policyId ?? partyId, `${campaign}#${occurrence}`),
    scope,
    kind,
    reason: kind,
    state: 'open',
    dueOn: civilDateAt(now, enrolment.zone),
    createdAt: now,
    partyId,
    ...(policyId === undefined ? {} : { policyId }),
    campaign,
    occurrence,
  });
};

/** Writes an enrolment if it is not there. @returns it as it stands, and whether this call wrote it */
const create = async (member: Entrant, { enrolments }: Pick<EnterPorts, 'enrolments'>) => {
  const { enrolment } = member.planned;
  if ((await enrolments.create(enrolment)) === 'written') return { member, enrolment, isNew: true };
  // an earlier run, cut off before its row was placed, or our own write whose reply was lost, or who was quicker
  const current = (await enrolments.getMany([enrolment])).get(enrolmentKey(enrolment));
  return { member, enrolment: current ?? enrolment, isNew: false };
};

/**
 * Has candidates begin their campaigns: those whom the re-entry rule lets in, in time, alive, and in the audience. Safe to
 * be done twice and by several at once: the enrolment is one conditional write, and all that is written before it says the
 * same each time. The caller places the due rows of `begun` after this.
 */
export const enter = async (
  candidates: readonly Candidate[],
  people: People,
  ports: EnterPorts,
  now: Instant,
): Promise<EnterOutcome> => {
  const entrants: Entrant[] = [];
  const later: { about: About; at: Instant }[] = [];
  const over: Candidate[] = [];
  for (const candidate of candidates) {
    const { pinned, about, occasion, known } = candidate;
    const name = entryName(pinned.definition, occasion.occurrence, known);
    if (!name) continue;
    const outcome = enrol(pinned, about, occasion, name, now, ports.letterDueIn);
    if (outcome.kind === 'enter') entrants.push({ ...candidate, planned: outcome });
    else if (outcome.kind === 'wait') later.push({ about, at: outcome.at });
    else over.push(candidate);
  }
  if (entrants.length === 0) return { begun: [], enrolled: 0, later, over };

  const alive = entrants.filter(
    ({ pinned, about }) => !isDeceased(people, about.partyId) || !pinned.definition.exits.includes('deceased'),
  );
  const members = await membersOf(alive, ports, now);
  for (const pinned of new Map(members.map((member) => [member.pinned.hash, member.pinned])).values())
    await ports.definitions.keep(pinned);
  await recordTooLate(members, ports, now);
  const written = await inParallel(members, WIDTH, (member) => create(member, ports));
  await inParallel(written, WIDTH, ({ enrolment, member: { pinned, about } }) =>
    askForContact(enrolment, pinned, people.profiles.get(about.partyId), people.gates.get(about.partyId), ports, now),
  );
  const isNew = written.filter((each) => each.isNew);
  countSkips(
    ports.meter,
    isNew.flatMap(({ member: { pinned, planned } }) =>
      planned.enrolment.contactRule === 'intermediary'
        ? []
        : planned.tooLate.map(({ step }) => ({ definition: pinned.definition, step })),
    ),
  );
  return { begun: written.map(({ enrolment }) => enrolment), enrolled: isNew.length, later, over };
};
