/**
 * What asks for no more messages, whatever way it comes: under an advertisement by text Chinese carriers print
 * `拒收请回复R` and `回T退订`; the rest is what people write.
 */
const STOP_WORDS = [
  '退订',
  '退订短信',
  '退订邮件',
  '取消订阅',
  '取消邮件订阅',
  '拒收',
  '停止',
  '停止发送',
  '不要再发',
  '不要再发了',
  '不要再发邮件',
  '不要再给我发邮件',
  '别再发',
  '别再发了',
  '别再发邮件',
  'stop',
  'stopall',
  'stopemailing',
  'stopsendingemails',
  'unsubscribe',
  'optout',
  'remove',
  'td',
  'baja',
  'desuscribir',
  'abmelden',
  'desabonner',
];

/** Words that carriers know and that a mail may mean in another way: whoever answers a reminder with "cancel" may want to
 *  cancel the policy. */
const IN_TEXTS = ['t', 'r', 'n', 'qx', 'cancel', 'end', 'quit'];

const BEFORE = 'please|pls|kindly|i ?want ?to|请|麻烦|我要|我想|帮我';
const AFTER = 'me|my ?email|please|thanks?|thank ?you|谢谢|吧|了';

const polite = (words: readonly string[]): RegExp =>
  new RegExp(`^(?:${BEFORE})*(?:${words.join('|')})(?:${AFTER})*$`.replaceAll(' ?', ''));

const PATTERNS = { email: polite(STOP_WORDS), sms: polite([...STOP_WORDS, ...IN_TEXTS]) };

/** Longer than any of them with all its courtesies: nothing else is looked at. */
const LONGEST = 80;

const lettersOf = (text: string): string =>
  text
    .normalize('NFKC')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** True where a text, or the first line of a mail's own words, is a stop word and nothing more, however it is written:
 *  `TD`, ` 退订。`, `ＴＤ`, `Please unsubscribe me`. More than that is for a person to read. */
export const isStopWord = (words: string, channel: 'email' | 'sms'): boolean => {
  const said = channel === 'email' ? (words.trimStart().split('\n', 1)[0] ?? '') : words;
  return said.trim().length <= LONGEST && PATTERNS[channel].test(lettersOf(said));
};
