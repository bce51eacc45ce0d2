import type { PinnedDefinition } from '../campaign/definition.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import type { Instant } from '../platform/time.ts';
import type { DueRow } from './due-work.ts';
import type { Enrolment } from './enrolment.ts';
import { type Enrolments, enrolmentKey } from './enrolment-store.ts';
import type { StepPayload } from './step-row.ts';
import { isDue } from './walk.ts';

/** An enrolment whose step is due, with the definition it began with. */
export interface DueEnrolment {
  readonly row: DueRow;
  readonly enrolment: Enrolment;
  readonly pinned: PinnedDefinition;
}

/** What the due rows of steps point to. */
export interface FoundSteps {
  /** Each enrolment once. */
  readonly due: readonly DueEnrolment[];
  /** Enrolments that had gone on, or ended, meanwhile. */
  readonly stale: readonly Enrolment[];
  /** By key of the enrolment: what kept its definition from being read. */
  readonly faults: ReadonlyMap<string, unknown>;
}

/** The enrolment that the row of a step points to, as one text. */
export const keyOfRow = ({ payload }: DueRow): string => enrolmentKey((payload as StepPayload).ref);

/** Whether a due row says what its enrolment says. */
const fits = (enrolment: Enrolment | undefined, row: DueRow, now: Instant): boolean =>
  enrolment !== undefined && isDue(enrolment, now) && enrolment.next?.step === (row.payload as StepPayload).step;

/**
 * The enrolments that due rows point to. At half the price first: one that fits its row is good enough, because it is
 * written on the version read and the order is decided again when it goes. One that does not may only be a moment old, and
 * dropping its row would lose the step: those are read strongly.
 */
const readEnrolments = async (
  rows: readonly DueRow[],
  enrolments: Pick<Enrolments, 'getMany'>,
  now: Instant,
): Promise<ReadonlyMap<string, Enrolment>> => {
  const refOf = ({ payload }: DueRow) => (payload as StepPayload).ref;
  const found = await enrolments.getMany(rows.map(refOf), { consistent: false });
  const doubtful = rows.filter((row) => !fits(found.get(keyOfRow(row)), row, now));
  if (doubtful.length === 0) return found;
  return new Map([...found, ...(await enrolments.getMany(doubtful.map(refOf)))]);
};

/** Finds the enrolments that due rows of steps point to, and the definitions that they began with. */
export const findSteps = async (
  rows: readonly DueRow[],
  ports: { readonly enrolments: Pick<Enrolments, 'getMany'>; readonly definitions: Pick<Definitions, 'get'> },
  now: Instant,
): Promise<FoundSteps> => {
  const enrolments =
    rows.length === 0 ? new Map<string, Enrolment>() : await readEnrolments(rows, ports.enrolments, now);
  const due = new Map<string, DueEnrolment>();
  const stale = new Map<string, Enrolment>();
  const faults = new Map<string, unknown>();
  for (const row of rows) {
    const key = keyOfRow(row);
    const enrolment = enrolments.get(key);
    if (!enrolment || due.has(key)) continue;
    if (!fits(enrolment, row, now)) {
      stale.set(key, enrolment);
      continue;
    }
    try {
      due.set(key, { row, enrolment, pinned: await ports.definitions.get(enrolment.campaign, enrolment.definition) });
    } catch (fault) {
      faults.set(key, fault);
    }
  }
  return { due: [...due.values()], stale: [...stale.values()], faults };
};
