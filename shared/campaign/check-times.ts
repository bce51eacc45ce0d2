import { addDuration, type Instant, parseCivilDate, parseInstant, type ZoneId } from '../platform/time.ts';
import type { CampaignDefinition, StepTime } from './definition.ts';
import type { Problem } from './problem.ts';
import { nextRun, ruleProblem } from './recurrence.ts';

/** Durations have no length of their own (a month); they are compared from one day on. */
const FROM = parseInstant('2027-01-01T00:00:00Z') as Instant;
const UTC = 'UTC' as ZoneId;
const lengthOf = (duration: string): number => addDuration(FROM, duration, UTC) - FROM;

/** Longer is forgotten by everyone, and no enrolment is kept for it (product.md C3). */
const LONGEST = 'P2Y';
/** The gate remembers contacts for 35 days; what is merged must be found there. */
const LONGEST_MERGE = 'P31D';

const checkDuration = (path: string, duration: string | undefined, longest = LONGEST): readonly Problem[] => {
  if (duration === undefined) return [];
  const length = lengthOf(duration);
  if (length <= 0) return [{ path, message: `${duration} is no time to wait: write a duration such as P3D` }];
  return length > lengthOf(longest)
    ? [{ path, message: `${duration} is longer than ${longest}: make it shorter` }]
    : [];
};

/** Every duration: longer than nothing, and no wait beyond two years. */
export const checkDurations = ({ useBy, merge, steps }: CampaignDefinition): readonly Problem[] => [
  ...checkDuration('useBy', useBy),
  ...checkDuration('merge.within', merge?.within, LONGEST_MERGE),
  ...steps.flatMap(({ useBy: own, do: act }, n) => [
    ...checkDuration(`steps.${n}.useBy`, own),
    ...('wait' in act && 'for' in act.wait ? checkDuration(`steps.${n}.do.wait.for`, act.wait.for) : []),
    ...('wait' in act && 'upTo' in act.wait ? checkDuration(`steps.${n}.do.wait.upTo`, act.wait.upTo) : []),
  ]),
];

/** Days after the anchor (negative: before). */
const offsetOf = (at: StepTime): number => ('daysBefore' in at ? -at.daysBefore : at.daysAfter);

/** Steps of a calendar journey stand in the order of their days, and none before something that begins the journey
 *  without having been announced. */
export const checkCalendar = ({ steps, trigger }: CampaignDefinition): readonly Problem[] =>
  steps.flatMap(({ id, at }, n) => {
    const before = steps[n - 1];
    if (at === undefined) return [];
    return [
      ...(before?.at && offsetOf(before.at) > offsetOf(at)
        ? [
            {
              path: `steps.${n}.at`,
              message: `"${id}" comes before "${before.id}": put the steps in the order of their days`,
            },
          ]
        : []),
      ...(!('date' in trigger) && 'daysBefore' in at && at.daysBefore > 0
        ? [
            {
              path: `steps.${n}.at.daysBefore`,
              message: 'only a date is known before it comes: use "daysAfter", or a trigger by date',
            },
          ]
        : []),
    ];
  });

/** What a trigger says about time. */
export const checkTriggerTime = ({ trigger }: CampaignDefinition): readonly Problem[] => {
  if ('once' in trigger)
    return parseCivilDate(trigger.once.at.slice(0, 10)) === undefined
      ? [{ path: 'trigger.once.at', message: `"${trigger.once.at}": there is no such day` }]
      : [];
  if (!('every' in trigger)) return [];
  const { every } = trigger;
  const path = parseCivilDate(every.from.slice(0, 10)) === undefined ? 'trigger.every.from' : 'trigger.every.rrule';
  const problem = ruleProblem(every);
  if (problem !== undefined) return [{ path, message: problem }];
  return nextRun(every, 0 as Instant) === undefined
    ? [{ path, message: `"${every.rrule}" from ${every.from} never comes: write a rule that has a day` }]
    : [];
};
