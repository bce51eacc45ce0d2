import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { parseSync } from 'oxc-parser';

/** One broken rule, where and how. */
export interface Violation {
  readonly file: string;
  readonly rule: 'layer' | 'room' | 'sdk' | 'node' | 'ambient' | 'cycle' | 'barrel';
  readonly what: string;
}

interface Import {
  readonly to: string;
  readonly typeOnly: boolean;
}

interface Source {
  readonly file: string;
  readonly imports: readonly Import[];
  readonly text: string;
  readonly reexportsOnly: boolean;
}

/** Areas of shared/, lowest first; an area may import areas of its own rank's left side, itself and platform. */
const RANKS: Readonly<Record<string, number>> = {
  platform: 0,
  customer: 1,
  policy: 1,
  audience: 2,
  campaign: 3,
  task: 3,
  journey: 4,
  message: 5,
  content: 6,
  letter: 7,
  survey: 7,
  relay: 7,
  import: 7,
  inbound: 7,
  insight: 8,
  launch: 8,
  page: 8,
  history: 9,
};

/** The only files of areas that may know an SDK or Node: adapters, named after their technology or their act. */
const ADAPTERS: readonly string[] = ['message/ses-mailer.ts', 'message/ses-limits.ts', 'letter/typeset-letter.ts'];

const AMBIENT = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\brandomUUID\(/;

const sourcesBelow = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['node_modules', 'generated', 'canary', 'cdk.out'].includes(entry.name) ? [] : sourcesBelow(root, path);
    return /\.(ts|tsx)$/.test(entry.name) ? [path] : [];
  });

const parse = (root: string, file: string): Source => {
  const text = readFileSync(join(root, file), 'utf8');
  const { module, program } = parseSync(file, text);
  const specifiers = [
    ...module.staticImports.map((found) => ({
      to: found.moduleRequest.value,
      typeOnly: found.entries.length > 0 && found.entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap((found) =>
      found.entries.flatMap((entry) =>
        entry.moduleRequest ? [{ to: entry.moduleRequest.value, typeOnly: entry.isType }] : [],
      ),
    ),
    ...module.dynamicImports.flatMap((found) => {
      const written = text.slice(found.moduleRequest.start, found.moduleRequest.end);
      const literal = /^['"`](.*)['"`]$/.exec(written)?.[1];
      return literal === undefined ? [] : [{ to: literal, typeOnly: false }];
    }),
  ];
  const imports = specifiers.map(({ to, typeOnly }) => ({
    to: to.startsWith('.')
      ? normalize(join(dirname(file), to))
          .split(sep)
          .join('/')
      : to,
    typeOnly,
  }));
  const body = program.body as readonly { type: string; source?: unknown }[];
  const reexportsOnly =
    body.length > 1 &&
    body.every(
      (node) =>
        node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && Boolean(node.source)),
    );
  return { file: file.split(sep).join('/'), imports, text, reexportsOnly };
};

const roomOf = (path: string): string => path.split('/')[0] ?? '';
const areaOf = (path: string): string | undefined => (path.startsWith('shared/') ? path.split('/')[1] : undefined);

const layerViolations = ({ file, imports }: Source): Violation[] => {
  const area = areaOf(file);
  const broken = (rule: Violation['rule'], what: string): Violation => ({ file, rule, what });
  return imports.flatMap(({ to, typeOnly }): Violation[] => {
    const target = areaOf(to);
    const room = roomOf(file);
    if (to.startsWith('infra/local') && !file.startsWith('infra/local') && room !== 'scripts' && room !== 'test')
      return [broken('room', `imports ${to}: nobody imports the local runtime`)];
    if (room === 'shared') {
      if (['functions', 'infra', 'console', 'test', 'scripts'].includes(roomOf(to)))
        return [broken('room', `imports ${to}: shared stands below it`)];
      const [own, theirs] = [RANKS[area ?? ''], RANKS[target ?? '']];
      if (area !== undefined && own === undefined)
        return [broken('layer', `area ${area} has no rank: add it to the table`)];
      if (
        target !== undefined &&
        target !== area &&
        own !== undefined &&
        theirs !== undefined &&
        theirs >= own &&
        !typeOnly
      )
        return [broken('layer', `${area} imports ${to}: ${target} does not stand below it`)];
      const adapter = area === 'platform' || ADAPTERS.includes(file.slice('shared/'.length));
      if (to.startsWith('@aws-sdk/') && !adapter && !typeOnly) return [broken('sdk', `imports ${to}`)];
      if (to.startsWith('node:') && !adapter && !typeOnly && to !== 'node:crypto' && to !== 'node:zlib')
        return [broken('node', `imports ${to}`)];
    }
    if (room === 'functions' && to.startsWith('functions/') && to.split('/')[1] !== file.split('/')[1])
      return [broken('room', `imports ${to}: functions share through shared/`)];
    if (room === 'functions' && ['infra', 'test', 'scripts'].includes(roomOf(to)))
      return [broken('room', `imports ${to}`)];
    if (room === 'console' && to.startsWith('shared/') && !to.endsWith('contract.ts') && !typeOnly)
      return [broken('room', `imports ${to}: the console knows contracts only`)];
    if (file.startsWith('infra/') && !file.startsWith('infra/local/') && to.startsWith('functions/'))
      return [broken('room', `imports ${to}: infra names functions by path only`)];
    return [];
  });
};

const ambientViolations = ({ file, text }: Source): Violation[] => {
  const area = areaOf(file);
  if (area === undefined || area === 'platform') return [];
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const found = AMBIENT.exec(code);
  return found ? [{ file, rule: 'ambient', what: `${found[0]} in business code: take it as an argument` }] : [];
};

const cycleViolations = (sources: readonly Source[]): Violation[] => {
  const graph = new Map(
    sources.map(({ file, imports }) => [file, imports.filter((i) => !i.typeOnly).map((i) => i.to)]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const found: Violation[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push({ file, rule: 'cycle', what: [...trail.slice(trail.indexOf(file)), file].join(' → ') });
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) if (graph.has(next)) visit(next, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
};

/** Checks every source file below `folders` of `root`. @returns how many files were read and what is wrong */
export const checkArchitecture = (
  root: string,
  folders: readonly string[],
): { readonly files: number; readonly violations: readonly Violation[] } => {
  const sources = folders
    .flatMap((folder) => sourcesBelow(root, folder))
    .map((file) => parse(root, relative('.', file)));
  return {
    files: sources.length,
    violations: [
      ...sources.flatMap(layerViolations),
      ...sources.flatMap(ambientViolations),
      ...sources
        .filter((source) => source.reexportsOnly)
        .map(({ file }) => ({ file, rule: 'barrel' as const, what: 'only re-exports: import the file itself' })),
      ...cycleViolations(sources),
    ],
  };
};
