import type { Channel, Gate, Profile, SendClass } from '../customer/customer.ts';

/** By which of the journey's channels a person may and can be reached. */
export interface Reach {
  readonly email: boolean;
  readonly post: boolean;
}

const allows = (gate: Gate | undefined, channel: Extract<Channel, 'email' | 'post'>, sendClass: SendClass): boolean => {
  if (gate?.suppressed[channel] !== undefined) return false;
  if (sendClass === 'statutory') return true;
  if (gate?.consent[`${channel}/service`]?.given === false) return false;
  if (sendClass === 'service') return true;
  const marketing = gate?.consent[`${channel}/marketing`];
  return marketing?.given === true && marketing.wording !== 'legacy-unproven';
};

/** Which channels are open for good, as far as is known now; what passes with time (quiet hours, caps, a complaint) does
 *  not count. The contact rules decide again, on each message, when it goes. */
export const reachOf = (profile: Profile | undefined, gate: Gate | undefined, sendClass: SendClass): Reach => ({
  email: profile?.email !== undefined && allows(gate, 'email', sendClass),
  post: profile?.address !== undefined && allows(gate, 'post', sendClass),
});

/** Why none is: nobody knows where the holder is (`holder-not-linked`), or the channels there are, are shut. */
export const whyUnreachable = (profile: Profile | undefined): 'holder-not-linked' | 'no-channel' =>
  profile?.email === undefined && profile?.address === undefined && profile?.phone === undefined
    ? 'holder-not-linked'
    : 'no-channel';
