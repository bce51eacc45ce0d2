import { compiledOnce } from '../audience/rule-memo.ts';
import type { EventProperties, RuleSubject, SubjectPart } from '../audience/rule-subject.ts';
import type { CampaignDefinition, PinnedDefinition } from '../campaign/definition.ts';
import { civilDateAt, type Instant, type ZoneId } from '../platform/time.ts';

type Exit = CampaignDefinition['exits'][number];
type WhenExit = Extract<Exit, { readonly when: unknown }>;

const isWhen = (exit: Exit): exit is WhenExit => typeof exit === 'object' && 'when' in exit;

/** What exit rules ask of whoever is in the journey: empty where the definition has none. */
export const exitRuleParts = ({ definition }: Pick<PinnedDefinition, 'definition'>): ReadonlySet<SubjectPart> =>
  new Set(definition.exits.filter(isWhen).flatMap(({ when }) => [...compiledOnce(when).parts]));

/** Which exit rule ends the journey of this subject now, as its path in the definition (`exits.2`); undefined where none
 *  does. A rule that cannot be decided ends nothing. */
export const exitByRule = (
  { definition }: Pick<PinnedDefinition, 'definition'>,
  subject: RuleSubject,
): string | undefined => {
  const at = definition.exits.findIndex((exit) => isWhen(exit) && compiledOnce(exit.when).test(subject) === true);
  return at < 0 ? undefined : `exits.${at}`;
};

/** A customer event as filters see it. */
export interface HeardEvent {
  readonly type: string;
  readonly properties: EventProperties;
  readonly occurredAt: Instant;
}

/** Whether an event is the one that a trigger, wait or exit names, and its properties fit the filter. */
export const eventFits = (
  wanted: { readonly event: string; readonly where?: Parameters<typeof compiledOnce>[0] | undefined },
  { type, properties, occurredAt }: HeardEvent,
  zone: ZoneId,
): boolean =>
  wanted.event === type &&
  (wanted.where === undefined ||
    compiledOnce(wanted.where).test({
      now: occurredAt,
      today: civilDateAt(occurredAt, zone),
      event: properties,
    }) === true);

/** Which exit ends the journey on this event, as its path in the definition; undefined where none does. */
export const exitByEvent = (
  { definition }: Pick<PinnedDefinition, 'definition'>,
  event: HeardEvent,
  zone: ZoneId,
): string | undefined => {
  const at = definition.exits.findIndex(
    (exit) => typeof exit === 'object' && 'event' in exit && eventFits(exit, event, zone),
  );
  return at < 0 ? undefined : `exits.${at}`;
};
