import type * as z from 'zod';
import type { EventProperties } from '../../shared/audience/rule-subject.ts';
import { hasErrors } from '../../shared/content/finding.ts';
import type { Seeds } from '../../shared/content/seed-list.ts';
import { MAX_TESTS_PER_HOUR } from '../../shared/content/seed-list.ts';
import type { Templates, TemplateVersion } from '../../shared/content/template.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import type { Mailer } from '../../shared/message/mailer.ts';
import { maySee, type Reader, roles } from '../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../shared/platform/api/route.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { civilDateAt, type Instant } from '../../shared/platform/time.ts';
import { isInForce, type Policy } from '../../shared/policy/policy.ts';
import * as contract from './contract.ts';
import type { Library } from './library.ts';
import { changed } from './routes.ts';
import { type Recipient, type Shown, type ShowPorts, showTemplate } from './show-template.ts';
import { testProfiles, testRecipient } from './test-profiles.ts';
import { compileSafely } from './work-safely.ts';

export interface PreviewPorts extends ShowPorts {
  readonly library: Library;
  readonly templates: Templates;
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly holdings: { of(id: PartyId): Promise<readonly PolicyId[]> };
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
  readonly seeds: Seeds;
  readonly mailer: Mailer;
  readonly now: () => Instant;
}

interface Wanted {
  readonly customer?: string | undefined;
  readonly profile?: string | undefined;
  readonly event?: EventProperties | undefined;
}

/** Whom a template is looked at as, or undefined where there is nobody whom the reader may see. */
const recipientOf = async (ports: PreviewPorts, wanted: Wanted, reader: Reader): Promise<Recipient | undefined> => {
  const event = wanted.event === undefined ? {} : { event: wanted.event };
  const now = ports.now();
  if (wanted.customer === undefined) {
    const found = testRecipient(wanted.profile ?? '', now);
    return found && { ...found, ...event };
  }
  const profile = await ports.profiles.get(wanted.customer as PartyId);
  if (profile === undefined || !maySee(reader, profile.scope)) return undefined;
  const held = await ports.policies.getMany(await ports.holdings.of(profile.partyId));
  const policies = [...held.values()].filter(
    (policy) =>
      policy.partyId === profile.partyId &&
      maySee(reader, policy.scope) &&
      isInForce(policy, civilDateAt(now, policy.zone)),
  );
  // a message is about one policy unless several fall due together: the next one is shown
  policies.sort((a, b) => (a.term.renewsOn < b.term.renewsOn ? -1 : 1));
  return { profile, policies: policies.slice(0, 1), ...event };
};

const previewOf = (shown: Shown): Omit<z.input<typeof contract.previewAnswer>, 'warnings'> => {
  if (shown.kind === 'broken') return { kind: 'failed', reason: 'rendering-failure', detail: shown.message };
  const { locale } = shown;
  const made = shown.kind === 'mail' ? shown.mail : shown.text;
  if (made.kind === 'failed') return { kind: 'failed', locale, reason: made.reason, detail: made.detail };
  const subject = made.subject === undefined ? {} : { subject: made.subject };
  const html = shown.kind === 'mail' && shown.mail.kind === 'rendered' ? { html: shown.mail.html } : {};
  return { kind: shown.kind, locale, text: made.text, ...subject, ...html };
};

