import { EngagementError } from '../../../shared/platform/errors.ts';
import { EMULATED, kindOf, type Place } from './kinds.ts';

/** Resolves CloudFormation intrinsics. What it does not know stops the start: a wrong guess would hide a fault. */

/** A template as `cdk synth` writes it. */
export interface Template {
  readonly Resources?: Readonly<Record<string, RawResource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

export interface NamedTemplate {
  readonly stack: string;
  readonly template: Template;
}

/** A resource with its properties resolved. */
export interface Resource {
  readonly logicalId: string;
  readonly stack: string;
  readonly type: string;
  /** Physical name. */
  readonly name: string;
  /** What `Ref` answers. */
  readonly ref: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const NO_VALUE = Symbol('AWS::NoValue');

const stop = (message: string): never => {
  throw new EngagementError('misconfigured', message);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Resolves every resource of the stacks, exports and imports between them included.
 *  @throws EngagementError misconfigured at an unknown resource type, intrinsic or attribute, naming it and where */
export const resolveTemplates = (stacks: readonly NamedTemplate[], place: Place): readonly Resource[] => {
  const exports = new Map<string, { stack: NamedTemplate; value: unknown }>();

  const nameOf = (stack: NamedTemplate, id: string, raw: RawResource): string => {
    const kind = kindOf(raw.Type);
    const given = kind?.nameProperty && raw.Properties?.[kind.nameProperty];
    const resolved = given === undefined ? NO_VALUE : resolve(given, stack, `${stack.stack}/${id}`);
    const name = resolved === NO_VALUE ? `${stack.stack}-${id}` : String(resolved);
    return kind?.lowercase ? name.toLowerCase() : name;
  };

  const knownKind = (stack: NamedTemplate, id: string, raw: RawResource) =>
    kindOf(raw.Type) ??
    stop(
      `resource type "${raw.Type}" (${stack.stack}/${id}) is not known to the local runtime: imitate it, or list it in infra/local/template/kinds.ts with the reason why it needs no imitation`,
    );

  const reference = (id: string, stack: NamedTemplate, where: string): unknown => {
    const pseudo: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': place.account,
      'AWS::Region': place.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack.stack,
      'AWS::StackId': `arn:aws:cloudformation:${place.region}:${place.account}:stack/${stack.stack}/local`,
      'AWS::NoValue': NO_VALUE,
    };
    if (id in pseudo) return pseudo[id];
    const raw = stack.template.Resources?.[id];
    if (raw) return knownKind(stack, id, raw).ref(nameOf(stack, id, raw), place);
    const parameter = stack.template.Parameters?.[id];
    if (parameter?.Default !== undefined) return parameter.Default;
    return stop(`Ref "${id}" in ${where} names no resource of stack ${stack.stack} and no parameter with a default`);
  };

  const attribute = (id: string, name: string, stack: NamedTemplate, where: string): string => {
    const raw = stack.template.Resources?.[id] ?? stop(`Fn::GetAtt "${id}.${name}" in ${where} names no resource`);
    const of = knownKind(stack, id, raw).attributes[name];
    if (!of) stop(`attribute "${name}" of ${raw.Type} (Fn::GetAtt in ${where}) is not known to the local runtime`);
    return of?.(nameOf(stack, id, raw), place) ?? '';
  };

  const text = (value: unknown, where: string): string =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : stop(`expected text in ${where}, got ${JSON.stringify(value)}`);

  const list = (value: unknown, where: string): readonly unknown[] =>
    Array.isArray(value) ? value : stop(`expected a list in ${where}, got ${JSON.stringify(value)}`);

  const substitute = (argument: unknown, stack: NamedTemplate, where: string): string => {
    const [pattern, raw] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = isRecord(raw) ? raw : {};
    return text(pattern, where).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (name in variables) return text(resolve(variables[name], stack, where), where);
      const [id = '', ...path] = name.split('.');
      return path.length > 0 ? attribute(id, path.join('.'), stack, where) : text(reference(id, stack, where), where);
    });
  };

