import { beforeEach, describe, expect, test } from 'vitest';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { createLiveCampaigns } from '../../shared/campaign/live-campaigns.ts';
import type { CampaignPorts } from '../../shared/campaign/manage-campaign.ts';
import { programmes, shippedSurveys } from '../../shared/campaign/programmes.ts';
import type { SurveyIndex } from '../../shared/campaign/survey-index.ts';
import type { TemplateIndex } from '../../shared/campaign/template-index.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type Instant, MINUTE, parseInstant } from '../../shared/platform/time.ts';
import { flowSource, houseTemplates, type Source } from '../campaign/samples.ts';
import { type ApiRig, createApiRig } from '../support/api.ts';

const NOON = parseInstant('2027-03-01T12:00:00Z') as Instant;

describe('campaigns over the API', () => {
  let table: Table;
  let ports: CampaignPorts;
  let rig: ApiRig;
  let now: Instant;
  let templates: TemplateIndex;
  let surveys: SurveyIndex;
  let effects: string[];
  beforeEach(() => {
    table = createMemoryTable();
    now = NOON;
    templates = houseTemplates;
    surveys = shippedSurveys;
    effects = [];
    ports = {
      campaigns: createCampaigns(table, programmes),
      definitions: createDefinitions(table, programmes),
      templates: async () => templates,
      surveys: async () => surveys,
      audiences: async () => ({}),
      lists: async () => [],
      effects: {
        onLaunch: async ({ id, state }, { hash }) => void effects.push(`launch ${id} ${state} ${hash}`),
        whyNot: async () => undefined,
        onResume: async (id) => void effects.push(`resume ${id}`),
      },
      now: () => now,
    };
    rig = createApiRig({ campaigns: ports });
  });

  const as = (sub: string, ...groups: string[]) => ({ sub, groups });
  const [anna, ben, carla] = [as('anna', 'marketing'), as('ben', 'approver'), as('carla', 'marketing', 'approver')];
  const put = (definition: Source, version: number, who: ReturnType<typeof as> = anna) =>
    rig.call('PUT', `/api/campaigns/${definition.id}`, { ...who, body: { version, definition } });
  const act = (name: string, version: number, who: ReturnType<typeof as> = anna, more: object = {}) =>
    rig.call('POST', `/api/campaigns/greeting/${name}`, { ...who, body: { version, ...more } });
  const read = async (id = 'greeting') => (await rig.call('GET', `/api/campaigns/${id}`)).json;
  const everything = async () => JSON.stringify((await table.query({ pk: 'CAMPAIGNS' })).items);

  /** Saves, hands in, approves; version 3. */
  const approved = async (source: Source = flowSource()): Promise<string> => {
    const { json } = await put(source, 0);
    await act('submit', 1);
    expect((await act('approve', 2, ben, { hash: json.hash })).status).toBe(200);
    return json.hash as string;
  };

  test('a draft is saved, handed in, approved by another, launched, and cancelled within ten minutes', async () => {
    const saved = await put(flowSource(), 0);
    expect(saved.json).toMatchObject({ id: 'greeting', state: 'draft', version: 1, makers: ['anna'], problems: [] });
    expect((await act('submit', 1)).json).toMatchObject({ state: 'in-review', submitted: { by: 'anna' } });
    const ok = await act('approve', 2, ben, { hash: saved.json.hash });
    expect(ok.json).toMatchObject({ state: 'approved', approved: { by: 'ben', hash: saved.json.hash }, makers: [] });
    const live = await act('launch', 3);
    expect(live.json).toMatchObject({ state: 'live', review: 'launched', notBefore: '2027-03-01T12:10:00.000Z' });
    expect(effects).toEqual([`launch greeting live ${saved.json.hash}`]);
    const controls = createControls(table, programmes, () => now);
    const control = async () => (await controls.of(['greeting'])).get('greeting');
    expect(await control()).toEqual({ kind: 'hold', reason: 'not-yet', until: NOON + 10 * MINUTE });
    now = (NOON + 9 * MINUTE) as Instant;
    expect((await act('cancel', 4)).json).toMatchObject({ state: 'ended', cancelled: true });
    expect(await control()).toEqual({ kind: 'cancelled' });
    expect(effects.at(-1)).toBe('resume greeting');
    expect(
      (await createLiveCampaigns(ports.campaigns, ports.definitions).entering()).map(({ definition }) => definition.id),
    ).not.toContain('greeting');
  });

  test('S12: nobody approves what they wrote or handed in, whatever their roles; nothing changes', async () => {
    const { json } = await put(flowSource(), 0, carla);
    await act('submit', 1);
    const before = await everything();
    const own = await act('approve', 2, carla, { hash: json.hash });
    expect([own.status, own.json.error.code]).toEqual([403, 'maker']);
    const handedIn = await act('approve', 2, as('anna', 'approver'), { hash: json.hash });
    expect(handedIn.status).toBe(403);
    expect(await everything()).toBe(before);
    expect((await act('approve', 2, ben, { hash: json.hash })).status).toBe(200);
  });

  test('S12, G2: nobody approves a campaign with a template or survey that they saved since its last approval', async () => {
    const saved = (name: string, version: string, by: string) => {
      const { saves = [], ...rest } = templates[name] as TemplateIndex[string];
      templates = { ...templates, [name]: { ...rest, version, saves: [...saves, { version, by }] } };
    };
    const approve = async (version: number, who: ReturnType<typeof as>) => {
      const answer = await act('approve', version, who, { hash: (await read()).hash });
      return [answer.status, answer.json.error?.code];
    };
    saved('wish', 'w2', 'carla');
    saved('special', 's2', 'dora');
    await put(flowSource(), 0);
    expect((await act('submit', 1)).json).toMatchObject({ makers: ['anna', 'carla'] });
    const before = await everything();
    expect(await approve(2, carla)).toEqual([403, 'maker']);
    expect(await everything()).toBe(before);
    expect((await approve(2, ben))[0]).toBe(200);
    await act('launch', 3);
    // approved with her words by ben: of the next version she may be the approver, until she changes them again
    const edited = flowSource();
    edited.priority = 99;
    edited.steps.at(-1).do = { task: 'survey-call', reason: 'no-reaction', survey: 'renewal' };
    surveys = { renewal: { version: 'n2', saves: [{ version: 'n2', by: 'ben' }] } };
    expect((await put(edited, 4)).json).toMatchObject({ makers: ['anna'] });
    expect((await act('submit', 5)).json).toMatchObject({ makers: ['anna', 'ben'] });
    expect((await approve(6, carla))[0]).toBe(200);
    saved('wish', 'w3', 'ben');
    expect((await act('submit', 7)).json).toMatchObject({ makers: ['ben', 'anna'] });
    expect(await approve(8, ben)).toEqual([403, 'maker']);
    expect((await approve(8, carla))[0]).toBe(200);
  });

  test('S07: marketing cannot approve, an approver cannot write or launch', async () => {
    const hash = await approved();
    expect((await act('approve', 3, anna, { hash })).status).toBe(403);
    expect((await act('request-changes', 3, anna, { note: 'x' })).status).toBe(403);
    expect((await act('launch', 3, ben)).status).toBe(403);
    expect((await put(flowSource(), 3, ben)).status).toBe(403);
    for (const group of ['manager', 'head', 'engineer'])
      expect((await act('pause', 3, as('x', group))).status).toBe(403);
  });

  test('S14: launch before approval, and after an edit of what was approved, is 409 and changes nothing', async () => {
    await put(flowSource(), 0);
    expect((await act('launch', 1)).json.error.code).toBe('not-approved');
    await act('submit', 1);
    expect((await act('launch', 2)).status).toBe(409);
    const { hash } = await read();
    await act('approve', 2, ben, { hash });
    const edited = flowSource();
    edited.title.en = 'Welcome!';
    expect((await put(edited, 3)).json).toMatchObject({ state: 'draft', review: 'draft', makers: ['anna'] });
    const before = await everything();
    expect((await act('launch', 4)).status).toBe(409);
    expect(await everything()).toBe(before);
    expect(effects).toEqual([]);
  });

  test('S14: an approval is of the content that was looked at', async () => {
    const first = (await put(flowSource(), 0)).json.hash;
    const edited = flowSource();
    edited.priority = 99;
    await put(edited, 1);
    await act('submit', 2);
    const stale = await act('approve', 3, ben, { hash: first });
    expect([stale.status, stale.json.error.code]).toEqual([409, 'changed']);
  });

  test('F34: what was approved keeps its templates; a template changed before review is reviewed as it is', async () => {
    const saved = (await put(flowSource(), 0)).json;
    templates = { ...templates, wish: { ...templates.wish!, version: 'v2' } };
    const handedIn = (await act('submit', 1)).json;
    expect(handedIn.hash).not.toBe(saved.hash);
    expect(handedIn.templates).toMatchObject({ wish: 'v2', reminder: 'v1' });
    expect((await act('approve', 2, ben, { hash: saved.hash })).status).toBe(409);
    await act('approve', 2, ben, { hash: handedIn.hash });
    templates = { ...templates, wish: { ...templates.wish!, version: 'v3' } };
    expect((await act('launch', 3)).json).toMatchObject({ live: handedIn.hash, templates: { wish: 'v2' } });
  });

  test.each([
    ['approvedBy', { approvedBy: 'anna' }, {}],
    ['status', { status: 'live' }, {}],
    ['sentCount', { sentCount: 0 }, {}],
    ['__proto__', JSON.parse('{"__proto__":{"state":"live"}}') as object, {}],
    ['approvedBy inside', {}, { approvedBy: 'anna' }],
    ['state inside', {}, { state: 'live' }],
    ['__proto__ inside', {}, JSON.parse('{"__proto__":{"state":"live"}}') as object],
  ])('S10: a PUT with %s is 400 and changes nothing', async (_, outside, inside) => {
    await put(flowSource(), 0);
    const before = await everything();
    const definition = { ...flowSource(), priority: 1 };
    const body = { version: 1, definition };
    for (const [target, more] of [
      [body, outside],
      [definition, inside],
    ] as const)
      for (const [name, value] of Object.entries(more))
        Object.defineProperty(target, name, { value, enumerable: true });
    const { status, json } = await rig.call('PUT', '/api/campaigns/greeting', { ...anna, body });
    expect([status, json.error.code]).toEqual([400, 'bad-input']);
    expect(await everything()).toBe(before);
  });

  test('F32: of two who save the same version one is told, with the newer version; nothing is lost', async () => {
    await put(flowSource(), 0);
    const edit = (priority: number) => put({ ...flowSource(), priority }, 1, as(`editor${priority}`, 'marketing'));
    const answers = await Promise.all([edit(10), edit(20)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [won, lost] = answers[0]?.status === 200 ? answers : [answers[1], answers[0]];
    expect(lost?.json.error).toMatchObject({
      code: 'conflict',
      problems: [{ path: 'body.version', version: 2, hash: won?.json.hash }],
    });
    expect(await read()).toMatchObject({ version: 2, definition: { priority: won?.json.definition.priority } });
  });

  test('F32: acts on an older version are 409 too', async () => {
    await approved();
    expect((await act('launch', 2)).status).toBe(409);
    expect((await act('archive', 1)).status).toBe(409);
    expect(effects).toEqual([]);
  });

  test('a definition that is wrong is 400 with every path and remedy, and not saved', async () => {
    const source = flowSource();
    source.steps[4].next = 'anser';
    source.steps[1].do.wait.for = 'P3Y';
    const { status, json } = await put(source, 0);
    expect(status).toBe(400);
    const paths = json.error.problems.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['body.definition.steps.4.next', 'body.definition.steps.1.do.wait.for']),
    );
    expect((await rig.call('GET', '/api/campaigns/greeting')).status).toBe(404);
    const checked = await rig.call('POST', '/api/campaigns/validate', { ...anna, body: { definition: source } });
    expect(checked.json).toMatchObject({ valid: false });
    const right = await rig.call('POST', '/api/campaigns/validate', { ...anna, body: { definition: flowSource() } });
    expect(right.json).toMatchObject({ valid: true, problems: [] });
    expect((await put(flowSource(), 0)).json.hash).toBe(right.json.hash);
  });

  test('a definition is saved under its own id only', async () => {
    const { status, json } = await rig.call('PUT', '/api/campaigns/other', {
      ...anna,
      body: { version: 0, definition: flowSource() },
    });
    expect([status, json.error.message]).toEqual([400, expect.stringContaining('/api/campaigns/greeting')]);
  });

  test('C1: what is exported is saved elsewhere as a draft of the same content', async () => {
    await approved();
    await act('launch', 3);
    const file = (await rig.call('GET', '/api/campaigns/greeting/export?of=live')).json;
    const hash = (await read()).hash;
    const other = createMemoryTable();
    const elsewhere = createApiRig({
      campaigns: {
        ...ports,
        campaigns: createCampaigns(other, programmes),
        definitions: createDefinitions(other, programmes),
      },
    });
    const saved = await elsewhere.call('PUT', '/api/campaigns/greeting', {
      ...anna,
      body: { version: 0, definition: file },
    });
    expect(saved.json).toMatchObject({ state: 'draft', hash });
  });

  test('anything is copied as a new draft: a live shipped programme, and what is over', async () => {
    const copy = (id: string, to: string) =>
      rig.call('POST', `/api/campaigns/${id}/copy`, {
        ...anna,
        body: { id: to, title: { 'zh-CN': '副本', en: 'Copy' } },
      });
    templates = {
      ...templates,
      'win-back': { version: 'v1', kind: 'mail', classes: ['marketing'], locales: ['en', 'zh-CN'] },
    };
    const copied = await copy('win-back', 'win-back-east');
    expect(copied.json).toMatchObject({ id: 'win-back-east', state: 'draft', makers: ['anna'], title: { en: 'Copy' } });
    expect((await copy('win-back', 'win-back-east')).status).toBe(409);
    expect((await copy('nothing', 'x')).status).toBe(404);
    await put(flowSource(), 0);
    await act('archive', 1);
    expect((await copy('greeting', 'greeting-two')).json).toMatchObject({
      state: 'draft',
      definition: { id: 'greeting-two' },
    });
  });

  test('a shipped programme is paused and resumed; its definition is kept for the releases to come', async () => {
    const pause = await rig.call('POST', '/api/campaigns/renewal/pause', { ...anna, body: { version: 0 } });
    expect(pause.json).toMatchObject({ state: 'paused', version: 1, paused: { by: 'anna', because: 'person' } });
    const { hash } = pause.json;
    expect((await createDefinitions(table, []).get('renewal', hash)).definition.id).toBe('renewal');
    const resume = await rig.call('POST', '/api/campaigns/renewal/resume', { ...anna, body: { version: 1 } });
    expect(resume.json).toMatchObject({ state: 'live', version: 2 });
    expect(effects).toEqual(['resume renewal']);
  });

  test('an effect that failed can be set in motion again', async () => {
    const hash = await approved();
    let fail = true;
    const { onLaunch } = ports.effects;
    rig = createApiRig({
      campaigns: {
        ...ports,
        effects: {
          ...ports.effects,
          onLaunch: (record, pinned) => (fail ? Promise.reject(new Error('queue is down')) : onLaunch(record, pinned)),
        },
      },
    });
    expect((await act('launch', 3)).status).toBe(500);
    fail = false;
    expect((await act('launch', 4)).status).toBe(200);
    expect(effects).toEqual([`launch greeting live ${hash}`]);
  });

  test('the list says where each stands, by state if asked; the format is published', async () => {
    await put(flowSource(), 0);
    const states = (await rig.call('GET', '/api/campaigns')).json.items as { id: string; state: string }[];
    expect(states.map(({ id }) => id)).toEqual(
      [...programmes.map(({ definition }) => definition.id), 'greeting']
        .filter((id, n, all) => all.indexOf(id) === n)
        .sort(),
    );
    const live = (await rig.call('GET', '/api/campaigns?state=live')).json.items as { id: string }[];
    expect(live.map(({ id }) => id)).toEqual([
      'claim-settled',
      'closed-loop',
      'confirm-address',
      'preference-link',
      'renewal',
      'renewal-survey',
      'win-back',
    ]);
    const schema = await rig.call('GET', '/api/campaigns/schema.json');
    expect(schema.json).toMatchObject({ title: 'Perennial campaign definition', properties: { steps: {} } });
  });

  test('changes are asked for with a word, and approvers may pause', async () => {
    await put(flowSource(), 0);
    await act('submit', 1);
    const back = await act('request-changes', 2, ben, { note: 'softer, please' });
    expect(back.json).toMatchObject({ state: 'draft', changesWanted: { by: 'ben', note: 'softer, please' } });
    expect((await act('request-changes', 3, ben, { note: '' })).status).toBe(400);
  });
});
