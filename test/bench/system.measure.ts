import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem } from '../support/local-system.ts';
import { bundleSizes, loadTimeOf, PLAIN_FUNCTIONS } from './function-bundles.ts';
import type { Measurement } from './measurement.ts';

/** Mails a second of the best comparable open system on the same kind of machine, one worker: Parcelvoy, until recorded.
 *  Measured in November 2026 elsewhere; it needs MySQL and Redis, so it is not run beside ours here. */
const REFERENCE_MAILS_PER_SECOND = 52;
const CAMPAIGN = 10_000;

/** A book whose policies all renew sixty days after its first: one mail each at ten o'clock. */
const writeCampaignBook = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'perennial-campaign-'));
  const mapping = {
    id: 'campaign',
    source: 'bench',
    appliesTo: ['campaign.csv'],
    key: ['no'],
    records: [
      {
        record: 'customer',
        key: 'no',
        given: 'given',
        family: 'family',
        email: 'email',
        locale: { constant: 'en' },
        zone: { constant: 'Europe/Madrid' },
      },
      {
        record: 'contract',
        policyNo: 'no',
        startsOn: { constant: '2018-01-30' },
        holder: 'no',
        line: { constant: 'motor' },
        contactRule: { constant: 'direct' },
        zone: { constant: 'Europe/Madrid' },
      },
      { record: 'term', startsOn: { constant: '2018-01-30' }, renewsOn: { constant: '2019-01-30' } },
    ],
  };
  const rows = Array.from({ length: CAMPAIGN }, (_, n) => `N${n},Ana,Li${n},c${n}@example.com`);
  writeFileSync(join(dir, 'campaign.csv'), ['no,given,family,email', ...rows].join('\r\n'));
  writeFileSync(join(dir, 'campaign.csv.mapping.json'), JSON.stringify(mapping));
  return dir;
};

export const measurements: readonly Measurement[] = [
  {
    id: 'P3',
    name: 'campaign of 10,000 mails until recorded, against Parcelvoy',
    unit: '×',
    floor: 2,
    goal: 5,
    more: true,
    run: async () => {
      const dir = writeCampaignBook();
      const system = await startSystem({ book: dir, now: '2018-12-01' });
      try {
        await system.idle();
        const begun = performance.now();
        const { sent } = await system.clock({ by: 'P1D' });
        if (sent !== CAMPAIGN) throw new Error(`${CAMPAIGN} mails were expected, ${sent} went`);
        return CAMPAIGN / ((performance.now() - begun) / 1_000) / REFERENCE_MAILS_PER_SECOND;
      } finally {
        await system.stop();
        rmSync(dir, { recursive: true, force: true });
      }
    },
  },
  {
    id: 'P11a',
    name: 'largest function bundle without survey-core',
    unit: 'KB',
    floor: 1_024,
    goal: 400,
    more: false,
    run: async () => Math.max(...PLAIN_FUNCTIONS.map((name) => bundleSizes().get(name) ?? 0)) / 1_024,
  },
  {
    id: 'P11b',
    name: 'slowest function to load without survey-core, median of 5',
    unit: 'ms',
    floor: 400,
    goal: 200,
    more: false,
    run: async () => {
      const times: number[] = [];
      for (const name of PLAIN_FUNCTIONS) times.push(await loadTimeOf(name));
      return Math.max(...times);
    },
  },
  {
    id: 'P15',
    name: 'a virtual year over the sample book of 2,000',
    unit: 'min',
    floor: 15,
    goal: 4,
    more: false,
    run: async () => {
      const system = await startSystem({ book: { sample: 2_000 }, now: '2026-12-01' });
      try {
        await system.idle();
        const begun = performance.now();
        await system.clock({ to: '2027-12-01T00:00:00Z' });
        return (performance.now() - begun) / 60_000;
      } finally {
        await system.stop();
      }
    },
  },
  {
    id: 'P17',
    name: 'start to serving, dependencies installed',
    unit: 's',
    floor: 20,
    goal: 5,
    more: false,
    run: async () => {
      const begun = performance.now();
      const system = await startSystem({ now: '2026-12-01' });
      const taken = (performance.now() - begun) / 1_000;
      await system.stop();
      return taken;
    },
  },
];
