import type * as z from 'zod';
import { type CampaignDefinition } from '../../shared/campaign/definition.ts';
import { templateUses } from '../../shared/campaign/template-index.ts';
import { MAX_TESTS_PER_HOUR, type Seeds } from '../../shared/content/seed-list.ts';
import type { MailTemplate } from '../../shared/content/template.ts';
import type { Mailer } from '../../shared/message/mailer.ts';
import { roles } from '../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../shared/platform/api/route.ts';
import * as contract from './contract.ts';
import { loadOne, type PreviewPorts, recipientOf } from './preview-routes.ts';
import { changed } from './routes.ts';
import { type Recipient, showTemplate } from './show-template.ts';

export interface TestPorts extends PreviewPorts {
  readonly seeds: Seeds;
  readonly mailer: Mailer;
  /** A campaign's draft with the versions of its templates; undefined where there is no such campaign. */
  readonly draftOf: (
    campaign: string,
  ) => Promise<
    { readonly definition: CampaignDefinition; readonly templates: Readonly<Record<string, string>> } | undefined
  >;
}

/** Who may send to the seed list. */
const TESTERS = ['marketing', 'approver', 'engineer'] as const;

type Refused = Extract<Reply<never>, { kind: 'refused' }>;
type Sent = z.input<typeof contract.testAnswer>;

const refused = (code: string, message: string, status: Refused['status'] = 400): Refused => ({
  kind: 'refused',
  status,
  code,
  message,
});

/** One mail of a test: to whom, which, in which language. */
interface Test {
  readonly to: string;
  readonly template: MailTemplate;
  readonly locale?: string;
}

/**
 * Sends test mails, all or, where one cannot be made or they are too many, none. They carry no customer's tags: their
 * events find no row and count for nothing.
 */
const sendTests = async (
  ports: TestPorts,
  tests: readonly Test[],
  recipient: Recipient,
  person: string,
): Promise<Reply<Sent>> => {
  const at = ports.now();
  const mails: { readonly to: string; readonly template: string; readonly locale: string; readonly raw: Uint8Array }[] =
    [];
  if (!(await ports.seeds.mayTest(person, tests.length, at))) {
    const message = `${tests.length} more would be over the ${MAX_TESTS_PER_HOUR} test mails of an hour: wait for the next, or send fewer`;
    return refused('too-often', message, 429);
  }
  for (const { to, template, locale } of tests) {
    const wanted = { now: at, to, ...(locale === undefined ? {} : { locale }) };
    const shown = await showTemplate(ports, template, recipient, wanted);
    if (shown.kind === 'mail' && shown.mail.kind === 'rendered') {
      mails.push({ to, template: template.name, locale: shown.locale, raw: shown.mail.raw });
      continue;
    }
    const detail = shown.kind === 'mail' && shown.mail.kind === 'failed' ? shown.mail.detail : 'it cannot be rendered';
    return refused('not-rendered', `${template.name} cannot be made for this recipient: ${detail}`);
  }
  const sent: Sent['sent'] = [];
  for (const { raw, ...mail } of mails) {
    const { kind: outcome } = await ports.mailer.send({ raw, to: mail.to, tags: { seed: 'test' } });
    sent.push({ ...mail, outcome });
  }
  return { kind: 'ok', body: { sent } };
};

/** Sending to the seed list: one template, or all mails of a campaign. */
export const testRoutes = (ports: TestPorts): readonly Route[] => {
  const { seeds, templates } = ports;
  return [
    route({
      method: 'post',
      path: '/api/templates/{name}/test-send',
      summary: 'Send a mail to addresses of the seed list; no statistics, nobody’s history',
      roles: TESTERS,
      params: contract.nameParams,
      body: contract.testRequest,
      answer: contract.testAnswer,
      handle: async ({ params: { name }, body, reader }) => {
        const template = await loadOne(ports, name, body.version);
        const recipient = await recipientOf(ports, body, reader);
        if (template === undefined || recipient === undefined) return { kind: 'not-found' };
        if (template.kind !== 'mail')
          return refused('bad-input', 'only mails can be sent as a test: look at the preview');
        const addresses = [...new Set(body.to.map((one) => one.toLowerCase()))];
        const known = new Set((await seeds.read()).addresses);
        if (addresses.some((one) => !known.has(one)))
          return refused('not-a-seed', 'body.to: only the seed list gets test mails: add the address there first', 403);
        const { locale } = body;
        const tests = addresses.map((to) => ({ to, template, ...(locale === undefined ? {} : { locale }) }));
        return sendTests(ports, tests, recipient, reader.id);
      },
    }),

    route({
      method: 'post',
      path: '/api/templates/seed-copies',
      summary: 'Send every mail of a campaign’s draft, in every language, to the whole seed list',
      roles: TESTERS,
      body: contract.seedCopiesRequest,
      answer: contract.testAnswer,
      handle: async ({ body, reader }) => {
        const draft = await ports.draftOf(body.campaign);
        const recipient = await recipientOf(ports, body, reader);
        if (draft === undefined || recipient === undefined) return { kind: 'not-found' };
        const names = new Set(
          templateUses(draft.definition)
            .filter(({ kind }) => kind === 'mail')
            .map(({ template }) => template),
        );
        const loaded = await Promise.all(
          [...names].flatMap((name) => {
            const version = draft.templates[name];
            return version === undefined ? [] : [templates.load(name, version)];
          }),
        );
        const { addresses } = await seeds.read();
        const tests = loaded.flatMap((template) =>
          template.kind === 'mail'
            ? template.variants.flatMap(({ locale }) => addresses.map((to) => ({ to, template, locale })))
            : [],
        );
        return tests.length === 0
          ? refused('bad-input', 'there is nothing to send: the campaign has no mails, or the seed list is empty')
          : sendTests(ports, tests, { ...recipient, about: draft.definition.subject }, reader.id);
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
