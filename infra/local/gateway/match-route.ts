import type { ApiRoute } from '../template/resources.ts';

/** The route an HTTP API would choose, with its path parameters decoded. */
export interface MatchedRoute {
  readonly route: ApiRoute;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Static parts win over variables, these over a greedy one; the exact method wins over ANY; `$default` comes last.
 *  (API Gateway developer guide, "Working with routes for HTTP APIs".)
 *  @returns undefined where API Gateway would answer 404 */
export const matchRoute = (routes: readonly ApiRoute[], method: string, path: string): MatchedRoute | undefined => {
  const found = routes
    .map((route) => matchOne(route, method, path))
    .filter((match) => match !== undefined)
    .sort((left, right) => compare(left.rank, right.rank))[0];
  if (found) return { route: found.route, parameters: found.parameters };
  const fallback = routes.find(({ key }) => key === '$default');
  return fallback && { route: fallback, parameters: {} };
};

/** Per segment 0 static, 1 variable, 2 greedy; then 0 the very method, 1 ANY. */
type Rank = readonly number[];

const compare = (left: Rank, right: Rank): number => {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

const matchOne = (route: ApiRoute, method: string, path: string) => {
  const [routeMethod, pattern] = route.key.split(' ');
  if (pattern === undefined || (routeMethod !== method && routeMethod !== 'ANY')) return undefined;
  const wanted = pattern.split('/').slice(1);
  const given = path.split('/').slice(1);
  const parameters: Record<string, string> = {};
  const rank: number[] = [];
  for (const [at, part] of wanted.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(part)?.[1];
    if (greedy !== undefined) {
      const rest = given.slice(at).join('/');
      if (rest === '') return undefined;
      parameters[greedy] = decode(rest);
      return { route, parameters, rank: [...rank, 2, routeMethod === 'ANY' ? 1 : 0] };
    }
    const segment = given[at];
    if (segment === undefined) return undefined;
    const variable = /^\{(.+)\}$/.exec(part)?.[1];
    if (variable === undefined ? segment !== part : segment === '') return undefined;
    if (variable !== undefined) parameters[variable] = decode(segment);
    rank.push(variable === undefined ? 0 : 1);
  }
  if (given.length !== wanted.length) return undefined;
  return { route, parameters, rank: [...rank, routeMethod === 'ANY' ? 1 : 0] };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
