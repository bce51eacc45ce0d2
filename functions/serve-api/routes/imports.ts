import * as z from 'zod';
import {
  type ImportListed,
  importDetails,
  importPlace,
  importRequest,
  importsAnswer,
} from '../../../shared/history/contract.ts';
import { checkedMark } from '../../../shared/history/listed.ts';
import type { Import, Imports } from '../../../shared/import/import-store.ts';
import { requestImport } from '../../../shared/import/request-import.ts';
import { maySee, roles } from '../../../shared/platform/api/reader.ts';
import { idParam, pageQuery, type Route, route } from '../../../shared/platform/api/route.ts';
import type { Ids } from '../../../shared/platform/ids.ts';
import type { Objects } from '../../../shared/platform/objects.ts';
import { formatInstant } from '../../../shared/platform/time.ts';

export interface ImportRoutesPorts {
  readonly imports: Pick<Imports, 'get' | 'list' | 'progress' | 'errors' | 'putWish'>;
  /** The imports bucket. */
  readonly uploads: Pick<Objects, 'presign'>;
  readonly ids: Ids;
}

/** Problems listed of an import; the rest is in its error file. */
const PROBLEMS = 100;

const WHAT_TO_DO = {
  'bad-name': 'body.fileName: use a plain file name without slashes or control characters',
  'bad-mapping': 'body.mapping: use the id of a saved mapping, lowercase letters, digits and dashes',
};

const listed = (found: Import): ImportListed => ({
  importId: found.importId,
  fileName: found.fileName,
  source: found.source,
  mapping: found.mappingId,
  state: found.state,
  receivedAt: formatInstant(found.receivedAt),
  ...(found.refusal === undefined ? {} : { refusal: [...found.refusal] }),
  ...(found.counts === undefined ? {} : { counts: found.counts }),
});

/** Uploading a book and looking how its import went. */
export const importRoutes = ({ imports, uploads, ids }: ImportRoutesPorts): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/imports',
    summary: 'A place to put a file to; its import begins by itself',
    roles: ['marketing', 'engineer'],
    body: importRequest,
    answer: importPlace,
    handle: async ({ body: { fileName, mapping, confirmed } }) => {
      const outcome = await requestImport(
        { objects: uploads, imports, ids },
        {
          fileName,
          ...(mapping === undefined ? {} : { mapping }),
          ...(confirmed === undefined ? {} : { confirmed }),
        },
      );
      if (outcome.kind === 'refused')
        return { kind: 'refused', status: 400, code: 'bad-input', message: WHAT_TO_DO[outcome.reason] };
      return { kind: 'ok', body: outcome };
    },
  }),

  route({
    method: 'get',
    path: '/api/imports',
    summary: 'Imports, newest first',
    roles,
    query: pageQuery,
    answer: importsAnswer,
    handle: async ({ query, reader }) => {
      const after = checkedMark(query.after, 'I#LIST');
      const { items, next } = await imports.list({ limit: query.limit, ...(after === undefined ? {} : { after }) });
      const own = items.filter(({ scope }) => maySee(reader, scope));
      return { kind: 'ok', body: { items: own.map(listed), ...(next === undefined ? {} : { next }) } };
    },
  }),

  route({
    method: 'get',
    path: '/api/imports/{id}',
    summary: 'How an import went, with the first rows that were refused',
    roles,
    params: z.object({ id: idParam }),
    answer: importDetails,
    handle: async ({ params, reader }) => {
      const found = await imports.get(params.id);
      if (found === undefined || !maySee(reader, found.scope)) return { kind: 'not-found' };
      const problems: z.input<typeof importDetails>['problems'] = [];
      for await (const row of imports.errors(found.importId)) {
        for (const { column, reason, severity } of row.problems)
          problems.push({ line: row.line, column, reason, severity });
        if (problems.length >= PROBLEMS) break;
      }
      const progress = await imports.progress(found);
      return { kind: 'ok', body: { ...listed(found), progress, problems: problems.slice(0, PROBLEMS) } };
    },
  }),
];