/** Looking at templates as somebody, and sending them to the seed list. */
export const previewRoutes = (ports: PreviewPorts): readonly Route[] => {
  const { library, templates, workers, seeds, mailer, now } = ports;
  const loadOne = async (name: string, version: string | undefined): Promise<TemplateVersion | undefined> => {
    const wanted = version ?? (await library.get(name))?.version;
    return wanted === undefined ? undefined : templates.load(name, wanted).catch(() => undefined);
  };
  const refused = (
    code: string,
    message: string,
    status: 400 | 403 | 429 = 400,
  ): Extract<Reply<never>, { kind: 'refused' }> => ({
    kind: 'refused',
    status,
    code,
    message,
  });

  return [
    route({
      method: 'get',
      path: '/api/templates/profiles',
      summary: 'Test profiles that templates can be looked at as',
      roles,
      answer: contract.profilesAnswer,
      handle: async () => ({ kind: 'ok', body: { items: [...testProfiles] } }),
    }),

    route({
      method: 'post',
      path: '/api/templates/{name}/preview',
      summary: 'A template as a customer or test profile would get it; a draft too, before it is saved',
      roles,
      params: contract.nameParams,
      body: contract.previewRequest,
      answer: contract.previewAnswer,
      handle: async ({ params: { name }, body, reader }) => {
        const recipient = await recipientOf(ports, body, reader);
        if (recipient === undefined) return { kind: 'not-found' };
        const { locale, draft } = body;
        const at = { now: now(), ...(locale === undefined ? {} : { locale }) };
        if (draft === undefined) {
          const template = await loadOne(name, body.version);
          if (template === undefined) return { kind: 'not-found' };
          return { kind: 'ok', body: previewOf(await showTemplate(ports, template, recipient, at)) };
        }
        const compiled = await compileSafely(workers, await library.sources(name, draft));
        const warnings = [...compiled.findings];
        if (compiled.kind === 'refused' || hasErrors(warnings))
          return {
            ...refused('bad-template', 'the draft does not compile: see problems'),
            problems: warnings.map((finding) => ({ ...finding })),
          };
        const shown = await showTemplate(ports, compiled.template, recipient, at);
        return { kind: 'ok', body: { ...previewOf(shown), warnings } };
      },
    }),

    route({
      method: 'post',
      path: '/api/templates/{name}/test-send',
      summary: 'Send a mail to addresses of the seed list; no statistics, nobody’s history',
      roles: ['marketing', 'approver', 'engineer'],
      params: contract.nameParams,
      body: contract.testRequest,
      answer: contract.testAnswer,
      handle: async ({ params: { name }, body, reader }) => {
        const template = await loadOne(name, body.version);
        const recipient = await recipientOf(ports, body, reader);
        if (template === undefined || recipient === undefined) return { kind: 'not-found' };
        if (template.kind !== 'mail')
          return refused('bad-input', 'only mails can be sent as a test: look at the preview');
        const to = [...new Set(body.to.map((one) => one.toLowerCase()))];
        const known = new Set((await seeds.read()).addresses.map((one) => one.toLowerCase()));
        if (to.some((one) => !known.has(one)))
          return refused(
            'not-a-seed',
            'body.to: only addresses of the seed list get test mails; add them there first',
            403,
          );
        const at = now();
        if (!(await seeds.mayTest(reader.id, to.length, at)))
          return refused('too-often', `at most ${MAX_TESTS_PER_HOUR} test mails an hour: wait for the next hour`, 429);
        const { locale } = body;
        const sent: z.input<typeof contract.testAnswer>['sent'] = [];
        for (const address of to) {
          const shown = await showTemplate(ports, template, recipient, {
            now: at,
            to: address,
            ...(locale === undefined ? {} : { locale }),
          });
          if (shown.kind !== 'mail' || shown.mail.kind === 'failed') {
            const detail =
              shown.kind === 'mail' && shown.mail.kind === 'failed' ? shown.mail.detail : 'it cannot be rendered';
            return refused('not-rendered', `the mail cannot be made: ${detail}`);
          }
          // without the tags of a customer's row: its events find no row and count for nothing
          const answer = await mailer.send({ raw: shown.mail.raw, to: address, tags: { seed: 'test' } });
          sent.push({ to: address, outcome: answer.kind });
        }
        return { kind: 'ok', body: { sent } };
      },
    }),

    route({
      method: 'get',
      path: '/api/templates/seeds',
      summary: 'The seed list: addresses of staff that test mails may go to',
      roles,
      answer: contract.seedsAnswer,
      handle: async () => {
        const { addresses, revision } = await seeds.read();
        return { kind: 'ok', body: { addresses: [...addresses], revision } };
      },
    }),

    route({
      method: 'put',
      path: '/api/templates/seeds',
      summary: 'Set the seed list',
      roles: ['approver', 'engineer'],
      body: contract.seedsRequest,
      answer: contract.seedsAnswer,
      handle: async ({ body: { addresses, revision } }) => {
        const own = [...new Set(addresses.map((one) => one.toLowerCase()))].sort();
        if ((await seeds.write(own, revision)) === 'refused') return changed((await seeds.read()).revision);
        return { kind: 'ok', body: { addresses: own, revision: revision + 1 } };
      },
    }),
  ];
};
