import type { DecisionTrace } from '../../shared/message/decision-trace.ts';
import type { Evidence } from '../../shared/message/proof.ts';

/** Evidence of a message whose decision a test does not look at. */
export const evidenceOf = (body: string | Uint8Array): Evidence => ({
  trace: { format: 1 } as DecisionTrace,
  body: Buffer.from(body),
});
