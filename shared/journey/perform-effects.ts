import type { SkipReason } from '../message/message.ts';
import type { WebhookCall } from '../message/webhook-call.ts';
import type { Bus } from '../platform/bus.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Queue } from '../platform/queue.ts';
import type { Instant } from '../platform/time.ts';
import type { ChangeMessage } from '../policy/contract.ts';
import type { Task } from '../task/task.ts';
import type { Tasks } from '../task/task-store.ts';
import { type BrokerLists, brokerListDue, nextListAt } from './broker-list.ts';
import type { DueItem, DueWork } from './due-work.ts';
import type { StepEffect } from './evaluate-step.ts';
import { skippedStep, type TimelineWriter } from './journey-entries.ts';
import type { Turn } from './merge.ts';

/** What the effects of steps need from outside, their messages aside. */
export interface EffectPorts {
  readonly dueWork: Pick<DueWork, 'place'>;
  readonly tasks: Pick<Tasks, 'add'>;
  /** Notes that a `survey-call` asks the customer. @returns why they are not asked; undefined where they are */
  readonly askByPhone: (task: Task, now: Instant) => Promise<SkipReason | undefined>;
  readonly timeline: TimelineWriter;
  readonly brokerLists: Pick<BrokerLists, 'add'>;
  readonly traits: { set(id: PartyId, name: string, value: string | number | boolean): Promise<void> };
  readonly bus: Pick<Bus, 'publish'>;
  /** Calls of other systems, on the outbound queue. */
  readonly calls: Pick<Queue<WebhookCall>, 'send'>;
  readonly changes: Pick<Queue<ChangeMessage>, 'send'>;
}

type Of<Kind extends StepEffect['kind']> = {
  readonly turn: Turn;
  readonly effect: Extract<StepEffect, { kind: Kind }>;
};

const ofKind = <Kind extends StepEffect['kind']>(turns: readonly Turn[], kind: Kind): Of<Kind>[] =>
  turns.flatMap((turn) =>
    turn.effects.flatMap((effect) => (effect.kind === kind ? [{ turn, effect } as Of<Kind>] : [])),
  );

const addToLists = async (lines: readonly Of<'list'>[], ports: EffectPorts, now: Instant): Promise<void> => {
  if (lines.length === 0) return;
  const lists = new Map<string, DueItem>();
  const rows = lines.map(({ turn, effect }) => {
    const { week, at } = nextListAt(now, turn.before.zone);
    const item = brokerListDue(week, effect.row.broker, at);
    lists.set(`${item.id}@${at}`, item);
    return { ...effect.row, week };
  });
  await ports.brokerLists.add(rows);
  await ports.dueWork.place([...lists.values()], now);
};

const note = async (notes: readonly Of<'trait'>[], ports: EffectPorts): Promise<void> => {
  // one after the other: of two notes under one name the later step's counts
  for (const { turn, effect } of notes) await ports.traits.set(turn.before.partyId, effect.trait, effect.value);
  const parties = new Set(notes.map(({ turn }) => turn.before.partyId));
  if (parties.size > 0)
    await ports.changes.send([...parties].map((partyId) => ({ kind: 'party', partyId, because: 'trait' })));
};

/** Adds a task, or writes down why the customer is not asked what it would ask. */
const addTask = async (
  { turn, effect: { task, planned, round } }: Of<'task'>,
  ports: EffectPorts,
  now: Instant,
): Promise<void> => {
  const reason = task.kind === 'survey-call' ? await ports.askByPhone(task, now) : undefined;
  if (reason === undefined) await ports.tasks.add(task);
  else await ports.timeline.record(skippedStep(turn.before, turn.pinned.definition, planned, reason, round));
};

/** Does what steps came to, their messages aside. Everything here may be done twice: what it writes has derived keys, and
 *  receivers outside know events and calls by their ids. */
export const performEffects = async (turns: readonly Turn[], ports: EffectPorts, now: Instant): Promise<void> => {
  await addToLists(ofKind(turns, 'list'), ports, now);
  await note(ofKind(turns, 'trait'), ports);
  const events = ofKind(turns, 'event').map(({ effect }) => effect.event);
  if (events.length > 0) await ports.bus.publish(events);
  const calls = ofKind(turns, 'webhook').map(({ effect }) => effect.call);
  if (calls.length > 0) await ports.calls.send(calls);
  await Promise.all([
    ...ofKind(turns, 'task').map((each) => addTask(each, ports, now)),
    ...ofKind(turns, 'skip').map(({ turn, effect: { planned, reason, round } }) =>
      ports.timeline.record(skippedStep(turn.before, turn.pinned.definition, planned, reason, round)),
    ),
  ]);
};
