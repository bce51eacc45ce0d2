import { afterAll, describe, expect, test } from 'vitest';
import { shippedIndex } from '../../shared/content/shipped-templates.ts';
import { readTemplateIndex } from '../../shared/content/template-store.ts';
import { createTemplates, keepShipped } from '../../shared/content/templates.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { HOUR, type Instant } from '../../shared/platform/time.ts';
import { parseMail } from '../content/parse-mail.ts';
import { policyOf, profileOf, now as START } from '../content/samples.ts';
import { mailSource, shippedSources } from '../content/written.ts';
import { createTemplatesRig } from '../support/templates-api.ts';

const rig = createTemplatesRig();
afterAll(() => rig.close());

const { call } = rig;
const files = (body: string, head: Record<string, string> = {}) => [
  { locale: 'en', text: mailSource(`<mj-text>${body}</mj-text>`, { needs: '', ...head }) },
];
const save = (name: string, body: string, revision: number, head: Record<string, string> = {}) =>
  call('PUT', `/${name}`, { kind: 'mail', files: files(body, head), revision });
const versionOf = async (name: string): Promise<string> => (await call('GET', `/${name}`)).json['version'] as string;
const engineer = { groups: ['engineer'] };

describe('saving', () => {
  test('a new template: listed, readable, current', async () => {
    const { status, json } = await save('spring', 'Hello {{ salutation }}', 0);
    expect(status).toBe(200);
    expect(json).toMatchObject({ revision: 1, warnings: [] });
    const list = (await call('GET', '')).json['items'] as { name: string }[];
    expect(list.find(({ name }) => name === 'spring')).toMatchObject({ kind: 'mail', classes: ['service'], needs: [] });
    expect(list.find(({ name }) => name === 'renewal-m30')).toMatchObject({ revision: 0 });
    const { json: read } = await call('GET', '/spring');
    expect(read).toMatchObject({ version: json['version'], saves: [{ by: 'user-1', version: json['version'] }] });
    expect(read['files']).toEqual(files('Hello {{ salutation }}'));
    expect(await rig.templates.current('spring')).toBe(json['version']);
    expect(await readTemplateIndex(rig.stored, shippedIndex)).toMatchObject({ spring: { locales: ['en'] } });
  });

  test('what is wrong is told with its place, and nothing is saved', async () => {
    const { status, json } = await save('wrong', 'a\n{{ polcy.number }}', 0);
    expect(status).toBe(400);
    expect(json['error']).toMatchObject({
      code: 'bad-template',
      problems: [
        {
          code: 'unknown-field',
          place: { locale: 'en', part: 'source', line: 10 },
          message: 'unknown field "polcy.number", did you mean "policy.number"?',
        },
      ],
    });
    expect((await call('GET', '/wrong')).status).toBe(404);
  });

  test('F32: of two editors one is told, and nothing is lost', async () => {
    await save('shared', 'one', 0);
    const outcomes = await Promise.all([save('shared', 'two', 1), save('shared', 'three', 1)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 409]);
    const lost = outcomes.find(({ status }) => status === 409);
    expect(lost?.json['error']).toMatchObject({ code: 'conflict', problems: [{ revision: 2 }] });
    expect((await save('shared', 'four', 1)).status).toBe(409);
    expect((await save('shared', 'four', 2)).status).toBe(200);
    expect((await save('shared', 'new', 0)).status).toBe(409);
  });

  test('one that ships is changed over the shipped one; the shipped version stays', async () => {
    const name = 'renewal-survey';
    const shippedVersion = await versionOf(name);
    const own = shippedSources.templates[name];
    const changed = (own?.files ?? []).map((file) => ({
      ...file,
      text: file.text.replace('</mj-text>', '!</mj-text>'),
    }));
    const { status } = await call('PUT', `/${name}`, { kind: 'mail', files: changed, revision: 0 });
    expect(status).toBe(200);
    expect(await versionOf(name)).not.toBe(shippedVersion);
    expect(await rig.templates.load(name, shippedVersion)).toMatchObject({ version: shippedVersion });
    expect((await call('PUT', `/${name}`, { kind: 'text', files: changed, revision: 1 })).status).toBe(400);
  });

  test('F34: a version is what it was, whatever is saved later', async () => {
    await save('pinned', 'first', 0);
    const first = await versionOf('pinned');
    await save('pinned', 'second', 1);
    const another = createTemplates(rig.shipped, rig.stored);
    expect(JSON.stringify(await another.load('pinned', first))).toContain('first');
    expect(JSON.stringify(await another.load('pinned', await versionOf('pinned')))).toContain('second');
    await expect(another.load('pinned', 'a'.repeat(26))).rejects.toThrow('has no version');
  });

  test('versions with what changed between them', async () => {
    await save('compared', 'one\ntwo', 0);
    const from = await versionOf('compared');
    await save('compared', 'one\nthree', 1);
    const to = await versionOf('compared');
    const { json } = await call('GET', `/compared/diff?from=${from}&to=${to}`);
    const [{ lines } = { lines: [] }] = json['files'] as { lines: { kind: string; text: string; line: number }[] }[];
    expect(lines.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'removed', text: 'two</mj-text>', line: 10 },
      { kind: 'added', text: 'three</mj-text>', line: 10 },
    ]);
    expect((await call('GET', `/compared/versions/${from}`)).json).toMatchObject({ files: files('one\ntwo') });
  });

  test('a copy is a template of its own', async () => {
    expect((await call('POST', '/renewal-m30/copy', { as: 'my-renewal' })).status).toBe(200);
    expect((await call('POST', '/renewal-m30/copy', { as: 'my-renewal' })).status).toBe(409);
    expect((await call('GET', '/my-renewal')).json).toMatchObject({ classes: ['service', 'statutory'], revision: 1 });
  });

  test('F28, S10, S34: what is too large, unknown or misnamed is refused', async () => {
    const large = [{ locale: 'en', text: mailSource('x'.repeat(300_000)) }];
    const { json } = await call('PUT', '/large', { kind: 'mail', files: large, revision: 0 });
    expect(json['error']).toMatchObject({ problems: [{ code: 'too-large' }] });
    const larger = [{ locale: 'en', text: 'x'.repeat(3_000_000) }];
    expect((await call('PUT', '/large', { kind: 'mail', files: larger, revision: 0 })).status).toBe(413);
    expect((await call('PUT', '/large', { kind: 'mail', files: files('x'), revision: 0, by: 'me' })).status).toBe(400);
    expect((await call('PUT', '/blocks', { kind: 'mail', files: files('x'), revision: 0 })).status).toBe(404);
    expect((await call('PUT', '/Large', { kind: 'mail', files: files('x'), revision: 0 })).status).toBe(404);
    const twice = [...files('x'), ...files('y')];
    expect((await call('PUT', '/twice', { kind: 'mail', files: twice, revision: 0 })).status).toBe(400);
  });

  test('S07: who may read may not write', async () => {
    const body = { kind: 'mail', files: files('x'), revision: 0 };
    for (const groups of [['approver'], ['compliance'], ['head'], ['manager']]) {
      expect((await call('PUT', '/mine', body, { groups })).status).toBe(403);
      expect((await call('GET', '', undefined, { groups })).status).toBe(200);
    }
  });

  test('checking saves nothing', async () => {
    const { json } = await call('POST', '/check', {
      name: 'checked',
      kind: 'mail',
      files: files('{{ policy.numer }}'),
    });
    expect(json).toMatchObject({ good: false, findings: [{ code: 'unknown-field' }] });
    expect((await call('GET', '/checked')).status).toBe(404);
  });
});

