import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Hono } from 'hono';
import type { Site } from '../../functions/serve-api/static-site.ts';
import { keepProof } from '../../shared/message/proof.ts';
import type { Route } from '../../shared/platform/api/route.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { addDays, type CivilDate, DAY, HOUR, type Instant, type ZoneId } from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { type ApiRig, createApiRig } from './api.ts';
import { serve, type TestServer } from './browser.ts';
import { evidenceOf } from './evidence.ts';

/** The first page as `npm run build` made it. */
export const builtSite = (): Site => JSON.parse(readFileSync('console/generated/site.json', 'utf8')) as Site;

const MAIL = [
  'From: Evermere Insurance <service@mail.example>',
  'To: Customer <customer@mail.example>',
  'Subject: Your motor insurance is due for renewal',
  'Content-Type: multipart/alternative; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Your motor insurance is due for renewal.',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<html><body style="margin:0;background:#f2f6f5;font-family:sans-serif"><div style="max-width:480px;margin:24px auto;background:#fff;padding:32px;border-radius:8px"><h1 style="color:#0b5f59">Your motor insurance is due for renewal</h1><p>Dear Ms García,</p><p>your cover runs until 31 January 2019.</p><script>parent.stolen = true</script><img src=x onerror="parent.stolen = true"><p><a href="https://x.example" style="background:#0b5f59;color:#fff;padding:12px 24px">See your offer</a></p></div></body></html>',
  '--b--',
].join('\r\n');

const people: readonly [given: string, family: string, locale: string][] = [
  ['María', 'García', 'en'],
  ['伟', '张', 'zh-CN'],
  ['Jürgen', '<img src=x onerror="stolen=true">', 'en'],
  ['秀英', '李', 'zh-CN'],
  ['Aoife', 'Murphy', 'en'],
];

/** A small book with some history, so that every part of the page has something to show. */
const furnish = async (rig: ApiRig): Promise<void> => {
  const scope = 'house/east';
  const zone = 'Asia/Shanghai' as ZoneId;
  const today = '2019-01-02' as CivilDate;
  for (let n = 0; n < 60; n += 1) {
    const [given, family, locale] = people[n % people.length] as (typeof people)[number];
    const partyId = `01jperson${String(n).padStart(17, '0')}` as PartyId;
    await rig.addCustomer({
      partyId,
      scope,
      name: { given, family },
      locale,
      zone,
      email: `person${n}@mail.example`,
      phone: `1380000${String(1000 + n)}`,
      address: { lines: [`${n} Sample Road`], city: 'Shanghai', postcode: '200120', country: 'CN' },
      records: [{ source: 'underwriting', key: `C-${n}`, joinedBy: 'own-id', at: rig.start }],
    });
    const renewsOn = addDays(today, (n * n * 7 + n) % 62);
    const policy: Policy = {
      policyId: `policy${String(n).padStart(20, 'a')}` as PolicyId,
      policyNo: `MOT-2018-${4000 + n}`,
      source: 'underwriting',
      scope,
      partyId,
      line: (['motor', 'home', 'health'] as const)[n % 3] ?? 'motor',
      contractStartsOn: addDays(renewsOn, -365),
      zone,
      contactRule: 'direct',
      term: { startsOn: addDays(renewsOn, -365), renewsOn, premium: { minor: 180_000 + n * 3_100, currency: 'CNY' } },
      ...(n % 4 === 0
        ? {}
        : { offer: { termStartsOn: renewsOn, premium: { minor: 190_000 + n * 3_000, currency: 'CNY' } } }),
      firstKnownAt: 0 as Instant,
      version: 1,
    };
    await rig.addPolicy(policy);
    await rig.enrolments.create({
      partyId,
      campaign: 'renewal',
      definition: 'd',
      policyId: policy.policyId,
      occurrence: policy.term.startsOn,
      anchorOn: renewsOn,
      zone,
      line: 'motor',
      contactRule: 'direct',
      scope,
      done: [],
      state: 'active',
      next: { step: 'm14', at: (rig.start + 9 * DAY) as Instant },
      ...(n === 0 ? { reaction: { kind: 'call-requested' as const, at: rig.start } } : {}),
      enteredAt: rig.start,
      version: 1,
    });
  }
  const party = (n: number) => `01jperson${String(n).padStart(17, '0')}` as PartyId;
  const policyOf = (n: number) => [`policy${String(n).padStart(20, 'a')}` as PolicyId];
  const [proof] = await keepProof(rig.messages, 'b1', [evidenceOf(MAIL)], rig.start);
  const row = { kind: 'message' as const, campaign: 'renewal', sendClass: 'service' as const };
  const messages = [
    { id: 'a', at: -20 * DAY, step: 'm60', channel: 'email', state: 'delivered', ...(proof ? { proof } : {}) },
    { id: 'b', at: -10 * DAY, step: 'm30', channel: 'email', state: 'bounced', reason: 'permanent' },
    { id: 'c', at: -2 * DAY, step: 'm14', channel: 'post', state: 'composed', ...(proof ? { proof } : {}) },
    { id: 'd', at: -DAY, step: 'm07', channel: 'email', state: 'skipped', reason: 'suppressed' },
  ] as const;
  for (const { at, ...message } of messages)
    await rig.timeline.record({
      ...row,
      ...message,
      partyId: party(0),
      policyIds: policyOf(0),
      at: (rig.start + at) as Instant,
    });
  await rig.timeline.record({
    partyId: party(0),
    at: (rig.start - HOUR) as Instant,
    kind: 'reaction',
    id: 'r1',
    policyIds: policyOf(0),
    campaign: 'renewal',
    step: 'm30',
    details: { page: 'renewal', choice: 'call', on: '2019-01-04', slot: '09-12', phone: '13900001111' },
  });
  await rig.gates.setConsent(party(0), 'email', 'marketing', { given: false, wording: 'w1', at: rig.start });
  await rig.gates.suppress(party(0), 'email', 'hard-bounce');
  const reasons = ['too-late', 'no-email', 'already-reacted', 'no-email', 'opted-out'] as const;
  for (let n = 1; n < 30; n += 1)
    await rig.timeline.record({
      ...row,
      partyId: party(n),
      id: `skip-${n}`,
      policyIds: policyOf(n),
      at: (rig.start - (n % 13) * DAY) as Instant,
      step: 'm30',
      channel: 'email',
      ...(n % 9 === 0
        ? { state: 'held', reason: 'quiet-hours' }
        : n % 11 === 0
          ? { state: 'failed', reason: 'missing-value' }
          : { state: 'skipped', reason: reasons[n % reasons.length] as string }),
    });
  for (let n = 0; n < 14; n += 1)
    await rig.outcomes.record(addDays(today, -n), `job-${n}`, [
      { campaign: 'renewal', step: 'm30', outcome: 'sent', count: (n * 37) % 61 },
    ]);
  const kinds = ['requested-call', 'offer-missing', 'data-change', 'holder-died'] as const;
  for (const [n, kind] of kinds.entries())
    await rig.tasks.add({
      taskId: `task-${n}`,
      scope,
      kind,
      reason: ['asked-on-page', 'no-offer', 'told-on-page', 'told-on-page'][n] as string,
      state: 'open',
      dueOn: addDays(today, n),
      createdAt: rig.start,
      partyId: party(n),
      policyId: policyOf(n)[0] as PolicyId,
      ...(n === 0 ? { details: { slot: '09-12' } } : {}),
    });
};

