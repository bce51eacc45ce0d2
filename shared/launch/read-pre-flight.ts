import { AUDIENCE_SHARDS } from '../audience/audience-rows.ts';
import type { CampaignDefinition, PinnedDefinition } from '../campaign/definition.ts';
import { cutOffInstant, nextHandOverDay } from '../letter/print-calendar.ts';
import { printHouseFor } from '../letter/print-houses.ts';
import { formatInstant, type Instant, type ZoneId } from '../platform/time.ts';
import { hasRuns } from './plan-runs.ts';
import { costOf, type MessagesEach, type PaceReport, paceOf, reachedOf, refusalOf } from './pre-flight.ts';
import { isDone, type PreFlight } from './pre-flight-store.ts';
import { firstChannel } from './run.ts';
import type { PreFlightView } from './views.ts';

/** How many messages of each channel the steps of a campaign are. */
const messagesEach = ({ steps }: CampaignDefinition): MessagesEach => {
  const count = (fits: (act: CampaignDefinition['steps'][number]['do']) => boolean): number =>
    steps.filter(({ do: act }) => fits(act)).length;
  return {
    email: count((act) => 'send' in act && act.send !== 'letter'),
    post: count((act) => 'send' in act && act.send === 'letter'),
    sms: count((act) => 'relay' in act),
  };
};

/** The pace of a run's first mails; undefined for a campaign without runs, or one that does not begin with a mail. */
const pacing = ({ sums, at, useBy, limits }: PreFlight, definition: CampaignDefinition): PaceReport | undefined =>
  limits !== undefined && hasRuns(definition) && firstChannel(definition) === 'email'
    ? paceOf(reachedOf(sums), limits, definition.class, at, useBy)
    : undefined;

const printOf = (definition: CampaignDefinition, at: Instant): PreFlightView['print'] => {
  const { trigger } = definition;
  const zone = 'once' in trigger ? trigger.once.zone : 'every' in trigger ? trigger.every.zone : ('UTC' as ZoneId);
  const house = printHouseFor(zone);
  const handOverOn = nextHandOverDay(at, house);
  return { handOverOn, cutOff: formatInstant(cutOffInstant(handOverOn, house)) };
};

/** A pre-flight as people see it, with what follows from its sums: cost, hours, whether the plan can finish. */
export const preFlightReport = (
  preFlight: PreFlight,
  { definition }: Pick<PinnedDefinition, 'definition'>,
): PreFlightView => {
  const { sums, at } = preFlight;
  const each = messagesEach(definition);
  const reached = reachedOf(sums);
  const pace = pacing(preFlight, definition);
  const refusal = refusalOf(pace);
  return {
    campaign: preFlight.campaign,
    definition: preFlight.definition,
    state: isDone(preFlight) ? 'done' : 'computing',
    progress: Math.min(1, preFlight.shard / AUDIENCE_SHARDS),
    requestedAt: formatInstant(preFlight.requestedAt),
    at: formatInstant(at),
    audience: sums.members,
    going: sums.going,
    held: { ...sums.held },
    skipped: { ...sums.skipped },
    messages: { email: reached * each.email, post: reached * each.post, sms: reached * each.sms },
    cost: costOf(sums, each),
    ...(pace === undefined
      ? {}
      : { pace: { ...pace, finishesAt: formatInstant(pace.finishesAt), deadline: formatInstant(pace.deadline) } }),
    ...(each.post > 0 ? { print: printOf(definition, at) } : {}),
    missing: { checked: sums.checked, lacking: sums.lacking, sample: [...sums.lackingSample] },
    overlap: Object.entries(sums.overlap)
      .filter(([, customers]) => customers > 0)
      .map(([campaign, customers]) => ({ campaign, customers }))
      .sort((a, b) => b.customers - a.customers || (a.campaign < b.campaign ? -1 : 1)),
    ...(refusal === undefined ? {} : { refusal }),
  };
};
