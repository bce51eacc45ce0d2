import { createHash } from 'node:crypto';
import type { CampaignControl } from '../../shared/campaign/campaign.ts';
import type { Gate, Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createUnconfirmedAddresses } from '../../shared/customer/unconfirmed-store.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork, type DueItem } from '../../shared/journey/due-work.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { createEnrolments, refOf } from '../../shared/journey/enrolment-store.ts';
import type { ComposedLetter, LetterPorts } from '../../shared/letter/compose-letter.ts';
import type { HandOverPorts } from '../../shared/letter/hand-over.ts';
import { createLetters } from '../../shared/letter/letter-store.ts';
import { contactSettings } from '../../shared/message/contact-settings.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import type { Recipient } from '../../shared/message/send-ports.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { type PartyId, type PolicyId, sendIdOf } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type CivilDate, DAY, type Instant, type ZoneId } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createAsking } from '../../shared/survey/ask-survey.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';
import { at, policyOf, profileOf } from '../content/samples.ts';

/** Friday 11 January 2019, 08:00 in Madrid: the letter for Thursday the 17th is composed. */
export const COMPOSE_AT = at('2019-01-11T07:00:00Z');
/** 14:00 there: the batch is handed over. */
export const CUT_OFF = at('2019-01-11T13:00:00Z');
export const DAY_OF_PRINT = { house: 'es', printOn: '2019-01-11' as CivilDate };

const GO: CampaignControl = { kind: 'go' };

/** A worker died: nothing of it goes on. */
class Killed extends Error {}

/** Counts calls and dies at one of them, before or after it took effect. */
export interface Killer {
  call<Answer>(act: () => Promise<Answer>): Promise<Answer>;
  readonly calls: () => number;
}

export const noKiller: Killer = { call: (act) => act(), calls: () => 0 };

/** Dies at call `dieAt` (1 …) and at every later one, as a dead worker does. */
export const createKiller = (dieAt: number, after: boolean): Killer => {
  let calls = 0;
  return {
    calls: () => calls,
    call: async (act) => {
      calls += 1;
      if (calls > dieAt || (calls === dieAt && !after)) throw new Killed();
      const answer = await act();
      if (calls === dieAt) throw new Killed();
      return answer;
    },
  };
};

const through = <Port extends object>(port: Port, killer: Killer): Port =>
  new Proxy(port, {
    get: (target, name) => {
      const member = target[name as keyof Port];
      return typeof member === 'function'
        ? (...args: unknown[]) => killer.call(async () => member.apply(target, args))
        : member;
    },
  });

/** What a letter's file is in these tests: its own text, so that a mixed-up file is seen. */
const pdfOf = (orderId: string, on: Instant): Buffer => Buffer.from(`%PDF ${orderId} ${on}`);

