import type { SendClass } from '../customer/customer.ts';
import { EngagementError } from '../platform/errors.ts';
import type { PartyId, PolicyId, SendId } from '../platform/ids.ts';
import { formatInstant, type Instant, parseInstant } from '../platform/time.ts';
import type { MailTags } from './mailer.ts';
import type { TimelineEntry } from './message.ts';
import { proofFromTag, proofToTag } from './proof.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** SES's limit is 256 characters a value; nine policy ids fit. The sender completes the row where there are more. */
export const MAX_TAGGED = 9;

const toBase32 = (text: string): string => {
  let bits = '';
  for (const byte of Buffer.from(text, 'utf8')) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
};

const fromBase32 = (text: string): string => {
  let bits = '';
  for (const character of text) bits += BASE32.indexOf(character).toString(2).padStart(5, '0');
  const bytes = (bits.match(/[01]{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return Buffer.from(bytes).toString('utf8');
};

/** A timeline row as the tags of its mail tell it. */
export type TaggedRow = Pick<TimelineEntry, 'partyId' | 'at' | 'kind' | 'id' | 'policyIds' | 'proof'> & {
  readonly campaign: string;
  readonly step: string;
  readonly sendClass: SendClass;
};

/** Tags from which an event of the mail finds its row without a lookup, and can write it where it is not there yet. */
export const tagsOf = (row: TaggedRow): MailTags => {
  const tags = {
    party: row.partyId,
    row: toBase32(`${formatInstant(row.at)}|${row.id}`),
    campaign: row.campaign,
    step: row.step,
    class: row.sendClass,
    ...(row.policyIds.length > 0 ? { policies: row.policyIds.slice(0, MAX_TAGGED).join('-') } : {}),
    ...(row.proof ? { proof: proofToTag(row.proof) } : {}),
  };
  for (const [name, value] of Object.entries(tags))
    if (!/^[\w-]{1,256}$/.test(value))
      throw new EngagementError(
        'bad-input',
        `${name} "${value}" cannot be a message tag: use letters, digits, - and _`,
      );
  return tags;
};

const CLASSES: readonly string[] = ['marketing', 'service', 'statutory'] satisfies SendClass[];

/** @returns undefined where the tags are not (or not all) ours: the mail was sent by somebody else */
export const rowOfTags = (tags: Readonly<Record<string, readonly string[] | undefined>>): TaggedRow | undefined => {
  const value = (name: string): string | undefined => tags[name]?.[0];
  const [party, row, campaign, step, sendClass] = ['party', 'row', 'campaign', 'step', 'class'].map(value);
  if (!party || !row || !campaign || !step || !sendClass || !CLASSES.includes(sendClass)) return undefined;
  const [at = '', sendId] = fromBase32(row).split('|');
  const instant = parseInstant(at);
  if (instant === undefined || !sendId) return undefined;
  const proof = proofFromTag(value('proof') ?? '');
  return {
    partyId: party as PartyId,
    at: instant as Instant,
    kind: 'message',
    id: sendId as SendId,
    policyIds: (value('policies') ?? '').split('-').filter((id) => id !== '') as PolicyId[],
    campaign,
    step,
    sendClass: sendClass as SendClass,
    ...(proof ? { proof } : {}),
  };
};