  const intrinsic = (name: string, argument: unknown, stack: NamedTemplate, where: string): unknown => {
    switch (name) {
      case 'Ref':
        return reference(text(argument, where), stack, where);
      case 'Fn::GetAtt': {
        const [id = '', ...path] =
          typeof argument === 'string' ? argument.split('.') : list(argument, where).map(String);
        return attribute(id, path.join('.'), stack, where);
      }
      case 'Fn::Join': {
        const [separator, parts] = list(argument, where);
        const resolved = list(resolve(parts, stack, where), where);
        return resolved.map((part) => text(part, where)).join(text(separator, where));
      }
      case 'Fn::Sub':
        return substitute(argument, stack, where);
      case 'Fn::Select': {
        const [index, from] = list(argument, where);
        return (
          list(resolve(from, stack, where), where)[Number(index)] ??
          stop(`Fn::Select ${String(index)} in ${where} finds nothing`)
        );
      }
      case 'Fn::Split': {
        const [separator, from] = list(argument, where);
        return text(resolve(from, stack, where), where).split(text(separator, where));
      }
      case 'Fn::FindInMap': {
        const [map, first, second] = list(resolve(argument, stack, where), where).map(String);
        return (
          stack.template.Mappings?.[map ?? '']?.[first ?? '']?.[second ?? ''] ??
          stop(`Fn::FindInMap ${map}.${first}.${second} in ${where} finds nothing`)
        );
      }
      case 'Fn::ImportValue': {
        const wanted = text(resolve(argument, stack, where), where);
        const found = exports.get(wanted) ?? stop(`Fn::ImportValue "${wanted}" in ${where}: no stack exports it`);
        return resolve(found.value, found.stack, where);
      }
      default:
        return stop(
          `intrinsic "${name}" in ${where} is not known to the local runtime: add it to infra/local/template/resolve.ts`,
        );
    }
  };

  const resolve = (value: unknown, stack: NamedTemplate, where: string): unknown => {
    if (Array.isArray(value)) {
      return value.map((entry) => resolve(entry, stack, where)).filter((entry) => entry !== NO_VALUE);
    }
    if (!isRecord(value)) {
      if (typeof value === 'string' && value.includes('{{resolve:')) {
        stop(`dynamic reference "${value}" in ${where} is not known to the local runtime`);
      }
      return value;
    }
    const keys = Object.keys(value);
    const only = keys.length === 1 ? (keys[0] ?? '') : '';
    if (only === 'Ref' || only.startsWith('Fn::')) return intrinsic(only, value[only], stack, where);
    const resolved = keys.map((key) => [key, resolve(value[key], stack, `${where}.${key}`)] as const);
    return Object.fromEntries(resolved.filter(([, entry]) => entry !== NO_VALUE));
  };

  for (const stack of stacks) {
    for (const output of Object.values(stack.template.Outputs ?? {})) {
      if (output.Export) {
        exports.set(String(resolve(output.Export.Name, stack, `${stack.stack}.Outputs`)), {
          stack,
          value: output.Value,
        });
      }
    }
  }
  const resources = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources ?? {}).map(([logicalId, raw]): Resource => {
      const where = `${stack.stack}/${logicalId}`;
      const kind = knownKind(stack, logicalId, raw);
      const name = nameOf(stack, logicalId, raw);
      if (raw.Condition && raw.Type in EMULATED)
        stop(`condition "${raw.Condition}" of ${where} is not evaluated by the local runtime`);
      const properties = raw.Type in EMULATED ? resolve(raw.Properties ?? {}, stack, where) : {};
      return {
        logicalId,
        stack: stack.stack,
        type: raw.Type,
        name,
        ref: kind.ref(name, place),
        properties: isRecord(properties) ? properties : {},
        metadata: raw.Metadata ?? {},
      };
    }),
  );
  const seen = new Map<string, string>();
  for (const { logicalId, stack, type } of resources) {
    if (!(type in EMULATED)) continue;
    const other = seen.get(logicalId);
    if (other)
      stop(`logical id "${logicalId}" is used by both ${other} and ${stack}: local names would collide, rename one`);
    seen.set(logicalId, stack);
  }
  return resources;
};
