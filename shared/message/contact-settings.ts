import type { SendClass, Situation } from '../customer/customer.ts';
import type { WallTime } from '../platform/time.ts';

/** Wall-clock times in the recipient's zone; may pass midnight. From `from` (inclusive) to `until` (exclusive). */
export interface QuietHours {
  readonly from: WallTime;
  readonly until: WallTime;
}

/** At most `max` messages of a class to one person in any `days` × 24 hours, over all channels. */
interface FrequencyCap {
  readonly sendClass: SendClass;
  readonly max: number;
  readonly days: number;
}

/** What a situation does to messages of a class: nothing, wait for its end within the use-by, or not at all. */
type Silence = 'send' | 'hold' | 'skip';

export interface ContactSettings {
  /** A class without an entry has no quiet hours. */
  readonly quietHours: Readonly<Partial<Record<SendClass, QuietHours>>>;
  readonly caps: readonly FrequencyCap[];
  readonly situations: Readonly<Record<Situation, Readonly<Record<SendClass, Silence>>>>;
  /** How often a message held by a situation asks again. */
  readonly situationRecheckHours: number;
}

/**
 * The contact rules' figures, in one place (product.md M3; reliability.md C28, C29). An insurer's counsel sets them.
 *
 * Service mail has no cap: each policy must get its reminders. A running complaint or dispute silences advertising but
 * not the reminder without which cover would end; a bereaved family is left alone for as long as the use-by allows;
 * under a fraud review nothing goes out but what the law asks for. Nobody writes to the dead.
 */
export const contactSettings: ContactSettings = {
  quietHours: {
    marketing: { from: '21:00' as WallTime, until: '08:00' as WallTime },
    service: { from: '21:00' as WallTime, until: '08:00' as WallTime },
  },
  caps: [
    { sendClass: 'marketing', max: 1, days: 7 },
    { sendClass: 'marketing', max: 2, days: 30 },
  ],
  situations: {
    deceased: { marketing: 'skip', service: 'skip', statutory: 'skip' },
    'open-complaint': { marketing: 'skip', service: 'send', statutory: 'send' },
    'disputed-claim': { marketing: 'skip', service: 'send', statutory: 'send' },
    bereavement: { marketing: 'skip', service: 'hold', statutory: 'send' },
    'fraud-review': { marketing: 'skip', service: 'skip', statutory: 'send' },
  },
  situationRecheckHours: 12,
};
