import { defineConfig } from 'vitest/config';

/** The tests of the pure core alone: what Stryker runs once per mutant. */
export default defineConfig({
  test: {
    include: [
      'test/platform/*.test.ts',
      'test/policy/*.test.ts',
      'test/journey-unit/schedule.test.ts',
      'test/message/contact-rules.test.ts',
      'test/letter/print-calendar.test.ts',
    ],
    maxWorkers: 1,
  },
});
