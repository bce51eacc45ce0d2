import type { ReachFacts } from '../audience/rule-subject.ts';
import type { Gate, Profile, SendClass } from '../customer/customer.ts';
import { closedFor } from '../customer/may-contact.ts';

/** Which channels are open for good, as far as is known now; what passes with time (quiet hours, caps, a complaint) does
 *  not count. The contact rules decide again, on each message, when it goes. */
export const reachOf = (profile: Profile | undefined, gate: Gate | undefined, sendClass: SendClass): ReachFacts => {
  const isOpen = (channel: 'email' | 'post' | 'sms'): boolean => closedFor(gate, channel, sendClass) === undefined;
  return {
    email: profile?.email !== undefined && isOpen('email'),
    post: profile?.address !== undefined && isOpen('post'),
    sms: profile?.phone !== undefined && isOpen('sms'),
  };
};

/** Why none is: nobody knows where the holder is (`holder-not-linked`), or the channels there are, are shut. */
export const whyUnreachable = (profile: Profile | undefined): 'holder-not-linked' | 'no-channel' =>
  profile?.email === undefined && profile?.address === undefined && profile?.phone === undefined
    ? 'holder-not-linked'
    : 'no-channel';
