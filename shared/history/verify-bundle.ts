import { createHash } from 'node:crypto';
import { createMailRenderer, type MailInput } from '../content/render-mail.ts';
import type { TemplateVersion } from '../content/template.ts';
import { variantHash, versionOf } from '../content/template-identity.ts';
import { type DecisionTrace, replay, settingsHash } from '../message/decision-trace.ts';
import { sealOf } from './proof-bundle.ts';
import { type ProofBundle, proofBundle } from './why-contract.ts';

/** What one check of a bundle found. `skipped`: it cannot be made of this bundle, and why. */
export interface Check {
  readonly name: 'file' | 'seal' | 'message' | 'trace' | 'row' | 'settings' | 'decision' | 'template' | 'content';
  readonly verdict: 'pass' | 'fail' | 'skipped';
  readonly why?: string;
}

const hashOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('base64url');

const check = (name: Check['name'], holds: boolean, why: string): Check =>
  holds ? { name, verdict: 'pass' } : { name, verdict: 'fail', why };

/** Whether the row is the one that the decision was about. */
const rowFits = ({ row }: ProofBundle, { question: { order } }: DecisionTrace): boolean => {
  const policies = new Set<string | undefined>(order.enrolments.map(({ policyId }) => policyId));
  return (
    row.id === order.sendId &&
    row.customerId === order.partyId &&
    row.campaign === order.campaign &&
    row.step === order.step &&
    row.channel === order.channel &&
    row.sendClass === order.sendClass &&
    row.policyIds.every((id) => policies.has(id))
  );
};

const checkTemplate = (template: TemplateVersion | undefined, { content }: DecisionTrace): Check => {
  if (content === undefined) return { name: 'template', verdict: 'fail', why: 'the trace does not name a template' };
  if (template === undefined) return { name: 'template', verdict: 'skipped', why: 'the bundle holds no template' };
  const variant = template.variants.find(({ locale }) => locale === content.locale);
  return check(
    'template',
    template.name === content.template &&
      template.version === content.version &&
      versionOf(template) === template.version &&
      template.variants.every((one) => variantHash(one) === one.hash) &&
      variant?.hash === content.hash,
    'the template is not the version that the message was made from',
  );
};

const checkContent = (template: TemplateVersion | undefined, body: Uint8Array, { content }: DecisionTrace): Check => {
  if (content === undefined || template === undefined)
    return { name: 'content', verdict: 'skipped', why: 'there is no template to make the message from' };
  if (template.kind !== 'mail')
    return { name: 'content', verdict: 'skipped', why: 'letters and texts are not made again here' };
  const made = createMailRenderer().render({ ...(content.input as unknown as Omit<MailInput, 'template'>), template });
  return check(
    'content',
    made.kind === 'rendered' && Buffer.from(made.raw).equals(body),
    'made again from template and data, the mail has other bytes',
  );
};

const failed = (name: Check['name'], why: string): readonly Check[] => [{ name, verdict: 'fail', why }];

/** `attempt`, or the check as failed where what it looks at is no such thing at all. */
const guarded = (name: Check['name'], attempt: () => Check): Check => {
  try {
    return attempt();
  } catch {
    return { name, verdict: 'fail', why: 'it cannot be read' };
  }
};

/**
 * Checks a proof bundle with nothing but itself: that no byte was changed, that message and trace are those of the row,
 * that the rules give the same answer to the same question, that the answer was to send, and that the template makes
 * these very bytes from the data that was used.
 * @param text the bundle's file as the API gave it
 */
export const verifyBundle = (text: string): readonly Check[] => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failed('file', 'it is not JSON');
  }
  const parsed = proofBundle.safeParse(json);
  if (!parsed.success)
    return failed('file', `it is no proof bundle: look at ${parsed.error.issues[0]?.path.join('.')}`);
  if (JSON.stringify(json) !== text.trimEnd()) return failed('file', 'it is not written as the API writes it');
  const { seal, ...sealed } = parsed.data;
  const bundle = parsed.data;
  const body = Buffer.from(bundle.body, 'base64');
  const template = bundle.template as TemplateVersion | undefined;
  const bytes: Check[] = [
    { name: 'file', verdict: 'pass' },
    check('seal', sealOf(sealed) === seal, 'something in the file was changed'),
    check(
      'message',
      hashOf(body) === bundle.row.proof.sha256 && body.toString('base64') === bundle.body,
      'the message is not the one that was sent',
    ),
    check('trace', hashOf(bundle.trace) === bundle.row.proof.trace, 'the decision is not the one that was kept'),
  ];
  let trace: DecisionTrace;
  try {
    trace = JSON.parse(bundle.trace) as DecisionTrace;
  } catch {
    return [...bytes, ...failed('decision', 'the trace is not JSON')];
  }
  return [
    ...bytes,
    guarded('row', () => check('row', rowFits(bundle, trace), 'the row is of another message than the decision')),
    guarded('settings', () =>
      check('settings', settingsHash(trace.question.settings) === trace.settings, 'the rules are not those it names'),
    ),
    guarded('decision', () => {
      const played = replay(trace);
      if (!played.replayed)
        return { name: 'decision', verdict: 'fail', why: 'asked again, the rules answer otherwise' };
      return check('decision', played.answer.kind === 'send', 'the decision was not to send');
    }),
    guarded('template', () => checkTemplate(template, trace)),
    guarded('content', () => checkContent(template, body, trace)),
  ];
};

/** True where nothing failed. */
export const isProven = (checks: readonly Check[]): boolean => checks.every(({ verdict }) => verdict !== 'fail');
