/**
 * Words by which a reply to a text asks for no more of them: what Chinese carriers print under an advertisement
 * (`拒收请回复R`, `回T退订`) and what people write in English and Spanish.
 */
const STOP_WORDS: ReadonlySet<string> = new Set([
  'td',
  't',
  'r',
  'n',
  'qx',
  '退订',
  '退订短信',
  '取消订阅',
  '拒收',
  '停止',
  '不要再发',
  '别再发',
  'stop',
  'stopall',
  'unsubscribe',
  'cancel',
  'end',
  'quit',
  'baja',
]);

/** True where a reply is a stop word and nothing more, however it is written: `TD`, ` 退订。`, `ＴＤ`, `Stop!`. */
export const isStopWord = (reply: string): boolean =>
  STOP_WORDS.has(
    reply
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ''),
  );