describe('blocks', () => {
  test('one that breaks a mail is refused; one that is good is taken by the next save only', async () => {
    await save('with-block', '{{ salutation }}', 0);
    const before = await versionOf('with-block');
    const english = { en: 'Yours,<br />{{ sender.company }}' };
    const zh = shippedSources.blocks['closing/zh-CN'] as string;
    const wrong = await call('PUT', '/blocks/closing', {
      locales: { en: 'Yours, {{ sender.compny }}', 'zh-CN': zh },
      revision: 0,
    });
    expect(wrong.status).toBe(400);
    expect(JSON.stringify(wrong.json)).toContain('block closing');
    const good = await call('PUT', '/blocks/closing', { locales: { ...english, 'zh-CN': zh }, revision: 0 });
    expect(good).toMatchObject({ status: 200, json: { revision: 1 } });
    expect(good.json['usedBy']).toContain('with-block');
    expect((await call('PUT', '/blocks/closing', { locales: { ...english, 'zh-CN': zh }, revision: 0 })).status).toBe(
      409,
    );
    expect(await versionOf('with-block')).toBe(before);
    await save('with-block', '{{ salutation }}', 1);
    const after = await versionOf('with-block');
    expect(after).not.toBe(before);
    expect((await call('GET', `/with-block/versions/${after}`)).json['blocks']).toMatchObject({
      'closing/en': english.en,
    });
    expect((await call('GET', '/blocks/closing')).json).toMatchObject({ revision: 1, saves: [{ by: 'user-1' }] });
    expect((await call('GET', '/blocks')).json['items']).toContainEqual({
      name: 'offer',
      locales: ['en', 'zh-CN'],
      revision: 0,
    });
    expect((await call('PUT', '/blocks/layout', { locales: english, revision: 0 })).status).toBe(404);
  }, 60_000);
});

