import type { CampaignControl } from '../../shared/campaign/campaign.ts';
import { type CampaignDefinition, type PinnedDefinition, pinDefinition } from '../../shared/campaign/definition.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import type { DueItem } from '../../shared/journey/due-work.ts';
import type { AudiencesMessage } from '../../shared/launch/contract.ts';
import type { AudiencePlace, FoundMember, MemberPages } from '../../shared/launch/members.ts';
import { createPace } from '../../shared/launch/pace-store.ts';
import type { Member, Run } from '../../shared/launch/run.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { startRun } from '../../shared/launch/start-run.ts';
import { type WalkRunsPorts, walkRuns } from '../../shared/launch/walk-runs.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { StaffEvent } from '../../shared/platform/staff-events.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type Instant, MINUTE, parseInstant } from '../../shared/platform/time.ts';

export const TEN = parseInstant('2027-01-15T02:00:00Z') as Instant;

/** A campaign that writes once to everybody at ten in Shanghai. */
export const broadcast = (changes: Partial<CampaignDefinition> = {}): CampaignDefinition => ({
  formatVersion: 1,
  id: 'spring',
  title: { 'zh-CN': '春', en: 'Spring' },
  department: 'marketing',
  priority: 50,
  subject: 'customer',
  trigger: { once: { at: '2027-01-15T10:00', zone: 'Asia/Shanghai' as never } },
  class: 'marketing',
  audience: {},
  reEntry: 'never',
  exits: ['deceased'],
  useBy: 'P2D',
  steps: [{ id: 'mail', do: { send: 'email', template: 'spring' } }],
  byLine: {},
  ...changes,
});

export const pin = (definition: CampaignDefinition): PinnedDefinition =>
  pinDefinition(definition, { templates: { spring: 'v1' }, surveys: {} });

export const party = (n: number): PartyId => `party${String(n).padStart(21, '0')}` as PartyId;

/** An audience in memory, its members spread over 256 shards, `perPage` rows a page. */
export const audienceOf = (members: readonly Member[], perPage = 40): Pick<MemberPages, 'page'> => {
  const shards = Array.from({ length: 256 }, (_, shard) => members.filter((_, n) => (n * 37) % 256 === shard));
  return {
    async page({ shard, after = '0' }: AudiencePlace) {
      const from = Number(after);
      const all = shards[shard] ?? [];
      const found = all.slice(from, from + perPage);
      const next =
        from + perPage < all.length
          ? { shard, after: String(from + perPage) }
          : shard < 255
            ? { shard: shard + 1 }
            : undefined;
      return { members: found as FoundMember[], rows: found.length, ...(next === undefined ? {} : { next }) };
    },
  };
};

/** Thrown where a test cuts a worker off. */
export class Killed extends Error {}

