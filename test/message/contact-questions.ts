import type { Channel, Gate, RecentContact, SendClass } from '../../shared/customer/customer.ts';
import type { ContactQuestion } from '../../shared/message/contact-rules.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import type { PartyId, SendId } from '../../shared/platform/ids.ts';
import { DAY, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';

export const at = (text: string): Instant => parseInstant(text) as Instant;

const CHANNELS: readonly Channel[] = ['email', 'post', 'phone', 'sms', 'visit'];

/** A person in Shanghai who said yes to everything. */
export const gateOf = (more: Partial<Gate> = {}): Gate => ({
  partyId: 'p' as PartyId,
  version: 1,
  consent: Object.fromEntries(
    CHANNELS.map((channel) => [`${channel}/marketing`, { given: true, wording: 'w1', at: 0 as Instant }]),
  ),
  suppressed: {},
  situations: [],
  zone: 'Asia/Shanghai' as ZoneId,
  recent: {},
  ...more,
});

export const contactAt = (instant: number, channel: Channel, sendClass: SendClass = 'service'): RecentContact => ({
  at: instant as Instant,
  channel,
  sendClass,
  owner: 'o',
  leaseUntil: instant as Instant,
});

/** A question about a marketing mail at `now`, ten days of time. */
export const questionAt = (
  now: Instant,
  {
    order,
    gate,
    ...more
  }: { order?: Partial<ContactQuestion['order']>; gate?: Partial<Gate> } & Partial<
    Omit<ContactQuestion, 'order' | 'gate'>
  > = {},
): ContactQuestion => ({
  order: {
    sendId: 'me' as SendId,
    channel: 'email',
    sendClass: 'marketing',
    priority: 50,
    useBy: (now + 10 * DAY) as Instant,
    ...order,
  },
  gate: gateOf(gate),
  reachable: true,
  now,
  settings: contactSettings,
  ...more,
});
