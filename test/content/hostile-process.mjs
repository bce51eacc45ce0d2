// A process that does what a hostile template would do if nothing stopped it.
import { readFileSync } from 'node:fs';

const deeds = {
  echo: (value) => value,
  loop: () => {
    for (;;);
  },
  backtrack: () => /^(a+)+$/.test(`${'a'.repeat(64)}b`),
  memory: () => {
    const kept = [];
    for (;;) kept.push(Array.from({ length: 1_000 }, () => kept.length));
  },
  leave: () => process.exit(3),
  throw: () => {
    throw new Error('no');
  },
  environment: () => ({ ...process.env }),
  read: (file) => readFileSync(file, 'utf8'),
};
process.on('message', ({ deed, value }) => process.send({ result: deeds[deed](value) }));
process.on('disconnect', () => process.exit());
process.send('ready');