/** Runs over a memory table, with a sender whose ledger lets each send id go once. */
export const createRunWorld = (
  campaigns: readonly { readonly definition: CampaignDefinition; readonly members: readonly Member[] }[],
  {
    perSecond = 14,
    perDay = 1_000_000,
    table = createMemoryTable() as Table,
    /** How long a worker lives that comes after a killed one. */
    nextLife = () => Number.POSITIVE_INFINITY,
    /** Called whenever orders were queued. */
    onQueued = () => {},
  } = {},
) => {
  let now = TEN;
  /** Calls until the worker is killed; counts down at each call to the outside. */
  let life = Number.POSITIVE_INFINITY;
  let kills = 0;
  const controls = new Map<string, CampaignControl>();
  const pinned = new Map(
    campaigns.map(({ definition, members }) => [definition.id, { pinned: pin(definition), members }]),
  );
  const queued: SendOrder[] = [];
  const entered: JourneyMessage[] = [];
  const due = new Map<string, DueItem>();
  const messages: AudiencesMessage[] = [];
  const staff: StaffEvent[] = [];
  const accepted: { readonly sendId: string; readonly at: Instant }[] = [];
  /** What was queued in each minute. */
  const perMinute = new Map<number, number>();

  const live = <Ports extends object>(ports: Ports): Ports =>
    Object.fromEntries(
      Object.entries(ports).map(([name, act]) => [
        name,
        async (...args: readonly unknown[]) => {
          life -= 1;
          if (life === 0) throw new Killed('before the call');
          const answer = await (act as (...given: readonly unknown[]) => Promise<unknown>)(...args);
          life -= 1;
          if (life === 0) throw new Killed('after the call');
          return answer;
        },
      ]),
    ) as Ports;

  const runs = live(createRuns(table));
  const timeline = createTimeline(table);
  const dueWork = live({
    async place(items: readonly DueItem[]) {
      for (const item of items) due.set(`${item.kind}#${item.id}@${item.at}`, item);
    },
  });
  const definitions = {
    get: async (campaign: string) => (pinned.get(campaign) as { pinned: PinnedDefinition }).pinned,
  };
  const ports: WalkRunsPorts = {
    runs,
    pace: live(createPace(table)),
    limits: async () => ({ perSecond, perDay, sentLast24Hours: 0 }),
    controls: {
      of: async (ids) => new Map(ids.map((id) => [id, controls.get(id) ?? { kind: 'go' }])),
    },
    definitions,
    audience: async ({ definition }) => audienceOf(pinned.get(definition.id)?.members ?? []),
    arbitrate: async (orders) => orders,
    timeline,
    orders: live({
      async send(sent: readonly SendOrder[]) {
        queued.push(...sent);
        onQueued();
        const minute = Math.floor(now / MINUTE);
        perMinute.set(minute, (perMinute.get(minute) ?? 0) + sent.length);
      },
    }),
    changes: live({
      async send(sent: readonly JourneyMessage[]) {
        entered.push(...sent);
      },
    }),
    audiences: live({
      async send(sent: readonly AudiencesMessage[]) {
        messages.push(...sent);
      },
    }),
    dueWork,
    staff: { tell: async (event) => void staff.push(event) },
    clock: () => now,
  };

  const start = (campaign: string, at: Instant, occurrence: string) =>
    startRun(
      { campaign, at, occurrence },
      {
        campaigns: {
          get: async (id) => ({
            id,
            state: 'live',
            draft: 'h',
            live: 'h',
            makers: [],
            title: { 'zh-CN': '春', en: 'Spring' },
            sendClass: 'marketing',
            priority: 50,
            updatedAt: TEN,
            version: 1,
          }),
        },
        definitions,
        runs,
        dueWork,
        staff: ports.staff,
      },
      now,
    );

  const world = {
    table,
    ports,
    queued,
    entered,
    messages,
    staff,
    accepted,
    perMinute,
    controls,
    due,
    now: () => now,
    moveTo: (at: Instant) => {
      now = at;
    },
    /** Kills the worker at the n-th call or return from now. */
    killAfter: (calls: number) => {
      life = calls;
    },
    revive: () => {
      life = Number.POSITIVE_INFINITY;
    },
    /** How many workers were killed. */
    kills: () => kills,
    start,
    /** The sender: each send id is accepted once, and gets its timeline row. `lost` orders vanish in a dead letter. */
    async deliver(lost: (order: SendOrder) => boolean = () => false) {
      for (const order of queued.splice(0)) {
        if (lost(order)) continue;
        const written = await timeline.record({
          partyId: order.partyId,
          at: order.dueAt,
          kind: 'message',
          id: order.sendId,
          policyIds: [],
          campaign: order.campaign,
          step: order.step,
          state: 'accepted',
        });
        if (written === 'written') accepted.push({ sendId: order.sendId, at: now });
      }
    },
    /** One tick: what is due and what is on the queue, a killed worker's message coming again. @returns whether any was */
    async tick(): Promise<boolean> {
      const ready = [...due].filter(([, item]) => item.at <= now);
      for (const [key, item] of ready) {
        due.delete(key);
        messages.push(item.payload as AudiencesMessage);
      }
      const work = messages.splice(0);
      for (const message of work) {
        for (;;) {
          try {
            if (message.kind === 'run') await start(message.campaign, message.at, message.occurrence);
            if (message.kind === 'walk') await walkRuns(ports);
            break;
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
            kills += 1;
            life = nextLife();
          }
        }
      }
      return work.length > 0;
    },
    /** Ticks minute by minute until nothing is due any more, at most `minutes`. */
    async settle(minutes = 3_000, lost?: (order: SendOrder) => boolean): Promise<void> {
      for (let n = 0; n < minutes && (due.size > 0 || messages.length > 0); n += 1) {
        const worked = await world.tick();
        await world.deliver(lost);
        if (messages.length > 0) continue;
        const next = Math.min(...[...due.values()].map(({ at }) => at));
        if (due.size > 0)
          now = (
            worked ? Math.max(now + MINUTE, Math.ceil(next / MINUTE) * MINUTE) : Math.max(now + MINUTE, next)
          ) as Instant;
      }
    },
    runOf: async (campaign: string): Promise<Run | undefined> => (await createRuns(table).of(campaign))[0],
  };
  return world;
};
