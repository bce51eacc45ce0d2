import type { SQSEvent } from 'aws-lambda';
import { createHandler as createReceive } from '../../functions/receive-events/core.ts';
import { type CampaignDefinition, definitionSchema, pinDefinition } from '../../shared/campaign/definition.ts';
import { type Programme, shippedSurveys } from '../../shared/campaign/programmes.ts';
import { surveyUses } from '../../shared/campaign/survey-index.ts';
import { silentLog } from '../../shared/platform/logging.ts';
import type { World } from './world.ts';

type Source = Partial<Record<keyof CampaignDefinition, unknown>>;

/** Versions of the surveys that a definition names. */
export const surveysOf = (definition: CampaignDefinition): Record<string, string> =>
  Object.fromEntries(
    surveyUses(definition).map(({ survey }) => [survey, shippedSurveys[survey]?.version ?? `${survey}-v1`]),
  );

/** A live campaign: one mail by flow to a customer unless said otherwise. */
export const campaign = (source: Source): Programme => {
  const definition = definitionSchema.parse({
    formatVersion: 1,
    id: 'test',
    title: { 'zh-CN': '测试', en: 'Test' },
    subject: 'customer',
    class: 'service',
    reEntry: 'per-term',
    exits: ['deceased'],
    useBy: 'P3D',
    steps: [{ id: 'mail', do: { send: 'email', template: 'welcome' } }],
    ...source,
  });
  return { ...pinDefinition(definition, { templates: { welcome: 'v1' }, surveys: surveysOf(definition) }), live: true };
};

/** One step on so many days after the anchor day, at ten. */
export const mailAfter = (id: string, daysAfter: number) => ({
  id,
  at: { daysAfter, time: '10:00' },
  do: { send: 'email', template: 'welcome' },
});

export const clause = (field: string, operator: string, value: string | number | boolean) => ({
  combinator: 'and' as const,
  rules: [{ field, operator, value }],
});

/** Delivers events as the queue does and lets everything settle. @returns how many were given back */
export const hear = async (
  world: World,
  type: string,
  details: Record<string, unknown> | readonly Record<string, unknown>[],
  source = 'customer.events',
): Promise<number> => {
  const handler = createReceive({ ports: world.ports(), log: silentLog, clock: world.now });
  const at = new Date(world.now()).toISOString();
  const bodies = [details].flat().map((detail, n) => ({
    id: `envelope-${n}`,
    source,
    'detail-type': type,
    time: at,
    detail: { schemaVersion: 1, eventId: `event-${at}-${n}`, occurredAt: at, ...detail },
  }));
  const event = {
    Records: bodies.map((body, n) => ({
      messageId: `m${n}`,
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1' },
    })),
  } as unknown as SQSEvent;
  const response = await handler(event, {} as never);
  await world.drain();
  return response?.batchItemFailures.length ?? 0;
};

/** A person's journeys, one line each. */
export const journeysOf = async (world: World, partyId = 'ana') =>
  (await world.enrolments.ofParty(partyId as never)).map(({ campaign: id, occurrence, occasion, state, exit }) =>
    [id, occasion ?? occurrence, state, exit?.because ?? exit?.reason].filter((part) => part !== undefined).join(' '),
  );
