import { type Instant, MINUTE } from '../platform/time.ts';
import type { CampaignRecord, CampaignState } from './campaign.ts';
import type { CampaignDefinition } from './definition.ts';

/** Time in which a first launch can be taken back before anybody gets anything (product.md C8). */
export const FIRST_SEND_WAITS = 10 * MINUTE;

/** What people, and the watch over a running campaign, do to it. `hash` is the content meant: whoever decides, decides on
 *  what they saw. */
export type CampaignAct =
  | { readonly kind: 'save'; readonly hash: string; readonly definition: CampaignDefinition }
  /** `makers`: who made what the content is pinned with, its templates and surveys. */
  | { readonly kind: 'submit'; readonly hash: string; readonly makers: readonly string[] }
  | { readonly kind: 'request-changes'; readonly note: string }
  | { readonly kind: 'approve'; readonly hash: string }
  | { readonly kind: 'launch'; readonly definition: CampaignDefinition }
  | { readonly kind: 'pause'; readonly because: NonNullable<CampaignRecord['paused']>['because'] }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'end' }
  | { readonly kind: 'archive' };

export type Transition =
  /** `record` is to be written over the version that was read. */
  | { readonly kind: 'done'; readonly record: CampaignRecord }
  /** It stands so already: nothing to write. */
  | { readonly kind: 'unchanged' }
  /** maker: one's own work (S12) · not-approved: this content has no approval (S14) · changed: the content is no longer
   *  the one that was meant · wrong-state: not from where the campaign stands · pre-flight: not looked at, or cannot finish */
  | {
      readonly kind: 'refused';
      readonly reason: 'maker' | 'not-approved' | 'changed' | 'wrong-state' | 'pre-flight';
      readonly message: string;
    };

/** Where the draft stands, which is another question than where the campaign stands: a live one may be changed, reviewed
 *  and launched anew while the version before goes on. */
export const reviewOf = ({
  draft,
  live,
  approved,
  submitted,
}: CampaignRecord): 'launched' | 'approved' | 'in-review' | 'draft' => {
  if (draft === live) return 'launched';
  if (approved?.hash === draft) return 'approved';
  return submitted?.hash === draft ? 'in-review' : 'draft';
};

/** Until its first launch a campaign stands where its draft stands. */
const notLaunched: readonly CampaignState[] = ['draft', 'in-review', 'approved'];
const running: readonly CampaignState[] = ['live', 'paused'];

const refused = (
  reason: (Transition & { kind: 'refused' })['reason'],
  message: string,
): Transition & { kind: 'refused' } => ({ kind: 'refused', reason, message });

const wrongState = ({ state }: CampaignRecord, remedy: string): Transition =>
  refused('wrong-state', `the campaign is ${state}: ${remedy}`);

/** What a list shows of the definition in force. */
const shownOf = ({ title, class: sendClass, priority }: CampaignDefinition) => ({ title, sendClass, priority });

/** Whoever changed the draft, what it sends or asks, or handed it in has a hand in it. */
const withHands = ({ makers }: CampaignRecord, ...by: readonly string[]): readonly string[] => [
  ...new Set([...makers, ...by]),
];

const save = (record: CampaignRecord, hash: string, definition: CampaignDefinition, by: string): Transition => {
  if (record.draft === hash) return { kind: 'unchanged' };
  const before = notLaunched.includes(record.state);
  if (!before && !running.includes(record.state)) return wrongState(record, 'copy it as a new draft');
  const { submitted: _submitted, approved: _approved, ...rest } = record;
  return {
    kind: 'done',
    record: {
      ...rest,
      ...(before ? { state: 'draft', ...shownOf(definition) } : {}),
      draft: hash,
      makers: withHands(record, by),
    },
  };
};

const submit = (
  record: CampaignRecord,
  { hash, makers }: Extract<CampaignAct, { kind: 'submit' }>,
  by: string,
  at: Instant,
): Transition => {
  // the same definition with newer templates is another content
  if (reviewOf(record) !== 'draft' && record.draft === hash)
    return wrongState(record, 'only a changed draft can be handed in for review');
  const before = notLaunched.includes(record.state);
  if (!before && !running.includes(record.state)) return wrongState(record, 'copy it as a new draft');
  const { changesWanted: _wanted, approved: _approved, ...rest } = record;
  return {
    kind: 'done',
    record: {
      ...rest,
      ...(before ? { state: 'in-review' } : {}),
      draft: hash,
      submitted: { by, at, hash },
      makers: withHands(record, ...makers, by),
    },
  };
};

