import type { Gate, Profile, SendClass } from '../customer/customer.ts';
import { closedFor } from '../customer/may-contact.ts';

/** By which of the journey's channels a person may and can be reached. */
export interface Reach {
  readonly email: boolean;
  readonly post: boolean;
}

/** Which channels are open for good, as far as is known now; what passes with time (quiet hours, caps, a complaint) does
 *  not count. The contact rules decide again, on each message, when it goes. */
export const reachOf = (profile: Profile | undefined, gate: Gate | undefined, sendClass: SendClass): Reach => ({
  email: profile?.email !== undefined && closedFor(gate, 'email', sendClass) === undefined,
  post: profile?.address !== undefined && closedFor(gate, 'post', sendClass) === undefined,
});

/** Why none is: nobody knows where the holder is (`holder-not-linked`), or the channels there are, are shut. */
export const whyUnreachable = (profile: Profile | undefined): 'holder-not-linked' | 'no-channel' =>
  profile?.email === undefined && profile?.address === undefined && profile?.phone === undefined
    ? 'holder-not-linked'
    : 'no-channel';
