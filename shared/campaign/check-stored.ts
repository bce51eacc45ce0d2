import { queryAll, type Table } from '../platform/table.ts';
import { unreadableRules } from './check-rules.ts';
import { definitionSchema } from './definition.ts';
import { definitionKey, KEPT } from './definition-store.ts';
import type { Problem } from './problem.ts';
import { readProblems } from './read-problems.ts';

/** A definition that was saved, or that enrolments may still be on, and that this build cannot run. */
export interface Unreadable {
  readonly campaign: string;
  readonly hash: string;
  readonly problems: readonly Problem[];
}

const problemsOf = (source: unknown): readonly Problem[] => {
  if (source === undefined) return [{ path: '', message: 'is listed but not there: restore it' }];
  const parsed = definitionSchema.safeParse(source);
  return parsed.success ? unreadableRules(parsed.data) : readProblems(parsed.error, definitionSchema, source);
};

/**
 * Looks at every definition in the table with the eyes of this build, before it is deployed: what it cannot read would
 * fail at each step of the enrolments that are on it. Only whether it can be run is asked, not whether it could be saved
 * today: later checks may be stricter.
 * @returns those that it cannot read, and how many it looked at
 */
export const checkStored = async (
  table: Table,
): Promise<{ readonly looked: number; readonly unreadable: readonly Unreadable[] }> => {
  const unreadable: Unreadable[] = [];
  let looked = 0;
  for await (const entry of queryAll(table, { pk: KEPT, consistent: true })) {
    const { campaign, hash } = entry as unknown as { campaign: string; hash: string };
    const found = await table.get(definitionKey(campaign, hash), { consistent: true });
    const problems = problemsOf(found?.definition);
    looked += 1;
    if (problems.length > 0) unreadable.push({ campaign, hash, problems });
  }
  return { looked, unreadable };
};
