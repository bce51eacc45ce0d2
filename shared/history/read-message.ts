import type { TimelineEntry } from '../message/message.ts';
import { readProof } from '../message/proof.ts';
import type { Objects } from '../platform/objects.ts';
import { formatInstant } from '../platform/time.ts';
import type { MessageAsSent } from './contract.ts';
import { readMime } from './read-mime.ts';

export interface ReadMessagePorts {
  /** The messages bucket: mails as they were sent. */
  readonly messages: Pick<Objects, 'get'>;
  /** A link to the PDF of a letter by its id, for at most 300 seconds (S44). */
  readonly letterUrl: (letterId: string) => Promise<string>;
}

/**
 * The message of a timeline row as it was sent; undefined where the row holds none: it was not sent, or was no mail.
 * @throws EngagementError `conflict` where the stored bytes are not those that were sent
 */
export const readMessage = async (
  ports: ReadMessagePorts,
  entry: TimelineEntry,
): Promise<MessageAsSent | undefined> => {
  if (entry.kind !== 'message' || entry.proof === undefined) return undefined;
  const { sha256 } = entry.proof;
  if (entry.channel === 'post') {
    const pages = entry.details?.pages;
    const url = await ports.letterUrl(entry.id);
    return { kind: 'letter', url, ...(typeof pages === 'number' ? { pages } : {}), sha256 };
  }
  const { subject, from, to, html, text } = readMime(await readProof(ports.messages, entry.proof));
  return {
    kind: 'mail',
    subject,
    from,
    to,
    sentAt: formatInstant(entry.at),
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    sha256,
  };
};
