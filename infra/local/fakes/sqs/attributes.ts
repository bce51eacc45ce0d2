import { createHash } from 'node:crypto';
import * as z from 'zod';

/** Message attributes as the wire carries them; binary values are base64. */
export const messageAttributes = z.record(
  z.string().regex(/^[A-Za-z0-9_.-]{1,256}$/),
  z.strictObject({
    DataType: z.string().regex(/^(String|Number|Binary)(\..+)?$/),
    StringValue: z.string().optional(),
    BinaryValue: z.string().optional(),
  }),
);

export type MessageAttributes = z.infer<typeof messageAttributes>;

export const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

/** The digest the service gives for attributes: names sorted; of each the length and bytes of name, type and value, a
 *  byte 1 for text or 2 for binary before the value (SQS developer guide, "Calculating the MD5 message digest"). */
export const md5OfAttributes = (attributes: MessageAttributes): string | undefined => {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType: type, StringValue: text, BinaryValue: binary } = attributes[name] as MessageAttributes[string];
    add(Buffer.from(name));
    add(Buffer.from(type));
    hash.update(Buffer.from([text === undefined ? 2 : 1]));
    add(text === undefined ? Buffer.from(binary ?? '', 'base64') : Buffer.from(text));
  }
  return hash.digest('hex');
};

/** Bytes that count towards the service's limit: body, and each attribute's name, type and value. */
export const sizeOf = (body: string, attributes: MessageAttributes): number =>
  Buffer.byteLength(body) +
  Object.entries(attributes).reduce(
    (sum, [name, { DataType: type, StringValue: text, BinaryValue: binary }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(type) +
      (text === undefined ? Buffer.byteLength(binary ?? '', 'base64') : Buffer.byteLength(text)),
    0,
  );
