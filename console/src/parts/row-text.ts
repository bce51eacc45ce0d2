import type { TimelineRow } from '../../../shared/history/contract.ts';
import { showDay, showTime } from '../format.ts';
import type { ConsoleText } from '../text/en.ts';
import { type Language, stepName, wordFor } from '../text.ts';

/** What a timeline row is about, in one line. */
export const titleOf = (row: Omit<TimelineRow, 'asSent'>, text: ConsoleText): string => {
  const details = row.details ?? {};
  if (row.kind === 'reaction') {
    if (details.page === 'survey') return text.answers.survey(String(details.score ?? ''));
    return wordFor(text.answers, String(details.choice ?? row.reason ?? ''));
  }
  if (row.kind === 'consent') {
    const channel = wordFor(text.channels, String(details.channel ?? row.channel ?? ''));
    const given = details.given === true ? text.customer.yes : text.customer.no;
    return `${channel} · ${wordFor(text.purposes, String(details.purpose ?? ''))}: ${given}`;
  }
  if (row.kind === 'fact' && details.fact !== undefined) return wordFor(text.facts, String(details.fact));
  if (row.kind === 'task' && details.task !== undefined) return wordFor(text.taskKinds, String(details.task));
  const campaign = row.campaign === undefined ? '' : wordFor(text.campaigns, row.campaign);
  const step = row.step === undefined ? '' : stepName(text, row.step);
  const channel = row.channel === undefined ? '' : wordFor(text.channels, row.channel);
  return [channel, campaign, step].filter((part) => part !== '').join(' · ') || text.kinds[row.kind];
};

/** How a row looks: what went well, what waits, what was left out, what failed. */
export const toneOf = ({
  state,
  kind,
}: Pick<TimelineRow, 'state' | 'kind'>): 'good' | 'wait' | 'off' | 'bad' | 'plain' => {
  if (state === undefined) return kind === 'reaction' ? 'good' : 'plain';
  if (['failed', 'bounced', 'complained', 'returned', 'unknown'].includes(state)) return 'bad';
  if (['held', 'composed'].includes(state)) return 'wait';
  return ['skipped', 'recalled'].includes(state) ? 'off' : 'good';
};

/** Lists of words for the codes that some details hold. */
const wordsOf = (name: string, text: ConsoleText): Readonly<Record<string, unknown>> => {
  if (name === 'reason') return text.leaving;
  if (name === 'outcome') return text.outcomes;
  return name === 'scannedBy' ? text.scanners : {};
};

const showValue = (name: string, value: string | number | boolean, { text, locale }: Language): string => {
  if (typeof value === 'number' && /(At|Until)$/.test(name)) return showTime(new Date(value).toISOString(), locale);
  return /^\d{4}-\d\d-\d\d$/.test(String(value))
    ? showDay(String(value), locale)
    : wordFor(wordsOf(name, text), String(value));
};

/** Details worth reading, as label and value; what the title says already and what is for machines is left out. */
export const detailsOf = (
  row: Pick<TimelineRow, 'details' | 'kind'>,
  language: Language,
): readonly (readonly [string, string])[] =>
  Object.entries(row.details ?? {})
    .filter(([name]) => Object.hasOwn(language.text.details, name) && !(row.kind === 'consent' && name !== 'wording'))
    .map(([name, value]) => [wordFor(language.text.details, name), showValue(name, value, language)] as const);
