import type { CampaignControl } from '../campaign/campaign.ts';
import type { Controls } from '../campaign/control.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { HoldReason, SendOrder, SkipReason } from '../message/message.ts';
import type { Instant } from '../platform/time.ts';
import type { DueItem, DueRow, DueWork } from './due-work.ts';
import type { Enrolments } from './enrolment-store.ts';
import { type DueEnrolment, findSteps, keyOfRow } from './find-steps.ts';
import { type RunStepsPorts, recordExits, runSteps } from './run-steps.ts';
import { type Shelving, waitsOnShelf } from './shelf.ts';
import { stepRows } from './step-row.ts';

/** Everything that a page of due steps and orders needs from outside. */
export interface RunPagePorts extends RunStepsPorts {
  readonly enrolments: Pick<Enrolments, 'getMany' | 'put' | 'ofParty'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly dueWork: Pick<DueWork, 'place' | 'remove'>;
  readonly controls: Pick<Controls, 'of'>;
  readonly shelving: Shelving;
  /** Reads the payload of due work of kind `order`. @throws EngagementError `bad-input` where it is none */
  readonly readOrder: (payload: unknown) => SendOrder;
  /** Ends of orders whose campaign may not send; each writes the message's one row and may be written again. */
  readonly ends: {
    hold(order: SendOrder, row: Instant, reason: HoldReason, until: Instant): Promise<unknown>;
    skip(order: SendOrder, row: Instant, reason: SkipReason): Promise<unknown>;
    shelve(
      order: SendOrder,
      row: Instant,
      shelved: { readonly reason: 'paused' | 'stopped'; readonly scope: string },
    ): Promise<unknown>;
  };
}

/** How many rows were due, and what came of them. */
export interface PageOutcome {
  readonly due: number;
  readonly ordered: number;
  readonly skipped: number;
  readonly tasks: number;
  /** Rows whose enrolment had gone on, or ended, meanwhile. */
  readonly stale: number;
  /** Of single rows, which stay; nobody else was kept waiting. */
  readonly faults: readonly unknown[];
}

interface HeldOrder {
  readonly row: DueRow;
  readonly order: SendOrder;
}

type ControlOf = (campaign: string, scope?: string) => CampaignControl;

/** What the campaigns of a page may do, one strong read for each part of the house that its enrolments are of (F33). */
const readControls = async (
  due: readonly DueEnrolment[],
  held: readonly HeldOrder[],
  controls: Pick<Controls, 'of'>,
): Promise<ControlOf> => {
  const asked = [
    ...due.map(({ enrolment: { campaign, scope } }) => ({ campaign, scope })),
    ...held.map(({ order: { campaign } }) => ({ campaign, scope: '' })),
  ];
  const read = new Map(
    await Promise.all(
      [...Map.groupBy(asked, ({ scope }) => scope)].map(
        async ([scope, those]) =>
          [scope, await controls.of([...new Set(those.map(({ campaign }) => campaign))], scope)] as const,
      ),
    ),
  );
  return (campaign, scope = '') => read.get(scope)?.get(campaign) ?? { kind: 'go' };
};

const itemOf = ({ at, kind, id, payload }: DueRow): DueItem => ({ at, kind, id, payload });

/** Lays down the steps of campaigns that are paused or stopped, and puts off those that may not begin yet. */
const putAside = async (
  waiting: readonly (DueEnrolment & { readonly control: CampaignControl })[],
  ports: RunPagePorts,
  now: Instant,
): Promise<void> => {
  const shelved = waiting.filter(({ control }) => waitsOnShelf(control));
  for (const those of Map.groupBy(shelved, ({ enrolment: e }) => `${e.campaign} ${e.scope}`).values()) {
    const { enrolment } = those[0] as DueEnrolment;
    await ports.shelving.lay(
      enrolment.campaign,
      those.map(({ row }) => itemOf(row)),
      enrolment.scope,
    );
  }
  await ports.dueWork.place(
    waiting.flatMap(({ row, control }) =>
      control.kind === 'hold' && control.until !== undefined && !waitsOnShelf(control)
        ? [{ ...itemOf(row), at: control.until }]
        : [],
    ),
    now,
  );
};

/** Ends held orders whose campaign may not send now. @returns those that may */
const sendable = async (
  held: readonly HeldOrder[],
  controlOf: ControlOf,
  { ends }: RunPagePorts,
): Promise<readonly SendOrder[]> => {
  const going: SendOrder[] = [];
  for (const { order } of held) {
    const control = controlOf(order.campaign);
    if (control.kind === 'cancelled') await ends.skip(order, order.dueAt, 'cancelled');
    else if (waitsOnShelf(control)) await ends.shelve(order, order.dueAt, { reason: control.reason, scope: '' });
    else if (control.kind === 'hold' && control.until !== undefined)
      await ends.hold(order, order.dueAt, control.reason satisfies HoldReason, control.until);
    else going.push(order);
  }
  return going;
};

/**
 * Works through rows of kinds `step` and `order`: all that their persons have due. Campaigns are asked first whether they
 * may; what must wait is laid on their shelf. The enrolment decides about a step: a row that no longer fits it is replaced
 * by the right one and dropped. A row is removed when all that follows from it is done, and stays where that failed.
 */
export const runPage = async (rows: readonly DueRow[], ports: RunPagePorts, now: Instant): Promise<PageOutcome> => {
  const steps = rows.filter(({ kind }) => kind === 'step');
  const found = await findSteps(steps, ports, now);
  const held: HeldOrder[] = [];
  const unread = new Map<DueRow, unknown>();
  for (const row of rows.filter(({ kind }) => kind === 'order'))
    try {
      held.push({ row, order: ports.readOrder(row.payload) });
    } catch (fault) {
      unread.set(row, fault);
    }

  const controlOf = await readControls(found.due, held, ports.controls);
  const controlled = found.due.map((due) => ({
    ...due,
    control: controlOf(due.enrolment.campaign, due.enrolment.scope),
  }));
  const of = (kind: CampaignControl['kind']) => controlled.filter(({ control }) => control.kind === kind);
  await putAside(of('hold'), ports, now);
  const orders = await sendable(held, controlOf, ports);
  const { refused, faults, ...counts } = await runSteps(
    { due: of('go'), cancelled: of('cancelled'), orders },
    ports,
    now,
  );

  await ports.dueWork.place(stepRows(found.stale), now);
  // what ended here may have been cut off before it was said
  const endedHere = found.stale.filter(
    ({ exit }) => exit?.reason === 'by-definition' || exit?.reason === 'campaign-cancelled',
  );
  await recordExits(endedHere, ports.timeline);
  const stays = (row: DueRow): boolean => {
    if (row.kind === 'order') return unread.has(row);
    const key = keyOfRow(row);
    return refused.has(key) || faults.has(key) || found.faults.has(key);
  };
  await ports.dueWork.remove(rows.filter((row) => !stays(row)));
  return {
    ...counts,
    due: rows.length,
    stale: found.stale.length,
    faults: [...found.faults.values(), ...faults.values(), ...unread.values()],
  };
};
