import type * as z from 'zod';
import type { AudienceRow } from '../../../shared/audience/audience-row.ts';
import type { AudienceRows } from '../../../shared/audience/audience-rows.ts';
import type { SavedAudience, SavedAudiences } from '../../../shared/audience/audience-store.ts';
import { checkRule, type RuleProblem } from '../../../shared/audience/check-rule.ts';
import { compileRule } from '../../../shared/audience/compile-rule.ts';
import {
  audienceBody,
  audienceCopy,
  audienceDetails,
  type audienceListed,
  audiencesAnswer,
  countAnswer,
  fieldsAnswer,
  nameParams,
  ruleBody,
  sampleAnswer,
  versionQuery,
  whyAnswer,
  whyQuery,
} from '../../../shared/audience/contract.ts';
import {
  type AudienceSource,
  countAudience,
  decidable,
  questionOf,
  sampleAudience,
} from '../../../shared/audience/evaluate-audience.ts';
import { explainRule } from '../../../shared/audience/explain-rule.ts';
import { type Field, fieldCatalogue, findField } from '../../../shared/audience/field.ts';
import { operatorsOf } from '../../../shared/audience/operator.ts';
import type { RuleGroup } from '../../../shared/audience/rule.ts';
import { displayName } from '../../../shared/content/salutation.ts';
import { maskName } from '../../../shared/customer/mask.ts';
import type { Profiles } from '../../../shared/customer/profile-store.ts';
import { maySee, type Reader, roles } from '../../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../../shared/platform/api/route.ts';
import type { PartyId } from '../../../shared/platform/ids.ts';
import { formatInstant, type Instant, SECOND } from '../../../shared/platform/time.ts';
import type { AudienceUses } from '../audience-uses.ts';

export interface AudienceRoutesPorts {
  readonly saved: SavedAudiences;
  readonly uses: Pick<AudienceUses, 'ofAudience'>;
  readonly source: AudienceSource & { readonly rows: Pick<AudienceRows, 'page' | 'getMany'> };
  readonly profiles: Pick<Profiles, 'getMany'>;
  /** After a saved audience was changed: what is watched follows (`keepWatches`). */
  readonly keepWatches: (now: Instant) => Promise<void>;
  readonly now: () => Instant;
}

/** A count answers within this; the gateway hangs up after 30 seconds. */
const COUNT_TIME = 8 * SECOND;
const SAMPLE = 20;

const listed = ({ id, title, owner, updatedAt, version }: SavedAudience): z.input<typeof audienceListed> => ({
  id,
  title,
  owner,
  updatedAt: formatInstant(updatedAt),
  version,
});

const badRule = (problems: readonly RuleProblem[]): Reply<never> => ({
  kind: 'refused',
  status: 400,
  code: 'bad-input',
  message: problems[0]?.message ?? 'the rule is not valid',
  problems: problems.map(({ path, message }) => ({ path, message })),
});

const conflict = (message: string): Reply<never> => ({ kind: 'refused', status: 409, code: 'conflict', message });

/** Whether the rows of a branch may be seen; somebody of whom nothing is known is the head office's. */
const visibleTo =
  (reader: Reader) =>
  ({ customer }: AudienceRow): boolean =>
    maySee(reader, customer?.scope ?? '');

const described = ({ name, type, label, values, elements, part }: Field) => ({
  name,
  type,
  label,
  part,
  operators: [...operatorsOf[type]],
  ...(values === undefined ? {} : { values: [...values] }),
  ...(elements === undefined
    ? {}
    : { elements: elements.map((element): z.input<typeof fieldsAnswer>['items'][number] => described(element)) }),
});

/** The label of a clause's field; that of an unknown one is its name. */
const labelOf = (field: string) => findField(field)?.label ?? { 'zh-CN': field, en: field };

