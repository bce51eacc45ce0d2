import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import { formatInstant, type Instant, parseInstant } from '../../../../shared/platform/time.ts';
import type { BusResource, RuleResource, RuleTarget } from '../../template/resources.ts';
import { type Fake, WireRefusal, type WireRequest, type World } from '../../wire.ts';
import type { FaultPlan } from '../fault-plan.ts';
import { jsonAnswer, jsonOperation, jsonRefusal, notCovered, readJson } from '../json-protocol.ts';
import { createOutbox } from '../outbox.ts';
import { checkDelivery } from '../resource-policy.ts';
import { inTransaction } from '../transaction.ts';
import { type Pattern, readPattern } from './pattern.ts';

/** An event by the runtime itself, as `POST /local/events` takes it. */
interface LocalBusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** ISO 8601, told in the event; absent: now. */
  readonly time?: string;
  /** Name of the bus; absent: the template's only one. */
  readonly bus?: string;
}

/** The buses and their rules. */
export interface Events extends Fake {
  /** Puts an event. @returns its id @throws EngagementError `bad-input`, `not-found` */
  put(event: LocalBusEvent): string;
}

/** 1 MB for a request since 2026-01 (EventBridge quotas); it was 256 KB. */
const MAX_BYTES = 1_048_576;

const entrySchema = z.strictObject({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  Time: z.number().optional(),
  Resources: z.array(z.string()).optional(),
});
const putSchema = z.strictObject({ Entries: z.array(entrySchema) });
type Entry = z.output<typeof entrySchema>;

/** @param faults asked at each delivery for `lose` and `duplicate`: service `events`, action `Deliver`, the rule's name
 *  @throws EngagementError `misconfigured` for a pattern that is not covered, or a target that is closed to its rule */
