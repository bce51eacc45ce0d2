/** The roles of product.md (G1), as groups of the user pool. */
export const roles = ['marketing', 'approver', 'manager', 'compliance', 'head', 'engineer'] as const;
export type Role = (typeof roles)[number];

/** Who asks: read from the token that the gateway has checked. */
export interface Reader {
  /** The user's id in the pool; no name. */
  readonly id: string;
  readonly roles: readonly Role[];
  /** Beginnings of the scopes that may be read; `''` is the whole house. */
  readonly scopes: readonly string[];
}

/** Groups of the form `scope:<path>` bind a person to branches; who has none works for the head office. */
const SCOPE_GROUP = 'scope:';

/** Claims that hold lists come as lists or, by way of an HTTP API, as text: `[marketing engineer]`. */
const listOf = (claim: unknown): readonly string[] => {
  if (Array.isArray(claim)) return claim.filter((entry) => typeof entry === 'string');
  if (typeof claim !== 'string') return [];
  return claim
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
};

/**
 * The reader that the gateway's authorizer found.
 * @param event the Lambda event's request context, as the gateway wrote it; nothing the caller sends can fill it
 * @returns undefined where there is no token with a role of ours
 */
export const readerOf = (event: unknown): Reader | undefined => {
  const claims = (event as { authorizer?: { jwt?: { claims?: Record<string, unknown> } } } | undefined)?.authorizer?.jwt
    ?.claims;
  if (claims === undefined || typeof claims.sub !== 'string') return undefined;
  const groups = listOf(claims['cognito:groups']);
  const scopes = groups
    .filter((group) => group.startsWith(SCOPE_GROUP))
    .map((group) => group.slice(SCOPE_GROUP.length));
  return {
    id: claims.sub,
    roles: roles.filter((role) => groups.includes(role)),
    scopes: scopes.length === 0 ? [''] : scopes,
  };
};

/** True where the reader may see what lies in `scope` (a path in the organisation tree). */
export const maySee = ({ scopes }: Pick<Reader, 'scopes'>, scope: string): boolean =>
  scopes.some((own) => own === '' || scope === own || scope.startsWith(`${own}/`));
