import type { AudienceRow } from '../audience/audience-row.ts';
import type { CampaignDefinition, PinnedDefinition } from '../campaign/definition.ts';
import type { PartyId } from '../platform/ids.ts';
import { addDays, type CivilDate, civilDateAt, DAY, type Instant, type ZoneId } from '../platform/time.ts';
import type { MemberPages } from './members.ts';
import { hasRuns, runsBetween } from './plan-runs.ts';

/** Messages this near to each other overlap. */
export const OVERLAP_DAYS = 7;

/** Which customers a campaign writes to around an instant. */
export interface OverlapTest {
  readonly campaign: string;
  test(rows: readonly AudienceRow[], now: Instant): Promise<ReadonlySet<PartyId>>;
}

interface Window {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

/** For each message step that goes by the calendar, the anchor days that bring it into the window. */
const anchorWindows = ({ steps }: CampaignDefinition, { from, to }: Window): readonly Window[] =>
  steps.flatMap(({ at, do: act }) => {
    if (at === undefined || !('send' in act || 'relay' in act)) return [];
    const days = 'daysBefore' in at ? at.daysBefore : -at.daysAfter;
    return [{ from: addDays(from, days), to: addDays(to, days) }];
  });

/** Whether `date` falls into the window, in whatever year for a yearly one; windows of two weeks cross one New Year. */
const isIn = (date: CivilDate | undefined, { from, to }: Window, yearly: boolean): boolean => {
  if (date === undefined) return false;
  if (!yearly) return from <= date && date <= to;
  const [day, first, last] = [date.slice(5), from.slice(5), to.slice(5)];
  return first <= last ? first <= day && day <= last : first <= day || day <= last;
};

const datesOf = (
  trigger: Extract<CampaignDefinition['trigger'], { date: unknown }>,
  row: AudienceRow,
): readonly (CivilDate | undefined)[] => {
  switch (trigger.date) {
    case 'customer.birthOn':
      return [row.customer?.birthOn];
    case 'claim.occurredOn':
      return (row.claims ?? []).map(({ occurredOn }) => occurredOn);
    case 'claim.settledOn':
      return (row.claims ?? []).map(({ settledOn }) => settledOn);
    case 'policy.renewsOn':
    case 'policy.startsOn':
    case 'policy.contractStartsOn': {
      const field = trigger.date.slice('policy.'.length) as 'renewsOn' | 'startsOn' | 'contractStartsOn';
      return (row.policies ?? []).filter(({ ending }) => ending === undefined).map((policy) => policy[field]);
    }
  }
};

/**
 * Says which customers a campaign writes to within a week of `at`: by its runs, or by the days of its calendar steps.
 * @returns undefined where that cannot be foreseen (events, audiences entered) or does not happen
 */
export const overlapTest = async (
  pinned: PinnedDefinition,
  at: Instant,
  members: (pinned: PinnedDefinition) => Promise<Pick<MemberPages, 'of'>>,
): Promise<OverlapTest | undefined> => {
  const { definition } = pinned;
  const { trigger, id: campaign } = definition;
  const [from, to] = [(at - OVERLAP_DAYS * DAY) as Instant, (at + OVERLAP_DAYS * DAY) as Instant];
  if (hasRuns(definition)) {
    if (runsBetween(definition, from, to, 1).length === 0) return undefined;
    const source = await members(pinned);
    return { campaign, test: (rows, now) => source.of(rows, now) };
  }
  if (!('date' in trigger)) return undefined;
  const dayOf = (instant: Instant): CivilDate => civilDateAt(instant, 'UTC' as ZoneId);
  const windows = anchorWindows(definition, { from: dayOf(from), to: dayOf(to) });
  if (windows.length === 0) return undefined;
  const yearly = trigger.yearly === true || trigger.date === 'customer.birthOn';
  return {
    campaign,
    test: async (rows) =>
      new Set(
        rows
          .filter((row) => datesOf(trigger, row).some((date) => windows.some((window) => isIn(date, window, yearly))))
          .map(({ partyId }) => partyId),
      ),
  };
};
