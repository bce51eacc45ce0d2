import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import Papa from 'papaparse';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { parseInstant } from '../../../shared/platform/time.ts';
import { json, type LocalRoute } from './local-http.ts';
import { afterOf, limitOf } from './mailbox-routes.ts';

/** One letter as it was handed over to the print house. */
export interface PrintedLetter {
  readonly id: string;
  readonly at: string;
  readonly batch: string;
  readonly customerId: string;
  readonly policyIds: readonly string[];
  readonly campaign: string;
  readonly step: string;
  readonly sendClass: string;
  readonly pages: number;
  readonly sha256: string;
  readonly addressLines: readonly string[];
  /** File name within the batch. */
  readonly file: string;
}

/** What lies in the print bucket: `batches/<batch>/manifest.csv` and a PDF a letter beside it. */
export interface PrintTray {
  letters(): Promise<readonly PrintedLetter[]>;
  pdf(id: string): Promise<Uint8Array | undefined>;
  manifest(batch: string): Promise<Uint8Array | undefined>;
}

const ROOT = 'batches/';
const MANIFEST = '/manifest.csv';

/** A manifest's rows. @param batch the folder it lay in */
export const readManifest = (batch: string, csv: string): readonly PrintedLetter[] =>
  Papa.parse<Record<string, string>>(csv.replace(/^\uFEFF/, ''), { header: true, skipEmptyLines: true }).data.map(
    (row) => ({
      id: row['letterId'] ?? '',
      at: row['at'] ?? '',
      batch,
      customerId: row['customerId'] ?? '',
      policyIds: (row['policyNos'] ?? '').split(/[\s;|]+/).filter(Boolean),
      campaign: row['campaign'] ?? '',
      step: row['step'] ?? '',
      sendClass: row['sendClass'] ?? '',
      pages: Number(row['pages']),
      sha256: row['sha256'] ?? '',
      addressLines: [1, 2, 3, 4, 5, 6].map((line) => row[`addressLine${line}`] ?? '').filter(Boolean),
      file: row['file'] ?? '',
    }),
  );

/** Reads the tray through S3 as an operator. A handed-over batch never changes, so its manifest is read once. */
export const createPrintTray = (client: S3Client, bucket: string): PrintTray => {
  const read = new Map<string, readonly PrintedLetter[]>();

  const object = async (key: string): Promise<Uint8Array | undefined> => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  };

  const manifests = async (): Promise<readonly string[]> => {
    const keys: string[] = [];
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: ROOT,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key).filter((key) => key.endsWith(MANIFEST)));
      token = page.NextContinuationToken;
    }
    return keys;
  };

  const letters = async (): Promise<readonly PrintedLetter[]> => {
    for (const key of await manifests()) {
      if (read.has(key)) continue;
      const batch = key.slice(ROOT.length, -MANIFEST.length);
      read.set(key, readManifest(batch, Buffer.from((await object(key)) ?? []).toString('utf8')));
    }
    return [...read.values()].flat().sort((a, b) => (a.at + a.id < b.at + b.id ? -1 : 1));
  };

  return {
    letters,
    async pdf(id) {
      const letter = (await letters()).find((candidate) => candidate.id === id);
      return letter && object(`${ROOT}${letter.batch}/${letter.file}`);
    },
    manifest: (batch) => object(`${ROOT}${batch}${MANIFEST}`),
  };
};

/** The letters as the print house got them. */
export const printTrayRoutes = (tray: PrintTray): readonly LocalRoute[] => [
  {
    key: 'GET /local/print-tray',
    async answer({ query }) {
      const limit = limitOf(query);
      const after = afterOf(query);
      const from = Number(query.get('cursor') ?? 0);
      if (!Number.isInteger(from) || from < 0)
        throw new EngagementError('bad-input', `cursor "${query.get('cursor')}" is not one of ours`);
      const is = (name: 'batch' | 'step' | 'campaign' | 'customerId', letter: PrintedLetter) =>
        query.get(name) === null || letter[name] === query.get(name);
      const found = (await tray.letters()).filter(
        (letter) =>
          is('batch', letter) &&
          is('step', letter) &&
          is('campaign', letter) &&
          is('customerId', letter) &&
          (query.get('policy') === null || letter.policyIds.includes(query.get('policy') ?? '')) &&
          (after === undefined || (parseInstant(letter.at) ?? 0) >= after),
      );
      const items = found.slice(from, from + limit).map(({ file: _file, ...letter }) => letter);
      return json({ items, next: from + limit < found.length ? String(from + limit) : null });
    },
  },
  {
    key: 'GET /local/print-tray/{id}.pdf',
    async answer(_, { id = '' }) {
      const pdf = await tray.pdf(id);
      if (!pdf) throw new EngagementError('not-found', `the print tray holds no letter ${id}`);
      return { kind: 'whole', status: 200, type: 'application/pdf', body: pdf };
    },
  },
  {
    key: 'GET /local/print-tray/batches/{batch}/manifest.csv',
    async answer(_, { batch = '' }) {
      const csv = await tray.manifest(batch);
      if (!csv) throw new EngagementError('not-found', `there is no print batch ${batch}`);
      return { kind: 'whole', status: 200, type: 'text/csv; charset=utf-8', body: csv };
    },
  },
];
