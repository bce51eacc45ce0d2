import { EngagementError } from '../platform/errors.ts';
import type { Key, Table } from '../platform/table.ts';
import { formatInstant, type Instant, parseInstant } from '../platform/time.ts';
import { type ContactSettings, contactSettings, contactSettingsSchema } from './contact-settings.ts';

/** The contact rules' figures in force. */
export interface SettingsInForce {
  readonly settings: ContactSettings;
  /** 0 while they are as shipped; rises with every change. */
  readonly version: number;
  /** Who set them, an opaque user id, and when; absent while they are as shipped. */
  readonly changed?: { readonly by: string; readonly at: Instant };
}

/** The contact rules' figures: as shipped until compliance sets others. */
export interface ContactSettingsStore {
  /** Strongly read, so that a stricter rule counts from the next batch on. Ask once a batch.
   *  @throws EngagementError `misconfigured` where what is stored does not fit this release: nothing is sent by rules
   *  that nobody set */
  inForce(): Promise<SettingsInForce>;
  /** @param expectedVersion that of the settings they were made from; another one in force refuses (F32) */
  put(
    settings: ContactSettings,
    expectedVersion: number,
    act: NonNullable<SettingsInForce['changed']>,
  ): Promise<'written' | 'refused'>;
}

const KEY: Key = { pk: 'SETTINGS', sk: 'contact-rules' };

/** The settings over the table. */
export const createContactSettings = (table: Table): ContactSettingsStore => ({
  async inForce() {
    const item = await table.get(KEY, { consistent: true });
    if (item === undefined) return { settings: contactSettings, version: 0 };
    const read = contactSettingsSchema.safeParse(item.settings);
    if (!read.success)
      throw new EngagementError(
        'misconfigured',
        `stored contact rules do not fit this release at ${read.error.issues[0]?.path.join('.')}: set them again by PUT /api/contact-rules`,
      );
    return {
      settings: read.data,
      version: item.version as number,
      changed: { by: item.changedBy as string, at: parseInstant(item.changedAt as string) as Instant },
    };
  },

  async put(settings, expectedVersion, { by, at }) {
    const item = {
      ...KEY,
      entity: 'ContactSettings',
      schemaVersion: 1,
      settings,
      version: expectedVersion + 1,
      changedBy: by,
      changedAt: formatInstant(at),
    };
    const asRead =
      expectedVersion === 0
        ? ({ path: ['pk'], absent: true } as const)
        : ({ path: ['version'], is: expectedVersion } as const);
    return (await table.put(item, [asRead])).kind;
  },
});
