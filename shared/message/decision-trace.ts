import { canonicalJson } from '../platform/canonical-json.ts';
import { derivedId } from '../platform/ids.ts';
import type { ContactSettings } from './contact-settings.ts';
import { decideOrder, type OrderDecision, type OrderQuestion } from './decide-order.ts';

/** What a message was made of: enough to make the same bytes again from the template. */
export interface MessageContent {
  readonly template: string;
  /** Version of the template, all languages. */
  readonly version: string;
  readonly locale: string;
  /** Of the template's variant in that language, SHA-256 in hex. */
  readonly hash: string;
  /** What the renderer was given beside the template: data, sender, recipient, instant. Personal data. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** One decision as it was taken, kept for good (ADR 0086): what was asked, what was answered, what was made of it. */
export interface DecisionTrace {
  readonly format: 1;
  readonly question: OrderQuestion;
  /** Names the contact rules' figures that the question holds. */
  readonly settings: string;
  readonly answer: OrderDecision;
  readonly content?: MessageContent;
}

/** Names contact settings by their content. */
export const settingsHash = (settings: ContactSettings): string => derivedId('settings', canonicalJson(settings));

/** What a replay of a trace says: the same question, asked of the rules as they are today. */
export type Replay =
  | { readonly replayed: true; readonly answer: OrderDecision }
  | { readonly replayed: false; readonly answer: OrderDecision; readonly now: OrderDecision };

/** Asks a trace's question again and compares the answers. @throws EngagementError `bad-input` for what is no trace */
export const replay = ({ question, answer }: Pick<DecisionTrace, 'question' | 'answer'>): Replay => {
  const now = decideOrder(question);
  return canonicalJson(now) === canonicalJson(answer) ? { replayed: true, answer } : { replayed: false, answer, now };
};
