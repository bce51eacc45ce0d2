import { createHash } from 'node:crypto';
import type { Templates } from '../content/template.ts';
import type { DecisionTrace } from '../message/decision-trace.ts';
import type { TimelineEntry } from '../message/message.ts';
import { readEvidence } from '../message/proof.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Objects } from '../platform/objects.ts';
import type { ProofBundle } from './why-contract.ts';

/** The seal of a bundle: it shows that a byte was changed, not who wrote it. What ties a bundle to what was sent are the
 *  hashes in it, which stand in the table and under the bucket's lock as well. */
export const sealOf = (bundle: Omit<ProofBundle, 'seal'>): string =>
  createHash('sha256').update(canonicalJson(bundle)).digest('base64url');

/**
 * All that proves one message: its row, the trace of the decision, the template in the version it was made from, and the
 * bytes as they were sent.
 * @returns undefined where the row is of no message that was made
 * @throws EngagementError `not-found` where the proof is gone; `conflict` where its bytes are not those of the row
 */
export const readProofBundle = async (
  ports: { readonly messages: Pick<Objects, 'get'>; readonly templates: Pick<Templates, 'load'> },
  entry: TimelineEntry,
): Promise<ProofBundle | undefined> => {
  const { proof, campaign, step, channel, sendClass } = entry;
  if (entry.kind !== 'message' || !proof || !campaign || !step || !channel || !sendClass) return undefined;
  const { trace, body } = await readEvidence(ports.messages, proof);
  const { content } = JSON.parse(trace) as Partial<DecisionTrace>;
  const template =
    content &&
    (await ports.templates.load(content.template, content.version).catch((error: unknown) => {
      // a build of long ago: the bundle says so by leaving it out
      if (error instanceof EngagementError && error.code === 'not-found') return undefined;
      throw error;
    }));
  const bundle = {
    format: 1 as const,
    row: {
      customerId: entry.partyId,
      id: entry.id,
      at: entry.at,
      campaign,
      step,
      channel,
      sendClass,
      policyIds: [...entry.policyIds],
      proof,
    },
    trace,
    ...(template ? { template } : {}),
    body: Buffer.from(body).toString('base64'),
  };
  return { ...bundle, seal: sealOf(bundle) };
};
