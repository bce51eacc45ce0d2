import { expect, test } from 'vitest';
import { createInvocations } from '../../../infra/local/invocations.ts';
import type { InvokeResult } from '../../../infra/local/wire.ts';

const hint: InvokeResult = { kind: 'returned', value: { shards: 0, nextDueAt: '2019-01-31T10:00:00Z' } };

/** Runs that end when the test says so. */
const staged = () => {
  const ends = new Map<string, (result: InvokeResult) => void>();
  let forgotten = 0;
  const invoke = createInvocations({
    run: (id) => new Promise((resolve) => ends.set(id, resolve)),
    scheduled: new Set(['tick']),
    onOther: () => {
      forgotten++;
    },
  });
  return { invoke, end: (id: string, result: InvokeResult) => ends.get(id)?.(result), forgotten: () => forgotten };
};

test('a tick alone keeps its hint', async () => {
  const { invoke, end, forgotten } = staged();
  const tick = invoke('tick', {});
  end('tick', hint);
  expect(await tick).toEqual(hint);
  expect(forgotten()).toBe(0);
});

test('a function that ends while the tick runs voids what the tick says', async () => {
  const { invoke, end } = staged();
  const tick = invoke('tick', {});
  const other = invoke('worker', {});
  end('worker', { kind: 'returned', value: null });
  await other;
  end('tick', hint);
  expect(await tick).toEqual({ kind: 'returned', value: { shards: 0 } });
});

test('a function that ends after the tick, well or not, takes its word back', async () => {
  const { invoke, end, forgotten } = staged();
  const other = invoke('worker', {});
  const tick = invoke('tick', {});
  end('tick', hint);
  await tick;
  expect(forgotten()).toBe(0);
  end('worker', { kind: 'failed', error: { name: 'Error', message: 'x' } });
  await other;
  expect(forgotten()).toBe(1);
});
