import * as z from 'zod';
import type { Reader, Role } from './reader.ts';

/** What a route's handler is given: each part checked against its schema. */
export interface Request<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly reader: Reader;
}

/** What a handler answers. `not-found` is one and the same answer for what does not exist and what is another branch's. */
export type Reply<Answer> =
  | { readonly kind: 'ok'; readonly body: Answer }
  /** A page of a file, where the route says what it `produces`; the pages one after the other are the file. */
  | {
      readonly kind: 'file';
      /** What browsers save it as; ASCII. */
      readonly name: string;
      readonly text: string;
      /** The query that asks for the next page, told in a `Link` header; absent on the last one. */
      readonly next?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'not-found' }
  | {
      readonly kind: 'refused';
      /** 400: a value is wrong · 403: not this person · 409: something changed meanwhile · 429: too often. */
      readonly status: 400 | 403 | 409 | 429;
      readonly code: string;
      readonly message: string;
      /** Each thing that is wrong, where there are several. */
      readonly problems?: readonly (Readonly<Record<string, unknown>> & { readonly message: string })[];
    };

/** One route of the API: the same object is served, checked and described (docs/decisions/0070). */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With parameters in braces, as API Gateway and OpenAPI write them. */
  readonly path: string;
  readonly summary: string;
  /** Who may call it. */
  readonly roles: readonly Role[];
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType;
  /** Media type of what is answered; JSON where it is absent. */
  readonly produces: string | undefined;
  readonly handle: (request: Request<never, never, never>) => Promise<Reply<unknown>>;
}

const nothing = z.strictObject({});

/** Defines a route; its handler is typed from the schemas. */
export const route = <
  Answer extends z.ZodType,
  Params extends z.ZodObject = typeof nothing,
  Query extends z.ZodObject = typeof nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(given: {
  readonly method: Route['method'];
  readonly path: string;
  readonly summary: string;
  readonly roles: readonly Role[];
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: Answer;
  readonly produces?: string;
  readonly handle: (
    request: Request<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Promise<Reply<z.input<Answer>>>;
}): Route => ({
  ...given,
  params: given.params ?? nothing,
  query: given.query ?? nothing,
  body: given.body,
  produces: given.produces,
  handle: given.handle as Route['handle'],
});

/** An opaque id in a path. */
export const idParam = z.string().regex(/^[\w-]{1,64}$/, 'must be an id as the API gave it');

/** The parameters of a page. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  after: z.string().max(2_000).optional(),
});