export const createEvents = (world: World, { faults }: { readonly faults?: FaultPlan } = {}): Events => {
  const { buses, rules, region, account } = world.resources;
  const outbox = createOutbox(world, 'events');
  const active = rules.filter(({ enabled }) => enabled).map((rule) => ({ rule, matches: patternOf(world, rule) }));

  const publish = (bus: BusResource, event: object): void => {
    for (const { rule, matches } of active) {
      if (rule.busName !== bus.name || !matches(event)) continue;
      const strike = faults?.strikeDelivery({ service: 'events', action: 'Deliver', principal: rule.name });
      if (strike === 'lose') continue;
      for (let copy = 0; copy < (strike === 'duplicate' ? 2 : 1); copy++) {
        for (const target of rule.targets) {
          outbox.add({
            target: target.arn,
            body: bodyFor(target, event),
            retry: { maxAttempts: 185, maxAgeSeconds: 86_400, ...target.retry },
            ...(target.deadLetterArn === undefined ? {} : { deadLetterArn: target.deadLetterArn }),
          });
        }
      }
    }
  };

  const envelope = (entry: Entry, id: string): object => ({
    version: '0',
    id,
    'detail-type': entry.DetailType,
    source: entry.Source,
    account,
    time: seconds(entry.Time === undefined ? world.clock.now() : ((entry.Time * 1_000) as Instant)),
    region,
    resources: entry.Resources ?? [],
    detail: JSON.parse(entry.Detail ?? '') as unknown,
  });

  const busOf = (nameOrArn: string | undefined): BusResource => {
    const wanted = nameOrArn ?? 'default';
    const bus = buses.find(({ name, arn }) => name === wanted || arn === wanted);
    if (bus) return bus;
    throw new WireRefusal(400, 'ResourceNotFoundException', `Event bus ${wanted} does not exist.`);
  };

  /** Takes what is right and tells of what is wrong, entry by entry. */
  const putEntries = (entries: readonly Entry[]) => {
    const results = inTransaction(world.db, () =>
      entries.map((entry) => {
        const wrong = faultOf(entry);
        if (wrong) return wrong;
        const id = randomUUID();
        publish(busOf(entry.EventBusName), envelope(entry, id));
        return { EventId: id };
      }),
    );
    outbox.kick();
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  };

  const readCall = (request: WireRequest): readonly Entry[] => {
    const operation = jsonOperation(request);
    if (operation !== 'PutEvents') throw notCovered(`events:${operation}`);
    const { Entries: entries } = readJson(putSchema, request, 'events:PutEvents');
    if (entries.length < 1 || entries.length > 10) {
      throw new WireRefusal(400, 'ValidationException', `PutEvents takes 1 to 10 entries, not ${entries.length}`);
    }
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_BYTES) {
      throw new WireRefusal(400, 'ValidationException', 'Total size of the entries in the request is over the limit.');
    }
    return entries;
  };

  return {
    put({ source, detailType, detail, time, bus }) {
      const at = time === undefined ? undefined : parseInstant(time);
      if (time !== undefined && at === undefined) {
        throw new EngagementError('bad-input', `event time "${time}" is not an ISO 8601 instant`);
      }
      const name = bus ?? (buses.length === 1 ? buses[0]?.name : undefined);
      if (!buses.some((known) => known.name === name)) {
        throw new EngagementError('not-found', `bus ${name} is not in the template: name one of its buses`);
      }
      const [result] = putEntries([
        {
          Source: source,
          DetailType: detailType,
          Detail: JSON.stringify(detail),
          ...(name === undefined ? {} : { EventBusName: name }),
          ...(at === undefined ? {} : { Time: at / 1_000 }),
        },
      ]).Entries;
      if (result && 'EventId' in result) return result.EventId;
      throw new EngagementError('bad-input', `event is refused: ${result?.ErrorMessage}`);
    },
    accepts: ({ headers }) => headers['x-amz-target']?.startsWith('AWSEvents.') ?? false,
    actionOf(request) {
      const entries = readCall(request);
      const sources = new Set(entries.map(({ Source: source }) => source));
      const [source] = sources;
      return {
        action: 'events:PutEvents',
        resources: [...new Set(entries.map(({ EventBusName: name }) => busOf(name).arn))],
        ...(sources.size === 1 && source !== undefined ? { context: { 'events:source': source } } : {}),
      };
    },
    handle: async (request) => jsonAnswer('1.1', putEntries(readCall(request))),
    refuse: (_request, refusal) => jsonRefusal('1.1', refusal),
    nextDueAt: () => outbox.nextDueAt(),
    run: () => outbox.flush(),
    busy: () => outbox.busy(),
  };
};

const patternOf = (world: World, rule: RuleResource): Pattern => {
  for (const { arn } of rule.targets) checkDelivery(world, 'events.amazonaws.com', rule.arn, arn);
  return readPattern(rule.pattern, rule.name);
};

const seconds = (at: Instant): string => formatInstant(at).replace(/\.\d+Z$/, 'Z');

/** What an entry counts for (EventBridge user guide, "PutEvents event entry size"). */
const sizeOf = ({
  Source: source,
  DetailType: type,
  Detail: detail,
  Resources: resources = [],
  Time: time,
}: Entry): number =>
  [source, type, detail, ...resources].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    time === undefined ? 0 : 14,
  );

const faultOf = ({ Source: source, DetailType: type, Detail: detail }: Entry) => {
  const fault = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  if (!source) return fault('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.');
  if (!type)
    return fault('InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  if (!detail) return fault('InvalidArgument', 'Parameter Detail is not valid. Reason: Detail is a required argument.');
  if (source.startsWith('aws.')) {
    return fault('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  return isJsonObject(detail) ? undefined : fault('MalformedDetail', 'Detail is malformed.');
};

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** What the target is given: the event, a part of it (`$.detail`), or a constant. */
const bodyFor = ({ input, inputPath }: RuleTarget, event: object): string => {
  if (input !== undefined) return input;
  if (inputPath === undefined || inputPath === '$') return JSON.stringify(event);
  const part = inputPath
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
  return JSON.stringify(part ?? null);
};
