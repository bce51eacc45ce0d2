import type * as z from 'zod';
import type { EventProperties } from '../../shared/audience/rule-subject.ts';
import { hasErrors } from '../../shared/content/finding.ts';
import type { Templates, TemplateVersion } from '../../shared/content/template.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { maySee, type Reader, roles } from '../../shared/platform/api/reader.ts';
import { type Route, route } from '../../shared/platform/api/route.ts';
import type { PartyId, PolicyId } from '../../shared/platform/ids.ts';
import { civilDateAt, type Instant } from '../../shared/platform/time.ts';
import { isInForce, type Policy } from '../../shared/policy/policy.ts';
import * as contract from './contract.ts';
import type { Library } from './library.ts';
import { type Recipient, type Shown, type ShowPorts, showTemplate } from './show-template.ts';
import { testProfiles, testRecipient } from './test-profiles.ts';
import { compileSafely } from './work-safely.ts';

export interface PreviewPorts extends ShowPorts {
  readonly library: Library;
  readonly templates: Templates;
  readonly profiles: { get(id: PartyId): Promise<Profile | undefined> };
  readonly holdings: { of(id: PartyId): Promise<readonly PolicyId[]> };
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
  readonly now: () => Instant;
}

interface Wanted {
  readonly customer?: string | undefined;
  readonly profile?: string | undefined;
  readonly event?: EventProperties | undefined;
  readonly about?: Recipient['about'];
}

/** Whom a template is looked at as, or undefined where there is nobody whom the reader may see. */
export const recipientOf = async (
  ports: PreviewPorts,
  wanted: Wanted,
  reader: Reader,
): Promise<Recipient | undefined> => {
  const rest = { ...(wanted.event === undefined ? {} : { event: wanted.event }), about: wanted.about };
  const now = ports.now();
  if (wanted.customer === undefined) {
    const found = testRecipient(wanted.profile ?? '', now);
    return found && { ...found, ...rest };
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
  return { profile, policies: policies.slice(0, 1), ...rest };
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

/** A version of a template, the current one unless said; undefined where there is none. */
export const loadOne = async (
  { library, templates }: Pick<PreviewPorts, 'library' | 'templates'>,
  name: string,
  version: string | undefined,
): Promise<TemplateVersion | undefined> => {
  const wanted = version ?? (await library.get(name))?.version;
  return wanted === undefined ? undefined : templates.load(name, wanted).catch(() => undefined);
};

/** Looking at templates as somebody. */
export const previewRoutes = (ports: PreviewPorts): readonly Route[] => {
  const { library, workers, now } = ports;
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
          const template = await loadOne(ports, name, body.version);
          if (template === undefined) return { kind: 'not-found' };
          return { kind: 'ok', body: previewOf(await showTemplate(ports, template, recipient, at)) };
        }
        const compiled = await compileSafely(workers, await library.sources(name, draft));
        const warnings = [...compiled.findings];
        if (compiled.kind === 'refused' || hasErrors(warnings))
          return {
            kind: 'refused',
            status: 400,
            code: 'bad-template',
            message: 'the draft does not compile: see problems',
            problems: warnings.map((finding) => ({ ...finding })),
          };
        const shown = await showTemplate(ports, compiled.template, recipient, at);
        return { kind: 'ok', body: { ...previewOf(shown), warnings } };
      },
    }),
  ];
};