export const createLetterWorld = () => {
  const table = createMemoryTable();
  const bucket = createMemoryObjects();
  const written = new Map<string, number>();
  const files: typeof bucket = {
    ...bucket,
    put: async (key, ...rest) => {
      written.set(key, (written.get(key) ?? 0) + 1);
      await bucket.put(key, ...rest);
    },
  };
  const proofs = createMemoryObjects();
  const clock = { now: COMPOSE_AT };
  const controls = new Map<string, CampaignControl>();
  const shelved: DueItem[] = [];
  const told: JourneyMessage[] = [];
  let tokens = 0;

  const portsOver = (killer: Killer) => {
    const store: Table = through(table, killer);
    const killable: Objects = through(files, killer);
    const ports = {
      gates: createGates(store),
      enrolments: createEnrolments(store),
      profiles: createProfiles(store),
      policies: createPolicies(store),
      unconfirmed: createUnconfirmedAddresses(store),
      timeline: createTimeline(store),
      due: createDueWork(store),
      asking: createAsking(askingOver(store)),
      letters: createLetters(store),
      files: killable,
      proof: through(proofs, killer),
      controls: { of: async (ids: readonly string[]) => new Map(ids.map((id) => [id, controls.get(id) ?? GO])) },
      shelf: {
        lay: async (_: string, items: readonly DueItem[]) => {
          shelved.push(...items);
        },
      },
      changes: {
        send: async (messages: readonly JourneyMessage[]) => {
          told.push(...messages);
        },
      },
      journeys: {
        send: async (messages: readonly JourneyMessage[]) => {
          told.push(...messages);
        },
      },
      settings: async () => contactSettings,
      clock: () => clock.now,
      token: () => {
        tokens += 1;
        return `token${tokens}`;
      },
      compose: async ({ order }: Recipient, on: Instant): Promise<ComposedLetter> => {
        const pdf = pdfOf(order.sendId, on);
        const sha256 = createHash('sha256').update(pdf).digest('hex');
        return {
          kind: 'composed',
          pdf,
          pages: 1,
          sha256,
          content: { template: 'renewal-m14', version: 'v1', locale: 'zh-CN', hash: 'hash', input: {} },
          addressLines: ['María García', 'Calle Mayor 1', '28013 Madrid'],
        };
      },
    };
    return ports satisfies LetterPorts & HandOverPorts;
  };
  const ports = portsOver(noKiller);

  return {
    table,
    files,
    /** How often a file was written. */
    writes: (key: string): number => written.get(key) ?? 0,
    clock,
    controls,
    shelved,
    told,
    ports,
    portsOver,
    /** A customer in Madrid with one policy, and the order for its letter. */
    add: async (
      n: number,
      given: { profile?: Partial<Profile>; gate?: Partial<Gate>; order?: Partial<SendOrder> } = {},
    ): Promise<SendOrder> => {
      const partyId = `party${n}` as PartyId;
      const policyId = `policy${n}` as PolicyId;
      const zone = 'Europe/Madrid' as ZoneId;
      const address = { lines: ['Calle Mayor 1'], city: 'Madrid', postcode: '28013', country: 'ES' };
      await ports.profiles.put(profileOf({ partyId, zone, address, ...given.profile }) as never, 0);
      await ports.policies.put(policyOf({ policyId, partyId, policyNo: `=N${n}`, zone, version: 0 }), 0);
      await ports.gates.create({
        partyId,
        version: 1,
        consent: {},
        suppressed: {},
        situations: [],
        zone,
        recent: {},
        ...given.gate,
      });
      const enrolment: Enrolment = {
        partyId,
        campaign: 'renewal',
        definition: 'v1',
        policyId,
        occurrence: '2018-01-31',
        anchorOn: '2019-01-31' as CivilDate,
        state: 'active',
        zone,
        line: 'motor',
        contactRule: 'direct',
        scope: 'head',
        done: [],
        enteredAt: COMPOSE_AT,
        version: 1,
      };
      await ports.enrolments.create(enrolment);
      return {
        sendId: sendIdOf('renewal', '2018-01-31', policyId, 'm14', 'post'),
        channel: 'post',
        sendClass: 'service',
        priority: 50,
        campaign: 'renewal',
        definition: 'v1',
        step: 'm14',
        template: 'renewal-m14',
        templateVersion: 'v1',
        partyId,
        enrolments: [refOf(enrolment)],
        dueAt: COMPOSE_AT,
        useBy: (COMPOSE_AT + 3 * DAY) as Instant,
        ...given.order,
      };
    },
    /** Ends the journey of an order, as a renewal does. */
    exit: async (order: SendOrder): Promise<void> => {
      const [ref] = order.enrolments;
      const known = ref && (await ports.enrolments.get(ref));
      if (known)
        await ports.enrolments.put(
          { ...known, state: 'exited', exit: { reason: 'renewed', at: clock.now } },
          known.version,
        );
    },
    row: (order: SendOrder) =>
      ports.timeline.get({ partyId: order.partyId, at: order.dueAt, kind: 'message', id: order.sendId }),
    manifest: async (batch: string): Promise<string | undefined> => {
      const file = await files.get(`batches/${batch}/manifest.csv`);
      return file && Buffer.from(file.body).toString('utf8');
    },
  };
};
