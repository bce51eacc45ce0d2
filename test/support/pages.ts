import { createPublicApp } from '../../functions/serve-public/app.ts';
import { preferencePorts } from '../../functions/serve-public/preference-ports.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import type { JoinedRecord } from '../../shared/customer/record.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { createClickTargets } from '../../shared/message/click-targets.ts';
import { createGuesses } from '../../shared/message/guesses.ts';
import { createLinks, type LinkClaims } from '../../shared/message/links.ts';
import { optOut } from '../../shared/message/opt-out.ts';
import { createShortCodes } from '../../shared/message/short-code.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type CivilDate, DAY, type Instant, parseInstant, type ZoneId } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createEndpoints } from '../../shared/relay/endpoint-store.ts';
import { createRenewalAnswers } from '../../shared/survey/renewal-answer-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';

const zone = 'Asia/Shanghai' as ZoneId;
const ORIGIN = 'https://pages.example';
const START = parseInstant('2019-01-02T02:00:00Z') as Instant;

/** Mrs Zhang, whose car is insured until 31 January 2019. Values that must never be seen whole are easy to search for. */
const profile: Profile = {
  partyId: '01jcustomer0000000000000zh' as PartyId,
  scope: 'house',
  name: { family: '张', given: '伟' },
  gender: 'f',
  locale: 'zh-CN',
  zone,
  email: 'zhang.wei@mail.example',
  phone: '13812345678',
  records: [],
  version: 1,
};

const policy: Policy = {
  policyId: 'policy000000000000000000ab' as PolicyId,
  policyNo: 'PNO2018004821',
  source: 'underwriting',
  scope: 'house',
  partyId: profile.partyId,
  line: 'motor',
  contractStartsOn: '2018-01-31' as CivilDate,
  zone,
  contactRule: 'direct',
  term: {
    startsOn: '2018-01-31' as CivilDate,
    renewsOn: '2019-01-31' as CivilDate,
    premium: { minor: 300_000, currency: 'CNY' },
  },
  offer: {
    termStartsOn: '2019-01-31' as CivilDate,
    premium: { minor: 321_000, currency: 'CNY' },
    payUrl: 'https://pay.evermere.example/4821',
    validUntil: '2019-01-31' as CivilDate,
  },
  insured: '沪A12345',
  firstKnownAt: 0 as Instant,
  version: 1,
};

const enrolment: Enrolment = {
  partyId: profile.partyId,
  campaign: 'renewal',
  definition: 'd1',
  policyId: policy.policyId,
  occurrence: '2018-01-31',
  anchorOn: policy.term.renewsOn,
  zone,
  line: 'motor',
  contactRule: 'direct',
  scope: 'house',
  done: ['m60', 'm30'],
  state: 'active',
  next: { step: 'm14', at: (START + 10 * DAY) as Instant },
  enteredAt: START,
  version: 1,
};

/** What a department's file said about a customer. */
const recordOf = ({ name, gender, locale, zone: home, email, phone, scope }: Profile): JoinedRecord => ({
  source: 'crm',
  key: 'K1',
  scope,
  asOf: 0 as Instant,
  knownFrom: 0 as Instant,
  authority: 50,
  data: {
    name,
    locale,
    zone: home,
    ...(gender === undefined ? {} : { gender }),
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
  },
  consents: [],
  joinedBy: 'first',
  joinedAt: 0 as Instant,
});

/** The public pages over a table in memory, with one customer, one policy and one running renewal. */
export const createPageRig = async (changes: { policy?: Partial<Policy>; profile?: Partial<Profile> } = {}) => {
  const table = createMemoryTable();
  let now = START;
  let broken = false;
  /** Names of the table's calls, in order. */
  const calls: string[] = [];
  const guarded: Table = new Proxy(table, {
    get: (target, name) => {
      calls.push(String(name));
      return broken
        ? () => Promise.reject(new Error('table arn:aws:dynamodb:secret is gone'))
        : target[name as keyof typeof target];
    },
  });
  const [profiles, policies, enrolments, gates] = [
    createProfiles(guarded),
    createPolicies(guarded),
    createEnrolments(guarded),
    createGates(guarded),
  ];
  const [timeline, tasks, answers, bus] = [
    createTimeline(guarded),
    createTasks(guarded),
    createRenewalAnswers(guarded),
    createMemoryBus(),
  ];
  const changesQueue = createMemoryQueue<ChangeMessage | JourneyMessage>();
  const secret = Buffer.from('a secret of thirty-two characters');
  const links = createLinks(secret, ORIGIN);
  const codes = createShortCodes(guarded, secret);
  const [targets, clicks] = [createClickTargets(guarded), createClicks(guarded)];
  const logged: unknown[] = [];
  const keep = (level: string) => (name: string, fields: unknown) => logged.push({ level, name, fields });

  const known = { ...profile, ...changes.profile };
  await profiles.putPerson({ profile: known, joined: [recordOf(known)] }, 0);
  await policies.put({ ...policy, ...changes.policy }, 0);
  await enrolments.create(enrolment);
  await gates.create({
    partyId: profile.partyId,
    version: 1,
    consent: {},
    suppressed: {},
    situations: [],
    zone,
    recent: {},
  });

  const app = createPublicApp({
    links: async () => links,
    codes: async () => codes,
    guesses: async () => createGuesses(guarded, secret),
    policies,
    profiles,
    renewal: { answers, enrolments, gates, tasks, timeline, changes: changesQueue, bus },
    unsubscribe: {
      optOut: (request) =>
        optOut(
          {
            gates,
            ledger: createConsentLedger(guarded),
            addressBook: createAddressBook(guarded),
            profiles,
            timeline,
            changes: changesQueue,
          },
          request,
        ),
      bus,
    },
    preferences: preferencePorts(guarded, changesQueue, bus),
    clicks: { targets, clicks, due: createDueWork(guarded) },
    hooks: {
      endpoints: createEndpoints(guarded),
      secret: async () => secret,
      receive: {
        timeline,
        gates,
        ledger: createConsentLedger(guarded),
        enrolments,
        profiles,
        addressBook: createAddressBook(guarded),
        tasks,
        findByPhone: async () => [profile.partyId],
        changes: changesQueue,
        bus,
      },
    },
    log: { info: keep('info'), warn: keep('warn'), error: keep('error') },
    now: () => now,
    newId: () => 'made-up-id',
  });

  const claims: Omit<LinkClaims, 'purpose'> = {
    partyId: profile.partyId,
    policyId: policy.policyId,
    campaign: 'renewal',
    occurrence: '2018-01-31',
    step: 'm30',
    expiresAt: (START + 60 * DAY) as Instant,
  };
  const pathOf = (purpose: LinkClaims['purpose'], changed: Partial<LinkClaims> = {}): string =>
    links.url({ ...claims, purpose, ...changed }).slice(ORIGIN.length);

  return {
    app,
    table,
    profiles,
    policies,
    enrolments,
    gates,
    timeline,
    tasks,
    answers,
    bus,
    codes,
    targets,
    clicks,
    links,
    changes: changesQueue,
    logged,
    calls,
    claims,
    profile,
    policy,
    pathOf,
    at: (instant: Instant) => {
      now = instant;
    },
    start: START,
    breakTable: (on: boolean) => {
      broken = on;
    },
    get: (path: string, headers: Record<string, string> = {}) => app.request(`${ORIGIN}${path}`, { headers }),
    post: (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
      app.request(`${ORIGIN}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(form).toString(),
      }),
  };
};

export type PageRig = Awaited<ReturnType<typeof createPageRig>>;
