import type { MetricSums } from './protocol.ts';

/** Reads log lines in CloudWatch's embedded metric format and adds their values to `sums`. */
export const addMetrics = (text: string, sums: Record<string, number>): void => {
  for (const line of text.split('\n')) {
    if (!line.includes('"_aws"')) continue;
    let entry: Record<string, unknown>;
    try {
      entry = JSON.parse(line) as Record<string, unknown>;
    } catch {
      continue;
    }
    const directives = (entry['_aws'] as { CloudWatchMetrics?: { Metrics?: { Name?: string }[] }[] } | undefined)
      ?.CloudWatchMetrics;
    for (const { Name } of directives?.flatMap(({ Metrics }) => Metrics ?? []) ?? []) {
      const value = Name === undefined ? undefined : entry[Name];
      const values = Array.isArray(value) ? value : [value];
      for (const each of values) {
        if (Name !== undefined && typeof each === 'number') sums[Name] = (sums[Name] ?? 0) + each;
      }
    }
  }
};

/** `left` and `right` added name by name. */
export const plus = (left: MetricSums, right: MetricSums): MetricSums => {
  const sums: Record<string, number> = { ...left };
  for (const [name, value] of Object.entries(right)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
};
