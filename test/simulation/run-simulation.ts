import type { CampaignControl } from '../../shared/campaign/campaign.ts';
import type { Controls } from '../../shared/campaign/control.ts';
import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createUnconfirmedAddresses } from '../../shared/customer/unconfirmed-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork, type DueItem, type DueWork } from '../../shared/journey/due-work.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createShelf, createShelving, unshelve } from '../../shared/journey/shelf.ts';
import { inviteOf } from '../../shared/message/asking.ts';
import { createClicks } from '../../shared/message/click-store.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import { settlePayload } from '../../shared/message/contract.ts';
import type { MessageContent } from '../../shared/message/decision-trace.ts';
import { createCampaignHealth } from '../../shared/message/health.ts';
import type { SendOrder, TimelineEntry } from '../../shared/message/message.ts';
import { optOut } from '../../shared/message/opt-out.ts';
import { readProof } from '../../shared/message/proof.ts';
import { receiveFeedback } from '../../shared/message/receive-feedback.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { SendPorts } from '../../shared/message/send-ports.ts';
import { feedbackMessage } from '../../shared/message/ses-events.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { settleUnknown } from '../../shared/message/unknown-outcome.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import type { Table } from '../../shared/platform/table.ts';
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createAsking } from '../../shared/survey/ask-survey.ts';
import { createAsked } from '../../shared/survey/asked-store.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';
import { createFaults, type FaultRates, type Faults, faulty, noFaults, type PlannedFault } from './faults.ts';
import { createLedgerTable, type LedgerEvent } from './ledger-table.ts';
import { type Accepted, createProvider } from './mail-provider.ts';
import { drawWorld, type MailWorld } from './mail-world.ts';
import { createSimulatedQueue } from './queue.ts';
import { createRandom, createScheduler, type Process } from './scheduler.ts';

/** What a mail was made of, in a simulation. */
const CONTENT: MessageContent = { template: 'renewal', version: 'v1', locale: 'en', hash: 'hash', input: {} };

export interface SimulationOptions {
  readonly rates?: FaultRates;
  /** One fault at one call, beside what the rates bring. */
  readonly planned?: PlannedFault;
  /** The world to play; drawn from the seed where absent. */
  readonly world?: MailWorld;
  readonly persons?: number;
  /** An order for each policy and step, none for several. */
  readonly single?: boolean;
  /** Customers answer the surveys that messages of the world ask, at random moments. */
  readonly answers?: boolean;
  /** Opt-outs, exits, pauses and cancellations at random moments. */
  readonly interventions?: boolean;
  /** Share of accepted mails that bounce or are complained about. */
  readonly trouble?: number;
  /** Replaces ports of one sending run: how a test breaks a promise on purpose. */
  readonly breakPorts?: (ports: SendPorts) => SendPorts;
}

/** What happened, for the invariants and for whoever looks at a failed seed. */
export interface SimulationReport {
  readonly seed: number;
  readonly world: MailWorld;
  readonly accepted: readonly Accepted[];
  readonly rows: ReadonlyMap<string, readonly TimelineEntry[]>;
  /** Send ids as the proofs of the rows hold them, by send id. */
  readonly proven: ReadonlyMap<string, string>;
  readonly deadOrders: readonly SendOrder[];
  readonly deadEvents: number;
  readonly ledger: readonly LedgerEvent[];
  /** Cancelled campaigns, and after how many steps. */
  readonly cancelled: ReadonlyMap<string, number>;
  /** Invitations that have their row in the end. */
  readonly invited: ReadonlySet<string>;
  /** Journeys told that a step failed. */
  readonly failures: readonly JourneyMessage[];
  readonly steps: number;
  readonly endedAt: Instant;
  readonly counts: Faults['counts'];
}

/**
 * Plays one world to its end under faults drawn from `seed`: the real use cases and stores over a table in memory,
 * queues that repeat and shuffle, a provider that loses answers, processes that die between any two calls. The same
 * seed and options give the same report.
 */
