import type { PinnedDefinition } from '../campaign/definition.ts';
import { variantOf } from '../content/locales.ts';
import { buildMessageData } from '../content/message-data.ts';
import type { MailRenderer } from '../content/render-mail.ts';
import { branchLocale, senderFor } from '../content/sender.ts';
import { standInLinks } from '../content/stand-in-links.ts';
import type { MailTemplate, Templates } from '../content/template.ts';
import type { Profile } from '../customer/customer.ts';
import type { PartyId, PolicyId, SendId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { Member } from './run.ts';

export interface LackingPorts {
  readonly templates: Pick<Templates, 'load'>;
  readonly renderer: MailRenderer;
  readonly profiles: { getMany(ids: readonly PartyId[]): Promise<ReadonlyMap<PartyId, Profile>> };
  readonly policies: { getMany(ids: readonly PolicyId[]): Promise<ReadonlyMap<PolicyId, Policy>> };
  /** The verified sending domain. */
  readonly domain: string;
}

/** Stands for links and addresses, which no customer lacks. */
const SOME_URL = 'https://example.com/';
const SOME_ADDRESS = 'someone@example.com';

/** The first mail that the campaign sends. */
const firstMail = async (
  { definition, templates }: PinnedDefinition,
  ports: LackingPorts,
): Promise<MailTemplate | undefined> => {
  const act = definition.steps.map((step) => step.do).find((one) => 'send' in one && one.send !== 'letter');
  const name = act !== undefined && 'send' in act ? act.template : undefined;
  const version = name === undefined ? undefined : templates[name];
  if (name === undefined || version === undefined) return undefined;
  const template = await ports.templates.load(name, version);
  return template.kind === 'mail' ? template : undefined;
};

/**
 * Finds members whose first mail could not be made because they lack something that it says: made for each of them, as it
 * would be sent, and thrown away.
 */
export const createLacking =
  (ports: LackingPorts) =>
  async (pinned: PinnedDefinition, members: readonly Member[], now: Instant): Promise<readonly PartyId[]> => {
    const template = await firstMail(pinned, ports);
    // what an event brings is not known before it happens
    if (template === undefined || template.needs.some((need) => /^(event|claim)\b/.test(need))) return [];
    const [profiles, policies] = await Promise.all([
      ports.profiles.getMany(members.map(({ partyId }) => partyId)),
      ports.policies.getMany(members.flatMap(({ policyId }) => policyId ?? [])),
    ]);
    const { class: sendClass } = pinned.definition;
    return members.flatMap(({ partyId, policyId }) => {
      const profile = profiles.get(partyId);
      // nothing can be sent without an address; the contact rules say so
      if (profile?.email === undefined) return [];
      const policy = policyId && policies.get(policyId);
      const scope = policy?.scope ?? profile.scope;
      const { locale } = variantOf(template, profile.locale, branchLocale(scope));
      const sender = senderFor({ scope, sendClass, locale, domain: ports.domain });
      const links = standInLinks(template, sendClass, () => SOME_URL);
      const data = buildMessageData({
        profile,
        policies: policy ? [{ policy, renewUrl: SOME_URL }] : [],
        links,
        sender,
        locale,
        now,
      });
      const made = ports.renderer.render({
        template,
        locale,
        data,
        to: { address: SOME_ADDRESS },
        sender,
        sendClass,
        sendId: 'pre-flight' as SendId,
        ...(links.unsubscribe === undefined ? {} : { unsubscribeUrl: links.unsubscribe }),
        at: now,
      });
      return made.kind === 'failed' && made.reason === 'missing-value' ? [partyId] : [];
    });
  };
