import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOfBook } from '../../infra/local/book.ts';
import { writeSampleBook } from '../../infra/local/sample/generate.ts';
import { makeLive } from '../../infra/local/simulate/make-live.ts';
import { createMemorySystem, type MemorySystem } from '../../infra/local/simulate/memory-system.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import type { Profile } from '../../shared/customer/customer.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { logContact } from '../../shared/message/log-contact.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { DAY, formatInstant, HOUR, type Instant, parseInstant } from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';

const MAPPINGS = fileURLToPath(new URL('../../mappings', import.meta.url));
export const START = parseInstant('2018-01-01T00:00:00Z') as Instant;

/** A call that staff made, as the test made it happen. */
export interface Call {
  readonly party: string;
  readonly at: number;
}

export interface Year {
  readonly system: MemorySystem;
  readonly calls: readonly Call[];
  readonly raised: number;
}

/** A number from 0 to 1 that depends on nothing but its words. */
const fate = (...words: readonly (string | number)[]): number =>
  createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE() / 2 ** 32;

/** What happens to customers on one day, drawn from the seed: complaints closed, managers leaving, premiums due, paid or
 *  not, calls. Each at most once a year for one customer or policy. */
const happen = async (
  { system, calls }: { readonly system: MemorySystem; readonly calls: Call[] },
  people: readonly Profile[],
  policies: readonly Policy[],
  day: number,
  seed: number,
): Promise<number> => {
  const occurredAt = formatInstant(system.now());
  let raised = 0;
  const raise = (type: string, about: object, key: string, properties: object = {}): void => {
    const eventId = `${type}-${key}`;
    system.raise('customer.events', type, { schemaVersion: 1, eventId, occurredAt, key, properties, ...about });
    raised += 1;
  };
  /** True on one day of the year for a share of all. */
  const isDay = (share: number, ...words: readonly string[]): boolean =>
    fate(seed, ...words) < share && Math.floor(fate(seed, 'day', ...words) * 360) === day;
  for (const { partyId, records } of people) {
    const ref = records[0]?.key;
    if (ref !== undefined && isDay(0.05, 'complaint', partyId))
      raise('ComplaintClosed', { customerRef: ref }, `${ref}-complaint`);
    if (isDay(0.2, 'call', partyId)) {
      const at = system.now();
      const { table } = system;
      const ports = { gates: createGates(table), timeline: createTimeline(table) };
      await logContact(ports, { partyId, channel: 'phone', at, by: 'staff' }, at);
      calls.push({ party: partyId, at });
    }
  }
  for (const { policyNo, line } of policies) {
    if (isDay(0.03, 'manager', policyNo)) raise('ManagerLeft', { policyNo }, `${policyNo}-manager`);
    if (line !== 'life') continue;
    const due = Math.floor(fate(seed, 'premium', policyNo) * 300);
    const key = `${policyNo}-premium`;
    if (due === day)
      raise('PremiumDue', { policyNo }, key, { amount: '1200.00', currency: 'CNY', dueOn: '2018-07-01' });
    if (due + 3 === day && fate(seed, 'debit', policyNo) < 0.5) raise('DebitFailed', { policyNo }, key);
    if (due + 12 === day && fate(seed, 'pays', policyNo) < 0.6) raise('PremiumPaid', { policyNo }, key);
  }
  return raised;
};

/**
 * One virtual year of all ready programmes together, over the books named and an invented one with life policies and
 * advertising consent, in the system in memory. The same seed gives the same year.
 */
export const playYear = async (seed: number, books: readonly string[], invented: number, days = 365): Promise<Year> => {
  const system = createMemorySystem({ start: START });
  for (const programme of programmes) await makeLive(system, programme);
  const folder = mkdtempSync(join(tmpdir(), 'perennial-year-'));
  try {
    await writeSampleBook(folder, { customers: invented, seed, now: START });
    await system.importBook(filesOfBook(folder, MAPPINGS, ['future.ndjson']));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const book of books) await system.importBook(filesOfBook(book, MAPPINGS));

  const items = system.table.all();
  const people = items.filter(({ entity }) => entity === 'Profile').map(({ profile }) => profile as Profile);
  const policies = items.filter(({ entity }) => entity === 'Policy').map(({ policy }) => policy as Policy);
  const calls: Call[] = [];
  let raised = 0;
  for (let day = 0; day < days; day += 1) {
    await system.moveTo((START + day * DAY + 7 * HOUR) as Instant);
    raised += await happen({ system, calls }, people, policies, day, seed);
    await system.drain();
  }
  await system.moveTo((START + days * DAY) as Instant);
  return { system, calls, raised };
};
