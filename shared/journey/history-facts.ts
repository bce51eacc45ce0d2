import type { HistoryFact } from '../audience/rule-subject.ts';
import type { TimelineEntry } from '../message/message.ts';
import type { PartyId } from '../platform/ids.ts';
import { civilDateAt, type ZoneId } from '../platform/time.ts';
import type { ReactionKind } from './enrolment.ts';

/** The timeline, as far as it is read for rules. */
export interface HistoryReader {
  list(
    partyId: PartyId,
    page?: { readonly limit?: number; readonly after?: string },
  ): Promise<{ readonly entries: readonly TimelineEntry[]; readonly next?: string }>;
}

/** The newest rows of a person that rules look at: years of a customer with many policies. */
const MOST_ROWS = 1_000;
const PAGE = 250;
/** Answers of the renewal page that stop reminders, as reactions. */
const PAGE_REACTIONS: Readonly<Record<string, ReactionKind>> = {
  renew: 'renew-page',
  call: 'call-requested',
  'not-renewing': 'not-renewing',
};

const kindOf = ({ kind, details }: TimelineEntry): HistoryFact['kind'] | undefined => {
  if (kind === 'message') return 'message';
  if (kind !== 'reaction') return undefined;
  return typeof details?.score === 'number' ? 'answer' : 'reaction';
};

const whatOf = (kind: HistoryFact['kind'], { state, reason, campaign, details = {} }: TimelineEntry): string => {
  if (kind === 'message') return state ?? 'unknown';
  // the survey of an answer bears the name of the campaign that asked for it
  if (kind === 'answer') return typeof details.survey === 'string' ? details.survey : (campaign ?? 'survey');
  const choice = String(details.choice ?? reason ?? 'unknown');
  return PAGE_REACTIONS[choice] ?? choice;
};

/** A row of the timeline as rules see it; undefined for rows that they do not ask about. */
export const historyFactOf = (entry: TimelineEntry, zone: ZoneId): HistoryFact | undefined => {
  const kind = kindOf(entry);
  if (kind === undefined) return undefined;
  const { at, campaign, step, channel, details } = entry;
  return {
    kind,
    on: civilDateAt(at, zone),
    ...(campaign === undefined ? {} : { campaign }),
    ...(step === undefined ? {} : { step }),
    ...(channel === undefined ? {} : { channel }),
    what: whatOf(kind, entry),
    ...(kind === 'answer' ? { score: details?.score as number } : {}),
  };
};

/** A person's engagement history for rules, newest first; days are those of `zone`. */
export const historyFactsOf = async (
  timeline: HistoryReader,
  partyId: PartyId,
  zone: ZoneId,
): Promise<readonly HistoryFact[]> => {
  const facts: HistoryFact[] = [];
  let after: string | undefined;
  for (let rows = 0; rows < MOST_ROWS; ) {
    const page = await timeline.list(partyId, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    rows += page.entries.length;
    facts.push(...page.entries.flatMap((entry) => historyFactOf(entry, zone) ?? []));
    if (page.next === undefined) break;
    after = page.next;
  }
  return facts;
};
