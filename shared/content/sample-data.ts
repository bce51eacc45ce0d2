import { fieldCatalogue, fieldOf } from './field-catalogue.ts';
import type { Finding } from './finding.ts';
import { createLiquid, describeFailure } from './liquid.ts';

/** A kind of recipient that a template must be fit for. */
interface Sample {
  /** Groups that are there: `policy`, `offer`, `claim`. */
  readonly groups: ReadonlySet<string>;
  /** Whether optional fields are known. */
  readonly all: boolean;
  /** How many policies the message serves. */
  readonly policies: number;
}

const GROUPS = ['policy', 'offer', 'claim'];

type Leaf = string | number | boolean;

/** The examples of a group's fields, such as those of `policies.offer`. */
const leaves = (group: string, all: boolean, needs: ReadonlySet<string>): Record<string, Leaf> =>
  Object.fromEntries(
    Object.entries(fieldCatalogue).flatMap(([name, field]): [string, Leaf][] => {
      const leaf = name.startsWith(`${group}.`) ? name.slice(group.length + 1) : '';
      if (leaf === '' || leaf.includes('.') || `${group}.${leaf}` === 'policies.offer' || leaf === 'size') return [];
      if (field.optional && !all && !needs.has(name)) return [];
      // a premium that is higher has a difference: of the two, the sparse recipient has neither
      return [[leaf, typeof field.example === 'boolean' ? field.example && all : field.example]];
    }),
  );

/** Data of the catalogue's examples for one kind of recipient. */
const dataOf = ({ groups, all, policies }: Sample, needs: ReadonlySet<string>, fields: readonly string[]): object => {
  const data: Record<string, unknown> = {};
  for (const [name, { optional, example }] of Object.entries(fieldCatalogue))
    if (!name.includes('.') && name !== 'policies' && !GROUPS.includes(name) && (!optional || all || needs.has(name)))
      data[name] = example;
  for (const group of ['customer', 'links', 'sender', ...GROUPS.filter((one) => groups.has(one))])
    data[group] = leaves(group, all, needs);
  data['several'] = policies > 1;
  // the first has an offer where there is one, the last has none unless it must have
  data['policies'] = Array.from({ length: policies }, (_, n) => ({
    ...leaves('policies', all, needs),
    ...(groups.has('offer') && (n === 0 || needs.has('offer')) ? { offer: leaves('policies.offer', all, needs) } : {}),
  }));
  const events = [...needs, ...(all ? fields : [])].filter((name) => name.startsWith('event.'));
  if (events.length > 0 || all)
    data['event'] = Object.fromEntries(events.map((name) => [name.slice('event.'.length), fieldOf(name)?.example]));
  return data;
};

const liquid = createLiquid((value) => value);

/** What a check by examples found. */
export interface SampleVerdict {
  /** Everything that the sender must give: what the head says, and `policy` where nothing is written without one. */
  readonly needs: readonly string[];
  readonly problems: readonly (Pick<Finding, 'code' | 'message'> & { readonly part: string; readonly line?: number })[];
}

/**
 * Renders the parts of a template for recipients of whom everything is known and of whom only the needful is; with one
 * policy, several, none; with an offer and without.
 * @param parts Liquid by name, such as `subject`
 * @param needs optional fields and groups that whoever sends it always gives
 */
export const renderProblems = (parts: Readonly<Record<string, string>>, needs: readonly string[]): SampleVerdict => {
  const wanted = new Set(needs);
  const fields = Object.values(parts).flatMap((source) => liquid.fields(source));
  const always = GROUPS.filter((group) => wanted.has(group));
  const failures = ({ groups, ...rest }: Sample): SampleVerdict['problems'] => {
    const data = dataOf({ groups: new Set([...groups, ...always]), ...rest }, wanted, fields);
    return Object.entries(parts).flatMap(([part, source]): SampleVerdict['problems'][number][] => {
      try {
        liquid.compile(source)(data);
        return [];
      } catch (error) {
        const failure = describeFailure(error);
        if (failure === undefined) throw error;
        const line = failure.line === undefined ? {} : { line: failure.line };
        return failure.kind === 'missing-value'
          ? [
              {
                code: 'missing-default' as const,
                message: `"${failure.variable}" is not always known: wrap it in {% if %}, give a default, or list it under needs`,
                part,
                ...line,
              },
            ]
          : [{ code: 'liquid' as const, message: failure.detail, part, ...line }];
      }
    });
  };
  const nothing = new Set<string>();
  const policy = new Set(['policy']);
  const withPolicy = [
    { groups: new Set(GROUPS), all: true, policies: 1 },
    { groups: new Set(GROUPS), all: true, policies: 3 },
    { groups: policy, all: false, policies: 1 },
    { groups: policy, all: false, policies: 2 },
    { groups: new Set(['policy', 'offer']), all: false, policies: 2 },
  ].flatMap(failures);
  // a template that says nothing about a policy may go to anybody; one that does needs a campaign about policies
  const without = wanted.has('policy')
    ? []
    : [
        { groups: nothing, all: false, policies: 0 },
        { groups: new Set(['claim']), all: true, policies: 0 },
      ].flatMap(failures);
  const needsPolicy =
    wanted.has('policy') || without.some(({ message }) => /^"(policy|offer|policies)\b/.test(message));
  const problems = [
    ...needs
      .filter((name) => fieldOf(name) === undefined)
      .map((name) => ({ code: 'head' as const, message: `needs unknown field "${name}"`, part: 'head' })),
    ...withPolicy,
    ...without.filter(({ message }) => !/^"(policy|offer|policies)\b/.test(message)),
  ];
  const distinct = [...new Map(problems.map((problem) => [`${problem.part} ${problem.message}`, problem])).values()];
  return { needs: [...new Set([...needs, ...(needsPolicy ? ['policy'] : [])])].sort(), problems: distinct };
};
