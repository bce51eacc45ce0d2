import type { RuleGroup } from '../audience/rule.ts';
import type { Instant } from '../platform/time.ts';
import type { CampaignRecord } from './campaign.ts';
import type { Campaigns } from './campaign-store.ts';
import { checkDefinition, type Known } from './check-definition.ts';
import type { CampaignDefinition, PinnedDefinition } from './definition.ts';
import type { Definitions } from './definition-store.ts';
import type { LaunchEffects } from './launch-effects.ts';
import { type CampaignAct, type Transition, transition } from './lifecycle.ts';
import { makersOfPins } from './pin-makers.ts';
import { type PinIndex, pinWith } from './pins.ts';
import type { Problem } from './problem.ts';
import type { SurveyIndex } from './survey-index.ts';
import type { TemplateIndex } from './template-index.ts';

export interface CampaignPorts {
  readonly campaigns: Campaigns;
  readonly definitions: Definitions;
  /** The templates as they stand now: shipped ones and those of the house. */
  readonly templates: () => Promise<TemplateIndex>;
  /** The surveys as they stand now. */
  readonly surveys: () => Promise<SurveyIndex>;
  /** Rules of the saved audiences, by id. */
  readonly audiences: () => Promise<Readonly<Record<string, RuleGroup>>>;
  /** Ids of the uploaded lists. */
  readonly lists: () => Promise<readonly string[]>;
  readonly effects: LaunchEffects;
  readonly now: () => Instant;
}

/** Who does it, on which version of the record they do it. */
export interface By {
  readonly by: string;
  /** Of the record as they read it; 0 for a campaign that is not there yet. */
  readonly version: number;
}

export type ManageOutcome =
  | { readonly kind: 'done'; readonly record: CampaignRecord }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  /** Somebody else was faster: their record (F32). */
  | { readonly kind: 'conflict'; readonly record: CampaignRecord }
  | Extract<Transition, { kind: 'refused' }>;

/** The same as `CampaignAct` where the content is what the record names. */
export type PlainAct =
  | { readonly kind: 'submit' }
  | { readonly kind: 'launch' }
  | Extract<CampaignAct, { kind: 'request-changes' | 'approve' | 'pause' | 'resume' | 'cancel' | 'end' | 'archive' }>;

/** Checks a definition against all that there is now. */
export const checkAgainstHouse = async (
  { templates, surveys, audiences, lists }: Pick<CampaignPorts, 'templates' | 'surveys' | 'audiences' | 'lists'>,
  source: unknown,
): Promise<
  /** `index`: what it was pinned against. */
  | { readonly kind: 'valid'; readonly pinned: PinnedDefinition; readonly index: PinIndex }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
> => {
  const known: Required<Known> = {
    templates: await templates(),
    surveys: await surveys(),
    audiences: await audiences(),
    lists: await lists(),
  };
  const outcome = checkDefinition(source, known);
  if (outcome.kind === 'invalid') return outcome;
  return { kind: 'valid', pinned: pinWith(outcome.definition, known), index: known };
};

/** Writes what a transition came to; of two who saw the same version one does. */
const write = async (
  { campaigns, definitions }: Pick<CampaignPorts, 'campaigns' | 'definitions'>,
  before: CampaignRecord,
  outcome: Transition,
): Promise<ManageOutcome> => {
  if (outcome.kind === 'unchanged') return { kind: 'done', record: before };
  if (outcome.kind === 'refused') return outcome;
  // a programme that this build ships is stored by nobody until its first row names it: a later build may ship another
  if (before.version === 0) await definitions.keep(await definitions.get(before.id, before.draft));
  if ((await campaigns.put(outcome.record, before.version)) === 'written') return outcome;
  const newer = await campaigns.get(before.id);
  return newer === undefined ? { kind: 'not-found' } : { kind: 'conflict', record: newer };
};

const newRecord = ({ definition, hash }: PinnedDefinition, by: string, at: Instant): CampaignRecord => ({
  id: definition.id,
  state: 'draft',
  draft: hash,
  makers: [by],
  title: definition.title,
  sendClass: definition.class,
  priority: definition.priority,
  updatedAt: at,
  version: 1,
});

/** Saves a definition as the draft of its campaign, a new one where there is none. Nothing is live by it, whatever the
 *  file was where it came from. */
