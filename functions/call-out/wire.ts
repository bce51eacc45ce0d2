import { setTimeout as pause } from 'node:timers/promises';
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
import { askingNothing } from '../../shared/message/asking.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { orderHandler } from '../../shared/message/order-handler.ts';
import { createOutcomeCounts } from '../../shared/message/outcome-counts.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { WebhookCall } from '../../shared/message/webhook-call.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { keepFor } from '../../shared/platform/keep-for.ts';
import { once } from '../../shared/platform/once.ts';
import type { OutboundHttp } from '../../shared/platform/outbound-http.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import { MINUTE } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { callWebhook, type WebhookPorts } from '../../shared/relay/call-webhook.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { sendTexts, type TextPorts } from '../../shared/relay/send-texts.ts';
import { createTextComposer } from './compose-text.ts';
import { createHandler } from './core.ts';

/** `call-out`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bucket,
  bus,
  secret,
  ids,
  clock,
  log,
  meter,
  http,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'bus' | 'secret' | 'ids' | 'clock' | 'log' | 'meter'> & {
  readonly http: OutboundHttp;
}) => {
  const readSecret = secret('OUTBOUND_SECRET_ARN');

  const changes = queue<JourneyMessage>('CHANGES_QUEUE_URL');
  const staff = createStaffEvents(bus);
  const endpoints = createEndpoints(table);
  const controls = createControls(table, programmes, clock);
  const dueWork = createDueWork(table);
  const settings = createContactSettings(table);
  const templates = createTemplates(
    createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
    createStoredTemplates(table),
  );

  const sending: TextPorts['sending'] = {
    gates: createGates(table),
    asking: askingNothing,
    enrolments: createEnrolments(table),
    profiles: createProfiles(table),
    policies: createPolicies(table),
    unconfirmed: createUnconfirmedAddresses(table),
    controls,
    timeline: createTimeline(table),
    due: dueWork,
    shelf: createShelving({ shelf: createShelf(table), controls, dueWork, clock }),
    changes,
    proof: bucket('MESSAGES_BUCKET'),
    compose: createTextComposer({ templates }),
    // a stricter rule counts within a minute
    settings: keepFor(MINUTE, clock, async () => (await settings.inForce()).settings),
    sendingPaused: (code) => staff.tell({ type: 'SendingPaused', details: { code }, at: clock() }),
    clock,
    token: () => ids.next(),
    pause: async (milliseconds) => {
      await pause(milliseconds);
    },
  };

  const texts = once(
    async (): Promise<TextPorts> => ({
      sending,
      endpoints,
      gateway: { http, secret: await readSecret(), clock },
      table,
    }),
  );

  const webhooks = once(
    async (): Promise<WebhookPorts> => ({
      endpoints,
      http,
      secret: await readSecret(),
      retries: queue<WebhookCall>('OUTBOUND_QUEUE_URL'),
      giveUp: async ({ id, endpoint, campaign, step }, ref, because) => {
        await changes.send([{ kind: 'step-failed', ref, step, because: `webhook: ${because}` }]);
        await staff.tell({ type: 'WebhookFailed', campaign, details: { id, endpoint, step, because }, at: clock() });
      },
    }),
  );

  return createHandler({
    call: async (call) => callWebhook(await webhooks(), call, clock()),
    orders: orderHandler({
      name: 'call-out',
      decide: async (orders) => sendTexts(await texts(), orders),
      counts: createOutcomeCounts(table),
      health: createWatchedHealth(table, bus),
      clock,
      log,
      meter,
    }),
    log,
  });
};