/** The API with the first page on loopback, with a sign-in of its own that checks PKCE and forgets tokens when told. */
const serveConsole = async (
  rig: ApiRig,
  groups: readonly string[],
  surveys: Hono | undefined,
): Promise<TestServer & { readonly forgetTokens: () => void }> => {
  const codes = new Map<string, { challenge: string; redirect: string }>();
  const tokens = new Set<string>();
  const signIn = async (request: Request, url: URL): Promise<Response> => {
    if (url.pathname.endsWith('/authorize')) {
      const code = `code-${codes.size}`;
      const redirect = url.searchParams.get('redirect_uri') ?? '';
      codes.set(code, { challenge: url.searchParams.get('code_challenge') ?? '', redirect });
      const back = new URL(redirect);
      back.search = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' }).toString();
      return Response.redirect(back.href, 302);
    }
    const form = new URLSearchParams(await request.text());
    const known = codes.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (known?.challenge !== challenge || known.redirect !== form.get('redirect_uri'))
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    const claims = Buffer.from(JSON.stringify({ sub: 'user-1' })).toString('base64url');
    const token = `header.${claims}.${tokens.size}-${codes.size}`;
    tokens.add(token);
    return Response.json({ access_token: token });
  };
  const server = await serve((request, origin) => {
    const url = new URL(request.url);
    if (url.pathname.startsWith('/sign-in/')) return signIn(request, url);
    if (url.pathname === '/console/config.json')
      return Response.json({ signInOrigin: `${origin}/sign-in`, clientId: 'client-1' });
    const token = request.headers.get('authorization')?.slice('Bearer '.length) ?? '';
    const app = surveys !== undefined && url.pathname.startsWith('/api/surveys') ? surveys : rig.app;
    return app.fetch(request, rig.gatewayOf(tokens.has(token) ? groups : undefined));
  });
  return { ...server, forgetTokens: () => tokens.clear() };
};

/**
 * A rig furnished and served, with further routes where there are any.
 * @param groups of whoever signs in, who is `user-1`
 * @param surveysOf makes the API of surveys over the rig
 */
export const startConsole = async (
  routes: readonly Route[] = [],
  groups: readonly string[] = ['manager', 'scope:house/east'],
  surveysOf?: (rig: ApiRig) => Hono,
) => {
  const rig = createApiRig({ site: builtSite(), routes });
  await furnish(rig);
  return { rig, server: await serveConsole(rig, groups, surveysOf?.(rig)) };
};
