import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import type { RuleGroup } from '../../shared/audience/rule.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { createLiveCampaigns } from '../../shared/campaign/live-campaigns.ts';
import { type Programme, programmes } from '../../shared/campaign/programmes.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createComplaints } from '../../shared/customer/complaints.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import type { Gate, Profile } from '../../shared/customer/customer.ts';
import { createCustomerNumbers } from '../../shared/customer/customer-numbers.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { searchItem, searchKeys } from '../../shared/customer/search.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createBrokerLists } from '../../shared/journey/broker-list.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { followJourney } from '../../shared/journey/follow-journey.ts';
import { followParty } from '../../shared/journey/follow-party.ts';
import { followPolicies } from '../../shared/journey/follow-policies.ts';
import { readSubjects, type SubjectPorts, type WantedSubject } from '../../shared/journey/read-subject.ts';
import { receivePolicyEvent } from '../../shared/journey/receive-policy-event.ts';
import { type DueMessage, runDue, tick } from '../../shared/journey/run-due.ts';
import { createShelf, createShelving } from '../../shared/journey/shelf.ts';
import { letterDueIn } from '../../shared/letter/print-houses.ts';
import { createConclusions } from '../../shared/message/conclude-order.ts';
import { type ContactSettings, contactSettings } from '../../shared/message/contact-settings.ts';
import { sendOrder } from '../../shared/message/contract.ts';
import { createConcludeLost, createDecidePerson, createKeepLost } from '../../shared/message/decide-person.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { WebhookCall } from '../../shared/message/webhook-call.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { type PartyId, policyIdOf } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import {
  type CivilDate,
  civilDateAt,
  type Instant,
  instantAt,
  parseInstant,
  type WallTime,
  type ZoneId,
} from '../../shared/platform/time.ts';
import { type ChangeMessage, changesOf } from '../../shared/policy/contract.ts';
import { envelopeSchema, policyAdminEvents, readDetail } from '../../shared/policy/customer-event.ts';
import type { ContractFact, PolicyFact } from '../../shared/policy/facts.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAskByPhone } from '../../shared/survey/ask-by-phone.ts';
import { createAskedAddresses } from '../../shared/survey/preference-link.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';
import { createTasks } from '../../shared/task/task-store.ts';

export const MADRID = 'Europe/Madrid' as ZoneId;
export const day = (text: string): CivilDate => text as CivilDate;
export const instant = (text: string): Instant => parseInstant(text) as Instant;
export const midnight = (text: string, zone: ZoneId = MADRID): Instant =>
  instantAt(day(text), '00:00' as WallTime, zone);

/** What a world is made of: replaceable, so that a test may break a port. */
export interface WorldOptions {
  readonly now: string;
  readonly table?: Table;
  readonly programmes?: readonly Programme[];
  readonly settings?: ContactSettings;
  /** Wraps the ports of every use case, for instance to throw at the k-th call. */
  readonly wrap?: <Ports extends object>(ports: Ports) => Ports;
}

/** A policy as one row of an export would tell it. */
export interface PolicyOptions {
  readonly no?: string;
  readonly starts?: string;
  /** First days of the known terms and when each renews; known from the first day. */
  readonly terms: readonly (readonly [string, string])[];
  readonly lapsesOn?: string;
  readonly contractRule?: ContractFact['contactRule'];
  readonly intermediary?: string;
  readonly zone?: ZoneId;
  readonly holder?: string;
  readonly line?: ContractFact['line'];
  readonly offerFor?: string;
}

