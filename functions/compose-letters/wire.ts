import { createControls } from '../../shared/campaign/control.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createShippedTemplates } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createUnconfirmedAddresses } from '../../shared/customer/unconfirmed-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createShelf, createShelving } from '../../shared/journey/shelf.ts';
import { createWatchedHealth } from '../../shared/launch/watched-health.ts';
import { composeLetters, type LetterPorts } from '../../shared/letter/compose-letter.ts';
import { createLetters } from '../../shared/letter/letter-store.ts';
import { createTypesetter } from '../../shared/letter/typeset-letter.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createShortCodes } from '../../shared/message/short-code.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { keepFor } from '../../shared/platform/keep-for.ts';
import { once } from '../../shared/platform/once.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { MINUTE } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAsking } from '../../shared/survey/ask-survey.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';
import { createLetterComposer } from './compose.ts';

/** `compose-letters`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bucket,
  bus,
  secret,
  setting,
  ids,
  clock,
  log,
  meter,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'bus' | 'secret' | 'setting' | 'ids' | 'clock' | 'log' | 'meter'>) => {
  const readSecret = secret('LINK_SECRET_ARN');
  const typesetter = createTypesetter();
  const origin = setting('PUBLIC_ORIGIN');
  const domain = setting('SENDER_DOMAIN');

  const controls = createControls(table, programmes, clock);
  const dueWork = createDueWork(table);
  const settings = createContactSettings(table);
  const templates = createTemplates(
    createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
    createStoredTemplates(table),
  );

  const stores = {
    gates: createGates(table),
    asking: createAsking(askingOver(table)),
    enrolments: createEnrolments(table),
    profiles: createProfiles(table),
    policies: createPolicies(table),
    unconfirmed: createUnconfirmedAddresses(table),
    timeline: createTimeline(table),
    controls,
    due: dueWork,
    shelf: createShelving({ shelf: createShelf(table), controls, dueWork, clock }),
    changes: queue<JourneyMessage>('CHANGES_QUEUE_URL'),
    letters: createLetters(table),
    proof: bucket('MESSAGES_BUCKET'),
    files: bucket('PRINT_BUCKET'),
  };

  const ports = once(
    async (): Promise<LetterPorts> => ({
      ...stores,
      compose: createLetterComposer({
        templates,
        typesetter,
        codes: createShortCodes(table, await readSecret()),
        origin,
        domain,
      }),
      // a stricter rule counts within a minute
      settings: keepFor(MINUTE, clock, async () => (await settings.inForce()).settings),
      clock,
      token: ids.next,
    }),
  );

  return orderHandler({
    name: 'compose-letters',
    decide: async (orders) => composeLetters(await ports(), orders),
    counts: createOutcomeCounts(table),
    health: createWatchedHealth(table, bus),
    clock,
    log,
    meter,
  });
};