describe('preview', () => {
  test.each([
    ['long-name', 'zh-CN', '尊敬的买买提·吐尔逊·阿卜杜拉·艾合买提江·努尔麦麦提·古丽巴哈尔先生'],
    ['company', 'zh-CN', '尊敬的上海远航国际物流供应链管理股份有限公司'],
    ['english-in-shanghai', 'en', "Dear Ms O'Brien-Whitfield"],
    ['no-offer', 'zh-CN', '新一期的保费正在核定'],
    ['several-policies', 'zh-CN', '3 份保单'],
    ['large-print', 'zh-CN', '尊敬的欧阳先生'],
    ['other-scripts', 'en', 'Dear Ms الحسن <b>&",'],
  ])('as %s', async (profile, locale, words) => {
    const { status, json } = await call('POST', '/renewal-m30/preview', { profile });
    expect(status).toBe(200);
    expect(json).toMatchObject({ kind: 'mail', locale });
    expect(json['text']).toContain(words);
    expect(json['html']).not.toContain('<b>&');
  });

  test('says what a sent one would: only the mail that confirms an address speaks of one that was given', async () => {
    const text = async (name: string) =>
      (await call('POST', `/${name}/preview`, { profile: 'english-in-shanghai' })).json['text'] as string;
    const survey = await text('renewal-survey');
    expect(survey).toContain('/s/preview');
    expect(survey).toContain('/p/preview');
    expect(survey).not.toMatch(/gave this address|\/a\/preview/);
    const confirming = await text('confirm-address');
    expect(confirming).toMatch(/gave this address/);
    expect([...confirming.matchAll(/\/([a-z])\/preview/g)].map(([, page]) => page)).toEqual(
      expect.arrayContaining(['a']),
    );
    expect(confirming).not.toMatch(/\/[spuk]\/preview/);
    expect(await text('renewal-m30')).not.toContain('/s/preview');
  });

  test('what is missing for somebody is told, not left blank', async () => {
    const { json } = await call('POST', '/renewal-m30/preview', { profile: 'little-known' });
    expect(json).toMatchObject({ kind: 'failed', reason: 'missing-value' });
    expect((await call('POST', '/birthday/preview', { profile: 'little-known' })).json).toMatchObject({ kind: 'mail' });
  });

  test('what a campaign about customers sends knows no policy, and is not shown with one', async () => {
    const shown = (about?: string) =>
      call('POST', '/birthday/preview', { profile: 'english-in-shanghai', ...(about ? { about } : {}) });
    expect((await shown()).json['text']).not.toContain('7788');
    expect((await shown('policy')).json['text']).toContain('7788');
    const renewal = await call('POST', '/renewal-m30/preview', { profile: 'english-in-shanghai' });
    expect(renewal.json['text']).toContain('7788');
  });

  test('letters and texts in words, another language, the properties of an event', async () => {
    const letter = await call('POST', '/renewal-m14/preview', { profile: 'several-policies', locale: 'en' });
    expect(letter.json).toMatchObject({
      kind: 'letter',
      locale: 'en',
      subject: '3 of your policies are due for renewal',
    });
    const text = await call('POST', '/renewal-reminder/preview', { profile: 'no-offer' });
    expect(text.json).toMatchObject({ kind: 'text' });
    const draft = { kind: 'mail', files: files('You owe {{ event.amount }}', { needs: 'event.amount' }) };
    const event = { amountMinor: 12_300, currency: 'EUR' };
    const shown = await call('POST', '/draft/preview', { profile: 'english-in-shanghai', draft, event });
    expect(shown.json['text']).toContain('You owe €123.00');
  });

  test('a draft that does not compile says why; S17: a value is never rendered twice', async () => {
    const wrong = { kind: 'mail', files: files('{{ nothing }}') };
    expect((await call('POST', '/draft/preview', { profile: 'company', draft: wrong })).status).toBe(400);
    const draft = { kind: 'mail', files: files('{{ event.note }}', { needs: 'event.note' }) };
    const event = { note: '{{ sender.hotline }}<script>1</script>' };
    const { json } = await call('POST', '/draft/preview', { profile: 'company', draft, event });
    expect(json['text']).toContain('{{ sender.hotline }}<script>');
    expect(json['html']).toContain('{{ sender.hotline }}&lt;script&gt;');
  });

  test('as a customer; S08: not as one of another branch', async () => {
    const partyId = 'party9' as PartyId;
    await rig.profiles.put(profileOf({ partyId, scope: 'house/east', name: { full: '王芳' }, gender: 'f' }), 0);
    const policy = policyOf({ partyId, scope: 'house/east' });
    await rig.policies.put(policy, 0);
    await rig.holdings.add([{ partyId, policyId: policy.policyId }]);
    const ask = (groups: readonly string[]) => call('POST', '/renewal-m30/preview', { customer: partyId }, { groups });
    const shown = await ask(['marketing', 'scope:house/east']);
    expect(shown.json['text']).toContain('尊敬的王女士');
    expect(shown.json['text']).toContain('¥3,340.50');
    expect(shown.json['html']).toContain('https://api.example/r/preview');
    expect((await ask(['marketing', 'scope:house/west'])).status).toBe(404);
    expect((await call('POST', '/renewal-m30/preview', { customer: 'nobody' })).status).toBe(404);
    expect((await call('POST', '/renewal-m30/preview', { customer: partyId, profile: 'company' })).status).toBe(400);
  });
});

