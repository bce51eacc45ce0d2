import { EngagementError } from './errors.ts';
import type { Item, Key } from './table.ts';

/** DynamoDB takes partition keys up to 2,048 bytes and sort keys up to 1,024; both must not be empty. */
export const checkKey = (key: Key): void => {
  if (key.pk === '' || key.sk === '' || key.pk.includes('\n') || key.sk.length > 1_000 || key.pk.length > 2_000)
    throw new EngagementError(
      'bad-input',
      'table key is empty, too long, or holds a newline: shorten or hash its parts',
    );
};

/** An item must say what it is, or nobody can migrate it later. */
export const checkItem = (item: Item): void => {
  checkKey(item);
  if (typeof item.entity !== 'string' || typeof item.schemaVersion !== 'number')
    throw new EngagementError('bad-input', 'item without entity or schemaVersion: stamp it in its store');
};

/** A page's end as opaque text. */
export const encodeAfter = (key: Record<string, unknown>): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/** @throws EngagementError `bad-input` where `after` was not made by `encodeAfter` */
export const decodeAfter = (after: string): Record<string, unknown> => {
  try {
    const key: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    if (key !== null && typeof key === 'object') return key as Record<string, unknown>;
  } catch {
    // falls through to the refusal below: broken base64 and broken JSON are the same fault to a caller
  }
  throw new EngagementError('bad-input', 'page mark is not one of ours: start from the first page');
};
