import { EngagementError } from '../platform/errors.ts';
import type { FileFormat } from './mapping.ts';

/** Byte order marks, longest first, and the encoding each announces. */
const MARKS: readonly { readonly bytes: readonly number[]; readonly encoding: FileFormat['encoding'] }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

const wrongEncoding = (encoding: string, line: number, cause?: unknown): EngagementError =>
  new EngagementError(
    'bad-input',
    `line ${line}: bytes that are not ${encoding}: declare the file's encoding in the mapping (format.encoding)`,
    { cause },
  );

/** Line on which the first undecodable bytes of `block` stand, given the line at which the block begins. */
const lineOfDamage = (encoding: string, block: Uint8Array, line: number): number => {
  const text = new TextDecoder(encoding).decode(block);
  const damage = text.indexOf('\ufffd');
  return line + (damage === -1 ? text : text.slice(0, damage)).split('\n').length - 1;
};

const countLines = (text: string): number => {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
};

/**
 * Turns the blocks of a file into text, cut anywhere. A byte order mark decides the encoding, else `declared` does; it
 * is never part of the text. Wrong bytes are refused rather than replaced: a replaced letter would pass as a name.
 * @throws EngagementError `bad-input` naming the line
 */
export async function* decodeText(
  blocks: AsyncIterable<Uint8Array>,
  declared: FileFormat['encoding'],
): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let encoding: string = declared;
  let head: Uint8Array = new Uint8Array();
  let line = 1;
  const decode = (block: Uint8Array, stream: boolean): string => {
    try {
      const text = decoder?.decode(block, { stream }) ?? '';
      line += countLines(text);
      return text;
    } catch (error) {
      throw wrongEncoding(encoding, lineOfDamage(encoding, block, line), error);
    }
  };
  const begin = (): Uint8Array => {
    const mark = MARKS.find(({ bytes }) => bytes.every((byte, n) => head[n] === byte));
    encoding = mark?.encoding ?? declared;
    // GB 18030 holds all of GBK; the web's decoder knows both under either name
    decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    return head.subarray(mark?.bytes.length ?? 0);
  };
  for await (const block of blocks) {
    if (decoder) {
      yield decode(block, true);
      continue;
    }
    head = head.length === 0 ? block : Buffer.concat([head, block]);
    if (head.length >= 3) yield decode(begin(), true);
  }
  if (!decoder) yield decode(begin(), true);
  yield decode(new Uint8Array(), false);
}