/** The journeys of a small insurer in memory, on a clock that only the test moves. */
export const createWorld = (options: WorldOptions) => {
  const table = options.table ?? createMemoryTable();
  const wrap = options.wrap ?? (<Ports extends object>(ports: Ports) => ports);
  const inForce = options.programmes ?? programmes;
  let now = instant(options.now);
  const changes = createMemoryQueue<ChangeMessage | JourneyMessage>();
  const due = createMemoryQueue<DueMessage>();
  const orders = createMemoryQueue<SendOrder>();
  const print = createMemoryQueue<unknown>();
  const calls = createMemoryQueue<WebhookCall>();
  const audiences = createMemoryQueue<unknown>();
  const bus = createMemoryBus();
  const log: string[] = [];
  const facts = createPolicyFacts(table);
  const gates = createGates(table);
  const profiles = createProfiles(table);
  const enrolments = createEnrolments(table);
  const tasks = createTasks(table);
  const timeline = createTimeline(table);
  const brokerLists = createBrokerLists(table);
  const policies = createPolicies(table);
  const ledger = createConsentLedger(table);
  const dueWork = createDueWork(table);
  const definitions = createDefinitions(table, inForce);
  const campaigns = createCampaigns(table, inForce);
  const controls = createControls(table, inForce, () => now);
  const traits = createTraits(table);
  const shelf = createShelf(table);
  const audienceRows = createAudienceRows(table);
  const clock = (): Instant => now;
  const shelving = createShelving({ shelf, controls, dueWork, clock });

  const proof = createMemoryObjects();
  let tokens = 0;
  const ends = createConclusions({ timeline, due: dueWork, shelf: shelving, changes, clock });

  const lists = new Map<PartyId, readonly string[]>();
  const savedAudiences = new Map<string, { readonly rule: RuleGroup }>();

  const subjectPorts = {
    profiles,
    gates,
    traits,
    policies,
    facts,
    timeline,
    holdings: createHoldings(table),
    lists: { of: async () => lists },
  } satisfies SubjectPorts;

  const all = () => ({
    ...subjectPorts,
    enrolments,
    ledger,
    customers: createCustomerNumbers(table),
    asked: createAskedAddresses(table),
    addressBook: createAddressBook(table),
    definitions,
    campaigns: createLiveCampaigns(campaigns, definitions),
    audienceRows,
    audienceFollower: { follow: async () => {} },
    savedAudiences: { get: async (id: string) => savedAudiences.get(id) },
    subjects: (wanted: readonly WantedSubject[], at: Instant) => readSubjects(wanted, subjectPorts, at),
    controls,
    shelving,
    dueWork,
    tasks,
    askByPhone: createAskByPhone({ ...askingOver(table), profiles, policies }),
    bus,
    brokerLists,
    letterDueIn,
    meter: { count: () => {} },
    changes,
    orders: {
      async send(sent: readonly SendOrder[]) {
        await orders.send(sent);
      },
    },
    readOrder: (payload: unknown) => sendOrder.parse(payload),
    decideTogether: createDecidePerson(async () => options.settings ?? contactSettings),
    concludeLost: createConcludeLost(
      ends,
      createKeepLost(proof, () => `t${(tokens += 1)}`),
    ),
    ends,
    calls,
    audiences,
    settle: async () => {},
    clicks: async () => {},
    answers: async () => {},
    deadlines: async () => {},
    complaints: createComplaints(table),
    print: async (payloads: readonly unknown[]) => print.send(payloads),
  });
  /** Ports, wrapped one by one so that a break hits single calls. */
  const ports = (): ReturnType<typeof all> =>
    Object.fromEntries(
      Object.entries(all()).map(([name, port]) => [
        name,
        typeof port === 'object' && !Array.isArray(port) && name !== 'meter' ? wrap(port as object) : port,
      ]),
    ) as ReturnType<typeof all>;

  /** Delivers at least once: a message whose handling fails comes again. */
  const handle = async <Message>(message: Message, act: (message: Message) => Promise<unknown>) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await act(message);
      } catch (error) {
        if (attempt > 50) throw error;
      }
    }
  };

  const follow = async (change: ChangeMessage | JourneyMessage): Promise<unknown> => {
    if (change.kind === 'policies') return followPolicies(change.policyIds, ports(), now);
    if (change.kind === 'party') return followParty(change.partyId, ports(), now);
    heard.push(change);
    return followJourney(change, ports(), now);
  };

  const drainChanges = async () => {
    while (changes.messages.length > 0)
      for (const message of changes.take()) await handle(message, (change) => follow(change));
  };

  const drain = async () => {
    await drainChanges();
    while (due.messages.length > 0) {
      for (const message of due.take())
        await handle(message, async (bucket) => {
          const { more } = await runDue(bucket, instant(bucket.upTo), ports(), now);
          if (more) await due.send([bucket]);
        });
      await drainChanges();
    }
    for (const order of orders.take()) {
      // as whoever sends it does: the journey is read strongly, and one that ended meanwhile sends nothing
      const states = await Promise.all(order.enrolments.map((ref) => enrolments.get(ref)));
      if (states.every((enrolment) => enrolment?.state === 'exited')) continue;
      seen.push({ order, at: now });
      log.push(`${civilDateAt(now, MADRID)} ${order.channel} ${order.step}`);
    }
  };
  const heard: JourneyMessage[] = [];
  const seen: { order: SendOrder; at: Instant }[] = [];

  return {
    table,
    proof,
    changes,
    bus,
    print,
    calls,
    audiences,
    heard,
    traits,
    lists,
    savedAudiences,
    shelf,
    controls,
    campaigns,
    definitions,
    inForce,
    seen,
    log,
    facts,
    gates,
    profiles,
    enrolments,
    tasks,
    timeline,
    brokerLists,
    policies,
    dueWork,
    ports,
    drain,
    now: () => now,

    /** Orders that nobody has taken from their queue yet. */
    pending: () => orders.messages,

    /** Adds a customer who can be reached by mail and post. */
    async person(id: string, change: Partial<Profile> = {}, gate: Partial<Gate> = {}) {
      const partyId = id as PartyId;
      const profile: Profile = {
        partyId,
        scope: 'head',
        name: { given: 'Ana', family: 'Li' },
        locale: 'en',
        zone: MADRID,
        email: `${id}@example.com`,
        address: { lines: ['1 Main Street'], city: 'Madrid', postcode: '28001', country: 'ES' },
        records: [{ source: 'service', key: `ref-${id}`, joinedBy: 'own-id', at: now }],
        version: 1,
        ...change,
      };
      await profiles.put(profile, 0);
      await gates.create({
        partyId,
        version: 1,
        consent: {},
        suppressed: {},
        situations: [],
        zone: MADRID,
        recent: {},
        ...gate,
      });
      await table.writeMany(searchKeys(profile).map(searchItem));
      return partyId;
    },

    /** The facts of a policy as an import would make them. */
    factsOf(policy: PolicyOptions): PolicyFact[] {
      const { no = 'P1', starts = policy.terms[0]?.[0] ?? '', zone = MADRID, holder = 'ana', line = 'motor' } = policy;
      const policyId = policyIdOf('underwriting', no, starts);
      const base = { policyId, source: 'underwriting', recordedAt: instant(options.now), origin: 'import-1' };
      return [
        ...policy.terms.flatMap(([startsOn, renewsOn]): PolicyFact[] => [
          {
            ...base,
            kind: 'contract',
            knownFrom: midnight(startsOn, zone),
            policyNo: no,
            scope: 'head',
            line,
            contractStartsOn: day(starts),
            zone,
            contactRule: policy.contractRule ?? 'direct',
            ...(policy.intermediary === undefined ? {} : { intermediary: policy.intermediary }),
            holder: holder as PartyId,
          },
          {
            ...base,
            kind: 'term',
            knownFrom: midnight(startsOn, zone),
            term: { startsOn: day(startsOn), renewsOn: day(renewsOn), premium: { minor: 20_000, currency: 'EUR' } },
          },
        ]),
        ...(policy.lapsesOn === undefined
          ? []
          : [
              {
                ...base,
                kind: 'ending',
                knownFrom: midnight(policy.lapsesOn, zone),
                ending: { kind: 'lapsed', on: day(policy.lapsesOn) },
              } as const,
            ]),
        ...(policy.offerFor === undefined
          ? []
          : [
              {
                ...base,
                kind: 'offer',
                knownFrom: instant(options.now),
                offer: { termStartsOn: day(policy.offerFor), premium: { minor: 21_000, currency: 'EUR' } },
              } as const,
            ]),
      ];
    },

    /** Takes over policies as an import does, and lets everything settle. */
    async load(...wanted: PolicyOptions[]) {
      const made = wanted.flatMap((policy) => this.factsOf(policy));
      await facts.write(made);
      const ids = [...new Set(made.map(({ policyId }) => policyId))];
      await changes.send(changesOf(ids, 'import-1'));
      await drain();
      return ids;
    },

    /** Receives an event as EventBridge would hand it over. */
    async event(detailType: string, detail: Record<string, unknown>) {
      const envelope = envelopeSchema.parse({
        id: 'e',
        source: 'policy.admin',
        'detail-type': detailType,
        time: new Date(now).toISOString(),
        detail: {
          schemaVersion: 1,
          eventId: `${detailType}-${now}`,
          occurredAt: new Date(now).toISOString(),
          ...detail,
        },
      });
      const outcome = await handle(envelope, (taken) =>
        receivePolicyEvent(readDetail(policyAdminEvents, taken), ports(), now),
      );
      await drain();
      return outcome;
    },

    /** Moves the clock, doing everything that falls due on the way, in order. */
    async advance(to: string) {
      const end = instant(to);
      for (;;) {
        const { nextDueAt } = (await handle(now, (at) => tick({ dueWork: ports().dueWork, due }, at))) as Awaited<
          ReturnType<typeof tick>
        >;
        await drain();
        if (nextDueAt === undefined || nextDueAt > end) break;
        now = nextDueAt;
      }
      now = end;
    },

    /** Lets time pass while nothing runs: an outage. */
    outage(to: string) {
      now = instant(to);
    },

    /** Sends as `day channel step`, one customer's or all. */
    sends: (policyNo?: string) =>
      seen
        .filter(({ order }) => policyNo === undefined || order.enrolments[0]?.policyId === policyNo)
        .map(({ order, at }) => `${civilDateAt(at, MADRID)} ${order.channel} ${order.step}`),

    async openTasks() {
      const { tasks: open } = await tasks.list('head', 'open');
      return open.map(({ kind, reason, dueOn }) => `${dueOn} ${kind} ${reason}`);
    },

    async history(partyId: string) {
      const { entries } = await timeline.list(partyId as PartyId, { limit: 500 });
      return entries.map(({ kind, state, reason, step, campaign }) =>
        [kind, campaign, step, state, reason].filter((part) => part !== undefined).join(' '),
      );
    },
  };
};

export type World = ReturnType<typeof createWorld>;
