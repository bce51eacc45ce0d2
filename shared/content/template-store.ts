import { gunzipSync, gzipSync } from 'node:zlib';
import { EngagementError } from '../platform/errors.ts';
import type { Item, Table } from '../platform/table.ts';
import { queryAll } from '../platform/table.ts';
import { formatInstant, type Instant, parseInstant } from '../platform/time.ts';
import type { WrittenTemplate } from './compiled-template.ts';
import type { TemplateFacts, TemplateIndex, TemplateVersion } from './template.ts';

/** One save of a template. */
export interface TemplateSave {
  readonly version: string;
  readonly at: Instant;
  /** Opaque user id. */
  readonly by: string;
}

/** A template that marketing saved: what is current, and how it came to be. One small item each. */
export interface TemplateRecord extends TemplateFacts {
  readonly locales: readonly string[];
  /** Latest last, at most `MAX_SAVES`; older versions stay readable by their version. */
  readonly saves: readonly TemplateSave[];
  /** Rises with every save; the condition of the next one (F32). */
  readonly revision: number;
}

/** The saved templates. */
export interface StoredTemplates {
  get(name: string): Promise<TemplateRecord | undefined>;
  all(): Promise<readonly TemplateRecord[]>;
  /**
   * Writes the version first, then the record that names it: a crash between them leaves a version that nobody names.
   * @param expected revision of the record that was read; 0 where there was none
   * @throws EngagementError `too-large` where an item would not take it; nothing was written then (F28)
   */
  save(
    record: TemplateRecord,
    template: TemplateVersion,
    written: WrittenTemplate,
    expected: number,
  ): Promise<'written' | 'refused'>;
  /** Keeps versions that shipped together, so that they are there after the next deploy. @param build names them all */
  keep(build: string, templates: readonly TemplateVersion[]): Promise<void>;
  /** True where that build's versions are kept. */
  isKept(build: string): Promise<boolean>;
  load(name: string, version: string): Promise<TemplateVersion | undefined>;
  /** As it was written; undefined for one that shipped. */
  written(name: string, version: string): Promise<WrittenTemplate | undefined>;
}

export const MAX_SAVES = 50;
/** Characters of an item's content, well below DynamoDB's 400 KB. */
const MAX_CONTENT = 350_000;

const TEMPLATES = 'TEMPLATES';
const versionKey = (name: string, version: string) => ({ pk: `TPL#${name}`, sk: `V#${version}` });
const buildKey = (build: string) => ({ pk: 'TEMPLATES#BUILDS', sk: build });
const sourceKey = (name: string, version: string) => ({ pk: `TPL#${name}`, sk: `S#${version}` });

const pack = (name: string, content: object): string => {
  const packed = gzipSync(JSON.stringify(content)).toString('base64');
  if (packed.length > MAX_CONTENT)
    throw new EngagementError(
      'too-large',
      `template "${name}" is too large to keep: shorten it or split its languages`,
    );
  return packed;
};

const unpack = <Content>(item: Item): Content =>
  JSON.parse(gunzipSync(Buffer.from(item['content'] as string, 'base64')).toString('utf8')) as Content;

const toRecord = (item: Item): TemplateRecord => {
  const { pk: _pk, sk: _sk, entity: _entity, schemaVersion: _schema, saves, ...facts } = item;
  return {
    ...(facts as unknown as Omit<TemplateRecord, 'saves'>),
    saves: (saves as { version: string; at: string; by: string }[]).map((save) => ({
      ...save,
      at: parseInstant(save.at) as Instant,
    })),
  };
};

/** Templates under `TEMPLATES` / name, their versions under `TPL#name` / `V#version` and, as written, `S#version`. */
export const createStoredTemplates = (table: Table): StoredTemplates => {
  const versionItem = (template: TemplateVersion): Item => ({
    ...versionKey(template.name, template.version),
    entity: 'TemplateVersion',
    schemaVersion: 1,
    content: pack(template.name, template),
  });
  return {
    get: async (name) => {
      const item = await table.get({ pk: TEMPLATES, sk: name }, { consistent: true });
      return item === undefined ? undefined : toRecord(item);
    },
    all: async () => {
      const records: TemplateRecord[] = [];
      for await (const item of queryAll(table, { pk: TEMPLATES })) records.push(toRecord(item));
      return records;
    },
    save: async (record, template, written, expected) => {
      const { name, version } = template;
      const content = pack(name, written);
      await table.writeMany([
        versionItem(template),
        { ...sourceKey(name, version), entity: 'TemplateSource', schemaVersion: 1, content },
      ]);
      const item: Item = {
        ...record,
        pk: TEMPLATES,
        sk: name,
        entity: 'Template',
        schemaVersion: 1,
        saves: record.saves.map((save) => ({ ...save, at: formatInstant(save.at) })),
      };
      const { kind } = await table.put(
        item,
        expected === 0 ? [{ path: ['pk'], absent: true }] : [{ path: ['revision'], is: expected }],
      );
      return kind;
    },
    keep: async (build, templates) => {
      await table.writeMany(templates.map(versionItem));
      // last: where the mark is, everything is
      await table.put({ ...buildKey(build), entity: 'TemplateBuild', schemaVersion: 1 });
    },
    isKept: async (build) => (await table.get(buildKey(build))) !== undefined,
    load: async (name, version) => {
      const item = await table.get(versionKey(name, version));
      return item === undefined ? undefined : unpack<TemplateVersion>(item);
    },
    written: async (name, version) => {
      const item = await table.get(sourceKey(name, version));
      return item === undefined ? undefined : unpack<WrittenTemplate>(item);
    },
  };
};

/** What a definition must know of every template: those that ship, and over them those that were saved. */
export const readTemplateIndex = async (
  stored: Pick<StoredTemplates, 'all'>,
  shipped: TemplateIndex,
): Promise<TemplateIndex> => ({
  ...shipped,
  ...Object.fromEntries(
    (await stored.all()).map(({ name, version, kind, classes, offer, needs, locales, saves }) => [
      name,
      { version, kind, classes, offer, needs, locales, saves },
    ]),
  ),
});
