import * as z from 'zod';
import type { PartyId, PolicyId } from '../platform/ids.ts';

/** Most policies that one message on the changes queue names: one page of everything behind it. */
export const CHANGES_PAGE = 25;

/**
 * A message on the changes queue: something about these policies, or this person, is new. It says where to look and not
 * what changed, so that any number of copies in any order ends in the same state.
 */
export const changeMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('policies'),
    policyIds: z
      .array(z.string().min(1))
      .min(1)
      .max(CHANGES_PAGE)
      .transform((ids) => ids as PolicyId[]),
    /** For the trace: an import's id, an event's type. */
    because: z.string(),
  }),
  z.strictObject({
    kind: z.literal('party'),
    partyId: z
      .string()
      .min(1)
      .transform((id) => id as PartyId),
    because: z.string(),
  }),
]);

export type ChangeMessage = z.output<typeof changeMessageSchema>;

/** The messages that announce any number of policies, each policy once. */
export const changesOf = (policyIds: Iterable<PolicyId>, because: string): ChangeMessage[] => {
  const ids = [...new Set(policyIds)];
  const messages: ChangeMessage[] = [];
  for (let start = 0; start < ids.length; start += CHANGES_PAGE)
    messages.push({ kind: 'policies', policyIds: ids.slice(start, start + CHANGES_PAGE), because });
  return messages;
};