const approve = (record: CampaignRecord, hash: string, by: string, at: Instant): Transition => {
  if (reviewOf(record) !== 'in-review') return wrongState(record, 'only what was handed in for review can be approved');
  if (record.draft !== hash)
    return refused('changed', `the content in review is ${record.draft}, not ${hash}: read it again`);
  if (record.makers.includes(by))
    return refused(
      'maker',
      'whoever changed it, a template or survey of it, or handed it in cannot approve it: ask another approver',
    );
  const state = notLaunched.includes(record.state) ? { state: 'approved' as const } : {};
  return { kind: 'done', record: { ...record, ...state, approved: { by, at, hash }, makers: [] } };
};

const launch = (record: CampaignRecord, definition: CampaignDefinition, now: Instant): Transition => {
  const { state, draft, live } = record;
  if (state !== 'approved' && !running.includes(state) && !notLaunched.includes(state))
    return wrongState(record, 'copy it as a new draft');
  if (live === draft) return { kind: 'unchanged' };
  if (record.approved?.hash !== draft) {
    const remedy = reviewOf(record) === 'in-review' ? 'it waits for an approver' : 'hand it in for review';
    return refused('not-approved', `content ${draft} has no approval: ${remedy}`);
  }
  return {
    kind: 'done',
    record: {
      ...record,
      ...shownOf(definition),
      state: state === 'paused' ? 'paused' : 'live',
      live: draft,
      ...(live === undefined ? { notBefore: (now + FIRST_SEND_WAITS) as Instant } : {}),
    },
  };
};

const withoutPause = ({ paused: _paused, ...rest }: CampaignRecord): CampaignRecord => rest;

const next = (record: CampaignRecord, act: CampaignAct, by: string, now: Instant): Transition => {
  const done = (changed: CampaignRecord): Transition => ({ kind: 'done', record: changed });
  const { state } = record;
  switch (act.kind) {
    case 'save':
      return save(record, act.hash, act.definition, by);
    case 'submit':
      return submit(record, act, by, now);
    case 'request-changes': {
      if (reviewOf(record) !== 'in-review') return wrongState(record, 'nothing is in review');
      const { submitted: _submitted, ...rest } = record;
      const back = notLaunched.includes(state) ? { state: 'draft' as const } : {};
      return done({ ...rest, ...back, changesWanted: { by, at: now, note: act.note } });
    }
    case 'approve':
      return approve(record, act.hash, by, now);
    case 'launch':
      return launch(record, act.definition, now);
    case 'pause':
      if (state === 'paused') return { kind: 'unchanged' };
      if (state !== 'live') return wrongState(record, 'only a live campaign can be paused');
      return done({ ...record, state: 'paused', paused: { by, at: now, because: act.because } });
    case 'resume':
      if (state === 'live') return { kind: 'unchanged' };
      if (state !== 'paused') return wrongState(record, 'only a paused campaign can be resumed');
      return done({ ...withoutPause(record), state: 'live' });
    case 'cancel':
      if (record.cancelled !== undefined) return { kind: 'unchanged' };
      if (!running.includes(state) && state !== 'ended')
        return wrongState(record, 'archive it: nothing of it goes out');
      return done({ ...withoutPause(record), state: 'ended', cancelled: { by, at: now } });
    case 'end':
      if (state === 'ended') return { kind: 'unchanged' };
      if (!running.includes(state)) return wrongState(record, 'archive it: nothing of it goes out');
      return done({ ...withoutPause(record), state: 'ended' });
    case 'archive':
      if (state === 'archived') return { kind: 'unchanged' };
      if (running.includes(state)) return wrongState(record, 'end or cancel it first');
      return done({ ...record, state: 'archived' });
  }
};

/**
 * What becomes of a campaign when somebody does something to it (product.md C1, C8, G2).
 * @param by opaque id of the person; `system` for the watch
 */
export const transition = (record: CampaignRecord, act: CampaignAct, by: string, now: Instant): Transition => {
  const outcome = next(record, act, by, now);
  return outcome.kind === 'done'
    ? { kind: 'done', record: { ...outcome.record, version: record.version + 1, updatedAt: now } }
    : outcome;
};