describe('test sends', () => {
  const seed = 'ann@insurer.example';
  const send = (to: string[], sub = 'user-1', name = 'renewal-m30') =>
    call('POST', `/${name}/test-send`, { profile: 'several-policies', to }, { sub });

  test('to nobody but the seed list, with no trace of a customer', async () => {
    expect((await send([seed])).status).toBe(403);
    expect((await call('PUT', '/seeds', { addresses: [seed.toUpperCase()], revision: 0 })).status).toBe(403);
    expect((await call('PUT', '/seeds', { addresses: [seed.toUpperCase()], revision: 0 }, engineer)).status).toBe(200);
    expect((await call('PUT', '/seeds', { addresses: [], revision: 0 }, engineer)).status).toBe(409);
    expect((await send([seed, 'customer@mail.example'])).status).toBe(403);
    expect(rig.mails).toHaveLength(0);
    expect(await send([seed, seed])).toMatchObject({
      status: 200,
      json: { sent: [{ to: seed, template: 'renewal-m30', outcome: 'accepted' }] },
    });
    const [mail] = rig.mails;
    expect(mail).toMatchObject({ to: seed, tags: { seed: 'test' } });
    const parsed = await parseMail(Buffer.from(mail?.raw ?? []));
    expect(parsed.from.name).toMatch(/^\[TEST\] /);
    expect(parsed.subject).toContain('3 份保单');
  });

  test('S30: no more than 60 an hour for one person, 20 addresses a call', async () => {
    const many = Array.from({ length: 20 }, (_, n) => `seed${n}@insurer.example`);
    await call('PUT', '/seeds', { addresses: many, revision: 1 }, engineer);
    expect((await send([...many, seed], 'user-2')).status).toBe(400);
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await send(many, 'user-2')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await send(many.slice(0, 1), 'user-3')).status).toBe(200);
    rig.at((START + HOUR) as Instant);
    expect((await send(many, 'user-2')).status).toBe(200);
  }, 60_000);

  test('C7: a copy of everything that a campaign mails, in every language, to the whole list', async () => {
    const copies = (campaign: string, sub: string) =>
      call('POST', '/seed-copies', { campaign, profile: 'no-offer' }, { sub });
    const { json: list } = await call('GET', '/seeds');
    await call('PUT', '/seeds', { addresses: [seed], revision: list['revision'] }, engineer);
    const before = rig.mails.length;
    const { status, json } = await copies('renewal', 'user-5');
    expect(status).toBe(200);
    const sent = json['sent'] as { template: string; locale: string; outcome: string }[];
    expect(sent.map(({ template, locale }) => `${template} ${locale}`).sort()).toEqual(
      ['renewal-d00', 'renewal-m07', 'renewal-m30', 'renewal-m60'].flatMap((name) => [`${name} en`, `${name} zh-CN`]),
    );
    expect(rig.mails.length - before).toBe(8);
    for (const mail of rig.mails) expect(mail.tags).toEqual({ seed: 'test' });
    expect((await copies('nothing', 'user-5')).status).toBe(404);
    await call('PUT', '/seeds', { addresses: [], revision: (list['revision'] as number) + 1 }, engineer);
    expect((await copies('renewal', 'user-5')).status).toBe(400);
    const many = Array.from({ length: 20 }, (_, n) => `seed${n}@insurer.example`);
    await call('PUT', '/seeds', { addresses: many, revision: (list['revision'] as number) + 2 }, engineer);
    // 160 mails are more than an hour's: none is sent
    const sentBefore = rig.mails.length;
    expect((await copies('renewal', 'user-6')).status).toBe(429);
    expect(rig.mails).toHaveLength(sentBefore);
  }, 60_000);

  test('letters and texts are not mailed', async () => {
    expect((await send(['seed1@insurer.example'], 'user-4', 'renewal-m14')).status).toBe(400);
  });
});

test('F34: the versions of this build are kept once, and are there for the next build', async () => {
  const empty: typeof shippedIndex = {};
  const name = 'renewal-m60';
  const version = shippedIndex[name]?.version as string;
  const next = createTemplates(rig.shipped, rig.stored, empty);
  await expect(next.load(name, version)).rejects.toThrow('has no version');
  await keepShipped(rig.shipped, rig.stored);
  expect((await next.load(name, version)).version).toBe(version);
  for (const [key, its] of Object.entries(shippedIndex))
    expect((await next.load(key, its.version)).version).toBe(its.version);
  // again: one read, nothing loaded
  const untouched = { ...rig.shipped, load: () => Promise.reject(new Error('loaded again')) };
  await keepShipped(untouched, rig.stored);
});

test('S41: every route is described, and none without a role', async () => {
  const { json } = await call('GET', '/openapi.json');
  const described = Object.entries(json['paths'] as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(described.sort()).toEqual(rig.routes.map(({ method, path }) => `${method} ${path}`).sort());
  for (const { roles } of rig.routes) expect(roles.length).toBeGreaterThan(0);
});

test('S36: no address and no name in the log', () => {
  expect(JSON.stringify(rig.logged)).not.toMatch(/@|王芳|Whitfield/);
});
