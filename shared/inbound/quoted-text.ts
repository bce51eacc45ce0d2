/** A line that mail programs put above an answered mail: `-----Original Message-----`, `---- 回复的原邮件 ----`. */
const SEPARATOR =
  /^[\s>]*[-_=]{2,}\s*(original(\s+(message|appointment))?|forwarded message|message d'origine|mensaje original|mensagem original|messaggio originale|ursprüngliche nachricht|原始邮件|原始郵件|邮件原件|郵件原件|原邮件|回复的原邮件|回覆的原郵件|转发邮件信息|转发的邮件|轉寄郵件)\s*[-_=]{2,}\s*$/i;

/** `On Fri, 1 Feb 2019 at 18:00, Evermere <care@…> wrote:` and its like; at most three lines of a text mail. */
const ATTRIBUTIONS: readonly RegExp[] = [
  /^on\b.{5,300}\bwrote\s*[:：]$/i,
  /^at\b.{5,300}\bwrote\s*[:：]$/i,
  /^.{5,300}(写道|寫道|来信|來信)\s*[:：]$/,
  /^(am|le|el|il|em|op|den|dnia|w dniu)\b.{5,300}(schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał)[^\n]{0,120}[:：]$/i,
];
const ATTRIBUTION_LINES = 3;

/** Fields of the block that Outlook and others put above an answered mail. */
const FIRST_FIELD = /^[\s|*]*(from|von|de|da|发件人|寄件者|寄件人|差出人)\s*[*|]*\s*[:：|]/i;
const FIELD =
  /^[\s|*]*(sent|date|to|cc|subject|gesendet|datum|an|betreff|enviado( el)?|fecha|para|asunto|envoyé|à|objet|inviato|oggetto|发送时间|发送日期|发件时间|寄件日期|日期|时间|收件人|收件者|抄送|主题|主旨)\s*[*|]*\s*[:：|]/i;
const FIELDS_NEAR = 6;
/** Longer lines are nobody's marks; patterns see no more of one, so that none of them can be made to run long. */
const MARK_LENGTH = 400;

/** RFC 3676, 4.3; often without its blank. */
const SIGNATURE = /^--\s?$/;
/** What telephones and free mail services add. */
const SENT_FROM =
  /^[\s>]*(sent (from|via|with) |get outlook for |yahoo mail: |envoyé de(puis)? |enviado desde |von meinem .{0,40}gesendet|gesendet mit |inviato da |(发自|發自|来自|來自|发送自|从|傳送自|寄自).{0,24}(iphone|ipad|手机|手機|客户端|客戶端|outlook|windows|邮箱|郵箱|微信|mail|android|huawei|华为|小米|oppo|vivo)).{0,60}$/i;
const DISCLAIMER =
  /^(\*+\s*)?(confidentiality|disclaimer|legal notice|this (e-?mail|message|communication)( and any| is| may| contains|,)|the information (contained )?in this (e-?mail|message)|diese e-?mail|ce (message|courriel)|este (mensaje|correo)|(本|此)(电子)?(邮件|郵件)(及|包含|可能|所|仅|為|为|中)|免责声明|免責聲明|保密(声明|提示))/i;

const isQuoted = (line: string): boolean => /^\s{0,3}>/.test(line);
const isBlank = (line: string): boolean => line.trim() === '';
const isMark = (pattern: RegExp, line: string): boolean => line.length <= MARK_LENGTH && pattern.test(line);

/** How many lines from `at` on say who wrote what follows; 0 where they do not. */
const attributionAt = (lines: readonly string[], at: number): number => {
  let joined = '';
  for (let count = 1; count <= ATTRIBUTION_LINES; count += 1) {
    const line = lines[at + count - 1];
    if (line === undefined || line.length > MARK_LENGTH || isBlank(line) || isQuoted(line)) return 0;
    joined = `${joined} ${line.trim()}`.trim();
    // who wrote and when, not a sentence that ends like one
    if (/[@\d]/.test(joined) && ATTRIBUTIONS.some((pattern) => pattern.test(joined))) return count;
  }
  return 0;
};

/** True where a block of fields begins: From, and at least two of those that go with it. */
const isFieldBlock = (lines: readonly string[], at: number): boolean =>
  isMark(FIRST_FIELD, lines[at] ?? '') &&
  lines
    .slice(at + 1, at + 1 + 2 * FIELDS_NEAR)
    .filter((line) => !isBlank(line))
    .slice(0, FIELDS_NEAR)
    .filter((line) => isMark(FIELD, line)).length >= 2;

/** The parts between quotations, in order. From a mark without quotation signs on, everything is the answered mail. */
const ownParts = (lines: readonly string[]): string[][] => {
  const parts: string[][] = [[]];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (isMark(SEPARATOR, line) || isFieldBlock(lines, at)) break;
    if (isQuoted(line)) {
      parts.push([]);
      continue;
    }
    const attribution = attributionAt(lines, at);
    if (attribution > 0) {
      const next = lines.slice(at + attribution).find((each) => !isBlank(each));
      if (next === undefined || !isQuoted(next)) break;
      at += attribution - 1;
      parts.push([]);
      continue;
    }
    parts.at(-1)?.push(line);
  }
  return parts;
};

/** A part without signature, the telephone's line and the lawyer's paragraph at its end. */
const withoutFooters = (part: readonly string[]): string => {
  const signature = part.findIndex((line) => SIGNATURE.test(line));
  const lines = signature < 0 ? [...part] : part.slice(0, signature);
  const begins = (n: number): boolean =>
    n > 0 && isBlank(lines[n - 1] ?? '') && DISCLAIMER.test((lines[n] ?? '').slice(0, MARK_LENGTH).trim());
  const disclaimer = lines.findIndex((_, n) => begins(n));
  if (disclaimer >= 0) lines.length = disclaimer;
  for (;;) {
    const last = lines.at(-1);
    if (last === undefined || !(isBlank(last) || isMark(SENT_FROM, last) || /^_{10,}$/.test(last.trim()))) break;
    lines.pop();
  }
  return lines.join('\n').trim();
};

/**
 * The words of the person who wrote a mail: what they quote, their signature and disclaimers are cut, the rest stays as it
 * was written. A mail of nothing else gives no words; the whole of it stays in the bucket.
 * @param text plain text, quotations marked by `>` or by what mail programs put above them
 */
export const ownWords = (text: string): string =>
  ownParts(text.replace(/\r\n?/g, '\n').split('\n'))
    .map(withoutFooters)
    .filter((part) => part !== '')
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n');