export const saveDraft = async (ports: CampaignPorts, source: unknown, { by, version }: By): Promise<ManageOutcome> => {
  const { campaigns, definitions, now } = ports;
  const checked = await checkAgainstHouse(ports, source);
  if (checked.kind === 'invalid') return checked;
  const { pinned } = checked;
  const before = await campaigns.get(pinned.definition.id);
  if (before !== undefined && before.version !== version) return { kind: 'conflict', record: before };
  if (before === undefined && version !== 0) return { kind: 'not-found' };
  await definitions.keep(pinned);
  if (before !== undefined) {
    const { hash, definition } = pinned;
    return write(ports, before, transition(before, { kind: 'save', hash, definition }, by, now()));
  }
  const record = newRecord(pinned, by, now());
  if ((await campaigns.put(record, 0)) === 'written') return { kind: 'done', record };
  const newer = await campaigns.get(record.id);
  return newer === undefined ? { kind: 'not-found' } : { kind: 'conflict', record: newer };
};

/** Copies the draft of any campaign, whatever its state, as the draft of a new one. */
export const copyCampaign = async (
  ports: CampaignPorts,
  id: string,
  copy: Pick<CampaignDefinition, 'id' | 'title'>,
  by: string,
): Promise<ManageOutcome> => {
  const source = await ports.campaigns.get(id);
  if (source === undefined) return { kind: 'not-found' };
  const { definition } = await ports.definitions.get(id, source.draft);
  const there = await ports.campaigns.get(copy.id);
  if (there !== undefined) return { kind: 'conflict', record: there };
  return saveDraft(ports, { ...definition, ...copy }, { by, version: 0 });
};

/** The act with the content that it is about. */
const withContent = async (
  ports: CampaignPorts,
  { id, draft, approved, live }: CampaignRecord,
  act: PlainAct,
): Promise<CampaignAct | Extract<ManageOutcome, { kind: 'invalid' }>> => {
  if (act.kind !== 'submit' && act.kind !== 'launch') return act;
  const { definition } = await ports.definitions.get(id, draft);
  if (act.kind === 'launch') return { kind: 'launch', definition };
  // what is reviewed are the templates as they are now; from then on they are pinned (F34)
  const checked = await checkAgainstHouse(ports, definition);
  if (checked.kind === 'invalid') return checked;
  const { pinned, index } = checked;
  await ports.definitions.keep(pinned);
  const before = approved?.hash ?? live;
  const makers = makersOfPins(
    pinned,
    before === undefined ? undefined : await ports.definitions.get(id, before),
    index,
  );
  return { kind: 'submit', hash: pinned.hash, makers };
};

/** What the new state sets in motion. Also where nothing changed: whoever got an error on the way may do it again. */
const setInMotion = async (
  { effects, definitions }: CampaignPorts,
  record: CampaignRecord,
  { kind }: CampaignAct,
): Promise<void> => {
  if (kind === 'launch' && record.live !== undefined)
    await effects.onLaunch(record, await definitions.get(record.id, record.live));
  if (kind === 'resume' || kind === 'cancel' || kind === 'end') await effects.onResume(record.id);
};

/**
 * Does something to a campaign.
 * @param version of the record as the person saw it; undefined for the watch, which decides on what it finds
 */
export const actOn = async (
  ports: CampaignPorts,
  id: string,
  act: PlainAct,
  { by, version }: Pick<By, 'by'> & { readonly version?: number },
): Promise<ManageOutcome> => {
  const record = await ports.campaigns.get(id);
  if (record === undefined) return { kind: 'not-found' };
  if (version !== undefined && record.version !== version) return { kind: 'conflict', record };
  const whole = await withContent(ports, record, act);
  if (whole.kind === 'invalid') return whole;
  const wanted = transition(record, whole, by, ports.now());
  if (whole.kind === 'launch' && wanted.kind === 'done') {
    const message = await ports.effects.whyNot(await ports.definitions.get(id, record.draft));
    if (message !== undefined) return { kind: 'refused', reason: 'pre-flight', message };
  }
  const outcome = await write(ports, record, wanted);
  if (outcome.kind === 'done') await setInMotion(ports, outcome.record, whole);
  return outcome;
};
