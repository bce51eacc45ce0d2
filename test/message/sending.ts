import type { CampaignControl } from '../../shared/campaign/campaign.ts';
import type { Gate, Profile, SendClass } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createUnconfirmedAddresses } from '../../shared/customer/unconfirmed-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork, type DueItem } from '../../shared/journey/due-work.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import type { MessageContent } from '../../shared/message/decision-trace.ts';
import type { MailTags, SendAnswer } from '../../shared/message/mailer.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { SendPorts } from '../../shared/message/send-ports.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { type PartyId, type PolicyId, type SendId, sendIdOf } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type CivilDate, DAY, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAsking } from '../../shared/survey/ask-survey.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';

/** What a mail was made of, in these tests. */
export const CONTENT: MessageContent = {
  template: 'renewal',
  version: 'v1',
  locale: 'en',
  hash: 'template-hash',
  input: {},
};

/** Ten in the morning in Madrid. */
export const NOW = parseInstant('2019-01-31T09:00:00Z') as Instant;
const ZONE = 'Europe/Madrid' as ZoneId;
const OCCURRENCE = '2018-02-14';

export interface Person {
  readonly n: number;
  readonly gate?: Partial<Gate>;
  readonly profile?: Partial<Profile>;
  readonly enrolment?: Partial<Enrolment>;
  readonly sendClass?: SendClass;
  /** How many policies he has; one unless said. */
  readonly policies?: number;
}

/** Names of the n-th person's things. */
export const namesOf = (n: number) => ({
  partyId: `party${String(n).padStart(21, '0')}` as PartyId,
  policyId: `policy${String(n).padStart(20, '0')}` as PolicyId,
});

/** The `k`-th policy of the n-th person; the 0th is that of `namesOf`. */
export const policyOf = (n: number, k: number): PolicyId =>
  k === 0 ? namesOf(n).policyId : (`policy${k}x${String(n).padStart(18, '0')}` as PolicyId);

/** One order for several policies of the n-th person. */
export const mergedOrder = (n: number, ks: readonly number[], more: Partial<SendOrder> = {}): SendOrder => {
  const { partyId } = namesOf(n);
  const enrolments = ks.map((k) => ({
    partyId,
    campaign: 'renewal',
    policyId: policyOf(n, k),
    occurrence: OCCURRENCE,
  }));
  const sendId = sendIdOf('renewal', OCCURRENCE, policyOf(n, ks[0] ?? 0), 'm30', 'email') as SendId;
  return orderOf(n, { sendId, enrolments, dueAts: ks.map((k) => (NOW + k * DAY) as Instant), ...more });
};

export const orderOf = (n: number, more: Partial<SendOrder> = {}): SendOrder => {
  const { partyId, policyId } = namesOf(n);
  return {
    sendId: sendIdOf('renewal', OCCURRENCE, policyId, 'm30', 'email') as SendId,
    channel: 'email',
    sendClass: 'service',
    priority: 50,
    campaign: 'renewal',
    definition: 'hash',
    step: 'm30',
    template: 'renewal',
    templateVersion: 'v1',
    partyId,
    enrolments: [{ partyId, campaign: 'renewal', policyId, occurrence: OCCURRENCE }],
    dueAt: NOW,
    useBy: (NOW + 3 * DAY) as Instant,
    ...more,
  };
};

/** A sending function over memory with one order's worth of data per person, and an answer per call of the provider. */
export const createSending = async (
  people: readonly Person[],
  answer: (mail: { to: string; tags: MailTags; raw: Uint8Array }) => SendAnswer | Promise<SendAnswer> = () => ({
    kind: 'accepted',
    messageId: 'ses-1',
  }),
  watch: (table: Table) => Table = (table) => table,
) => {
  const memory = createMemoryTable();
  for (const { n, gate, profile, enrolment, policies = 1 } of people) {
    const { partyId } = namesOf(n);
    const consent = { 'email/marketing': { given: true, wording: 'w1', at: NOW } };
    await createGates(memory).create({
      partyId,
      version: 1,
      consent,
      suppressed: {},
      situations: [],
      zone: ZONE,
      recent: {},
      ...gate,
    });
    const email = `person${n}@example.com`;
    await createProfiles(memory).put(
      { partyId, scope: 's', name: {}, locale: 'en', zone: ZONE, email, records: [], version: 1, ...profile },
      0,
    );
    for (let k = 0; k < policies; k += 1) {
      await createPolicies(memory).put(
        {
          policyId: policyOf(n, k),
          policyNo: `N${n}-${k}`,
          source: 'test',
          scope: 's',
          partyId,
          line: 'motor',
          contractStartsOn: OCCURRENCE as CivilDate,
          zone: ZONE,
          contactRule: 'direct',
          term: { startsOn: OCCURRENCE as CivilDate, renewsOn: '2019-02-14' as CivilDate },
          firstKnownAt: NOW,
          version: 1,
        },
        0,
      );
      await createEnrolments(memory).create({
        partyId,
        campaign: 'renewal',
        definition: 'hash',
        policyId: policyOf(n, k),
        occurrence: OCCURRENCE,
        anchorOn: '2019-02-14' as CivilDate,
        zone: ZONE,
        line: 'motor',
        contactRule: 'direct',
        scope: 's',
        state: 'active',
        done: [],
        enteredAt: NOW,
        version: 1,
        ...enrolment,
      });
    }
  }
  const table = watch(memory);
  const controls = new Map<string, CampaignControl>();
  const told: JourneyMessage[] = [];
  const shelved: DueItem[] = [];
  const paused: string[] = [];
  const calls: { to: string; tags: MailTags }[] = [];
  const placed: DueItem[] = [];
  const objects = createMemoryObjects();
  let tokens = 0;
  let now = NOW;
  const due = createDueWork(table);
  const ports: SendPorts = {
    gates: createGates(table),
    enrolments: createEnrolments(table),
    profiles: createProfiles(table),
    policies: createPolicies(table),
    unconfirmed: createUnconfirmedAddresses(table),
    timeline: createTimeline(table),
    controls: { of: async (campaigns) => new Map(campaigns.map((id) => [id, controls.get(id) ?? { kind: 'go' }])) },
    shelf: {
      async lay(_, items) {
        shelved.push(...items);
      },
    },
    changes: {
      async send(messages) {
        told.push(...messages);
      },
    },
    asking: createAsking(askingOver(table)),
    quota: { lease: async (_, wanted) => ({ granted: wanted }) },
    sendingPaused: async (code) => {
      paused.push(code);
    },
    due: {
      async place(items, at) {
        placed.push(...items);
        await due.place(items, at);
      },
    },
    proof: objects,
    mailer: {
      async send(mail) {
        calls.push({ to: mail.to, tags: mail.tags });
        return answer(mail);
      },
    },
    compose: async ({ order }) => ({ kind: 'rendered', raw: Buffer.from(`mail ${order.sendId}`), content: CONTENT }),
    settings: async () => contactSettings,
    clock: () => now,
    token: () => `token${++tokens}`,
    pause: async () => {},
  };
  const rows = async (n: number) => (await createTimeline(memory).list(namesOf(n).partyId)).entries;
  const gateOf = async (n: number): Promise<Gate> => {
    const { partyId } = namesOf(n);
    return (await createGates(memory).getMany([partyId])).get(partyId) as Gate;
  };
  return {
    ports,
    calls,
    placed,
    told,
    shelved,
    paused,
    controls,
    objects,
    memory,
    table,
    rows,
    gateOf,
    later: (milliseconds: number) => {
      now = (now + milliseconds) as Instant;
    },
  };
};
