import type { Hono } from 'hono';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { search } from '../../shared/customer/search.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { createClickTargets } from '../../shared/message/click-targets.ts';
import { createGuesses } from '../../shared/message/guesses.ts';
import { createLinks } from '../../shared/message/links.ts';
import { optOut } from '../../shared/message/opt-out.ts';
import { createShortCodes } from '../../shared/message/short-code.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import { createPublicApp } from './app.ts';
import { preferencePorts } from './preference-ports.ts';

/** `serve-public`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bus,
  secret,
  setting,
  ids,
  clock,
  log,
}: Pick<Parts, 'table' | 'queue' | 'bus' | 'secret' | 'setting' | 'ids' | 'clock' | 'log'>): Hono => {
  const changes = queue<ChangeMessage | JourneyMessage>('CHANGES_QUEUE_URL');
  const readSecret = secret('LINK_SECRET_ARN');
  const origin = setting('PUBLIC_ORIGIN');
  const gates = createGates(table);
  const profiles = createProfiles(table);
  const timeline = createTimeline(table);
  const enrolments = createEnrolments(table);
  const tasks = toManagers(createTasks(table), profiles);
  const stopping = {
    gates,
    profiles,
    timeline,
    changes,
    ledger: createConsentLedger(table),
    addressBook: createAddressBook(table),
  };
  return createPublicApp({
    links: async () => createLinks(await readSecret(), origin),
    codes: async () => createShortCodes(table, await readSecret()),
    guesses: async () => createGuesses(table, await readSecret()),
    policies: createPolicies(table),
    profiles,
    renewal: { answers: createRenewalAnswers(table), enrolments, gates, tasks, timeline, changes, bus },
    unsubscribe: { optOut: (request) => optOut(stopping, request), bus },
    preferences: preferencePorts(table, changes, bus),
    clicks: { targets: createClickTargets(table), clicks: createClicks(table), due: createDueWork(table) },
    hooks: {
      endpoints: createEndpoints(table),
      secret: secret('OUTBOUND_SECRET_ARN'),
      receive: {
        ...stopping,
        enrolments,
        tasks,
        findByPhone: async (phone) =>
          (await search(table, { text: phone, limit: 20 })).flatMap(({ partyId }) => partyId ?? []),
        bus,
      },
    },
    log,
    now: clock,
    newId: () => ids.next(),
  });
};
