import { setTimeout as pause } from 'node:timers/promises';
import { createControls } from '../../shared/campaign/control.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createMailRenderer } from '../../shared/content/render-mail.ts';
import { createShippedTemplates } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createUnconfirmedAddresses } from '../../shared/customer/unconfirmed-store.ts';
import { createReplyAddresses } from '../../shared/inbound/reply-address.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createShelf, createShelving } from '../../shared/journey/shelf.ts';
import { createWatchedHealth } from '../../shared/launch/watched-health.ts';
import { createClickTargets } from '../../shared/message/click-targets.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { createLinks } from '../../shared/message/links.ts';
import type { Mailer } from '../../shared/message/mailer.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { cachedLimits, createSendQuota, type SendLimits } from '../../shared/message/quota.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { SendPorts } from '../../shared/message/send-ports.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { keepFor } from '../../shared/platform/keep-for.ts';
import { once } from '../../shared/platform/once.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import { MINUTE } from '../../shared/platform/time.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAsking } from '../../shared/survey/ask-survey.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';
import { createClaimReader } from './claim-of.ts';
import { createMailComposer } from './compose-mail.ts';

/** `send-mail`, of whatever adapters it is given. */
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
  mailer,
  limits,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'bus' | 'secret' | 'setting' | 'ids' | 'clock' | 'log' | 'meter'> & {
  readonly mailer: Mailer;
  readonly limits: () => Promise<SendLimits>;
}) => {
  const readSecret = secret('LINK_SECRET_ARN');
  const origin = setting('PUBLIC_ORIGIN');
  const domain = setting('SENDER_DOMAIN');

  const controls = createControls(table, programmes, clock);
  const dueWork = createDueWork(table);
  const settings = createContactSettings(table);
  const staff = createStaffEvents(bus);
  const composing = {
    templates: createTemplates(
      createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
      createStoredTemplates(table),
    ),
    renderer: createMailRenderer(),
    targets: createClickTargets(table),
    claimOf: createClaimReader(createPolicyFacts(table), clock),
    domain,
  };

  const stores = {
    gates: createGates(table),
    asking: createAsking(askingOver(table)),
    enrolments: createEnrolments(table),
    profiles: createProfiles(table),
    policies: createPolicies(table),
    unconfirmed: createUnconfirmedAddresses(table),
    controls,
    timeline: createTimeline(table),
    due: dueWork,
    shelf: createShelving({ shelf: createShelf(table), controls, dueWork, clock }),
    changes: queue<JourneyMessage>('CHANGES_QUEUE_URL'),
    quota: createSendQuota(table, cachedLimits(limits)),
    proof: bucket('MESSAGES_BUCKET'),
    mailer,
  };

  const ports = once(
    async (): Promise<SendPorts> => ({
      ...stores,
      compose: createMailComposer({
        ...composing,
        links: createLinks(await readSecret(), origin),
        addresses: createReplyAddresses(await readSecret()),
      }),
      // a stricter rule counts within a minute
      settings: keepFor(MINUTE, clock, async () => (await settings.inForce()).settings),
      sendingPaused: (code) => staff.tell({ type: 'SendingPaused', details: { code }, at: clock() }),
      clock,
      token: () => ids.next(),
      pause: async (milliseconds) => {
        await pause(milliseconds);
      },
    }),
  );

  return orderHandler({
    name: 'send-mail',
    decide: async (orders) => sendMail(await ports(), orders),
    counts: createOutcomeCounts(table),
    health: createWatchedHealth(table, bus),
    clock,
    log,
    meter,
  });
};
