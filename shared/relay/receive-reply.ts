import type { Profile } from '../customer/customer.ts';
import { foldPhone } from '../customer/match-key.ts';
import type { TaggedRow } from '../message/mail-tags.ts';
import { type ReplyOutcome, type TakeReplyPorts, takeReply } from '../message/take-reply.ts';
import { derivedId, type PartyId } from '../platform/ids.ts';
import type { GatewayEvent } from './contract.ts';

/** What replies need from outside. */
export interface ReplyPorts extends TakeReplyPorts {
  readonly profiles: TakeReplyPorts['profiles'] & {
    getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>>;
  };
  /** Parties whose number begins like this; the profiles decide. */
  readonly findByPhone: (phone: string) => Promise<readonly PartyId[]>;
}

/** A reply as a gateway tells it: `row` is the text that it answers, where the gateway can tell. */
export interface ReceivedReply {
  readonly gateway: string;
  /** The call's signed id. */
  readonly eventId: string;
  readonly reply: Extract<GatewayEvent, { type: 'text.reply' }>['data'];
  readonly row: TaggedRow | undefined;
}

/** The person who was written to, and everyone to whom the number belongs (F43). */
const partiesOf = async (ports: ReplyPorts, { reply, row }: ReceivedReply): Promise<PartyId[]> => {
  const number = foldPhone(reply.from);
  const profiles = await ports.profiles.getMany(await ports.findByPhone(reply.from));
  const owners = [...profiles.values()].filter(({ phone }) => phone !== undefined && foldPhone(phone) === number);
  return [...new Set([...(row === undefined ? [] : [row.partyId]), ...owners.map(({ partyId }) => partyId)])];
};

/**
 * Takes a customer's reply to a text (`takeReply`); a stop word counts for everyone with the number.
 * @returns `foreign` where nobody here was written to or has that number
 */
export const receiveReply = async (
  ports: ReplyPorts,
  received: ReceivedReply,
): Promise<ReplyOutcome | { readonly kind: 'foreign' }> => {
  const { gateway, eventId, reply, row } = received;
  // of several who share the number, the one who was written to wrote back, as far as anybody can tell
  const [partyId, ...others] = await partiesOf(ports, received);
  if (partyId === undefined) return { kind: 'foreign' };
  return takeReply(ports, {
    id: derivedId('reply', gateway, eventId),
    at: reply.at,
    channel: 'sms',
    partyId,
    others,
    answered: row,
    sendClass: row?.sendClass,
    text: reply.text,
    details: { gateway },
    properties: { gateway },
  });
};
