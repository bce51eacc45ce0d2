import { formatInstant } from '../../../../shared/platform/time.ts';
import { WireRefusal } from '../../wire.ts';
import { xmlText } from '../query-protocol.ts';
import type { ObjectStore, StoredVersion } from './store.ts';

/** ListObjectsV2 as XML. Keys sort by their bytes, as in S3. @throws WireRefusal for a wrong parameter */
export const listObjects = (store: ObjectStore, bucket: string, query: URLSearchParams): string => {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = Number(query.get('max-keys') ?? 1_000);
  if (!Number.isInteger(limit) || limit < 0) throw new WireRefusal(400, 'InvalidArgument', 'max-keys is not a number');
  const token = query.get('continuation-token');
  const encodes = query.get('encoding-type') === 'url';
  const text = (key: string): string => xmlText(encodes ? encodeURIComponent(key).replaceAll('%2F', '/') : key);

  const contents: StoredVersion[] = [];
  const folders: string[] = [];
  let after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString('utf8');
  let more = false;
  const max = Math.min(limit, 1_000);
  pages: for (;;) {
    const rows = store.page(bucket, after, prefix, 1_000);
    for (const version of rows) {
      if (!version.key.startsWith(prefix)) break pages;
      const folder = folderOf(version.key, prefix, delimiter);
      const isNew = folder === undefined || folders.at(-1) !== folder;
      if (isNew && contents.length + folders.length === max) {
        more = true;
        break pages;
      }
      if (folder === undefined) contents.push(version);
      else if (isNew) folders.push(folder);
      after = version.key;
    }
    if (rows.length < 1_000) break;
  }
  const fields = [
    `<Name>${xmlText(bucket)}</Name>`,
    `<Prefix>${text(prefix)}</Prefix>`,
    `<KeyCount>${contents.length + folders.length}</KeyCount>`,
    `<MaxKeys>${limit}</MaxKeys>`,
    ...(delimiter === '' ? [] : [`<Delimiter>${text(delimiter)}</Delimiter>`]),
    ...(encodes ? ['<EncodingType>url</EncodingType>'] : []),
    `<IsTruncated>${more}</IsTruncated>`,
    ...(more ? [`<NextContinuationToken>${Buffer.from(after).toString('base64url')}</NextContinuationToken>`] : []),
    ...contents.map(
      (version) =>
        `<Contents><Key>${text(version.key)}</Key><LastModified>${formatInstant(version.at)}</LastModified>` +
        `<ETag>${xmlText(version.etag)}</ETag><Size>${version.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...folders.map((folder) => `<CommonPrefixes><Prefix>${text(folder)}</Prefix></CommonPrefixes>`),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${fields.join('')}</ListBucketResult>`;
};

const folderOf = (key: string, prefix: string, delimiter: string): string | undefined => {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
};
