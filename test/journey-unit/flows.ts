import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { type CampaignDefinition, pinDefinition } from '../../shared/campaign/definition.ts';
import type { Programme } from '../../shared/campaign/programmes.ts';
import type { Enrolment } from '../../shared/journey/enrolment.ts';
import { begin } from '../../shared/journey/flow.ts';
import { stepRows } from '../../shared/journey/step-row.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import type { Instant, ZoneId } from '../../shared/platform/time.ts';
import { surveysOf } from './campaigns.ts';
import { day, MADRID, type World } from './world.ts';

export const is = (field: string, value: unknown, operator = '=') => ({ field, operator, value });
export const all = (...rules: object[]) => ({ combinator: 'and', rules });

const templatesOf = ({ steps }: CampaignDefinition): Record<string, string> =>
  Object.fromEntries(
    steps.flatMap(({ do: act, otherwise }) => [
      ...('send' in act ? [[act.template, `${act.template}-v1`] as const] : []),
      ...('relay' in act ? [[act.relay.template, `${act.relay.template}-v1`] as const] : []),
      ...(otherwise ? [[otherwise.template, `${otherwise.template}-v1`] as const] : []),
    ]),
  );

/** A campaign about customers that the API triggers, by flow unless its steps say `at`; `change` says what is different. */
export const campaignOf = (steps: readonly object[], change: object = {}, unchecked = false): Programme => {
  const source = {
    formatVersion: 1,
    id: 'flow',
    title: { 'zh-CN': '流程', en: 'Flow' },
    subject: 'customer',
    trigger: { api: true },
    class: 'service',
    reEntry: 'concurrent',
    exits: ['deceased'],
    useBy: 'P3D',
    audience: {},
    department: 'marketing',
    priority: 50,
    byLine: {},
    steps,
    ...change,
  };
  const outcome = checkDefinition(source);
  if (outcome.kind === 'invalid' && !unchecked) throw new Error(JSON.stringify(outcome.problems));
  const definition = outcome.kind === 'valid' ? outcome.definition : (source as unknown as CampaignDefinition);
  return {
    ...pinDefinition(definition, { templates: templatesOf(definition), surveys: surveysOf(definition) }),
    live: true,
  };
};

export const mail = (id: string, more: object = {}) => ({ id, do: { send: 'email', template: `${id}-mail` }, ...more });
export const letter = (id: string, more: object = {}) => ({
  id,
  do: { send: 'letter', template: `${id}-letter` },
  ...more,
});
export const wait = (id: string, what: object, more: object = {}) => ({ id, do: { wait: what }, ...more });

/** An enrolment at the beginning of a flow. */
export const begun = (
  { definition, hash }: Programme,
  now: Instant,
  change: Partial<Omit<Enrolment, 'partyId' | 'policyId'>> & {
    readonly partyId?: string;
    readonly policyId?: string;
    readonly zone?: ZoneId;
  } = {},
): Enrolment =>
  ({
    campaign: definition.id,
    definition: hash,
    occurrence: '1',
    anchorOn: day('2019-01-01'),
    zone: MADRID,
    contactRule: 'direct',
    scope: 'head',
    ...begin(definition, now),
    done: [],
    enteredAt: now,
    version: 1,
    ...change,
    partyId: (change.partyId ?? 'ana') as PartyId,
    ...(change.policyId === undefined ? {} : { policyId: change.policyId as PolicyId }),
  }) as Enrolment;

/** Puts enrolments into a world, as whoever enrols does. */
export const enter = async (world: World, ...enrolments: Enrolment[]): Promise<void> => {
  for (const enrolment of enrolments) {
    await world.definitions.keep(
      [...world.inForce].find(({ hash }) => hash === enrolment.definition) ?? (undefined as never),
    );
    await world.enrolments.create(enrolment);
  }
  await world.dueWork.place(stepRows(enrolments), world.now());
};

export const refOfFlow = (occurrence = '1', partyId = 'ana') => ({
  partyId: partyId as PartyId,
  campaign: 'flow',
  occurrence,
});