export const runSimulation = async (seed: number, options: SimulationOptions = {}): Promise<SimulationReport> => {
  const {
    rates = noFaults,
    persons = 5,
    single = false,
    interventions = false,
    answers = false,
    trouble = 0,
    breakPorts = (ports) => ports,
  } = options;
  const world = options.world ?? drawWorld(createRandom(seed), persons, single);
  const random = createRandom(seed ^ 0x5bd1e995);
  const scheduler = createScheduler(world.start, random);
  const { table, events: ledger } = createLedgerTable(() => scheduler.step());
  const faults = { scheduler, random, faults: createFaults(random, rates, options.planned) };
  const proof = createMemoryObjects();
  const failures = createMemoryQueue<JourneyMessage>();
  const control = new Map<string, CampaignControl>();
  const cancelled = new Map<string, number>();
  const controls: Pick<Controls, 'of'> = {
    of: async (ids) => new Map(ids.map((id) => [id, control.get(id) ?? { kind: 'go' }])),
  };
  const changes = createMemoryQueue<ChangeMessage>();
  let tokens = 0;
  const skewOf = (): number => (rates.skew === 0 ? 0 : random.int(2 * rates.skew + 1) - rates.skew);

  for (const gate of world.gates) await createGates(table).create(gate);
  for (const profile of world.profiles) {
    await createProfiles(table).put(profile, 0);
    if (profile.email) await createAddressBook(table).link(profile.email, profile.partyId);
  }
  for (const policy of world.policies) await createPolicies(table).put(policy, 0);
  for (const enrolment of world.enrolments) await createEnrolments(table).create(enrolment);

  const provider = createProvider({ scheduler, random, rates, trouble, emit: (event) => void feedback.send([event]) });
  const clockOf = (process: Process) => (): Instant => (scheduler.now() + process.skew) as Instant;

  /** The due work of one process; the clock learns when to look. */
  const dueOf = (stores: Table): Pick<DueWork, 'place'> => ({
    async place(items, now) {
      await createDueWork(stores).place(items, now);
      for (const item of items) look(Math.max(item.at, scheduler.now()));
    },
  });

  const sendPorts = (process: Process): SendPorts => {
    const stores = faulty<Table>(table, process, faults);
    return breakPorts({
      gates: createGates(stores),
      asking: createAsking(askingOver(stores)),
      enrolments: createEnrolments(stores),
      profiles: createProfiles(stores),
      policies: createPolicies(stores),
      unconfirmed: createUnconfirmedAddresses(stores),
      timeline: createTimeline(stores),
      due: dueOf(stores),
      proof: faulty({ put: (...given: Parameters<typeof proof.put>) => proof.put(...given) }, process, faults),
      mailer: faulty(provider.mailer(process), process, faults),
      controls: faulty(controls, process, faults),
      shelf: createShelving({
        shelf: createShelf(stores),
        controls: faulty(controls, process, faults),
        dueWork: dueOf(stores),
        clock: clockOf(process),
      }),
      changes: faulty(failures, process, faults),
      quota: { lease: async (_, wanted) => ({ granted: wanted }) },
      sendingPaused: async () => {},
      // what a mail says: which message it is, and of which policies it speaks
      compose: async ({ order, policies }) => ({
        kind: 'rendered',
        raw: Buffer.from([order.sendId, ...policies.map(({ policyId }) => policyId)].join(' ')),
        content: CONTENT,
      }),
      settings: async () => contactSettings,
      clock: clockOf(process),
      token: () => `t${++tokens}`,
      pause: (milliseconds) => scheduler.sleep(process, milliseconds),
    });
  };

  const queueWorld = { scheduler, random, duplicate: rates.duplicate, skewOf };
  const orders = createSimulatedQueue<SendOrder>('send-mail', { ...queueWorld, batch: 10 }, async (process, bodies) => {
    const outcomes = await sendMail(sendPorts(process), bodies);
    return outcomes.flatMap((outcome, n) => (outcome.kind === 'retry' ? [n] : []));
  });
  const feedback = createSimulatedQueue<unknown>(
    'receive-feedback',
    { ...queueWorld, batch: 5 },
    async (process, bodies) => {
      const stores = faulty<Table>(table, process, faults);
      const failed: number[] = [];
      for (const [n, body] of bodies.entries())
        await receiveFeedback(
          {
            timeline: createTimeline(stores),
            gates: createGates(stores),
            ledger: createConsentLedger(stores),
            addressBook: createAddressBook(stores),
            profiles: createProfiles(stores),
            changes: faulty(changes, process, faults),
            journeys: faulty(failures, process, faults),
            enrolments: createEnrolments(stores),
            health: createCampaignHealth(stores),
            clicks: createClicks(stores),
            due: createDueWork(stores),
            clock: clockOf(process),
          },
          feedbackMessage.parse(body),
        ).catch(() => failed.push(n));
      return failed;
    },
  );

  /** Runs what is due; a row goes only after its work is done. Left rows are found a minute later, as by the tick. */
  const pump = async (): Promise<void> => {
    const outcome = await scheduler
      .run('run-due', skewOf(), async (process) => {
        const due = createDueWork(table);
        const stores = faulty<Table>(table, process, faults);
        const ports = {
          timeline: createTimeline(stores),
          orders: faulty({ send: (sent: readonly SendOrder[]) => orders.send(sent) }, process, faults),
        };
        for (const bucket of await due.activeBuckets(scheduler.now()))
          for (const row of (await due.page(bucket, scheduler.now())).rows) {
            await runDue(ports, row);
            await scheduler.turn(process);
            await due.remove([row]);
          }
      })
      .catch(() => 'failed');
    if (outcome !== undefined) look(scheduler.now() + MINUTE);
  };
  const planned = new Set<number>();
  /** Has due work looked at in that second, once: as in the system, where one tick a minute does, runs do not breed runs. */
  const look = (at: number): void => {
    const second = Math.ceil(at / SECOND) * SECOND;
    if (planned.has(second)) return;
    planned.add(second);
    scheduler.at(second, () => {
      planned.delete(second);
      void pump();
    });
  };
  const runDue = async (ports: Parameters<typeof settleUnknown>[0], row: DueItem): Promise<void> => {
    if (row.kind === 'order') await ports.orders.send([row.payload as SendOrder]);
    else await settleUnknown(ports, settlePayload.parse(row.payload));
  };

  /** Does something until it has been done, as a caller does that gets no answer. */
  const insist = async (name: string, act: (process: Process) => Promise<unknown>): Promise<void> => {
    const outcome = await scheduler.run(name, 0, act).catch(() => 'killed');
    if (outcome === 'killed') scheduler.at(scheduler.now() + 1_000, () => void insist(name, act));
  };

  /** A moment to interfere with a person: mostly while one of his messages is on its way. */
  const moment = (partyId: string): Instant => {
    const own = world.orders.filter((order) => order.partyId === partyId);
    const free = world.start + random.int(2 * DAY);
    const at = own.length > 0 && random.chance(0.8) ? random.pick(own).dueAt + random.int(8_000) : free;
    return at as Instant;
  };

  for (const order of world.orders)
    scheduler.at(world.queuedAt.get(order) ?? order.dueAt, () => void orders.send([order]));
  if (interventions) {
    for (const { partyId } of world.profiles.filter(() => random.chance(0.4))) {
      const at = moment(partyId);
      const sendClass = random.chance(0.5) ? 'marketing' : 'service';
      scheduler.at(
        at,
        () =>
          void insist('opt-out', (process) => {
            const stores = faulty<Table>(table, process, faults);
            const ports = {
              gates: createGates(stores),
              ledger: createConsentLedger(stores),
              addressBook: createAddressBook(stores),
              profiles: createProfiles(stores),
              timeline: createTimeline(stores),
              changes,
            };
            return optOut(ports, { partyId, sendClass, wording: 'one-click', source: 'unsubscribe-link', at });
          }),
      );
    }
    for (const enrolment of world.enrolments.filter(() => random.chance(0.2)))
      scheduler.at(
        moment(enrolment.partyId),
        () =>
          void createEnrolments(table).put(
            { ...enrolment, state: 'exited', exit: { reason: 'renewed', at: scheduler.now() } },
            enrolment.version,
          ),
      );
  }

  const invites = new Map(
    world.orders.flatMap((order) => {
      const invite = inviteOf(order);
      return invite === undefined ? [] : [[invitationIdOf(invite), invite] as const];
    }),
  );
  if (answers)
    for (const [invitationId, { partyId, survey, surveyVersion: version }] of invites) {
      if (!random.chance(0.5)) continue;
      const at = moment(partyId);
      const facets = { scope: 'head', channel: 'email', locale: 'en' } as const;
      const answer = { id: `answer ${invitationId}`, at, invitationId, survey, version, partyId, facets };
      scheduler.at(
        at,
        () =>
          void insist('answer', async (process) => {
            const stores = faulty<Table>(table, process, faults);
            await createSurveyAnswers(stores, proof).add({ ...answer, given: 'page', values: {}, low: false });
            await createAsked(stores).noteAnswered(partyId, survey, { invitationId, at });
          }),
      );
    }

  if (interventions) {
    for (const campaign of ['renewal', 'win-back']) {
      if (random.chance(0.3)) {
        const at = (world.start + random.int(30) * HOUR) as Instant;
        scheduler.at(at, () => {
          if (!cancelled.has(campaign)) control.set(campaign, { kind: 'hold', reason: 'paused' });
        });
        scheduler.at(at + random.int(5) * HOUR, () => {
          if (control.get(campaign)?.kind === 'hold') control.delete(campaign);
          void insist('resume', async (process) => {
            const stores = faulty<Table>(table, process, faults);
            const ports = { shelf: createShelf(stores), dueWork: dueOf(stores) };
            let after: string | undefined;
            do after = (await unshelve(campaign, after, ports, scheduler.now())).next;
            while (after !== undefined);
          });
        });
      }
      if (random.chance(0.1))
        scheduler.at(moment(random.pick(world.orders)?.partyId ?? ''), () => {
          control.set(campaign, { kind: 'cancelled' });
          cancelled.set(campaign, scheduler.step());
        });
    }
  }

  await scheduler.drain();

  const rows = new Map<string, TimelineEntry[]>();
  for (const { partyId } of world.profiles) {
    let after: string | undefined;
    do {
      const page = await createTimeline(table).list(partyId, after === undefined ? {} : { after });
      for (const entry of page.entries) rows.set(entry.id, [...(rows.get(entry.id) ?? []), entry]);
      after = page.next;
    } while (after !== undefined);
  }
  const states = await createInvitations(table).statesOf([...invites.keys()]);
  const invited = new Set([...states].flatMap(([id, { sent }]) => (sent ? [id] : [])));
  const proven = new Map<string, string>();
  for (const [sendId, found] of rows) {
    const row = found.find((one) => one.proof);
    if (row?.proof) {
      const [proved = ''] = Buffer.from(await readProof(proof, row.proof))
        .toString()
        .split(' ');
      proven.set(sendId, proved);
    }
  }
  return {
    seed,
    world,
    accepted: provider.log,
    rows,
    proven,
    deadOrders: orders.deadLetters,
    deadEvents: feedback.deadLetters.length,
    ledger,
    cancelled,
    invited,
    failures: failures.messages,
    steps: scheduler.step(),
    endedAt: scheduler.now(),
    counts: faults.faults.counts,
  };
};
