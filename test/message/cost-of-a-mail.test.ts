import { expect, test } from 'vitest';
import { countMail } from '../bench/counted-mail.ts';

test('P7, P8, P9: what a mail of a full batch takes, everything counted', async () => {
  const { writeUnits, readUnits, calls } = await countMail();
  expect(writeUnits).toBeLessThanOrEqual(2.3);
  expect(readUnits).toBeLessThanOrEqual(4);
  expect(calls).toBeLessThanOrEqual(3);
});
