import * as z from 'zod';
import { contactSettingsSchema } from '../../../shared/message/contact-settings.ts';
import type { ContactSettingsStore, SettingsInForce } from '../../../shared/message/contact-settings-store.ts';
import { roles } from '../../../shared/platform/api/reader.ts';
import { type Route, route } from '../../../shared/platform/api/route.ts';
import { formatInstant, type Instant } from '../../../shared/platform/time.ts';

const answer = z.object({
  version: z.int().describe('0 while the rules are as shipped'),
  settings: contactSettingsSchema,
  changedBy: z.string().optional(),
  changedAt: z.iso.datetime().optional(),
});

const told = ({ settings, version, changed }: SettingsInForce): z.input<typeof answer> => ({
  version,
  settings,
  ...(changed === undefined ? {} : { changedBy: changed.by, changedAt: formatInstant(changed.at) }),
});

/** The figures of the contact rules: read by all, set by compliance. */
export const contactRuleRoutes = (ports: {
  readonly contactSettings: ContactSettingsStore;
  readonly now: () => Instant;
}): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/contact-rules',
    summary: 'The contact rules in force: quiet hours, closed days, caps, contact budget, situations',
    roles,
    answer,
    handle: async () => ({ kind: 'ok', body: told(await ports.contactSettings.inForce()) }),
  }),

  route({
    method: 'put',
    path: '/api/contact-rules',
    summary: 'Set the contact rules; they count from the next message on',
    roles: ['compliance'],
    body: z.strictObject({
      version: z.int().min(0).describe('That of the rules these were made from'),
      settings: contactSettingsSchema,
    }),
    answer,
    handle: async ({ body: { version, settings }, reader }) => {
      const changed = { by: reader.id, at: ports.now() };
      if ((await ports.contactSettings.put(settings, version, changed)) === 'written')
        return { kind: 'ok', body: told({ settings, version: version + 1, changed }) };
      const { version: inForce } = await ports.contactSettings.inForce();
      return {
        kind: 'refused',
        status: 409,
        code: 'conflict',
        message: `version ${inForce} is in force, not ${version}: read the rules and change those`,
      };
    },
  }),
];