/** Saved audiences; counting, sampling and explaining rules. */
export const audienceRoutes = (ports: AudienceRoutesPorts): readonly Route[] => {
  const { saved, source, now } = ports;
  const details = async (audience: SavedAudience): Promise<z.input<typeof audienceDetails>> => ({
    ...listed(audience),
    rule: audience.rule,
    usedBy: (await ports.uses.ofAudience(audience.id)).map(({ campaign, state }) => ({ campaign, state })),
  });

  const save = async (
    audience: Pick<SavedAudience, 'id' | 'title' | 'rule' | 'owner'>,
    expectedVersion: number,
  ): Promise<Reply<z.input<typeof audienceDetails>>> => {
    const next = { ...audience, updatedAt: now(), version: expectedVersion + 1 };
    if ((await saved.put(next, expectedVersion)) === 'refused')
      return conflict(
        expectedVersion === 0
          ? `body.version: there is an audience "${audience.id}" already: choose another id`
          : 'body.version: somebody else saved it meanwhile: read it again',
      );
    await ports.keepWatches(now());
    return { kind: 'ok', body: await details(next) };
  };

  const timer = (): (() => boolean) => {
    const end = now() + COUNT_TIME;
    return () => now() >= end;
  };

  return [
    route({
      method: 'get',
      path: '/api/audiences',
      summary: 'Saved audiences',
      roles,
      answer: audiencesAnswer,
      handle: async () => ({ kind: 'ok', body: { items: (await saved.all()).map(listed) } }),
    }),

    route({
      method: 'get',
      path: '/api/audiences/fields',
      summary: 'What rules can ask: fields, operators, values',
      roles,
      answer: fieldsAnswer,
      handle: async () => ({ kind: 'ok', body: { items: fieldCatalogue.map(described) } }),
    }),

    route({
      method: 'post',
      path: '/api/audiences/count',
      summary: 'How many customers a rule holds for, now',
      roles: ['marketing', 'approver', 'head', 'engineer'],
      body: ruleBody,
      answer: countAnswer,
      handle: async ({ body: { rule }, reader }) => {
        const problems = checkRule(rule, 'audience', 'body.rule');
        if (problems.length > 0) return badRule(problems);
        const counted = await countAudience(compileRule(rule), source, now(), timer(), visibleTo(reader));
        return { kind: 'ok', body: counted };
      },
    }),

    route({
      method: 'post',
      path: '/api/audiences/sample',
      summary: 'Some customers for whom a rule holds, names masked',
      roles: ['marketing', 'approver', 'head', 'engineer'],
      body: ruleBody,
      answer: sampleAnswer,
      handle: async ({ body: { rule }, reader }) => {
        const problems = checkRule(rule, 'audience', 'body.rule');
        if (problems.length > 0) return badRule(problems);
        const ids = await sampleAudience(compileRule(rule), source, now(), {
          most: SAMPLE,
          isTimeUp: timer(),
          mayCount: visibleTo(reader),
        });
        const profiles = await ports.profiles.getMany(ids);
        return {
          kind: 'ok',
          body: {
            items: ids.map((customerId) => {
              const profile = profiles.get(customerId);
              return { customerId, name: maskName((profile && displayName(profile.name)) ?? '') };
            }),
          },
        };
      },
    }),

    route({
      method: 'get',
      path: '/api/audiences/{id}',
      summary: 'A saved audience and the campaigns that name it',
      roles,
      params: nameParams,
      answer: audienceDetails,
      handle: async ({ params: { id } }) => {
        const audience = await saved.get(id);
        return audience === undefined ? { kind: 'not-found' } : { kind: 'ok', body: await details(audience) };
      },
    }),

    route({
      method: 'put',
      path: '/api/audiences/{id}',
      summary: 'Save an audience; a campaign that waits for it takes nobody in by the change itself',
      roles: ['marketing'],
      params: nameParams,
      body: audienceBody,
      answer: audienceDetails,
      handle: async ({ params: { id }, body: { version, title, rule }, reader }) => {
        const problems = checkRule(rule, 'audience', 'body.rule');
        if (problems.length > 0) return badRule(problems);
        const known = await saved.get(id);
        if (known === undefined && version > 0) return { kind: 'not-found' };
        return save({ id, title, rule, owner: known?.owner ?? reader.id }, version);
      },
    }),

    route({
      method: 'post',
      path: '/api/audiences/{id}/copy',
      summary: 'Copy an audience under another id',
      roles: ['marketing'],
      params: nameParams,
      body: audienceCopy,
      answer: audienceDetails,
      handle: async ({ params: { id }, body, reader }) => {
        const known = await saved.get(id);
        if (known === undefined) return { kind: 'not-found' };
        return save({ id: body.id, title: body.title, rule: known.rule, owner: reader.id }, 0);
      },
    }),

    route({
      method: 'delete',
      path: '/api/audiences/{id}',
      summary: 'Delete an audience that no live campaign names',
      roles: ['marketing'],
      params: nameParams,
      query: versionQuery,
      answer: audiencesAnswer,
      handle: async ({ params: { id }, query: { version } }) => {
        const known = await saved.get(id);
        if (known === undefined) return { kind: 'not-found' };
        const live = (await ports.uses.ofAudience(id)).filter(({ isLive }) => isLive);
        if (live.length > 0)
          return conflict(`live campaigns name it: ${live.map(({ campaign }) => campaign).join(', ')}: end them first`);
        if ((await saved.remove(id, version)) === 'refused')
          return conflict('query.version: somebody else saved it meanwhile: read it again');
        return { kind: 'ok', body: { items: (await saved.all()).map(listed) } };
      },
    }),

    route({
      method: 'get',
      path: '/api/audiences/{id}/why',
      summary: 'Why a customer is in an audience, or is not',
      roles,
      params: nameParams,
      query: whyQuery,
      answer: whyAnswer,
      handle: async ({ params: { id }, query: { customer }, reader }) => {
        const audience = await saved.get(id);
        const row = (await source.rows.getMany([customer as PartyId])).get(customer as PartyId);
        if (audience === undefined || row === undefined || !visibleTo(reader)(row)) return { kind: 'not-found' };
        const rule: RuleGroup = audience.rule;
        const compiled = compileRule(rule);
        const [found] = await decidable([row], [questionOf(compiled)], source, now());
        if (found === undefined) return { kind: 'not-found' };
        return {
          kind: 'ok',
          body: {
            member: compiled.test(found.subject) === true,
            deciding: explainRule(rule, found.subject).map((verdict) => ({
              ...verdict,
              label: labelOf(verdict.field),
            })),
          },
        };
      },
    }),
  ];
};
