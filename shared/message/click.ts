import type { SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { TimelineKey } from './timeline-store.ts';

/** What followed a link, as far as it says: `browser` looks like a person's, `unknown` says nothing at all. */
export type AgentClass = 'browser' | 'scanner' | 'unknown';

/** One click on one link of a message, as noted: whoever it was leaves no address and no name of a program. */
export interface Click {
  /** Id of the link's target (`clickTargetId`), never its address. */
  readonly target: string;
  readonly at: Instant;
  readonly agent: AgentClass;
}

/** Names the timeline row of a message in a click link. */
export const messageClaim = ({ at, id }: Pick<TimelineKey, 'at' | 'id'>): string => `${at.toString(36)}-${id}`;

/** The row that `messageClaim` named. @returns undefined for anything else */
export const readMessageClaim = (claim: string): Pick<TimelineKey, 'at' | 'kind' | 'id'> | undefined => {
  const [, at, id] = /^([0-9a-z]{1,9})-([\w-]{1,80})$/.exec(claim) ?? [];
  if (at === undefined || id === undefined) return undefined;
  return { at: Number.parseInt(at, 36) as Instant, kind: 'message', id: id as SendId };
};
