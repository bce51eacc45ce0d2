import * as z from 'zod';
import { diffLines } from '../../shared/content/diff-lines.ts';
import { fieldCatalogue } from '../../shared/content/field-catalogue.ts';
import { hasErrors } from '../../shared/content/finding.ts';
import { roles } from '../../shared/platform/api/reader.ts';
import { type Reply, type Route, route } from '../../shared/platform/api/route.ts';
import { formatInstant } from '../../shared/platform/time.ts';
import * as contract from './contract.ts';
import type { LibraryTemplate } from './library.ts';
import { type SaveOutcome, type SavePorts, saveTemplate } from './save-template.ts';
import { compileSafely } from './work-safely.ts';

/** Who writes templates. */
const WRITERS = ['marketing', 'engineer'] as const;

const CHANGED = 'somebody saved it meanwhile: read it again, put your changes in, and save';

/** The refusal of something that was changed meanwhile; its revision now stands among the problems. */
export const changed = (revision: number): Extract<Reply<never>, { kind: 'refused' }> => ({
  kind: 'refused',
  status: 409,
  code: 'conflict',
  message: CHANGED,
  problems: [{ message: CHANGED, revision }],
});

const listed = ({ name, kind, version, classes, locales, needs, offer, revision }: LibraryTemplate) => ({
  name,
  kind,
  version,
  classes: [...classes],
  locales: [...locales],
  needs: [...needs],
  offer,
  revision,
});

const saved = (outcome: SaveOutcome): Reply<z.input<typeof contract.savedAnswer>> => {
  switch (outcome.kind) {
    case 'saved':
      return {
        kind: 'ok',
        body: { version: outcome.template.version, revision: outcome.revision, warnings: [...outcome.findings] },
      };
    case 'refused':
      return {
        kind: 'refused',
        status: 400,
        code: 'bad-template',
        message: 'the template cannot be saved: see "problems"',
        problems: outcome.findings.map((finding) => ({ ...finding })),
      };
    case 'changed':
      return changed(outcome.revision);
    case 'other-kind':
      return {
        kind: 'refused',
        status: 400,
        code: 'bad-input',
        message: 'body.kind: a template keeps its kind; save it under another name',
      };
  }
};

/** Listing, reading, checking, saving and copying templates. */
export const templateRoutes = (ports: SavePorts): readonly Route[] => {
  const { library, workers } = ports;
  return [
    route({
      method: 'get',
      path: '/api/templates',
      summary: 'Every template: those that ship and those that were saved',
      roles,
      answer: contract.templatesAnswer,
      handle: async () => ({ kind: 'ok', body: { items: (await library.all()).map(listed) } }),
    }),

    route({
      method: 'get',
      path: '/api/templates/fields',
      summary: 'The field catalogue: what a template may say of a customer, beside event.<property>',
      roles,
      answer: contract.fieldsAnswer,
      handle: async () => ({
        kind: 'ok',
        body: {
          items: Object.entries(fieldCatalogue).map(([name, { optional, example, en, zh }]) => ({
            name,
            optional,
            example,
            en,
            'zh-CN': zh,
          })),
        },
      }),
    }),

    route({
      method: 'post',
      path: '/api/templates/check',
      summary: 'What is wrong with sources, without saving them',
      roles: WRITERS,
      body: contract.checkRequest,
      answer: contract.checkAnswer,
      handle: async ({ body: { name, kind, files } }) => {
        const { findings } = await compileSafely(workers, await library.sources(name, { kind, files }));
        return { kind: 'ok', body: { good: !hasErrors(findings), findings: [...findings] } };
      },
    }),

    route({
      method: 'get',
      path: '/api/templates/{name}',
      summary: 'A template with its current source and its saves',
      roles,
      params: contract.nameParams,
      answer: contract.templateAnswer,
      handle: async ({ params: { name } }) => {
        const found = await library.get(name);
        const written = found && (await library.written(name, found.version));
        if (found === undefined) return { kind: 'not-found' };
        const saves = found.saves.map((one) => ({ ...one, at: formatInstant(one.at) }));
        return { kind: 'ok', body: { ...listed(found), files: [...(written?.files ?? [])], saves } };
      },
    }),

    route({
      method: 'put',
      path: '/api/templates/{name}',
      summary: 'Save a template: compiled, checked, a new version',
      roles: WRITERS,
      params: contract.nameParams,
      body: contract.saveRequest,
      answer: contract.savedAnswer,
      handle: async ({ params: { name }, body, reader }) =>
        saved(await saveTemplate(ports, { name, ...body, by: reader.id })),
    }),

    route({
      method: 'post',
      path: '/api/templates/{name}/copy',
      summary: 'Copy a template under a new name',
      roles: WRITERS,
      params: contract.nameParams,
      body: contract.copyRequest,
      answer: contract.savedAnswer,
      handle: async ({ params: { name }, body: { as }, reader }) => {
        const found = await library.get(name);
        const written = found && (await library.written(name, found.version));
        if (written === undefined) return { kind: 'not-found' };
        const { kind, files } = written;
        return saved(await saveTemplate(ports, { name: as, kind, files, revision: 0, by: reader.id }));
      },
    }),

    route({
      method: 'get',
      path: '/api/templates/{name}/versions/{version}',
      summary: 'A version as it was written, with the blocks it uses',
      roles,
      params: z.object({ name: contract.templateName, version: contract.version }),
      answer: contract.sourceAnswer,
      handle: async ({ params: { name, version } }) => {
        const written = await library.written(name, version);
        return written === undefined
          ? { kind: 'not-found' }
          : {
              kind: 'ok',
              body: { version, kind: written.kind, files: [...written.files], blocks: { ...written.blocks } },
            };
      },
    }),

    route({
      method: 'get',
      path: '/api/templates/{name}/diff',
      summary: 'What changed between two versions, line by line and language by language',
      roles,
      params: contract.nameParams,
      query: contract.diffQuery,
      answer: contract.diffAnswer,
      handle: async ({ params: { name }, query: { from, to } }) => {
        const [before, after] = await Promise.all([library.written(name, from), library.written(name, to)]);
        if (before === undefined || after === undefined) return { kind: 'not-found' };
        const textIn = (files: typeof before.files, locale: string): string =>
          files.find((file) => file.locale === locale)?.text ?? '';
        const locales = [...new Set([...before.files, ...after.files].map(({ locale }) => locale))].sort();
        const files = locales.map((locale) => ({
          locale,
          lines: [...diffLines(textIn(before.files, locale), textIn(after.files, locale))],
        }));
        return { kind: 'ok', body: { files } };
      },
    }),
  ];
};
