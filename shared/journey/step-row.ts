import type { PartyId, PolicyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { DueItem } from './due-work.ts';
import type { Enrolment, EnrolmentRef } from './enrolment.ts';
import { enrolmentKey, refOf } from './enrolment-store.ts';

/** Payload of due work of kind `step`: which step of which enrolment was due when the row was placed. */
export interface StepPayload {
  readonly ref: EnrolmentRef;
  readonly step: string;
}

/** Payload of due work of kind `recheck`: something about the policy or the person becomes known, or a journey may begin. */
export type RecheckPayload = { readonly policyId: PolicyId } | { readonly partyId: PartyId };

/** The due rows of enrolments: one for the next step of each that is active. */
export const stepRows = (enrolments: readonly Enrolment[]): DueItem[] =>
  enrolments.flatMap((enrolment) => {
    if (enrolment.state !== 'active' || enrolment.next === undefined) return [];
    const { step, at } = enrolment.next;
    const payload: StepPayload = { ref: refOf(enrolment), step };
    // with its instant: a step that was moved within the minute has another row than the one about to be removed
    const id = `${enrolmentKey(enrolment)}#${step}#${at}`;
    return [{ at, kind: 'step', id, payload } as const];
  });

/** The due row that has a policy looked at again at `at`. */
export const recheckRow = (policyId: PolicyId, at: Instant): DueItem => ({
  at,
  kind: 'recheck',
  id: `${policyId}#${at}`,
  payload: { policyId } satisfies RecheckPayload,
});

/** The due row that has a person looked at again at `at`. */
export const partyRecheckRow = (partyId: PartyId, at: Instant): DueItem => ({
  at,
  kind: 'recheck',
  id: `${partyId}#${at}`,
  payload: { partyId } satisfies RecheckPayload,
});
